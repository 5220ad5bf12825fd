//! The last stage: a task whose steps have all ended gets its final state, and its waiter is told.

use std::sync::Arc;

use super::{
    Completions, StepState, Store, StoreError, TaskId, TaskOutcome, TaskState, Transition,
};

/// Ends tasks, each once.
#[derive(Debug)]
pub struct TaskFinalizer<S> {
    store: Arc<S>,
    completions: Completions,
}

impl<S: Store> TaskFinalizer<S> {
    /// A finalizer over `store` that tells `completions`.
    pub fn new(store: Arc<S>, completions: Completions) -> Self {
        Self { store, completions }
    }

    /// Ends `task` if all its steps have ended, and tells its waiter. Of several callers only
    /// one does so.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn finalize_task(&self, task: TaskId) -> Result<(), StoreError> {
        let mut outcome = self.store.get_task_outcome(task).await?;
        let Some(state) = final_state(&outcome) else {
            return Ok(());
        };
        let transition = self
            .store
            .transition_task_state_atomic(task, TaskState::Running, state)
            .await?;
        if transition == Transition::Applied {
            outcome.state = state;
            self.completions.complete(outcome);
        }
        Ok(())
    }
}

/// The state in which a task ends, once all its steps have.
fn final_state(outcome: &TaskOutcome) -> Option<TaskState> {
    let mut state = TaskState::Completed;
    for step in &outcome.steps {
        match step.state {
            StepState::Completed => {}
            StepState::Failed | StepState::Cancelled => state = TaskState::Failed,
            _ => return None,
        }
    }
    Some(state)
}
