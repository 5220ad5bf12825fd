//! Completion is pushed: whoever waits for a task is woken by the finalizer, and never asks.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
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

/// Who waits for which task.
#[derive(Debug, Clone, Default)]
pub struct Completions {
    waiters: Arc<Mutex<Waiters>>,
}

#[derive(Debug, Default)]
struct Waiters {
    by_task: HashMap<TaskId, oneshot::Sender<TaskOutcome>>,
    refuses_new: bool,
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
        let mut waiters = self.waiters();
        if waiters.refuses_new {
            return Err(EngineStopped);
        }
        let (sender, outcome) = oneshot::channel();
        waiters.by_task.insert(task, sender);
        Ok(TaskHandle { task, outcome })
    }

    /// Tells the waiter, if there is one and it still listens.
    pub fn complete(&self, outcome: TaskOutcome) {
        let waiter = self.waiters().by_task.remove(&outcome.task);
        if let Some(waiter) = waiter {
            // An error says that the handle was dropped: nobody wants to know.
            let _ = waiter.send(outcome);
        }
    }

    /// Refuses new waiters; those there are may still be told.
    pub fn refuse_new(&self) {
        self.waiters().refuses_new = true;
    }

    /// Whether new waiters are refused.
    pub fn refuses_new(&self) -> bool {
        self.waiters().refuses_new
    }

    /// Tells every waiter that the engine stopped, and refuses new ones.
    pub fn close(&self) {
        let mut waiters = self.waiters();
        waiters.refuses_new = true;
        waiters.by_task.clear();
    }

    fn waiters(&self) -> MutexGuard<'_, Waiters> {
        self.waiters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
