//! One attempt: the handler, its time limit, and the boundary that its panics do not cross.

use std::{
    any::Any,
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    task::Poll,
};

use bytes::Bytes;

use super::{Handlers, StepError, StepInput, handler::ErasedHandler};

/// Runs the handler of `input`'s step once.
pub(super) async fn run(handlers: &Handlers, input: StepInput) -> Result<Bytes, StepError> {
    let step = input.template_step();
    let Some(handler) = handlers.get(step.handler()) else {
        // Another engine that shares the store may have it.
        return Err(StepError::retryable(format!(
            "handler `{}` is not registered here",
            step.handler()
        )));
    };
    let Some(limit) = step.attempt_timeout() else {
        return catch_panics(handler, input).await;
    };
    tokio::time::timeout(limit, catch_panics(handler, input))
        .await
        .unwrap_or_else(|_| Err(StepError::retryable(format!("no result within {limit:?}"))))
}

/// Turns a panic of the handler into a failed attempt, so that it costs neither the worker nor
/// the wait for the lease to expire.
async fn catch_panics(handler: &dyn ErasedHandler, input: StepInput) -> Result<Bytes, StepError> {
    // Nothing that the handler owns is looked at after it panicked, except to drop it.
    let started = catch_unwind(AssertUnwindSafe(|| handler.execute(input)));
    let mut attempt = started.map_err(|panic| panicked(panic.as_ref()))?;
    poll_fn(|context| {
        catch_unwind(AssertUnwindSafe(|| attempt.as_mut().poll(context)))
            .unwrap_or_else(|panic| Poll::Ready(Err(panicked(panic.as_ref()))))
    })
    .await
}

fn panicked(panic: &(dyn Any + Send)) -> StepError {
    let message = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    StepError::retryable(format!("the handler panicked: {message}"))
}
