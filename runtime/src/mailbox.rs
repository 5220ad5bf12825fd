//! Mailboxes: how many messages may wait for an actor, and what happens to the
//! next one.

mod inbox;
mod push;

pub(crate) use inbox::Sleepers;
pub use inbox::{Accepted, Inbox};
pub use push::Push;

use std::num::NonZeroUsize;

/// The mailbox an actor is to have: unbounded, or bounded with an overflow
/// policy.
///
/// The capacity of a bounded mailbox is the number of messages that wait. The
/// message that is being handled has left the mailbox.
///
/// ```
/// use runtime::{Mailbox, Overflow};
///
/// let newest_first = Mailbox::bounded(64).overflow(Overflow::DropOldest);
/// assert_eq!(newest_first.capacity(), Some(64));
/// assert_eq!(Mailbox::unbounded().capacity(), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mailbox {
    capacity: Option<NonZeroUsize>,
    overflow: Overflow,
}

impl Mailbox {
    /// A mailbox that takes every message. It grows with what is sent faster
    /// than it is handled; it owns no memory while it is empty.
    pub fn unbounded() -> Self {
        Self {
            capacity: None,
            overflow: Overflow::Wait,
        }
    }

    /// A mailbox in which at most `capacity` messages wait; senders wait for
    /// room ([`Overflow::Wait`]) unless another policy is chosen.
    ///
    /// # Panics
    ///
    /// When `capacity` is zero: such a mailbox could never take a message.
    pub fn bounded(capacity: usize) -> Self {
        let capacity = NonZeroUsize::new(capacity);
        assert!(
            capacity.is_some(),
            "the capacity of a bounded mailbox must be at least 1"
        );
        Self {
            capacity,
            overflow: Overflow::Wait,
        }
    }

    /// What happens to a message that finds the mailbox full. Without meaning
    /// for an unbounded mailbox.
    #[must_use]
    pub fn overflow(mut self, overflow: Overflow) -> Self {
        self.overflow = overflow;
        self
    }

    /// The greatest number of waiting messages, `None` when unbounded.
    pub fn capacity(&self) -> Option<usize> {
        self.capacity.map(NonZeroUsize::get)
    }

    /// What happens to a message that finds the mailbox full.
    pub fn overflow_policy(&self) -> Overflow {
        self.overflow
    }
}

impl Default for Mailbox {
    fn default() -> Self {
        Self::unbounded()
    }
}

/// What happens to a message that finds a bounded mailbox full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Overflow {
    /// The sender waits for room (backpressure), first come, first served.
    Wait,
    /// The message goes back to the sender as an error.
    Reject,
    /// The message that was to be sent becomes a dead letter; the sender is
    /// told nothing.
    DropNewest,
    /// The message that has waited longest becomes a dead letter and makes
    /// room for the new one.
    DropOldest,
}
