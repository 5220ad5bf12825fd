//! Dead letters: messages that were accepted, or shed, and will never be handled.

use crate::actor::ActorId;
use crate::feed::{Events, Feed};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Why a message became a dead letter.
///
/// A message that `tell` or `try_tell` gave back in an error is not one: its
/// sender has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The overflow policy of a full mailbox shed it, or a publication found the
    /// mailbox of its subscriber full.
    Overflow,
    /// Its handler panicked.
    Panicked,
    /// Its handler returned an error.
    Failed,
    /// The actor was killed while the message waited or was handled.
    Killed,
    /// The supervisor cut its handler off: a health probe failed, or the actor did
    /// not stop in time.
    Interrupted,
    /// It still waited when the actor ended for good.
    Ended,
}

impl Reason {
    /// All reasons, in the order of their declaration.
    pub const ALL: [Self; 6] = [
        Self::Overflow,
        Self::Panicked,
        Self::Failed,
        Self::Killed,
        Self::Interrupted,
        Self::Ended,
    ];
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Overflow => "the mailbox was full",
            Self::Panicked => "the handler panicked",
            Self::Failed => "the handler failed",
            Self::Killed => "the actor was killed",
            Self::Interrupted => "the supervisor cut the handler off",
            Self::Ended => "the actor had ended",
        })
    }
}

/// The record of one dead letter. The message itself is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The actor it was sent to.
    pub actor: ActorId,
    /// The name of that actor, if it has one.
    pub name: Option<Arc<str>>,
    /// The Rust type of the message.
    pub message_type: &'static str,
    /// Why it was not handled.
    pub reason: Reason,
}

/// The dead letters of a system: counts by reason, and a feed. A clone is a handle
/// on the same.
#[derive(Clone)]
pub struct DeadLetters(Arc<Office>);

struct Office {
    counts: [AtomicU64; Reason::ALL.len()],
    feed: Feed<DeadLetter>,
}

impl DeadLetters {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Office {
            counts: Default::default(),
            feed: Feed::new(),
        }))
    }

    /// How many messages have become dead letters for this reason.
    pub fn count(&self, reason: Reason) -> u64 {
        self.0.counts[reason as usize].load(Ordering::Acquire)
    }

    /// How many messages have become dead letters.
    pub fn total(&self) -> u64 {
        Reason::ALL.iter().map(|reason| self.count(*reason)).sum()
    }

    /// Every dead letter from now on.
    pub fn subscribe(&self) -> Events<DeadLetter> {
        self.0.feed.subscribe()
    }

    pub(crate) fn record(&self, letter: impl FnOnce() -> DeadLetter, reason: Reason) {
        self.0.counts[reason as usize].fetch_add(1, Ordering::Release);
        self.0.feed.publish(letter);
    }
}

impl fmt::Debug for DeadLetters {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_map()
            .entries(Reason::ALL.map(|reason| (reason, self.count(reason))))
            .finish()
    }
}
