//! Declaring a step of a template.

use std::time::Duration;

use bytes::Bytes;

use super::RetryPolicy;

/// A step as it is declared, before the template is validated.
///
/// ```
/// use std::time::Duration;
/// use runtime::workflow::{RetryPolicy, Step};
///
/// Step::new("charge")
///     .handler("charge_card")
///     .after("reserve")
///     .input("EUR")
///     .retry(RetryPolicy::exponential(5, Duration::from_millis(50), Duration::from_secs(2)))
///     .attempt_timeout(Duration::from_secs(10));
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Step {
    pub(super) name: String,
    pub(super) handler: Option<String>,
    pub(super) input: Bytes,
    pub(super) retry: RetryPolicy,
    pub(super) attempt_timeout: Option<Duration>,
    pub(super) dependencies: Vec<String>,
}

impl Step {
    /// A step executed by the handler of the same name, without dependencies, with the
    /// default [`RetryPolicy`].
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            handler: None,
            input: Bytes::new(),
            retry: RetryPolicy::default(),
            attempt_timeout: None,
            dependencies: Vec::new(),
        }
    }

    /// Has the handler registered as `handler` execute the step.
    pub fn handler(mut self, handler: impl Into<String>) -> Self {
        self.handler = Some(handler.into());
        self
    }

    /// Lets the step wait for `dependency`; call it once for each. Naming one twice is the
    /// same as naming it once.
    pub fn after(mut self, dependency: impl Into<String>) -> Self {
        self.dependencies.push(dependency.into());
        self
    }

    /// Passes `input` to the step in every task.
    pub fn input(mut self, input: impl Into<Bytes>) -> Self {
        self.input = input.into();
        self
    }

    /// Sets how often the step is tried, and how long apart.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Ends an attempt that takes longer than `timeout`, as a retryable failure.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = Some(timeout);
        self
    }
}
