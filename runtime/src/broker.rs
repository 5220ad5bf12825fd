//! Brokers: publishing to topics instead of sending to addresses.

mod publication;
mod request;

pub use publication::Publication;
pub use request::{Request, RequestError};

use crate::address::{Address, WeakAddress};
use crate::dead_letter::Reason;
use crate::send::SendError;
use crate::sync::Mutex;
use publication::Requester;
use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use tokio::sync::oneshot;

/// Carries publications with a payload of type `P` to subscribers that take messages
/// of type `M`. A clone is a handle on the same broker.
///
/// The payload is shared by all subscribers and never cloned. Publishing never
/// waits: a subscriber whose mailbox is full misses the publication, which is a
/// dead letter. Subscribers of one topic are served in the order of subscription.
///
/// ```
/// use runtime::{Actor, Broker, Context, Publication, System};
/// use std::convert::Infallible;
///
/// struct Doubler;
///
/// struct Number(Publication<u64>);
///
/// impl From<Publication<u64>> for Number {
///     fn from(publication: Publication<u64>) -> Self {
///         Self(publication)
///     }
/// }
///
/// impl Actor for Doubler {
///     type Message = Number;
///     type Error = Infallible;
///
///     async fn handle(&mut self, number: Number, _: &mut Context<Self>) -> Result<(), Infallible> {
///         number.0.reply(*number.0.payload * 2);
///         Ok(())
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let system = System::new();
/// let broker: Broker<Number, u64> = Broker::new();
/// let doubler = system.spawn(Doubler);
/// let subscription = broker.subscribe("double", &doubler);
/// assert_eq!(broker.publish("double", 1), 1);
/// assert_eq!(broker.request("double", 21).await?, 42);
/// # drop(subscription);
/// # Ok(())
/// # }
/// ```
pub struct Broker<M: Send + 'static, P>(Arc<Topics<M, P>>);

struct Topics<M: Send + 'static, P> {
    /// The list of a topic is replaced whole when it changes, so that publishing
    /// holds no lock while it makes and sends messages.
    by_name: Mutex<HashMap<Arc<str>, Subscribers<M>>>,
    next_id: AtomicU64,
    payload: PhantomData<fn(P)>,
}

type Subscribers<M> = Arc<[Subscriber<M>]>;

struct Subscriber<M: Send + 'static> {
    id: u64,
    address: WeakAddress<M>,
}

impl<M: Send + 'static> Clone for Subscriber<M> {
    fn clone(&self) -> Self {
        Self {
            id: self.id,
            address: self.address.clone(),
        }
    }
}

