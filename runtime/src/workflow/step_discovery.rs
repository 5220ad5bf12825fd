//! The second stage: which steps of a task can run now.

use std::sync::Arc;

use super::{StepSelection, Store, StoreError, TaskId};

/// Finds the steps that can be enqueued.
#[derive(Debug)]
pub struct StepDiscovery<S> {
    store: Arc<S>,
}

impl<S: Store> StepDiscovery<S> {
    /// A discovery over `store`.
    pub fn new(store: Arc<S>) -> Self {
        Self { store }
    }

    /// The selected steps whose dependencies have completed and that nobody has enqueued.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn discover_ready_steps(
        &self,
        task: TaskId,
        selection: StepSelection,
    ) -> Result<Vec<usize>, StoreError> {
        let readiness = self
            .store
            .get_step_readiness_status(task, selection)
            .await?;
        Ok(readiness
            .into_iter()
            .filter(|step| step.ready_for_execution)
            .map(|step| step.index)
            .collect())
    }
}
