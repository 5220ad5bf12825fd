//! Signals to a running incarnation, which overtake its mailbox.

use crate::sync::Mutex;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Waker};

/// End now, even in the middle of a handler; the mailbox is lost.
pub(crate) const KILL: u8 = 1;
/// End now, even in the middle of a handler; the mailbox is kept.
pub(crate) const INTERRUPT: u8 = 1 << 1;
/// End in order after the message in hand; the mailbox is kept.
pub(crate) const HALT: u8 = 1 << 2;
/// Answer a health probe before the next message.
pub(crate) const PROBE: u8 = 1 << 3;

/// A set of raised signals and the task that is to see them.
///
/// The task looks at the set without a lock before each message; whoever raises a
/// signal wakes the task afterwards. The task registers before it looks, so a
/// signal is either seen or followed by a wake-up.
pub(crate) struct Signals {
    raised: AtomicU8,
    task: Mutex<Option<Waker>>,
}

impl Signals {
    pub(crate) fn new() -> Self {
        Self {
            raised: AtomicU8::new(0),
            task: Mutex::new(None),
        }
    }

    pub(crate) fn raise(&self, signal: u8) {
        self.mark(signal);
        self.wake();
    }

    /// Raises a signal without waking the task yet, for callers that hold a lock.
    pub(crate) fn mark(&self, signal: u8) {
        self.raised.fetch_or(signal, Ordering::AcqRel);
    }

    pub(crate) fn wake(&self) {
        let task = self.task.lock().clone();
        if let Some(task) = task {
            task.wake();
        }
    }

    pub(crate) fn lower(&self, signal: u8) {
        self.raised.fetch_and(!signal, Ordering::AcqRel);
    }

    /// Forgets everything that was meant for the incarnation before.
    pub(crate) fn reset(&self) {
        self.raised.store(0, Ordering::Release);
    }

    pub(crate) fn raised(&self) -> u8 {
        self.raised.load(Ordering::Acquire)
    }

    /// Registers the task; `known` is its copy of what is registered, which makes
    /// the usual case free of the lock.
    pub(crate) fn register(&self, known: &mut Option<Waker>, context: &Context<'_>) {
        if known
            .as_ref()
            .is_some_and(|waker| waker.will_wake(context.waker()))
        {
            return;
        }
        let waker = context.waker().clone();
        let replaced = self.task.lock().replace(waker.clone());
        *known = Some(waker);
        drop(replaced);
    }

    /// Lets go of the task, whose memory its waker would keep alive.
    pub(crate) fn unregister(&self) {
        let task = self.task.lock().take();
        drop(task);
    }
}
