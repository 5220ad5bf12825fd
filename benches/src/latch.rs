//! Waiting until so many things have happened, without polling.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// Counts down and wakes its one waiter at zero. The same latch serves workloads and controls, so it is in both numbers.
#[derive(Debug, Default)]
pub struct Latch {
    remaining: AtomicUsize,
    zero: Notify,
}

impl Latch {
    /// A latch that waits for nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets the next [`wait`](Self::wait) wait for `count` events.
    ///
    /// # Panics
    /// If events of before are still to come.
    pub fn expect(&self, count: usize) {
        let before = self.remaining.swap(count, Ordering::AcqRel);
        assert_eq!(
            before, 0,
            "{before} events of the round before have not happened"
        );
    }

    /// One of the events has happened.
    ///
    /// # Panics
    /// If none was expected.
    pub fn count_down(&self) {
        let before = self.remaining.fetch_sub(1, Ordering::AcqRel);
        assert_ne!(before, 0, "an event happened that was not expected");
        if before == 1 {
            self.zero.notify_one();
        }
    }

    /// Waits until all events have happened.
    pub async fn wait(&self) {
        // A permit may be left of a round whose waiter came late, so one notification is no proof.
        while self.remaining.load(Ordering::Acquire) > 0 {
            self.zero.notified().await;
        }
    }
}
