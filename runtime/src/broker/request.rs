use pin_project_lite::pin_project;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Sleep;

/// Why a request has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequestError {
    /// Nobody received the request.
    NoSubscriber,
    /// The time ran out.
    Timeout,
    /// All subscribers dropped the request without an answer.
    NoReply,
}

impl fmt::Display for RequestError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NoSubscriber => "nobody received the request",
            Self::Timeout => "no answer came in time",
            Self::NoReply => "all subscribers dropped the request without an answer",
        })
    }
}

impl std::error::Error for RequestError {}

pin_project! {
    /// The future of [`Broker::request`]. The request is published already.
    #[derive(Debug)]
    #[must_use = "the answer is lost unless the future is awaited"]
    pub struct Request<P> {
        pub(super) delivered: usize,
        #[pin]
        pub(super) answer: oneshot::Receiver<P>,
        #[pin]
        pub(super) deadline: Option<Sleep>,
    }
}

impl<P> Request<P> {
    /// Gives up with [`RequestError::Timeout`] this long after now.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.deadline = Some(tokio::time::sleep(limit));
        self
    }
}

impl<P> Future for Request<P> {
    type Output = Result<P, RequestError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if *this.delivered == 0 {
            return Poll::Ready(Err(RequestError::NoSubscriber));
        }
        if let Poll::Ready(answer) = this.answer.poll(context) {
            return Poll::Ready(answer.map_err(|_| RequestError::NoReply));
        }
        match this.deadline.as_pin_mut() {
            Some(deadline) => deadline.poll(context).map(|()| Err(RequestError::Timeout)),
            None => Poll::Pending,
        }
    }
}
