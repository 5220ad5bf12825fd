//! Bytes that actors and mailboxes occupy (rows 51 to 53), by two accounts: the allocator's and the operating system's.
//!
//! One iteration makes a population, reads the account before and after, and lets the population go. The value is bytes per member, by
//! the difference of the readings; no time is in it.

use std::sync::Arc;

use runtime::{Address, Inbox, Mailbox, System};
use tokio::sync::mpsc;
use yardstick_probe::{LiveBytes, Region, ResidentBytes};

use crate::counter::{Count, Counter};
use crate::latch::Latch;
use crate::raw::RawCounter;

/// Actors alive when memory is read: enough that a page more or less is no byte per actor.
pub const ACTORS: usize = 10_000;
/// Mailboxes alive when memory is read.
pub const MAILBOXES: usize = 10_000;
/// Messages that wait in each of them; also the capacity of the bounded ones.
pub const MESSAGES: usize = 64;

/// A message without memory of its own.
pub type Message = [u8; 64];

/// Whose account of memory is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account {
    /// Bytes requested from the allocator and not given back.
    Allocator,
    /// Bytes of physical memory.
    Resident,
}

impl Account {
    /// Bytes per member of the population of `size` that `make` makes, which is alive while memory is read.
    async fn bytes_per_member<P>(self, size: usize, make: impl AsyncFnOnce() -> P) -> (f64, P) {
        let before = self.read_fresh();
        // The value is one of a member, so that the counted figures are too.
        let region = Region::start(size as u64);
        let population = make().await;
        region.finish();
        let after = self.read();
        ((after - before) as f64 / size as f64, population)
    }

    /// Memory that was freed and kept by the C library would hide what is allocated next.
    fn read_fresh(self) -> i64 {
        if self == Self::Resident {
            ResidentBytes::release_free_memory();
        }
        self.read()
    }

    fn read(self) -> i64 {
        match self {
            Self::Allocator => LiveBytes::now(),
            Self::Resident => {
                let bytes =
                    ResidentBytes::now().expect("the operating system tells the resident bytes");
                bytes.cast_signed()
            }
        }
    }
}

/// Adds up what `measure` says in each iteration, and checks it: no member is free of cost.
async fn sum(iterations: u64, mut measure: impl AsyncFnMut() -> f64) -> f64 {
    let mut total = 0.0;
    for _ in 0..iterations {
        let bytes = measure().await;
        assert!(bytes > 0.0, "{bytes} bytes were measured");
        total += bytes;
    }
    total
}

/// Bytes per idle actor that has started and has not been told anything. The address is not counted.
pub async fn actors(account: Account, iterations: u64) -> f64 {
    sum(iterations, async || {
        let system = System::new();
        let started = Arc::new(Latch::new());
        let mut addresses = places::<Address<Count>>(ACTORS);
        let make = async || {
            started.expect(ACTORS);
            for place in &mut addresses {
                *place = Some(system.spawn(Counter::announced(&started)));
            }
            started.wait().await;
        };
        let (bytes, ()) = account.bytes_per_member(ACTORS, make).await;
        assert_eq!(
            system.actor_count(),
            ACTORS,
            "every actor is alive while memory is read"
        );
        system.shutdown().await;
        bytes
    })
    .await
}

/// The control of [`actors`]: raw tokio tasks with a channel each.
pub async fn raw_tasks(account: Account, iterations: u64) -> f64 {
    sum(iterations, async || {
        let started = Arc::new(Latch::new());
        let mut tasks = places::<RawCounter>(ACTORS);
        let make = async || {
            started.expect(ACTORS);
            for place in &mut tasks {
                *place = Some(RawCounter::spawn(Some(&started)));
            }
            started.wait().await;
        };
        let (bytes, ()) = account.bytes_per_member(ACTORS, make).await;
        for task in tasks.into_iter().flatten() {
            task.stop().await;
        }
        bytes
    })
    .await
}

/// Bytes per mailbox, without an actor, in which 64 messages of 64 bytes wait.
pub async fn mailboxes(mailbox: Mailbox, account: Account, iterations: u64) -> f64 {
    sum(iterations, async || {
        let mut inboxes = places::<Box<Inbox<Message>>>(MAILBOXES);
        let make = async || {
            for place in &mut inboxes {
                let inbox = Box::new(Inbox::new(mailbox));
                for _ in 0..MESSAGES {
                    inbox.try_push([1; 64]).expect("the mailbox has room");
                }
                *place = Some(inbox);
            }
        };
        let (bytes, ()) = account.bytes_per_member(MAILBOXES, make).await;
        let waiting = inboxes
            .iter()
            .flatten()
            .map(|inbox| inbox.depth())
            .sum::<usize>();
        assert_eq!(
            waiting,
            MAILBOXES * MESSAGES,
            "every message waits while memory is read"
        );
        bytes
    })
    .await
}

/// The control of [`mailboxes`] with a bound: bounded tokio channels.
pub async fn raw_bounded_channels(account: Account, iterations: u64) -> f64 {
    sum(iterations, async || {
        let mut channels = places(MAILBOXES);
        let make = async || {
            for place in &mut channels {
                let (sender, receiver) = mpsc::channel::<Message>(MESSAGES);
                for _ in 0..MESSAGES {
                    sender.try_send([1; 64]).expect("the channel has room");
                }
                *place = Some((sender, receiver));
            }
        };
        let (bytes, ()) = account.bytes_per_member(MAILBOXES, make).await;
        let waiting = channels
            .iter()
            .flatten()
            .map(|(_, receiver)| receiver.len())
            .sum::<usize>();
        assert_eq!(
            waiting,
            MAILBOXES * MESSAGES,
            "every message waits while memory is read"
        );
        bytes
    })
    .await
}

/// The control of [`mailboxes`] without a bound: unbounded tokio channels.
pub async fn raw_unbounded_channels(account: Account, iterations: u64) -> f64 {
    sum(iterations, async || {
        let mut channels = places(MAILBOXES);
        let make = async || {
            for place in &mut channels {
                let (sender, receiver) = mpsc::unbounded_channel::<Message>();
                for _ in 0..MESSAGES {
                    sender
                        .send([1; 64])
                        .expect("the channel takes every message");
                }
                *place = Some((sender, receiver));
            }
        };
        let (bytes, ()) = account.bytes_per_member(MAILBOXES, make).await;
        let waiting = channels
            .iter()
            .flatten()
            .map(|(_, receiver)| receiver.len())
            .sum::<usize>();
        assert_eq!(
            waiting,
            MAILBOXES * MESSAGES,
            "every message waits while memory is read"
        );
        bytes
    })
    .await
}

/// Places for a population, written to and so resident before memory is read.
fn places<T>(count: usize) -> Vec<Option<T>> {
    (0..count).map(|_| None).collect()
}
