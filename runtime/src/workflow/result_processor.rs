//! The fifth stage: results are recorded, and what follows from them is decided.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;

use super::{
    FailureKind, Lease, StepError, StepId, StepResult, StepSelection, Store, StoreError,
    Submission, TaskId, Verdict,
};

/// What follows from a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum NextAction {
    /// Steps of the task have become ready.
    Discover {
        /// The task.
        task: TaskId,
        /// Among which steps they are.
        selection: StepSelection,
    },
    /// The step can be enqueued again after the delay.
    RetryAfter {
        /// The step.
        step: StepId,
        /// The delay.
        delay: Duration,
    },
    /// Every step of the task has ended.
    Finalize {
        /// The task.
        task: TaskId,
    },
    /// Nothing: other steps of the task are under way, or the result came too late.
    Nothing,
}

/// Records results, each attempt's once, and decides about retries.
#[derive(Debug)]
pub struct ResultProcessor<S> {
    store: Arc<S>,
}

impl<S: Store> ResultProcessor<S> {
    /// A processor over `store`.
    pub fn new(store: Arc<S>) -> Self {
        Self { store }
    }

    /// Records a result. One whose lease is not in force any more changes nothing.
    ///
    /// # Errors
    ///
    /// Those of the store. The attempt then ends when its lease expires.
    pub async fn process_step_result(&self, result: StepResult) -> Result<NextAction, StoreError> {
        match result.outcome {
            Ok(output) => self.process_success(&result.lease, output).await,
            Err(error) => self.process_failure(&result.lease, error).await,
        }
    }

    async fn process_success(
        &self,
        lease: &Lease,
        output: Bytes,
    ) -> Result<NextAction, StoreError> {
        let StepId { task, index } = lease.step;
        Ok(match self.store.complete_step(lease, output).await? {
            Submission::Stale => NextAction::Nothing,
            Submission::Accepted {
                unfinished_steps: 0,
                ..
            } => NextAction::Finalize { task },
            Submission::Accepted {
                steps_made_ready: 0,
                ..
            } => NextAction::Nothing,
            Submission::Accepted { .. } => NextAction::Discover {
                task,
                selection: StepSelection::DependentsOf(index),
            },
        })
    }

    async fn process_failure(
        &self,
        lease: &Lease,
        error: StepError,
    ) -> Result<NextAction, StoreError> {
        let delay = match error.kind() {
            FailureKind::Permanent => None,
            FailureKind::Retryable => lease.retry.delay_after(lease.attempt),
        };
        let verdict = delay.map_or(Verdict::Fail, Verdict::RetryAfter);
        let step = lease.step;
        let submission = self.store.fail_step(lease, error, verdict).await?;
        Ok(match (submission, verdict) {
            (Submission::Stale, _) => NextAction::Nothing,
            (_, Verdict::RetryAfter(delay)) => NextAction::RetryAfter { step, delay },
            (
                Submission::Accepted {
                    unfinished_steps: 0,
                    ..
                },
                Verdict::Fail,
            ) => NextAction::Finalize { task: step.task },
            (Submission::Accepted { .. }, Verdict::Fail) => NextAction::Nothing,
        })
    }
}
