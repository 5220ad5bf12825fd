//! What a store tells about tasks and steps.

use std::time::Duration;

use bytes::Bytes;

use super::{StepError, StepId, StepState, TaskId, TaskState, Template, WorkerId};

/// What a task waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExecutionStatus {
    /// Steps are ready and nobody has enqueued them.
    HasReadySteps,
    /// Steps are enqueued or in progress.
    Processing,
    /// Nothing but the delay before a retry.
    WaitingForRetry,
    /// Every step has ended.
    AllStepsEnded,
}

/// A task that somebody should drive now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadyTask {
    /// The task.
    pub task: TaskId,
    /// Its priority; higher comes first.
    pub priority: i32,
    /// Its state.
    pub state: TaskState,
    /// How many of its steps are ready and not enqueued; 0 if all of them have ended.
    pub ready_steps: usize,
}

/// How near a step is to being enqueued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepReadiness {
    /// Position of the step in the template.
    pub index: usize,
    /// Its state.
    pub state: StepState,
    /// How many steps it waits for in all.
    pub total_dependencies: usize,
    /// How many of them have completed.
    pub completed_dependencies: usize,
    /// How many attempts were begun.
    pub attempts: u32,
    /// How many are allowed.
    pub max_attempts: u32,
    /// How long until it may be retried, while it waits for that.
    pub retry_in: Option<Duration>,
    /// Whether it can be enqueued now.
    pub ready_for_execution: bool,
}

/// A summary of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskExecutionContext {
    /// The task.
    pub task: TaskId,
    /// Its state.
    pub state: TaskState,
    /// What it waits for.
    pub status: ExecutionStatus,
    /// How many steps it has.
    pub total_steps: usize,
    /// How many of them can be enqueued now.
    pub ready_steps: usize,
    /// How many are pending, the ready ones included.
    pub pending_steps: usize,
    /// How many are in the queue.
    pub enqueued_steps: usize,
    /// How many are claimed.
    pub in_progress_steps: usize,
    /// How many wait for the delay before a retry.
    pub waiting_for_retry_steps: usize,
    /// How many completed.
    pub completed_steps: usize,
    /// How many failed for good.
    pub failed_steps: usize,
    /// How many will never run.
    pub cancelled_steps: usize,
}

/// A step that must complete before another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransitiveDependency {
    /// The step.
    pub step: StepId,
    /// Its name.
    pub name: String,
    /// 1 for a direct dependency, more for one further away; the shortest way counts.
    pub distance: usize,
    /// Its state.
    pub state: StepState,
    /// Its output, once it completed.
    pub output: Option<Bytes>,
}

/// One try at a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Its number; the first is 1.
    pub number: u32,
    /// Who began it.
    pub worker: WorkerId,
    /// How it ended, if it has.
    pub end: Option<AttemptEnd>,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptEnd {
    /// From the claim to the accepted result.
    pub elapsed: Duration,
    /// Why it failed, if it did.
    pub error: Option<StepError>,
}

/// A step of a [`TaskOutcome`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepOutcome {
    /// Its state.
    pub state: StepState,
    /// What its handler returned, if it completed.
    pub output: Option<Bytes>,
    /// Every attempt, the first one first.
    pub attempts: Vec<Attempt>,
}

impl StepOutcome {
    /// Why the last attempt failed, if it did.
    pub fn last_error(&self) -> Option<&StepError> {
        self.attempts.last()?.end.as_ref()?.error.as_ref()
    }
}

/// How a task ended.
#[derive(Debug, Clone)]
pub struct TaskOutcome {
    /// The task.
    pub task: TaskId,
    /// [`TaskState::Completed`] or [`TaskState::Failed`], once it has ended.
    pub state: TaskState,
    /// The template that it was made from.
    pub template: Template,
    /// Its steps, by position in the template.
    pub steps: Vec<StepOutcome>,
}

impl TaskOutcome {
    /// The step named `name`.
    pub fn step(&self, name: &str) -> Option<&StepOutcome> {
        self.steps.get(self.template.position(name)?)
    }

    /// The output of the step named `name`, if it completed.
    pub fn output(&self, name: &str) -> Option<&Bytes> {
        self.step(name)?.output.as_ref()
    }
}
