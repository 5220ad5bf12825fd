//! Completion is pushed: whoever waits for a task is woken by the finalizer, and never asks.

use std::{
    collections::BTreeMap,
    fmt,
    ops::Bound,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::oneshot;

use super::{TaskId, TaskOutcome};

/// A submitted task, and the right to be told how it ends.
///
/// Dropping the handle does not stop the task.
#[derive(Debug)]
pub struct TaskHandle {
    task: TaskId,
    outcome: oneshot::Receiver<TaskOutcome>,
}

impl TaskHandle {
    /// The task.
    pub fn task(&self) -> TaskId {
        self.task
    }

    /// Waits until the task has ended.
    ///
    /// # Errors
    ///
    /// [`EngineStopped`] if the engine stopped first. The task is then in the store as it was.
    pub async fn completed(self) -> Result<TaskOutcome, EngineStopped> {
        self.outcome.await.map_err(|_| EngineStopped)
    }
}

/// The engine stopped before the task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EngineStopped;

impl fmt::Display for EngineStopped {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the workflow engine has stopped")
    }
}

impl std::error::Error for EngineStopped {}

/// Who waits for which task. A clone is another handle to the same waiters.
#[derive(Debug, Clone, Default)]
pub struct Completions {
    waiting: Arc<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    by_task: Mutex<BTreeMap<TaskId, oneshot::Sender<TaskOutcome>>>,
    /// Set before the map is cleared for good, and looked at under its lock, so that no waiter
    /// comes in behind the clearing.
    refuses_new: AtomicBool,
}

impl Completions {
    /// Nobody waits yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Registers a waiter for `task`.
    ///
    /// # Errors
    ///
    /// [`EngineStopped`] after [`refuse_new`](Self::refuse_new).
    pub fn register(&self, task: TaskId) -> Result<TaskHandle, EngineStopped> {
        let mut by_task = self.by_task();
        if self.refuses_new() {
            return Err(EngineStopped);
        }
        let (sender, outcome) = oneshot::channel();
        by_task.insert(task, sender);
        Ok(TaskHandle { task, outcome })
    }

    /// Tells the waiter, if there is one and it still listens.
    pub fn complete(&self, outcome: TaskOutcome) {
        let waiter = self.by_task().remove(&outcome.task);
        if let Some(waiter) = waiter {
            // An error says that the handle was dropped: nobody wants to know.
            let _ = waiter.send(outcome);
        }
    }

    /// The first tasks after `after` that somebody waits for, at most `limit`.
    pub fn awaited_tasks(&self, after: Option<TaskId>, limit: usize) -> Vec<TaskId> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let by_task = self.by_task();
        let awaited = by_task.range((start, Bound::Unbounded));
        awaited.map(|(&task, _)| task).take(limit).collect()
    }

    /// Refuses new waiters; those there are may still be told.
    pub fn refuse_new(&self) {
        self.waiting.refuses_new.store(true, Ordering::SeqCst);
    }

    /// Whether new waiters are refused.
    pub fn refuses_new(&self) -> bool {
        self.waiting.refuses_new.load(Ordering::SeqCst)
    }

    /// Tells every waiter that the engine stopped, and refuses new ones.
    pub fn close(&self) {
        self.refuse_new();
        self.by_task().clear();
    }

    fn by_task(&self) -> MutexGuard<'_, BTreeMap<TaskId, oneshot::Sender<TaskOutcome>>> {
        self.waiting
            .by_task
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
