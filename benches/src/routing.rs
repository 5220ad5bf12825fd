//! Finding the subscriber among many topics (row 42).

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use runtime::{Actor, Broker, Context, Publication, Reply, System};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use yardstick_probe::Region;

use crate::chunks::in_chunks;
use crate::latch::Latch;
use crate::seed::Random;

/// Topics with one subscriber each.
pub const TOPICS: usize = 100;
/// Publications on their way at most.
const BURST: u64 = 256;

struct Subscriber {
    handled: Arc<Latch>,
    received: u64,
}

enum Parcel {
    Published(Publication<u64>),
    Received(Reply<u64>),
}

impl From<Publication<u64>> for Parcel {
    fn from(publication: Publication<u64>) -> Self {
        Self::Published(publication)
    }
}

impl Actor for Subscriber {
    type Message = Parcel;
    type Error = Infallible;

    async fn handle(&mut self, parcel: Parcel, _: &mut Context<Self>) -> Result<(), Infallible> {
        match parcel {
            Parcel::Published(publication) => {
                self.received += *publication.payload;
                self.handled.count_down();
            }
            Parcel::Received(reply) => {
                reply.send(self.received);
            }
        }
        Ok(())
    }
}

/// One iteration publishes to one of 100 topics, in a seeded order; it ends when the subscriber has handled it.
pub async fn broker(iterations: u64) -> Duration {
    let system = System::new();
    let broker = Broker::<Parcel, u64>::new();
    let handled = Arc::new(Latch::new());
    let names = topic_names();
    let subscribers = names
        .iter()
        .map(|_| {
            system.spawn(Subscriber {
                handled: Arc::clone(&handled),
                received: 0,
            })
        })
        .collect::<Vec<_>>();
    let subscriptions = names
        .iter()
        .zip(&subscribers)
        .map(|(name, subscriber)| broker.subscribe(name.as_str(), subscriber))
        .collect::<Vec<_>>();
    let mut expected = [0u64; TOPICS];
    let payload = Arc::new(1);
    let mut random = Random::new();
    let elapsed = in_chunks(iterations, BURST, async |count| {
        let order = order(&mut random, count, &mut expected);
        let mut delivered = 0;
        let region = Region::start(count);
        handled.expect(count as usize);
        for &topic in &order {
            delivered += broker.publish(&names[topic], Arc::clone(&payload));
        }
        handled.wait().await;
        let elapsed = region.finish();
        assert_eq!(
            delivered as u64, count,
            "every publication reached one subscriber"
        );
        elapsed
    })
    .await;
    for (subscriber, expected) in subscribers.iter().zip(expected) {
        let received = subscriber
            .ask(Parcel::Received)
            .await
            .expect("the subscriber answers");
        assert_eq!(received, expected, "every topic went to its own subscriber");
    }
    drop(subscriptions);
    system.shutdown().await;
    elapsed
}

/// The control of [`broker`]: a hash map from topics to the channels of raw tasks.
pub async fn raw_tasks(iterations: u64) -> Duration {
    let handled = Arc::new(Latch::new());
    let names = topic_names();
    let mut channels = HashMap::new();
    let mut tasks = Vec::new();
    for name in &names {
        let (sender, task) = raw_subscriber(Arc::clone(&handled));
        channels.insert(name.clone(), vec![sender]);
        tasks.push(task);
    }
    let mut expected = [0u64; TOPICS];
    let payload = Arc::new(1);
    let mut random = Random::new();
    let elapsed = in_chunks(iterations, BURST, async |count| {
        let order = order(&mut random, count, &mut expected);
        let region = Region::start(count);
        handled.expect(count as usize);
        for &topic in &order {
            for sender in &channels[&names[topic]] {
                sender
                    .send(Arc::clone(&payload))
                    .expect("the subscriber runs");
            }
        }
        handled.wait().await;
        region.finish()
    })
    .await;
    drop(channels);
    for (task, expected) in tasks.into_iter().zip(expected) {
        let received = task.await.expect("the task does not panic");
        assert_eq!(received, expected, "every topic went to its own subscriber");
    }
    elapsed
}

fn raw_subscriber(handled: Arc<Latch>) -> (mpsc::UnboundedSender<Arc<u64>>, JoinHandle<u64>) {
    let (sender, mut receiver) = mpsc::unbounded_channel::<Arc<u64>>();
    let task = tokio::spawn(async move {
        let mut received = 0;
        while let Some(payload) = receiver.recv().await {
            received += *payload;
            handled.count_down();
        }
        received
    });
    (sender, task)
}

fn topic_names() -> Vec<String> {
    (0..TOPICS)
        .map(|number| format!("topic.{number}"))
        .collect()
}

/// `count` topics at random; adds to `expected` how often each is among them.
fn order(random: &mut Random, count: u64, expected: &mut [u64; TOPICS]) -> Vec<usize> {
    (0..count)
        .map(|_| {
            let topic = random.below(TOPICS as u64) as usize;
            expected[topic] += 1;
            topic
        })
        .collect()
}
