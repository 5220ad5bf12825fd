//! One actor that is told many messages (row 33).

use std::time::Duration;

use runtime::System;
use yardstick_probe::Region;

use crate::chunks::in_chunks;
use crate::counter::{Count, Counter};
use crate::raw::{RawCount, RawCounter};

/// Messages on their way at most; then the answer to a question, which queues behind them, is awaited.
const BURST: u64 = 1024;

/// One iteration is one message, sent and handled. The question at the end of each burst is in the time.
pub async fn actor(iterations: u64) -> Duration {
    let system = System::new();
    let counter = system.spawn(Counter::new());
    let mut expected = 0;
    let elapsed = in_chunks(iterations, BURST, async |count| {
        let region = Region::start(count);
        for number in 0..count {
            counter
                .tell(Count::Add(number))
                .await
                .expect("the counter runs");
        }
        let total = counter
            .ask(Count::Total)
            .await
            .expect("the counter answers");
        let elapsed = region.finish();
        expected += count * (count - 1) / 2;
        assert_eq!(total, expected, "every message was added once");
        elapsed
    })
    .await;
    system.shutdown().await;
    elapsed
}

/// The control of [`actor`]: an unbounded tokio channel into a task.
pub async fn raw_task(iterations: u64) -> Duration {
    let counter = RawCounter::spawn(None);
    let mut expected = 0;
    let elapsed = in_chunks(iterations, BURST, async |count| {
        let region = Region::start(count);
        for number in 0..count {
            counter
                .sender
                .send(RawCount::Add(number))
                .expect("the counter runs");
        }
        let (reply, answer) = tokio::sync::oneshot::channel();
        counter
            .sender
            .send(RawCount::Total(reply))
            .expect("the counter runs");
        let total = answer.await.expect("the counter answers");
        let elapsed = region.finish();
        expected += count * (count - 1) / 2;
        assert_eq!(total, expected, "every message was added once");
        elapsed
    })
    .await;
    assert_eq!(counter.stop().await, expected);
    elapsed
}
