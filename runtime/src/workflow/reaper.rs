//! Beside the stages: whatever was lost on the way is found again.

use std::{sync::Arc, time::Duration};

use super::{ReadyTask, StepError, StepResult, Store, StoreError};

/// How much a sweep looks at in one go; the next sweep sees the rest.
const BATCH: usize = 1024;

/// Finds attempts whose worker is gone, and tasks and steps that everybody forgot.
///
/// Nothing on the way of a healthy task depends on it.
#[derive(Debug)]
pub struct Reaper<S> {
    store: Arc<S>,
    lease_duration: Duration,
}

impl<S: Store> Reaper<S> {
    /// A reaper over `store` that takes expired leases over for `lease_duration`.
    pub fn new(store: Arc<S>, lease_duration: Duration) -> Self {
        Self {
            store,
            lease_duration,
        }
    }

    /// Ends the attempts whose lease expired: each counts as a retryable failure, to be
    /// submitted like any other result.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn reap_expired_leases(&self) -> Result<Vec<StepResult>, StoreError> {
        let leases = self
            .store
            .take_over_expired_leases(self.lease_duration, BATCH)
            .await?;
        Ok(leases
            .into_iter()
            .map(|lease| StepResult {
                lease,
                outcome: Err(StepError::retryable(
                    "the lease expired before a result came",
                )),
            })
            .collect())
    }

    /// The tasks that wait for somebody to drive them. A few of them may be about to be driven
    /// anyway; driving a task twice does no harm.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn find_stalled_tasks(&self) -> Result<Vec<ReadyTask>, StoreError> {
        self.store.get_next_ready_tasks(BATCH).await
    }

    /// How many steps wait for a worker.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn count_waiting_steps(&self) -> Result<usize, StoreError> {
        self.store.count_enqueued_steps().await
    }
}
