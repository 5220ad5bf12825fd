use crate::sync::Mutex;
use std::fmt;
use std::sync::Arc;
use tokio::sync::oneshot;

/// What a subscriber receives.
pub struct Publication<P> {
    /// The topic it was published under.
    pub topic: Arc<str>,
    /// The payload, shared with the other subscribers.
    pub payload: Arc<P>,
    pub(super) requester: Option<Requester<P>>,
}

/// The way back to who made a request, shared by the subscribers.
pub(super) struct Requester<P>(Arc<Mutex<Option<oneshot::Sender<P>>>>);

impl<P> Requester<P> {
    pub(super) fn new(sender: oneshot::Sender<P>) -> Self {
        Self(Arc::new(Mutex::new(Some(sender))))
    }
}

impl<P> Clone for Requester<P> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<P> Publication<P> {
    /// Whether an answer is waited for.
    pub fn is_request(&self) -> bool {
        self.requester.is_some()
    }

    /// Answers a request. The first answer of all subscribers counts. False when this
    /// was not it, when the requester does not wait any more, or when nothing was
    /// requested.
    pub fn reply(&self, answer: P) -> bool {
        let sender = self
            .requester
            .as_ref()
            .and_then(|requester| requester.0.lock().take());
        sender.is_some_and(|sender| sender.send(answer).is_ok())
    }
}

impl<P> Clone for Publication<P> {
    fn clone(&self) -> Self {
        Self {
            topic: Arc::clone(&self.topic),
            payload: Arc::clone(&self.payload),
            requester: self.requester.clone(),
        }
    }
}

impl<P: fmt::Debug> fmt::Debug for Publication<P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Publication")
            .field("topic", &self.topic)
            .field("payload", &self.payload)
            .field("request", &self.is_request())
            .finish()
    }
}
