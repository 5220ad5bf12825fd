//! A store in memory: for tests, and for tasks that need not survive the process.

mod queries;
mod record;
mod tables;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use self::tables::Tables;
use super::{
    ClaimedStep, Lease, ReadyTask, Renewal, StepError, StepId, StepReadiness, StepSelection, Store,
    StoreError, Submission, TaskExecutionContext, TaskId, TaskOutcome, TaskState, Template,
    Transition, TransitiveDependency, Verdict, WorkerId,
};

/// A store in memory. A clone is another handle to the same data.
///
/// It forgets ended tasks, the oldest first, once there are more than
/// [`keep_ended_tasks`](Self::keep_ended_tasks) says, so that it does not grow without bound.
/// Its clock is tokio's, so tests may pause it.
#[derive(Debug, Clone)]
pub struct MemoryStore {
    // One lock around everything: each operation holds it for well under a microsecond and
    // never across an await, and one lock makes every operation atomic as the trait demands.
    tables: Arc<Mutex<Tables>>,
}

impl MemoryStore {
    /// How many ended tasks a store remembers unless it is told otherwise.
    pub const DEFAULT_ENDED_TASKS: usize = 1024;

    /// An empty store.
    pub fn new() -> Self {
        Self {
            tables: Arc::new(Mutex::new(Tables::new(Self::DEFAULT_ENDED_TASKS))),
        }
    }

    /// Remembers the `count` tasks that ended last.
    #[must_use]
    pub fn keep_ended_tasks(self, count: usize) -> Self {
        self.tables().set_ended_tasks_kept(count);
        self
    }

    /// How many tasks the store holds, ended ones included.
    pub fn count_tasks(&self) -> usize {
        self.tables().count_tasks()
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        // No operation leaves the tables half changed before it could panic.
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl Store for MemoryStore {
    async fn create_task(&self, template: &Template, input: Bytes) -> Result<TaskId, StoreError> {
        Ok(self.tables().create_task(template.clone(), input))
    }

    async fn enqueue_steps(&self, task: TaskId, steps: &[usize]) -> Result<usize, StoreError> {
        self.tables().enqueue_steps(task, steps, Instant::now())
    }

    async fn count_enqueued_steps(&self) -> Result<usize, StoreError> {
        Ok(self.tables().count_enqueued_steps())
    }

    async fn claim_step(
        &self,
        worker: WorkerId,
        lease_duration: Duration,
    ) -> Result<Option<ClaimedStep>, StoreError> {
        Ok(self
            .tables()
            .claim_step(worker, lease_duration, Instant::now()))
    }

    async fn renew_lease(
        &self,
        lease: &Lease,
        lease_duration: Duration,
    ) -> Result<Renewal, StoreError> {
        Ok(self
            .tables()
            .renew_lease(lease, lease_duration, Instant::now()))
    }

    async fn complete_step(&self, lease: &Lease, output: Bytes) -> Result<Submission, StoreError> {
        Ok(self.tables().complete_step(lease, output, Instant::now()))
    }

    async fn fail_step(
        &self,
        lease: &Lease,
        error: StepError,
        verdict: Verdict,
    ) -> Result<Submission, StoreError> {
        Ok(self
            .tables()
            .fail_step(lease, error, verdict, Instant::now()))
    }

    async fn take_over_expired_leases(
        &self,
        lease_duration: Duration,
        limit: usize,
    ) -> Result<Vec<Lease>, StoreError> {
        let now = Instant::now();
        Ok(self
            .tables()
            .take_over_expired_leases(lease_duration, limit, now))
    }

    async fn get_next_ready_tasks(&self, limit: usize) -> Result<Vec<ReadyTask>, StoreError> {
        Ok(self.tables().get_next_ready_tasks(limit, Instant::now()))
    }

    async fn get_step_readiness_status(
        &self,
        task: TaskId,
        selection: StepSelection,
    ) -> Result<Vec<StepReadiness>, StoreError> {
        self.tables()
            .get_step_readiness_status(task, selection, Instant::now())
    }

    async fn transition_task_state_atomic(
        &self,
        task: TaskId,
        from: TaskState,
        to: TaskState,
    ) -> Result<Transition, StoreError> {
        self.tables().transition_task_state_atomic(task, from, to)
    }

    async fn get_task_execution_context(
        &self,
        task: TaskId,
    ) -> Result<TaskExecutionContext, StoreError> {
        self.tables()
            .get_task_execution_context(task, Instant::now())
    }

    async fn get_step_transitive_dependencies(
        &self,
        step: StepId,
    ) -> Result<Vec<TransitiveDependency>, StoreError> {
        self.tables().get_step_transitive_dependencies(step)
    }

    async fn get_task_outcome(&self, task: TaskId) -> Result<TaskOutcome, StoreError> {
        self.tables().get_task_outcome(task)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn change(store: &MemoryStore, task: TaskId, from: TaskState, to: TaskState) {
        let transition = store.transition_task_state_atomic(task, from, to).await;
        assert_eq!(transition.unwrap(), Transition::Applied);
    }

    async fn run_one_step_task(store: &MemoryStore) -> TaskId {
        let task = store
            .create_task(&Template::linear("h", 1), Bytes::new())
            .await
            .unwrap();
        change(store, task, TaskState::Pending, TaskState::Running).await;
        store.enqueue_steps(task, &[0]).await.unwrap();
        let claimed = store
            .claim_step(WorkerId::new(1), Duration::from_secs(1))
            .await
            .unwrap();
        let lease = claimed.expect("the step was enqueued").lease;
        assert_eq!(
            store.complete_step(&lease, Bytes::new()).await.unwrap(),
            Submission::Accepted {
                unfinished_steps: 0,
                steps_made_ready: 0
            }
        );
        change(store, task, TaskState::Running, TaskState::Completed).await;
        // What comes after the end changes nothing, whether the task is remembered or not.
        assert_eq!(
            store.complete_step(&lease, Bytes::new()).await.unwrap(),
            Submission::Stale
        );
        task
    }

    #[tokio::test]
    async fn ended_tasks_are_forgotten_oldest_first() {
        let store = MemoryStore::new().keep_ended_tasks(2);
        let mut tasks = Vec::new();
        for _ in 0..3 {
            tasks.push(run_one_step_task(&store).await);
        }
        assert_eq!(store.count_tasks(), 2);
        assert!(matches!(
            store.get_task_outcome(tasks[0]).await,
            Err(StoreError::UnknownTask(task)) if task == tasks[0]
        ));
        assert_eq!(
            store.get_task_outcome(tasks[2]).await.unwrap().state,
            TaskState::Completed
        );
    }

    #[tokio::test]
    async fn a_store_that_keeps_no_ended_tasks_still_keeps_the_others() {
        let store = MemoryStore::new().keep_ended_tasks(0);
        let unfinished = store
            .create_task(&Template::linear("h", 1), Bytes::new())
            .await
            .unwrap();
        store.enqueue_steps(unfinished, &[0]).await.unwrap();
        store
            .claim_step(WorkerId::new(2), Duration::from_secs(1))
            .await
            .unwrap();
        run_one_step_task(&store).await;
        assert_eq!(store.count_tasks(), 1);
        assert!(store.get_task_outcome(unfinished).await.is_ok());
    }
}
