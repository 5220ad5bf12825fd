//! What tasks, steps and workers are called.

use std::fmt;

/// A task, numbered by the store that created it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(u64);

impl TaskId {
    /// The task that a store numbered `number`.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number that the store gave.
    pub const fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "task {}", self.0)
    }
}

/// One step of one task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepId {
    /// The task that the step belongs to.
    pub task: TaskId,
    /// Position of the step in [`Template::steps`](super::Template::steps).
    pub index: usize,
}

impl fmt::Display for StepId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "step {} of {}", self.index, self.task)
    }
}

/// Whoever holds a lease: a worker, or the reaper that took over an expired one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkerId(u64);

impl WorkerId {
    /// The reaper, which holds a lease only while it settles an expired attempt.
    pub const REAPER: Self = Self(u64::MAX);

    /// The worker numbered `number` in its pool.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }
}

impl fmt::Display for WorkerId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::REAPER {
            formatter.write_str("the reaper")
        } else {
            write!(formatter, "worker {}", self.0)
        }
    }
}
