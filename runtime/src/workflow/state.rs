//! The states of tasks and steps, and which changes between them are allowed.

use std::fmt;

/// Where a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TaskState {
    /// Created; nobody has begun to drive it.
    Pending,
    /// Its steps are being discovered, enqueued and executed.
    Running,
    /// Every step completed.
    Completed,
    /// Every step ended, and at least one of them failed for good.
    Failed,
}

impl TaskState {
    /// Whether the task has ended.
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Failed)
    }

    /// Whether a task may go from this state to `to`.
    pub const fn allows(self, to: Self) -> bool {
        matches!(
            (self, to),
            (Self::Pending, Self::Running)
                | (Self::Running, Self::Completed)
                | (Self::Running, Self::Failed)
        )
    }
}

impl fmt::Display for TaskState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
        })
    }
}

/// Where a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepState {
    /// Not enqueued: it waits for its dependencies, or for somebody to discover that it is ready.
    Pending,
    /// In the queue, for any worker to claim.
    Enqueued,
    /// Claimed under a lease.
    InProgress,
    /// Its last attempt failed and the delay before the next one is running.
    WaitingForRetry,
    /// Ended with an output.
    Completed,
    /// Ended without one: a permanent error, or no attempts left.
    Failed,
    /// Will never run, because a step that it depends on failed.
    Cancelled,
}

impl StepState {
    /// Whether the step has ended.
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }
}

impl fmt::Display for StepState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Pending => "pending",
            Self::Enqueued => "enqueued",
            Self::InProgress => "in progress",
            Self::WaitingForRetry => "waiting for retry",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        })
    }
}
