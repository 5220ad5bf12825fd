//! Asking: a message that carries the way back for its answer.

use crate::cell::Cell;
use crate::send::{SendError, Tell};
use pin_project_lite::pin_project;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Sleep;

/// The way back to the asker, carried by the message. It can be answered at once,
/// later, or from another task; dropping it tells the asker that there will be no
/// answer.
#[must_use = "dropping the reply tells the asker that there is no answer"]
pub struct Reply<R>(oneshot::Sender<R>);

impl<R> Reply<R> {
    pub(crate) fn channel() -> (Self, oneshot::Receiver<R>) {
        let (sender, receiver) = oneshot::channel();
        (Self(sender), receiver)
    }

    /// Answers. False when the asker does not wait any more.
    pub fn send(self, answer: R) -> bool {
        self.0.send(answer).is_ok()
    }

    /// Whether the asker has given up, so that the work can be spared.
    pub fn is_abandoned(&self) -> bool {
        self.0.is_closed()
    }
}

impl<R> fmt::Debug for Reply<R> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Reply")
            .field("abandoned", &self.is_abandoned())
            .finish()
    }
}

/// Why an `ask` has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AskError {
    /// The actor takes no more messages; the question was not sent.
    Closed,
    /// The mailbox is full and its policy is to reject; the question was not sent.
    Full,
    /// The time ran out. The question may still be handled.
    Timeout,
    /// The reply was dropped without an answer: the handler failed or panicked,
    /// the actor was killed, or it chose not to answer.
    NoReply,
}

impl fmt::Display for AskError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Closed => "the actor takes no more messages",
            Self::Full => "the mailbox is full",
            Self::Timeout => "no answer came in time",
            Self::NoReply => "the reply was dropped without an answer",
        })
    }
}

impl std::error::Error for AskError {}

pin_project! {
    /// The future of [`Address::ask`](crate::Address::ask). Nothing is sent before
    /// it is polled; one that is dropped while it waits for room in the mailbox has
    /// not sent anything.
    #[must_use = "nothing is sent before the future is polled"]
    pub struct Ask<'a, M, R>
    where
        M: Send,
        M: 'static,
    {
        question: Option<Tell<'a, M>>,
        answer: oneshot::Receiver<R>,
        #[pin]
        deadline: Option<Sleep>,
    }
}

impl<'a, M: Send + 'static, R> Ask<'a, M, R> {
    pub(crate) fn new(cell: &'a Cell<M>, question: impl FnOnce(Reply<R>) -> M) -> Self {
        let (reply, answer) = Reply::channel();
        Self {
            question: Some(Tell::new(cell, question(reply))),
            answer,
            deadline: None,
        }
    }

    /// Gives up with [`AskError::Timeout`] this long after now, the time that the
    /// question waits for room in the mailbox included.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.deadline = Some(tokio::time::sleep(limit));
        self
    }
}

impl<M: Send + 'static, R> Future for Ask<'_, M, R> {
    type Output = Result<R, AskError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if let Some(question) = this.question {
            match Pin::new(question).poll(context) {
                Poll::Ready(Ok(())) => *this.question = None,
                Poll::Ready(Err(SendError::Closed(_))) => {
                    return Poll::Ready(Err(AskError::Closed));
                }
                Poll::Ready(Err(SendError::Full(_))) => return Poll::Ready(Err(AskError::Full)),
                Poll::Pending => {}
            }
        }
        if this.question.is_none()
            && let Poll::Ready(answer) = Pin::new(this.answer).poll(context)
        {
            return Poll::Ready(answer.map_err(|_| AskError::NoReply));
        }
        match this.deadline.as_mut().as_pin_mut() {
            Some(deadline) => deadline.poll(context).map(|()| Err(AskError::Timeout)),
            None => Poll::Pending,
        }
    }
}

impl<M: Send + 'static, R> fmt::Debug for Ask<'_, M, R> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Ask")
            .field("sent", &self.question.is_none())
            .finish_non_exhaustive()
    }
}
