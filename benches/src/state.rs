//! Reading an actor's state from outside: a question and its answer (row 34).

use std::hint::black_box;
use std::time::Duration;

use runtime::System;
use tokio::sync::oneshot;
use yardstick_probe::{Latencies, Region};

use crate::counter::{Count, Counter};
use crate::raw::{RawCount, RawCounter};

/// What the state holds while it is read.
const STATE: u64 = 42;

/// One iteration asks an actor for its state and waits for the answer.
pub async fn actor(iterations: u64) -> Duration {
    let system = System::new();
    let counter = system.spawn(Counter::new());
    counter
        .tell(Count::Add(STATE))
        .await
        .expect("the counter runs");
    let mut wrong = 0;
    let latencies = Latencies::new();
    let region = Region::start(iterations);
    for _ in 0..iterations {
        let start = latencies.start();
        let state = counter
            .ask(Count::Total)
            .await
            .expect("the counter answers");
        latencies.record(start);
        wrong += u64::from(black_box(state) != STATE);
    }
    let elapsed = region.finish();
    assert_eq!(wrong, 0, "every answer is the state");
    system.shutdown().await;
    elapsed
}

/// The control of [`actor`]: a tokio channel there and a oneshot channel back.
pub async fn raw_task(iterations: u64) -> Duration {
    let counter = RawCounter::spawn(None);
    counter
        .sender
        .send(RawCount::Add(STATE))
        .expect("the counter runs");
    let mut wrong = 0;
    let latencies = Latencies::new();
    let region = Region::start(iterations);
    for _ in 0..iterations {
        let start = latencies.start();
        let (reply, answer) = oneshot::channel();
        counter
            .sender
            .send(RawCount::Total(reply))
            .expect("the counter runs");
        let state = answer.await.expect("the counter answers");
        latencies.record(start);
        wrong += u64::from(black_box(state) != STATE);
    }
    let elapsed = region.finish();
    assert_eq!(wrong, 0, "every answer is the state");
    counter.stop().await;
    elapsed
}
