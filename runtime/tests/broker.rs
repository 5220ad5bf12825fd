//! Publishing, subscribing, requesting.

use runtime::{
    Actor, Address, Broker, Context, Mailbox, Publication, Reason, Reply, RequestError, System,
};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

/// Keeps what it receives; it answers requests with its number, unless that is 0.
struct Reader {
    number: u32,
    received: Vec<Publication<u32>>,
}

enum Read {
    Publication(Publication<u32>),
    Received(Reply<Vec<Publication<u32>>>),
}

impl From<Publication<u32>> for Read {
    fn from(publication: Publication<u32>) -> Self {
        Self::Publication(publication)
    }
}

impl Actor for Reader {
    type Message = Read;
    type Error = Infallible;

    async fn handle(&mut self, message: Read, _: &mut Context<Self>) -> Result<(), Infallible> {
        match message {
            Read::Publication(publication) if publication.is_request() => {
                if self.number > 0 {
                    publication.reply(self.number);
                }
            }
            Read::Publication(publication) => self.received.push(publication),
            Read::Received(reply) => {
                reply.send(std::mem::take(&mut self.received));
            }
        }
        Ok(())
    }
}

fn reader(system: &System, number: u32) -> Address<Read> {
    system.spawn(Reader {
        number,
        received: Vec::new(),
    })
}

async fn received(reader: &Address<Read>) -> Vec<Publication<u32>> {
    reader.ask(Read::Received).await.expect("it answers")
}

#[tokio::test]
async fn a_publication_reaches_the_subscribers_of_its_topic_only() {
    let (system, broker) = (System::new(), Broker::<Read, u32>::new());
    let (a, b) = (reader(&system, 1), reader(&system, 2));
    let _a = broker.subscribe("news", &a);
    let _b = broker.subscribe("weather", &b);
    assert_eq!(broker.publish("news", 7), 1);
    assert_eq!(broker.publish("sports", 8), 0);
    let got = received(&a).await;
    assert_eq!((&*got[0].topic, *got[0].payload), ("news", 7));
    assert_eq!(received(&b).await.len(), 0);
}

#[tokio::test]
async fn the_payload_is_shared_by_all_subscribers() {
    let (system, broker) = (System::new(), Broker::<Read, u32>::new());
    let readers: Vec<_> = (0..10).map(|_| reader(&system, 0)).collect();
    let _subscriptions: Vec<_> = readers.iter().map(|r| broker.subscribe("t", r)).collect();
    let payload = Arc::new(5);
    assert_eq!(broker.publish("t", Arc::clone(&payload)), 10);
    for reader in &readers {
        assert!(Arc::ptr_eq(&received(reader).await[0].payload, &payload));
    }
}

#[tokio::test]
async fn a_dropped_subscription_receives_nothing_more() {
    let (system, broker) = (System::new(), Broker::<Read, u32>::new());
    let a = reader(&system, 1);
    let first = broker.subscribe("t", &a);
    let second = broker.subscribe("t", &a);
    assert_eq!(broker.publish("t", 1), 2);
    drop(first);
    assert_eq!(broker.publish("t", 2), 1);
    drop(second);
    assert_eq!(broker.publish("t", 3), 0);
    assert_eq!(broker.subscriber_count("t"), 0);
}

#[tokio::test]
async fn a_dead_subscriber_is_pruned() {
    let (system, broker) = (System::new(), Broker::<Read, u32>::new());
    let (a, b) = (reader(&system, 1), reader(&system, 2));
    let _a = broker.subscribe("t", &a);
    let _b = broker.subscribe("t", &b);
    a.stop();
    a.terminated().await;
    assert_eq!(broker.publish("t", 1), 1);
    assert_eq!(broker.subscriber_count("t"), 1);
}

#[tokio::test]
async fn a_subscription_does_not_keep_its_subscriber_running() {
    let (system, broker) = (System::new(), Broker::<Read, u32>::new());
    let a = reader(&system, 1);
    let _a = broker.subscribe("t", &a);
    drop(a);
    system.shutdown().await;
    assert_eq!(broker.publish("t", 1), 0);
}

#[tokio::test]
async fn a_full_subscriber_misses_the_publication_and_delays_nobody() {
    let (system, broker) = (System::new(), Broker::<Read, u32>::new());
    let slow = system
        .build(|| Reader {
            number: 0,
            received: Vec::new(),
        })
        .mailbox(Mailbox::bounded(1))
        .spawn()
        .expect("no name is asked for");
    let fast = reader(&system, 1);
    let _slow = broker.subscribe("t", &slow);
    let _fast = broker.subscribe("t", &fast);
    assert_eq!(broker.publish("t", 1), 2);
    assert_eq!(broker.publish("t", 2), 1);
    assert_eq!(system.dead_letters().count(Reason::Overflow), 1);
    assert_eq!(received(&slow).await.len(), 1);
    assert_eq!(received(&fast).await.len(), 2);
}

#[tokio::test]
async fn the_first_answer_to_a_request_counts() {
    let (system, broker) = (System::new(), Broker::<Read, u32>::new());
    let (mute, a, b) = (reader(&system, 0), reader(&system, 1), reader(&system, 2));
    let _mute = broker.subscribe("t", &mute);
    let _a = broker.subscribe("t", &a);
    let _b = broker.subscribe("t", &b);
    assert_eq!(broker.request("t", 0).await, Ok(1));
}

#[tokio::test]
async fn an_answer_that_comes_before_the_request_is_awaited_is_not_lost() {
    let (system, broker) = (System::new(), Broker::<Read, u32>::new());
    let a = reader(&system, 1);
    let _a = broker.subscribe("t", &a);
    let request = broker.request("t", 0);
    // The reader has answered when it answers this.
    received(&a).await;
    assert_eq!(request.await, Ok(1));
}

#[tokio::test(start_paused = true)]
async fn a_request_without_an_answer_says_why() {
    let (system, broker) = (System::new(), Broker::<Read, u32>::new());
    assert_eq!(
        broker.request("t", 0).await,
        Err(RequestError::NoSubscriber)
    );
    let mute = reader(&system, 0);
    let _mute = broker.subscribe("t", &mute);
    assert_eq!(broker.request("t", 0).await, Err(RequestError::NoReply));
    struct Hoarder(Vec<Read>);
    impl Actor for Hoarder {
        type Message = Read;
        type Error = Infallible;
        async fn handle(&mut self, message: Read, _: &mut Context<Self>) -> Result<(), Infallible> {
            self.0.push(message);
            Ok(())
        }
    }
    let hoarder = system.spawn(Hoarder(Vec::new()));
    let _hoarder = broker.subscribe("t", &hoarder);
    let limit = Duration::from_secs(1);
    assert_eq!(
        broker.request("t", 0).timeout(limit).await,
        Err(RequestError::Timeout)
    );
}
