//! Running the code of an actor so that neither its panics nor its waiting can hurt
//! the runtime.

use crate::signals::{INTERRUPT, KILL, Signals};
use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Poll, Waker};

/// Why guarded code gave no result.
pub(crate) enum Cut {
    Panicked(Arc<str>),
    Killed,
    Interrupted,
}

/// Runs the future that `start` makes to its end, unless it panics or the
/// incarnation is killed or interrupted while the future is suspended.
///
/// The actor itself stays outside: it is only borrowed by the future, so that its
/// own `Drop` never runs while a panic of a handler unwinds (a second panic would
/// abort the process).
pub(crate) async fn guarded<T, F: Future<Output = T>>(
    signals: &Signals,
    registered: &mut Option<Waker>,
    start: impl FnOnce() -> F,
) -> Result<T, Cut> {
    let mut future = pin!(Some(caught(start).map_err(Cut::Panicked)?));
    let outcome = poll_fn(|context| {
        signals.register(registered, context);
        let raised = signals.raised();
        if raised & KILL != 0 {
            return Poll::Ready(Err(Cut::Killed));
        }
        if raised & INTERRUPT != 0 {
            return Poll::Ready(Err(Cut::Interrupted));
        }
        let Some(running) = future.as_mut().as_pin_mut() else {
            return Poll::Pending;
        };
        match caught(|| running.poll(context)) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
            Err(message) => Poll::Ready(Err(Cut::Panicked(message))),
        }
    })
    .await;
    // What a suspended handler held is dropped here, which can panic as well.
    match caught(|| future.set(None)) {
        Ok(()) => outcome,
        Err(message) => {
            if let Ok(value) = outcome {
                drop_quietly(value);
            }
            Err(Cut::Panicked(message))
        }
    }
}

/// Runs `code`; a panic becomes its message.
pub(crate) fn caught<T>(code: impl FnOnce() -> T) -> Result<T, Arc<str>> {
    catch_unwind(AssertUnwindSafe(code)).map_err(|payload| {
        let message = panic_message(payload.as_ref());
        drop_quietly(payload);
        message
    })
}

/// Drops a value of a user's type; a panic of its `Drop` goes no further.
pub(crate) fn drop_quietly<T>(value: T) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
        // The payload's own `Drop` might panic in turn, without end.
        std::mem::forget(payload);
    }
}

fn panic_message(payload: &(dyn Any + Send)) -> Arc<str> {
    if let Some(message) = payload.downcast_ref::<&str>() {
        Arc::from(*message)
    } else if let Some(message) = payload.downcast_ref::<String>() {
        Arc::from(message.as_str())
    } else {
        Arc::from("a panic without a message")
    }
}
