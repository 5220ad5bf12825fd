//! A sender that is faster than its receiver, and a bounded mailbox between them: throughput (row 37) and depth (row 43).
//!
//! Sender and receiver are tasks of a runtime with two workers, so they may run at the same time.

use std::time::Duration;

use runtime::{Address, Mailbox, System};
use tokio::sync::{mpsc, oneshot};
use yardstick_probe::Region;

use crate::counter::{Count, Counter};
use crate::raw::{RawCount, add};

/// Messages that may wait.
pub const CAPACITY: usize = 1024;

/// One iteration is one message, sent with backpressure and handled.
pub async fn actor(iterations: u64) -> Duration {
    let system = System::new();
    let counter = bounded_counter(&system);
    let region = Region::start(iterations);
    let total = tokio::spawn(async move {
        for number in 0..iterations {
            counter
                .tell(Count::Add(number))
                .await
                .expect("the counter runs");
        }
        counter
            .ask(Count::Total)
            .await
            .expect("the counter answers")
    })
    .await
    .expect("the sender does not panic");
    let elapsed = region.finish();
    assert_eq!(total, sum_below(iterations), "every message was added once");
    assert_eq!(
        system.dead_letters().total(),
        0,
        "a mailbox that waits loses nothing"
    );
    system.shutdown().await;
    elapsed
}

/// The control of [`actor`]: a bounded tokio channel of the same capacity.
pub async fn raw_task(iterations: u64) -> Duration {
    let sender = raw_bounded_counter();
    let region = Region::start(iterations);
    let total = tokio::spawn(async move {
        for number in 0..iterations {
            sender
                .send(RawCount::Add(number))
                .await
                .expect("the counter runs");
        }
        let (reply, answer) = oneshot::channel();
        sender
            .send(RawCount::Total(reply))
            .await
            .expect("the counter runs");
        answer.await.expect("the counter answers")
    })
    .await
    .expect("the sender does not panic");
    let elapsed = region.finish();
    assert_eq!(total, sum_below(iterations), "every message was added once");
    elapsed
}

/// Messages between two readings of the depth.
const MESSAGES_PER_READING: u64 = 64;

/// One iteration is one reading of the mailbox's depth, after 64 messages, as a percentage of its capacity. Returns the sum.
pub async fn actor_depth(iterations: u64) -> f64 {
    let system = System::new();
    let counter = bounded_counter(&system);
    let region = Region::start(iterations);
    let readings = tokio::spawn(async move {
        let mut sum = 0;
        for _ in 0..iterations {
            for number in 0..MESSAGES_PER_READING {
                counter
                    .tell(Count::Add(number))
                    .await
                    .expect("the counter runs");
            }
            let depth = counter.depth();
            assert!(
                depth <= CAPACITY,
                "{depth} messages wait where {CAPACITY} may"
            );
            sum += depth;
        }
        let total = counter
            .ask(Count::Total)
            .await
            .expect("the counter answers");
        assert_eq!(
            total,
            iterations * sum_below(MESSAGES_PER_READING),
            "every message was added once"
        );
        sum
    });
    let sum = readings.await.expect("the sender does not panic");
    region.finish();
    system.shutdown().await;
    percent_of_capacity(sum)
}

/// The control of [`actor_depth`]: the depth of a bounded tokio channel.
pub async fn raw_depth(iterations: u64) -> f64 {
    let sender = raw_bounded_counter();
    let region = Region::start(iterations);
    let readings = tokio::spawn(async move {
        let mut sum = 0;
        for _ in 0..iterations {
            for number in 0..MESSAGES_PER_READING {
                sender
                    .send(RawCount::Add(number))
                    .await
                    .expect("the counter runs");
            }
            sum += CAPACITY - sender.capacity();
        }
        sum
    });
    let sum = readings.await.expect("the sender does not panic");
    region.finish();
    percent_of_capacity(sum)
}

fn bounded_counter(system: &System) -> Address<Count> {
    let builder = system
        .build(Counter::new)
        .mailbox(Mailbox::bounded(CAPACITY));
    builder
        .spawn()
        .expect("an actor without a name can be spawned")
}

fn raw_bounded_counter() -> mpsc::Sender<RawCount> {
    let (sender, mut receiver) = mpsc::channel(CAPACITY);
    tokio::spawn(async move {
        let mut total = 0;
        while let Some(message) = receiver.recv().await {
            add(&mut total, message);
        }
    });
    sender
}

fn sum_below(count: u64) -> u64 {
    count * count.saturating_sub(1) / 2
}

fn percent_of_capacity(messages: usize) -> f64 {
    100.0 * messages as f64 / CAPACITY as f64
}
