//! The third stage: ready steps go into the queue.

use std::sync::Arc;

use super::{Store, StoreError, TaskId};

/// Puts ready steps into the queue, each once.
#[derive(Debug)]
pub struct StepEnqueuer<S> {
    store: Arc<S>,
}

impl<S: Store> StepEnqueuer<S> {
    /// An enqueuer over `store`.
    pub fn new(store: Arc<S>) -> Self {
        Self { store }
    }

    /// Enqueues those of `steps` that are still ready, and returns how many they were: so many
    /// workers have something to do. Of several callers that discovered the same step only one
    /// gets it counted.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn enqueue_ready_steps(
        &self,
        task: TaskId,
        steps: &[usize],
    ) -> Result<usize, StoreError> {
        if steps.is_empty() {
            return Ok(0);
        }
        self.store.enqueue_steps(task, steps).await
    }
}
