//! One publication for many subscribers (rows 38 and 39), on a runtime with two workers.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use runtime::{Actor, Broker, Context, Publication, Reply, System};
use tokio::sync::mpsc;
use yardstick_probe::{Latencies, Region};

use crate::latch::Latch;

/// The payload that subscribers share.
pub type Payload = [u8; 64];
/// Every byte of the payload.
const BYTE: u8 = 7;
const TOPIC: &str = "news";

/// Reads every publication and counts a latch down.
struct Subscriber {
    handled: Arc<Latch>,
    bytes_read: u64,
}

/// What a subscriber is told.
enum News {
    Published(Publication<Payload>),
    BytesRead(Reply<u64>),
}

impl From<Publication<Payload>> for News {
    fn from(publication: Publication<Payload>) -> Self {
        Self::Published(publication)
    }
}

impl Actor for Subscriber {
    type Message = News;
    type Error = Infallible;

    async fn handle(&mut self, news: News, _: &mut Context<Self>) -> Result<(), Infallible> {
        match news {
            News::Published(publication) => {
                self.bytes_read += sum(&publication.payload);
                // Before the latch, so that nobody owns the payload any more when the round is over.
                drop(publication);
                self.handled.count_down();
            }
            News::BytesRead(reply) => {
                reply.send(self.bytes_read);
            }
        }
        Ok(())
    }
}

/// One iteration publishes to `size` subscribers and waits until all have handled it.
pub async fn broker(size: usize, iterations: u64) -> Duration {
    let system = System::new();
    let broker = Broker::<News, Payload>::new();
    let handled = Arc::new(Latch::new());
    let subscribers = (0..size)
        .map(|_| {
            system.spawn(Subscriber {
                handled: Arc::clone(&handled),
                bytes_read: 0,
            })
        })
        .collect::<Vec<_>>();
    let subscriptions = subscribers
        .iter()
        .map(|address| broker.subscribe(TOPIC, address))
        .collect::<Vec<_>>();
    let payload = Arc::new([BYTE; 64]);
    let mut delivered = 0;
    let latencies = Latencies::new();
    let region = Region::start(iterations);
    for _ in 0..iterations {
        let start = latencies.start();
        handled.expect(size);
        delivered += broker.publish(TOPIC, Arc::clone(&payload));
        handled.wait().await;
        latencies.record(start);
    }
    let elapsed = region.finish();
    assert_eq!(
        delivered as u64,
        size as u64 * iterations,
        "every publication reached every subscriber"
    );
    for subscriber in &subscribers {
        let bytes_read = subscriber
            .ask(News::BytesRead)
            .await
            .expect("the subscriber answers");
        assert_eq!(
            bytes_read,
            iterations * sum(&payload),
            "every subscriber has read every payload once"
        );
    }
    assert_eq!(
        Arc::strong_count(&payload),
        1,
        "the payload was shared and let go"
    );
    drop(subscriptions);
    system.shutdown().await;
    elapsed
}

/// The control of [`broker`]: a loop over the channels of `size` raw tasks.
pub async fn raw_tasks(size: usize, iterations: u64) -> Duration {
    let handled = Arc::new(Latch::new());
    let (senders, tasks): (Vec<_>, Vec<_>) = (0..size)
        .map(|_| raw_subscriber(Arc::clone(&handled)))
        .unzip();
    let payload = Arc::new([BYTE; 64]);
    let latencies = Latencies::new();
    let region = Region::start(iterations);
    for _ in 0..iterations {
        let start = latencies.start();
        handled.expect(size);
        for sender in &senders {
            sender
                .send(Arc::clone(&payload))
                .expect("the subscriber runs");
        }
        handled.wait().await;
        latencies.record(start);
    }
    let elapsed = region.finish();
    drop(senders);
    for task in tasks {
        let bytes_read = task.await.expect("the task does not panic");
        assert_eq!(
            bytes_read,
            iterations * sum(&payload),
            "every subscriber has read every payload once"
        );
    }
    elapsed
}

fn raw_subscriber(
    handled: Arc<Latch>,
) -> (
    mpsc::UnboundedSender<Arc<Payload>>,
    tokio::task::JoinHandle<u64>,
) {
    let (sender, mut receiver) = mpsc::unbounded_channel::<Arc<Payload>>();
    let task = tokio::spawn(async move {
        let mut bytes_read = 0;
        while let Some(payload) = receiver.recv().await {
            bytes_read += sum(&payload);
            drop(payload);
            handled.count_down();
        }
        bytes_read
    });
    (sender, task)
}

fn sum(payload: &Payload) -> u64 {
    payload.iter().map(|byte| u64::from(*byte)).sum()
}
