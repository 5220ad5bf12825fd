use super::inbox::{Accepted, Inbox, Turn};
use crate::send::SendError;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The future of [`Inbox::push`]. It gives its message back, or its place to the
/// next sender, when it is dropped before it completes.
#[must_use = "nothing is sent before the future is polled"]
pub struct Push<'a, M> {
    inbox: &'a Inbox<M>,
    message: Option<M>,
    ticket: Option<u64>,
}

/// The message is moved, never pinned.
impl<M> Unpin for Push<'_, M> {}

impl<'a, M> Push<'a, M> {
    pub(super) fn new(inbox: &'a Inbox<M>, message: M) -> Self {
        Self {
            inbox,
            message: Some(message),
            ticket: None,
        }
    }
}

impl<M> Future for Push<'_, M> {
    type Output = Result<Accepted<M>, SendError<M>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let message = self
            .message
            .take()
            .expect("a completed push must not be polled again");
        let ticket = self.ticket.take();
        match self.inbox.turn(message, ticket, context) {
            Turn::Done(result) => Poll::Ready(result),
            Turn::Wait(ticket, message) => {
                self.ticket = Some(ticket);
                self.message = Some(message);
                Poll::Pending
            }
        }
    }
}

impl<M> Drop for Push<'_, M> {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket {
            self.inbox.give_up(ticket);
        }
    }
}

impl<M> fmt::Debug for Push<'_, M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Push")
            .field("waiting", &self.ticket.is_some())
            .finish_non_exhaustive()
    }
}