impl<M, P> Broker<M, P>
where
    M: From<Publication<P>> + Send + 'static,
{
    /// A broker without subscribers.
    pub fn new() -> Self {
        Self(Arc::new(Topics {
            by_name: Mutex::new(HashMap::new()),
            next_id: AtomicU64::new(0),
            payload: PhantomData,
        }))
    }

    /// Delivers what is published under `topic` to `subscriber`, until the subscription
    /// is dropped or the subscriber takes no more messages. A subscription does not
    /// keep its subscriber running.
    pub fn subscribe(
        &self,
        topic: impl Into<Arc<str>>,
        subscriber: &Address<M>,
    ) -> Subscription<M, P> {
        let topic = topic.into();
        let id = self.0.next_id.fetch_add(1, Ordering::Relaxed);
        let subscriber = Subscriber {
            id,
            address: subscriber.downgrade(),
        };
        let mut topics = self.0.by_name.lock();
        let subscribers = topics
            .entry(Arc::clone(&topic))
            .or_insert_with(|| Arc::new([]));
        let longer = subscribers.iter().cloned().chain([subscriber]).collect();
        let replaced = std::mem::replace(subscribers, longer);
        drop(topics);
        drop(replaced);
        Subscription {
            topics: Arc::downgrade(&self.0),
            topic,
            id,
        }
    }

    /// Publishes a payload and returns to how many subscribers it was delivered.
    pub fn publish(&self, topic: &str, payload: impl Into<Arc<P>>) -> usize {
        self.deliver(topic, payload.into(), None)
    }

    /// Publishes a payload and waits for the first answer. The wait is registered before
    /// the payload is published, so an answer cannot come too early.
    pub fn request(&self, topic: &str, payload: impl Into<Arc<P>>) -> Request<P> {
        let (sender, answer) = oneshot::channel();
        let requester = Requester::new(sender);
        let delivered = self.deliver(topic, payload.into(), Some(requester));
        Request {
            delivered,
            answer,
            deadline: None,
        }
    }

    /// How many subscriptions a topic has.
    pub fn subscriber_count(&self, topic: &str) -> usize {
        self.subscribers(topic)
            .map_or(0, |(_, subscribers)| subscribers.len())
    }

    fn subscribers(&self, topic: &str) -> Option<(Arc<str>, Subscribers<M>)> {
        let topics = self.0.by_name.lock();
        let (topic, subscribers) = topics.get_key_value(topic)?;
        Some((Arc::clone(topic), Arc::clone(subscribers)))
    }

    fn deliver(&self, topic: &str, payload: Arc<P>, requester: Option<Requester<P>>) -> usize {
        let Some((topic, subscribers)) = self.subscribers(topic) else {
            return 0;
        };
        let mut delivered = 0;
        let mut dead = false;
        for subscriber in subscribers.iter() {
            let message = M::from(Publication {
                topic: Arc::clone(&topic),
                payload: Arc::clone(&payload),
                requester: requester.clone(),
            });
            match subscriber.address.try_tell(message) {
                Ok(()) => delivered += 1,
                Err(SendError::Full(message)) => {
                    subscriber.address.cell().bury(message, Reason::Overflow);
                }
                Err(SendError::Closed(_)) => dead |= subscriber.address.cell().has_ended(),
            }
        }
        if dead {
            self.0
                .retain(&topic, |subscriber| !subscriber.address.cell().has_ended());
        }
        delivered
    }
}

impl<M: Send + 'static, P> Topics<M, P> {
    fn retain(&self, topic: &str, keep: impl Fn(&Subscriber<M>) -> bool) {
        let mut topics = self.by_name.lock();
        let Some(subscribers) = topics.get_mut(topic) else {
            return;
        };
        let rest: Subscribers<M> = subscribers.iter().filter(|s| keep(s)).cloned().collect();
        let replaced = if rest.is_empty() {
            topics.remove(topic)
        } else {
            Some(std::mem::replace(subscribers, rest))
        };
        drop(topics);
        drop(replaced);
    }
}

impl<M: From<Publication<P>> + Send + 'static, P> Default for Broker<M, P> {
    fn default() -> Self {
        Self::new()
    }
}

impl<M: Send + 'static, P> Clone for Broker<M, P> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<M: Send + 'static, P> fmt::Debug for Broker<M, P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Broker")
            .field("topics", &self.0.by_name.lock().len())
            .finish_non_exhaustive()
    }
}

/// A subscription; dropping it ends it.
#[must_use = "dropping a subscription ends it"]
pub struct Subscription<M: Send + 'static, P> {
    topics: Weak<Topics<M, P>>,
    topic: Arc<str>,
    id: u64,
}

impl<M: Send + 'static, P> Subscription<M, P> {
    /// What is subscribed to.
    pub fn topic(&self) -> &str {
        &self.topic
    }
}

impl<M: Send + 'static, P> Drop for Subscription<M, P> {
    fn drop(&mut self) {
        if let Some(topics) = self.topics.upgrade() {
            topics.retain(&self.topic, |subscriber| subscriber.id != self.id);
        }
    }
}

impl<M: Send + 'static, P> fmt::Debug for Subscription<M, P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Subscription")
            .field("topic", &self.topic)
            .finish_non_exhaustive()
    }
}
