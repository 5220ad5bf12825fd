//! The fourth stage: workers claim steps, execute them, and submit the results.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;

use super::{
    ClaimedStep, Handlers, Lease, Renewal, StepError, Store, StoreError, WorkerId, attempt,
};

/// What came of one attempt, to be submitted to the result processor.
#[derive(Debug, Clone)]
pub struct StepResult {
    /// The lease under which the attempt was made.
    pub lease: Lease,
    /// The output, or why there is none.
    pub outcome: Result<Bytes, StepError>,
}

/// Claims steps and executes them.
#[derive(Debug)]
pub struct StepWorker<S> {
    store: Arc<S>,
    handlers: Arc<Handlers>,
    id: WorkerId,
    lease_duration: Duration,
}

impl<S: Store> StepWorker<S> {
    /// A worker called `id` that claims from `store` for `lease_duration` at a time.
    pub fn new(
        store: Arc<S>,
        handlers: Arc<Handlers>,
        id: WorkerId,
        lease_duration: Duration,
    ) -> Self {
        Self {
            store,
            handlers,
            id,
            lease_duration,
        }
    }

    /// Takes the first step out of the queue, if there is one.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn claim(&self) -> Result<Option<ClaimedStep>, StoreError> {
        self.store.claim_step(self.id, self.lease_duration).await
    }

    /// Runs the handler, and renews the lease while it runs.
    ///
    /// A panic of the handler and an attempt that takes too long are retryable failures. `None`
    /// if the lease was lost meanwhile: the handler was dropped where it stood, and whoever
    /// took the lease over settles the attempt.
    pub async fn execute(&self, claimed: ClaimedStep) -> Option<StepResult> {
        let ClaimedStep { lease, input } = claimed;
        let outcome = tokio::select! {
            // In this order a handler that need not wait never touches a timer.
            biased;
            outcome = attempt::run(&self.handlers, input) => outcome,
            () = self.keep_until_lost(&lease) => return None,
        };
        Some(StepResult { lease, outcome })
    }

    /// Renews `lease` for as long as it can be renewed.
    async fn keep_until_lost(&self, lease: &Lease) {
        loop {
            tokio::time::sleep(self.lease_duration / 3).await;
            // A store that failed may work again before the lease ends, so only a refusal counts.
            let renewed = self.store.renew_lease(lease, self.lease_duration).await;
            if matches!(renewed, Ok(Renewal::Lost)) {
                return;
            }
        }
    }
}
