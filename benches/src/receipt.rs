//! One message, one way: from the send to the moment the receiver has handled it (row 36).

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use runtime::{Actor, Context, System};
use tokio::sync::mpsc;
use yardstick_probe::{Latencies, Region};

use crate::latch::Latch;

/// Counts a latch down for every message.
struct Receiver {
    handled: Arc<Latch>,
    received: u64,
}

/// What a receiver is told; the question is asked once, at the end.
enum Letter {
    Message(u64),
    Received(runtime::Reply<u64>),
}

impl Actor for Receiver {
    type Message = Letter;
    type Error = Infallible;

    async fn handle(&mut self, letter: Letter, _: &mut Context<Self>) -> Result<(), Infallible> {
        match letter {
            Letter::Message(number) => {
                self.received += number;
                self.handled.count_down();
            }
            Letter::Received(reply) => {
                reply.send(self.received);
            }
        }
        Ok(())
    }
}

/// One iteration sends a message and waits until it has been handled.
pub async fn actor(iterations: u64) -> Duration {
    let system = System::new();
    let handled = Arc::new(Latch::new());
    let receiver = system.spawn(Receiver {
        handled: Arc::clone(&handled),
        received: 0,
    });
    let latencies = Latencies::new();
    let region = Region::start(iterations);
    for _ in 0..iterations {
        let start = latencies.start();
        handled.expect(1);
        receiver
            .tell(Letter::Message(1))
            .await
            .expect("the receiver runs");
        handled.wait().await;
        latencies.record(start);
    }
    let elapsed = region.finish();
    let received = receiver
        .ask(Letter::Received)
        .await
        .expect("the receiver answers");
    assert_eq!(received, iterations, "every message was received once");
    system.shutdown().await;
    elapsed
}

/// The control of [`actor`]: a raw tokio task behind an unbounded channel.
pub async fn raw_task(iterations: u64) -> Duration {
    let (sender, mut receiver) = mpsc::unbounded_channel::<u64>();
    let handled = Arc::new(Latch::new());
    let latch = Arc::clone(&handled);
    let task = tokio::spawn(async move {
        let mut received = 0;
        while let Some(number) = receiver.recv().await {
            received += number;
            latch.count_down();
        }
        received
    });
    let latencies = Latencies::new();
    let region = Region::start(iterations);
    for _ in 0..iterations {
        let start = latencies.start();
        handled.expect(1);
        sender.send(1).expect("the receiver runs");
        handled.wait().await;
        latencies.record(start);
    }
    let elapsed = region.finish();
    drop(sender);
    assert_eq!(
        task.await.expect("the task does not panic"),
        iterations,
        "every message was received once"
    );
    elapsed
}
