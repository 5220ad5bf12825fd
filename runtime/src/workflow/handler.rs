//! Handlers: the code that a step executes.

use std::{collections::HashMap, fmt, future::Future, pin::Pin, sync::Arc};

use bytes::Bytes;

use super::{StepId, Template, TemplateStep};

/// The code that a step executes. Every `Fn(StepInput) -> impl Future<…>` is one.
///
/// A handler may run more than once for the same step (a retry, or a lease that expired while
/// its worker was cut off), so what it does to the outside world should bear repetition.
pub trait StepHandler: Send + Sync + 'static {
    /// Executes one attempt.
    fn execute(
        &self,
        input: StepInput,
    ) -> impl Future<Output = Result<Bytes, StepError>> + Send + 'static;
}

impl<F, Attempt> StepHandler for F
where
    F: Fn(StepInput) -> Attempt + Send + Sync + 'static,
    Attempt: Future<Output = Result<Bytes, StepError>> + Send + 'static,
{
    fn execute(
        &self,
        input: StepInput,
    ) -> impl Future<Output = Result<Bytes, StepError>> + Send + 'static {
        self(input)
    }
}

/// What a handler is given.
#[derive(Debug, Clone)]
pub struct StepInput {
    /// The step that is executed.
    pub step: StepId,
    /// Number of the attempt; the first is 1.
    pub attempt: u32,
    /// The template that the task was made from.
    pub template: Template,
    /// What was submitted with the task.
    pub task_input: Bytes,
    /// The outputs of the direct dependencies, in the order declared.
    pub dependency_outputs: Vec<Bytes>,
}

impl StepInput {
    /// The step as the template describes it.
    pub fn template_step(&self) -> &TemplateStep {
        &self.template.steps()[self.step.index]
    }

    /// The name of the step.
    pub fn step_name(&self) -> &str {
        self.template_step().name()
    }

    /// What the template passes to this step in every task.
    pub fn step_input(&self) -> &Bytes {
        self.template_step().input()
    }

    /// The output of the direct dependency named `step`.
    pub fn dependency(&self, step: &str) -> Option<&Bytes> {
        self.dependencies()
            .find_map(|(name, output)| (name == step).then_some(output))
    }

    /// Name and output of every direct dependency, in the order declared.
    pub fn dependencies(&self) -> impl Iterator<Item = (&str, &Bytes)> {
        let names = self.template_step().dependencies().iter();
        names
            .map(|&index| self.template.steps()[index].name())
            .zip(&self.dependency_outputs)
    }
}

/// Whether another attempt can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// Another attempt may succeed; the step's [`RetryPolicy`](super::RetryPolicy) decides.
    Retryable,
    /// No attempt can succeed; the step fails at once.
    Permanent,
}

/// Why an attempt failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepError {
    kind: FailureKind,
    message: String,
}

impl StepError {
    /// An error that another attempt may get past.
    pub fn retryable(message: impl Into<String>) -> Self {
        Self {
            kind: FailureKind::Retryable,
            message: message.into(),
        }
    }

    /// An error that no attempt can get past.
    pub fn permanent(message: impl Into<String>) -> Self {
        Self {
            kind: FailureKind::Permanent,
            message: message.into(),
        }
    }

    /// Whether another attempt can help.
    pub fn kind(&self) -> FailureKind {
        self.kind
    }

    /// What went wrong.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for StepError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for StepError {}

/// One attempt of a handler whose type was erased.
type ErasedAttempt = Pin<Box<dyn Future<Output = Result<Bytes, StepError>> + Send>>;

/// The boundary behind which handlers of different types look alike.
pub(super) trait ErasedHandler: Send + Sync {
    fn execute(&self, input: StepInput) -> ErasedAttempt;
}

impl<H: StepHandler> ErasedHandler for H {
    fn execute(&self, input: StepInput) -> ErasedAttempt {
        Box::pin(StepHandler::execute(self, input))
    }
}

/// The handlers that an engine knows, by name.
///
/// ```
/// use runtime::workflow::{Handlers, StepError, StepInput};
///
/// let handlers = Handlers::new()
///     .register("greet", |input: StepInput| async move {
///         Ok(format!("hello from {}", input.step_name()).into())
///     })
///     .register("refuse", async |_: StepInput| Err(StepError::permanent("no")));
/// assert!(handlers.contains("greet"));
/// ```
#[derive(Clone, Default)]
pub struct Handlers {
    by_name: HashMap<String, Arc<dyn ErasedHandler>>,
}

impl Handlers {
    /// No handlers yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds `handler` under `name`, in place of an earlier one of that name.
    #[must_use]
    pub fn register(mut self, name: impl Into<String>, handler: impl StepHandler) -> Self {
        self.by_name.insert(name.into(), Arc::new(handler));
        self
    }

    /// Whether a handler is registered under `name`.
    pub fn contains(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// The registered names, in alphabetical order.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.by_name.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    pub(super) fn get(&self, name: &str) -> Option<&dyn ErasedHandler> {
        self.by_name.get(name).map(Arc::as_ref)
    }
}

impl fmt::Debug for Handlers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("Handlers")
            .field(&self.names())
            .finish()
    }
}
