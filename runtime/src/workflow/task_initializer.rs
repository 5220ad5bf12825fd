//! The first stage: a template and an input become a task.

use std::{fmt, sync::Arc};

use bytes::Bytes;

use super::{
    Completions, EngineStopped, Handlers, Store, StoreError, TaskHandle, TaskId, TaskState,
    Template, Transition,
};

/// Creates tasks, registers who waits for them, and sets them running.
#[derive(Debug)]
pub struct TaskInitializer<S> {
    store: Arc<S>,
    handlers: Arc<Handlers>,
    completions: Completions,
}

impl<S: Store> TaskInitializer<S> {
    /// An initializer over `store` that accepts templates whose handlers are in `handlers`.
    pub fn new(store: Arc<S>, handlers: Arc<Handlers>, completions: Completions) -> Self {
        Self {
            store,
            handlers,
            completions,
        }
    }

    /// Creates a task and registers its waiter. The task is still pending;
    /// [`begin`](Self::begin) sets it running.
    ///
    /// # Errors
    ///
    /// [`SubmitError`] if a handler is missing, the engine stopped, or the store failed; no
    /// task was created then, unless the engine stopped at this very moment.
    pub async fn initialize(
        &self,
        template: &Template,
        input: Bytes,
    ) -> Result<TaskHandle, SubmitError> {
        self.check_handlers(template)?;
        if self.completions.refuses_new() {
            return Err(SubmitError::EngineStopped);
        }
        let task = self.store.create_task(template, input).await?;
        Ok(self.completions.register(task)?)
    }

    /// Sets a pending task running.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn begin(&self, task: TaskId) -> Result<(), StoreError> {
        let transition = self
            .store
            .transition_task_state_atomic(task, TaskState::Pending, TaskState::Running)
            .await?;
        match transition {
            // Another engine on this store found the task pending and drove it to its end,
            // perhaps before our waiter was registered.
            Transition::Refused { actual } if actual.is_terminal() => {
                self.completions
                    .complete(self.store.get_task_outcome(task).await?);
            }
            Transition::Refused { .. } | Transition::Applied => {}
        }
        Ok(())
    }

    fn check_handlers(&self, template: &Template) -> Result<(), SubmitError> {
        let missing = template
            .steps()
            .iter()
            .find(|step| !self.handlers.contains(step.handler()));
        match missing {
            None => Ok(()),
            Some(step) => Err(SubmitError::UnknownHandler {
                template: template.name().to_owned(),
                step: step.name().to_owned(),
                handler: step.handler().to_owned(),
                known: self
                    .handlers
                    .names()
                    .into_iter()
                    .map(str::to_owned)
                    .collect(),
            }),
        }
    }
}

/// Why a task was not accepted.
#[derive(Debug)]
#[non_exhaustive]
pub enum SubmitError {
    /// A step wants a handler that is not registered.
    UnknownHandler {
        /// Name of the template.
        template: String,
        /// The step that wants it.
        step: String,
        /// Name of the handler.
        handler: String,
        /// The handlers that are registered.
        known: Vec<String>,
    },
    /// The stage that creates tasks failed over this one. It may exist nevertheless, and run.
    Interrupted,
    /// The engine has stopped.
    EngineStopped,
    /// The store failed.
    Store(StoreError),
}

impl fmt::Display for SubmitError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownHandler {
                template,
                step,
                handler,
                known,
            } => write!(
                formatter,
                "handler `{handler}` of step `{step}` in template `{template}` is not registered\n  known handlers: `{}`",
                known.join("`, `")
            ),
            Self::Interrupted => formatter.write_str("the task initializer was interrupted"),
            Self::EngineStopped => EngineStopped.fmt(formatter),
            Self::Store(error) => error.fmt(formatter),
        }
    }
}

impl std::error::Error for SubmitError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Store(error) => error.source(),
            _ => None,
        }
    }
}

impl From<StoreError> for SubmitError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<EngineStopped> for SubmitError {
    fn from(_: EngineStopped) -> Self {
        Self::EngineStopped
    }
}
