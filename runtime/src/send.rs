//! Sending: the future of `tell`, and the ways in which a message is refused.

use crate::cell::Cell;
use crate::dead_letter::Reason;
use crate::mailbox::{Accepted, Push};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// A message that was not sent, given back to its sender.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SendError<M> {
    /// The mailbox is full: `try_tell` met [`Overflow::Wait`](crate::Overflow),
    /// or the policy is to reject.
    Full(M),
    /// The actor takes no more messages: it was stopped or killed, or has ended.
    Closed(M),
}

/// What `try_tell` refuses with; the same two cases as for `tell`.
pub type TrySendError<M> = SendError<M>;

impl<M> SendError<M> {
    /// The message that was not sent.
    pub fn into_message(self) -> M {
        match self {
            Self::Full(message) | Self::Closed(message) => message,
        }
    }
}

impl<M> fmt::Debug for SendError<M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Full(_) => "Full(..)",
            Self::Closed(_) => "Closed(..)",
        })
    }
}

impl<M> fmt::Display for SendError<M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Full(_) => "the mailbox is full",
            Self::Closed(_) => "the actor takes no more messages",
        })
    }
}

impl<M> std::error::Error for SendError<M> {}

/// The future of [`Address::tell`](crate::Address::tell). A future that is dropped
/// before it completes has not sent anything.
#[must_use = "nothing is sent before the future is polled"]
pub struct Tell<'a, M: Send + 'static> {
    cell: &'a Cell<M>,
    push: Push<'a, M>,
}

impl<'a, M: Send + 'static> Tell<'a, M> {
    pub(crate) fn new(cell: &'a Cell<M>, message: M) -> Self {
        Self {
            cell,
            push: cell.inbox.push(message),
        }
    }
}

impl<M: Send + 'static> Future for Tell<'_, M> {
    type Output = Result<(), SendError<M>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let result = ready!(Pin::new(&mut self.push).poll(context));
        Poll::Ready(self.cell.settle(result))
    }
}

impl<M: Send + 'static> fmt::Debug for Tell<'_, M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Tell").field(&self.push).finish()
    }
}

impl<M: Send + 'static> Cell<M> {
    pub(crate) fn try_tell(&self, message: M) -> Result<(), SendError<M>> {
        self.settle(self.inbox.try_push(message))
    }

    /// A message that the overflow policy shed is a dead letter; the sender
    /// whose message was accepted is told nothing of it.
    fn settle(&self, result: Result<Accepted<M>, SendError<M>>) -> Result<(), SendError<M>> {
        match result? {
            Accepted::Queued => {}
            Accepted::Shed(message) => self.bury(message, Reason::Overflow),
        }
        Ok(())
    }
}
