//! Feeds of events: any number of listeners, each with a bounded buffer of its own,
//! so that a slow listener loses the oldest events and nobody waits for it.

use crate::mailbox::{Accepted, Inbox, Mailbox, Overflow};
use crate::sync::Mutex;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

/// How many events a listener may lag behind.
const BUFFERED_EVENTS: usize = 1024;

/// The publishing side.
pub(crate) struct Feed<T> {
    /// Replaced whole when a listener comes, so that publishing holds no lock
    /// while it wakes listeners.
    listeners: Mutex<Arc<[Weak<Listener<T>>]>>,
}

struct Listener<T> {
    events: Inbox<T>,
    missed: AtomicU64,
}

impl<T: Clone> Feed<T> {
    pub(crate) fn new() -> Self {
        Self {
            listeners: Mutex::new(Arc::new([])),
        }
    }

    pub(crate) fn subscribe(&self) -> Events<T> {
        let mailbox = Mailbox::bounded(BUFFERED_EVENTS).overflow(Overflow::DropOldest);
        let listener = Arc::new(Listener {
            events: Inbox::new(mailbox),
            missed: AtomicU64::new(0),
        });
        let mut listeners = self.listeners.lock();
        *listeners = listeners
            .iter()
            .filter(|listener| listener.strong_count() > 0)
            .cloned()
            .chain([Arc::downgrade(&listener)])
            .collect();
        Events(listener)
    }

    /// Publishes an event, which is made only if somebody listens.
    pub(crate) fn publish(&self, event: impl FnOnce() -> T) {
        let listeners = Arc::clone(&self.listeners.lock());
        if listeners.is_empty() {
            return;
        }
        let event = event();
        for listener in listeners.iter().filter_map(Weak::upgrade) {
            if let Ok(Accepted::Shed(_)) = listener.events.try_push(event.clone()) {
                listener.missed.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

impl<T> Feed<T> {
    /// Ends the streams of all listeners, after what was published.
    pub(crate) fn end(&self) {
        let listeners = Arc::clone(&self.listeners.lock());
        for listener in listeners.iter().filter_map(Weak::upgrade) {
            listener.events.seal();
        }
    }
}

impl<T> Drop for Feed<T> {
    fn drop(&mut self) {
        self.end();
    }
}

/// A stream of events, from the moment of the subscription on. A listener that
/// lags more than 1,024 events behind loses the oldest.
pub struct Events<T>(Arc<Listener<T>>);

impl<T> Events<T> {
    /// The next event, `None` when there will be no more.
    pub async fn next(&mut self) -> Option<T> {
        self.0.events.pop().await
    }

    /// The next event if there is one already.
    pub fn try_next(&mut self) -> Option<T> {
        self.0.events.try_pop()
    }

    /// How many events this listener has lost by lagging behind.
    pub fn missed(&self) -> u64 {
        self.0.missed.load(Ordering::Relaxed)
    }
}

impl<T> fmt::Debug for Events<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Events")
            .field("waiting", &self.0.events.depth())
            .field("missed", &self.missed())
            .finish()
    }
}
