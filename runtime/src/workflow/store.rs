//! What the engine asks of a store, whatever keeps the data.

use std::{fmt, future::Future, time::Duration};

use bytes::Bytes;

use super::{
    ClaimedStep, Lease, ReadyTask, StepError, StepId, StepReadiness, TaskExecutionContext, TaskId,
    TaskOutcome, TaskState, Template, TransitiveDependency, WorkerId,
};

/// Which steps of a task a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepSelection {
    /// Every step of the task.
    All,
    /// The step at this position.
    Only(usize),
    /// The steps that wait directly for the one at this position.
    DependentsOf(usize),
}

/// What a compare-and-set of a task's state did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Transition {
    /// The state was the expected one, and is the new one now.
    Applied,
    /// Nothing was changed.
    Refused {
        /// The state that the task was in.
        actual: TaskState,
    },
}

/// What became of the result of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Submission {
    /// The result was recorded.
    Accepted {
        /// How many steps of the task have not ended yet.
        unfinished_steps: usize,
        /// How many steps waited for this result alone and can be enqueued now.
        steps_made_ready: usize,
    },
    /// The lease is not in force: the result was submitted before, or the attempt was given
    /// to another holder. Nothing was changed.
    Stale,
}

/// What became of the wish to keep a lease longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Renewal {
    /// The lease ends later now.
    Renewed,
    /// The lease is not in force: a result was accepted under it, or somebody took it over.
    Lost,
}

/// What follows a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The step may be enqueued again after this delay.
    RetryAfter(Duration),
    /// The step has failed for good; every step that depends on it, at any distance, is cancelled.
    Fail,
}

/// Keeps tasks and steps, and changes them atomically.
///
/// Each method is one atomic operation: under concurrent callers it takes effect whole or not
/// at all. Time is the store's own (a database's `now()`, tokio's clock in memory), so callers
/// pass durations, never points in time. Every method may be called by any number of engines
/// that share the store.
///
/// A step is completed exactly once because each claim gets a new lease, and
/// [`complete_step`](Self::complete_step) and [`fail_step`](Self::fail_step) refuse a lease
/// that is not in force any more.
pub trait Store: Send + Sync + 'static {
    /// Creates a pending task.
    fn create_task(
        &self,
        template: &Template,
        input: Bytes,
    ) -> impl Future<Output = Result<TaskId, StoreError>> + Send;

    /// Puts those of `steps` that are ready into the queue, in the order given, and returns how
    /// many they were. A step that somebody else enqueued first is not counted.
    fn enqueue_steps(
        &self,
        task: TaskId,
        steps: &[usize],
    ) -> impl Future<Output = Result<usize, StoreError>> + Send;

    /// How many steps wait in the queue.
    fn count_enqueued_steps(&self) -> impl Future<Output = Result<usize, StoreError>> + Send;

    /// Takes the first step out of the queue and gives `worker` a lease on it, which begins a
    /// new attempt. `None` if the queue is empty.
    fn claim_step(
        &self,
        worker: WorkerId,
        lease_duration: Duration,
    ) -> impl Future<Output = Result<Option<ClaimedStep>, StoreError>> + Send;

    /// Lets a lease that is still in force end `lease_duration` from now.
    fn renew_lease(
        &self,
        lease: &Lease,
        lease_duration: Duration,
    ) -> impl Future<Output = Result<Renewal, StoreError>> + Send;

    /// Ends the lease's step with `output`.
    fn complete_step(
        &self,
        lease: &Lease,
        output: Bytes,
    ) -> impl Future<Output = Result<Submission, StoreError>> + Send;

    /// Ends the lease's attempt with `error`, and does to the step what `verdict` says.
    fn fail_step(
        &self,
        lease: &Lease,
        error: StepError,
        verdict: Verdict,
    ) -> impl Future<Output = Result<Submission, StoreError>> + Send;

    /// Gives the leases that ran out, at most `limit`, to the reaper for `lease_duration`. The
    /// attempts stay what they were, but their former holders can neither renew nor submit.
    fn take_over_expired_leases(
        &self,
        lease_duration: Duration,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Lease>, StoreError>> + Send;

    /// The tasks that somebody should drive now, at most `limit`: those with steps that are
    /// ready and not enqueued, and those whose steps have all ended. Higher priority first,
    /// then the older ones.
    fn get_next_ready_tasks(
        &self,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<ReadyTask>, StoreError>> + Send;

    /// How near the selected steps are to being enqueued, by position.
    fn get_step_readiness_status(
        &self,
        task: TaskId,
        selection: StepSelection,
    ) -> impl Future<Output = Result<Vec<StepReadiness>, StoreError>> + Send;

    /// Sets the task's state to `to` if it is `from`.
    ///
    /// # Errors
    ///
    /// [`StoreError::ForbiddenTransition`] for a change that the states do not allow, whatever
    /// state the task is in.
    fn transition_task_state_atomic(
        &self,
        task: TaskId,
        from: TaskState,
        to: TaskState,
    ) -> impl Future<Output = Result<Transition, StoreError>> + Send;

    /// A summary of the task: how many of its steps are in which state, and what it waits for.
    fn get_task_execution_context(
        &self,
        task: TaskId,
    ) -> impl Future<Output = Result<TaskExecutionContext, StoreError>> + Send;

    /// Every step that must complete before `step`, each once, nearest first.
    fn get_step_transitive_dependencies(
        &self,
        step: StepId,
    ) -> impl Future<Output = Result<Vec<TransitiveDependency>, StoreError>> + Send;

    /// The task with all its steps, attempts and outputs so far.
    fn get_task_outcome(
        &self,
        task: TaskId,
    ) -> impl Future<Output = Result<TaskOutcome, StoreError>> + Send;
}

/// Why a store did not do what it was asked.
#[derive(Debug)]
#[non_exhaustive]
pub enum StoreError {
    /// No such task, or none any more.
    UnknownTask(TaskId),
    /// The task has no such step.
    UnknownStep(StepId),
    /// The states do not allow this change.
    ForbiddenTransition {
        /// The state expected.
        from: TaskState,
        /// The state wanted.
        to: TaskState,
    },
    /// What keeps the data failed.
    Backend(Box<dyn std::error::Error + Send + Sync>),
}

impl fmt::Display for StoreError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownTask(task) => write!(formatter, "{task} is not in the store"),
            Self::UnknownStep(step) => write!(formatter, "{step} does not exist"),
            Self::ForbiddenTransition { from, to } => {
                write!(formatter, "a {from} task cannot become {to}")
            }
            Self::Backend(error) => write!(formatter, "the store failed: {error}"),
        }
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Backend(error) => Some(error.as_ref()),
            _ => None,
        }
    }
}
