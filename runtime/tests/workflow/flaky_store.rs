//! A store that fails now and then, before it has changed anything.

use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use runtime::workflow::{
    ClaimedStep, Lease, MemoryStore, ReadyTask, Renewal, StepError, StepId, StepReadiness,
    StepSelection, Store, StoreError, Submission, TaskExecutionContext, TaskId, TaskOutcome,
    TaskState, Template, Transition, TransitiveDependency, Verdict, WorkerId,
};

pub struct FlakyStore {
    store: MemoryStore,
    period: u64,
    operations: AtomicU64,
    completions: Mutex<HashMap<StepId, u32>>,
}

impl FlakyStore {
    /// Fails one operation in `period`, on average and without a pattern.
    pub fn failing_once_in(period: u64) -> Self {
        Self {
            store: MemoryStore::new(),
            period,
            operations: AtomicU64::new(0),
            completions: Mutex::default(),
        }
    }

    /// How often the completion of each step was accepted.
    pub fn completions_by_step(&self) -> HashMap<StepId, u32> {
        self.completions.lock().unwrap().clone()
    }

    fn store(&self) -> Result<&MemoryStore, StoreError> {
        let number = self.operations.fetch_add(1, Ordering::Relaxed);
        // The SplitMix64 finalizer: consecutive numbers become unrelated ones.
        let mut mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        if (mixed ^ (mixed >> 31)).is_multiple_of(self.period) {
            return Err(StoreError::Backend("the connection was lost".into()));
        }
        Ok(&self.store)
    }
}

impl Store for FlakyStore {
    async fn create_task(&self, template: &Template, input: Bytes) -> Result<TaskId, StoreError> {
        self.store()?.create_task(template, input).await
    }

    async fn enqueue_steps(&self, task: TaskId, steps: &[usize]) -> Result<usize, StoreError> {
        self.store()?.enqueue_steps(task, steps).await
    }

    async fn count_enqueued_steps(&self) -> Result<usize, StoreError> {
        self.store()?.count_enqueued_steps().await
    }

    async fn claim_step(
        &self,
        worker: WorkerId,
        lease_duration: Duration,
    ) -> Result<Option<ClaimedStep>, StoreError> {
        self.store()?.claim_step(worker, lease_duration).await
    }

    async fn renew_lease(&self, lease: &Lease, duration: Duration) -> Result<Renewal, StoreError> {
        self.store()?.renew_lease(lease, duration).await
    }

    async fn complete_step(&self, lease: &Lease, output: Bytes) -> Result<Submission, StoreError> {
        let submission = self.store()?.complete_step(lease, output).await?;
        if submission != Submission::Stale {
            *self
                .completions
                .lock()
                .unwrap()
                .entry(lease.step)
                .or_default() += 1;
        }
        Ok(submission)
    }

    async fn fail_step(
        &self,
        lease: &Lease,
        error: StepError,
        verdict: Verdict,
    ) -> Result<Submission, StoreError> {
        self.store()?.fail_step(lease, error, verdict).await
    }

    async fn take_over_expired_leases(
        &self,
        lease_duration: Duration,
        limit: usize,
    ) -> Result<Vec<Lease>, StoreError> {
        self.store()?
            .take_over_expired_leases(lease_duration, limit)
            .await
    }

    async fn get_next_ready_tasks(&self, limit: usize) -> Result<Vec<ReadyTask>, StoreError> {
        self.store()?.get_next_ready_tasks(limit).await
    }

    async fn get_step_readiness_status(
        &self,
        task: TaskId,
        selection: StepSelection,
    ) -> Result<Vec<StepReadiness>, StoreError> {
        self.store()?
            .get_step_readiness_status(task, selection)
            .await
    }

    async fn transition_task_state_atomic(
        &self,
        task: TaskId,
        from: TaskState,
        to: TaskState,
    ) -> Result<Transition, StoreError> {
        self.store()?
            .transition_task_state_atomic(task, from, to)
            .await
    }

    async fn get_task_execution_context(
        &self,
        task: TaskId,
    ) -> Result<TaskExecutionContext, StoreError> {
        self.store()?.get_task_execution_context(task).await
    }

    async fn get_step_transitive_dependencies(
        &self,
        step: StepId,
    ) -> Result<Vec<TransitiveDependency>, StoreError> {
        self.store()?.get_step_transitive_dependencies(step).await
    }

    async fn get_task_outcome(&self, task: TaskId) -> Result<TaskOutcome, StoreError> {
        self.store()?.get_task_outcome(task).await
    }
}
