//! Beside the stages: whatever was lost on the way is found again.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use super::{Completions, ReadyTask, StepError, StepResult, Store, StoreError, TaskId};

/// How much a sweep looks at in one go; the next sweep sees the rest.
const BATCH: usize = 1024;

/// Finds attempts whose worker is gone, and tasks and steps that everybody forgot.
///
/// Nothing on the way of a healthy task depends on it.
#[derive(Debug)]
pub struct Reaper<S> {
    store: Arc<S>,
    completions: Completions,
    lease_duration: Duration,
    /// The last awaited task that was looked at; the next sweep goes on behind it.
    looked_at: Mutex<Option<TaskId>>,
}

impl<S: Store> Reaper<S> {
    /// A reaper over `store` that takes expired leases over for `lease_duration`, and tells
    /// `completions` of tasks that others ended.
    pub fn new(store: Arc<S>, completions: Completions, lease_duration: Duration) -> Self {
        Self {
            store,
            completions,
            lease_duration,
            looked_at: Mutex::new(None),
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

    /// Tells the waiters of tasks that another engine on the same store has ended.
    ///
    /// # Errors
    ///
    /// Those of the store. The tasks that were not reached are looked at by the next sweep.
    pub async fn tell_of_tasks_ended_elsewhere(&self) -> Result<(), StoreError> {
        for task in self.next_awaited_tasks() {
            let context = self.store.get_task_execution_context(task).await?;
            if context.state.is_terminal() {
                self.completions
                    .complete(self.store.get_task_outcome(task).await?);
            }
        }
        Ok(())
    }

    /// The next batch of awaited tasks, from the beginning again after the last one.
    fn next_awaited_tasks(&self) -> Vec<TaskId> {
        let mut looked_at = self
            .looked_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let batch = self.completions.awaited_tasks(*looked_at, BATCH);
        *looked_at = batch.last().copied().filter(|_| batch.len() == BATCH);
        batch
    }
}
