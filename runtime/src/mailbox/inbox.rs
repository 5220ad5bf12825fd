use super::push::Push;
use super::{Mailbox, Overflow};
use crate::send::SendError;
use crate::sync::Mutex;
use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::task::{Context, Poll, Waker};

/// An empty queue whose buffer is larger than this many bytes gives it back
/// when the receiver goes idle; a smaller one is kept for the next message.
const KEPT_BUFFER_BYTES: usize = 4096;

/// The queue behind an address: many senders, one receiver.
///
/// Actors own one each and it needs no attention there. It is public because it
/// works by itself, outside an actor, and can then be tested and measured.
///
/// ```
/// use runtime::{Accepted, Inbox, Mailbox, SendError};
///
/// let inbox = Inbox::new(Mailbox::bounded(1));
/// assert_eq!(inbox.try_push('a'), Ok(Accepted::Queued));
/// assert_eq!(inbox.try_push('b'), Err(SendError::Full('b')));
/// assert_eq!(inbox.try_pop(), Some('a'));
/// ```
///
/// One mutex guards the queue, the receiver's waker and the senders that wait.
/// Nothing of a user's runs under it: wakers are called and messages dropped
/// after it is released.
pub struct Inbox<M> {
    mailbox: Mailbox,
    state: Mutex<State<M>>,
}

/// What became of a message that an [`Inbox`] did not refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted<M> {
    /// It waits for the receiver.
    Queued,
    /// The mailbox was full: this message, the newest or the oldest, was shed
    /// by the overflow policy.
    Shed(M),
}

struct State<M> {
    queue: VecDeque<M>,
    /// Places given to senders that were woken but have not used them yet.
    /// Without counting them a third sender could take the place and the
    /// first-come order of the waiting senders would be lost.
    reserved: usize,
    /// Senders that wait for a place, oldest first, tickets ascending. Not empty
    /// only while every place is taken or reserved.
    waiting: VecDeque<(u64, Waker)>,
    next_ticket: u64,
    /// Older tickets were void when the inbox was last sealed. Without this a
    /// sender that slept through a seal and an unseal would use the place that
    /// is reserved for another.
    valid_from: u64,
    /// The receiver, while it waits for a message.
    receiver: Option<Waker>,
    sealed: bool,
}

/// Who is to be woken after a seal.
#[must_use = "whoever waits would wait for ever"]
pub(crate) struct Sleepers {
    senders: VecDeque<(u64, Waker)>,
    receiver: Option<Waker>,
}

impl Sleepers {
    pub(crate) fn wake(self) {
        let senders = self.senders.into_iter();
        senders.for_each(|(_, sender)| sender.wake());
        wake(self.receiver);
    }
}

/// What a waiting sender finds when it is polled.
pub(super) enum Turn<M> {
    Done(Result<Accepted<M>, SendError<M>>),
    /// It has to wait, under this ticket.
    Wait(u64, M),
}

impl<M> Inbox<M> {
    /// An empty inbox; it allocates nothing before the first message.
    pub fn new(mailbox: Mailbox) -> Self {
        Self {
            mailbox,
            state: Mutex::new(State {
                queue: VecDeque::new(),
                reserved: 0,
                waiting: VecDeque::new(),
                next_ticket: 0,
                valid_from: 0,
                receiver: None,
                sealed: false,
            }),
        }
    }

    /// Adds a message without ever waiting.
    ///
    /// # Errors
    ///
    /// `Closed` when the inbox is sealed; `Full` when there is no place and the
    /// policy is to wait or to reject. Both give the message back.
    pub fn try_push(&self, message: M) -> Result<Accepted<M>, SendError<M>> {
        let mut state = self.state.lock();
        if state.sealed {
            return Err(SendError::Closed(message));
        }
        let mut accepted = Accepted::Queued;
        if self.is_full(&state) {
            match self.mailbox.overflow {
                Overflow::Wait | Overflow::Reject => return Err(SendError::Full(message)),
                Overflow::DropNewest => return Ok(Accepted::Shed(message)),
                Overflow::DropOldest => {
                    if let Some(oldest) = state.queue.pop_front() {
                        accepted = Accepted::Shed(oldest);
                    }
                }
            }
        }
        state.queue.push_back(message);
        let receiver = state.receiver.take();
        drop(state);
        wake(receiver);
        Ok(accepted)
    }

    /// Adds a message; under [`Overflow::Wait`] the future completes when there
    /// is a place for it. A future that is dropped before it completes has not
    /// sent anything.
    pub fn push(&self, message: M) -> Push<'_, M> {
        Push::new(self, message)
    }

    /// Takes the message that has waited longest, if there is one.
    pub fn try_pop(&self) -> Option<M> {
        let mut state = self.state.lock();
        let message = state.queue.pop_front()?;
        let sender = state.grant_place();
        drop(state);
        wake(sender);
        Some(message)
    }

    /// Takes the message that has waited longest, or registers the caller to be
    /// woken by the next one. `None` when the inbox is sealed and empty.
    ///
    /// There is one receiver: a second one that waits replaces the first.
    pub fn poll_pop(&self, context: &mut Context<'_>) -> Poll<Option<M>> {
        let mut state = self.state.lock();
        if let Some(message) = state.queue.pop_front() {
            let sender = state.grant_place();
            drop(state);
            wake(sender);
            return Poll::Ready(Some(message));
        }
        if state.sealed {
            return Poll::Ready(None);
        }
        let surplus = state.surplus_buffer();
        let replaced = state.receiver.replace(context.waker().clone());
        drop(state);
        drop((surplus, replaced));
        Poll::Pending
    }

    /// Takes the message that has waited longest, or waits for one. `None` when
    /// the inbox is sealed and empty.
    pub async fn pop(&self) -> Option<M> {
        poll_fn(|context| self.poll_pop(context)).await
    }

    /// Refuses messages from now on. Those that wait can still be taken;
    /// senders that wait get their message back.
    pub fn seal(&self) {
        self.seal_silently().wake();
    }

    /// Seals without waking anybody yet, for callers that hold a lock.
    pub(crate) fn seal_silently(&self) -> Sleepers {
        let mut state = self.state.lock();
        state.sealed = true;
        state.reserved = 0;
        state.valid_from = state.next_ticket;
        Sleepers {
            senders: std::mem::take(&mut state.waiting),
            receiver: state.receiver.take(),
        }
    }

    /// Takes messages again after [`seal`](Self::seal).
    pub fn unseal(&self) {
        self.state.lock().sealed = false;
    }

    /// Seals the inbox and takes out everything that waits, oldest first.
    pub fn close(&self) -> VecDeque<M> {
        self.seal();
        std::mem::take(&mut self.state.lock().queue)
    }

    /// Whether messages are refused.
    pub fn is_sealed(&self) -> bool {
        self.state.lock().sealed
    }

    /// How many messages wait.
    pub fn depth(&self) -> usize {
        self.state.lock().queue.len()
    }

    /// How many messages may wait, `None` when unbounded.
    pub fn capacity(&self) -> Option<usize> {
        self.mailbox.capacity()
    }

    fn is_full(&self, state: &State<M>) -> bool {
        match self.mailbox.capacity {
            Some(capacity) => state.queue.len() + state.reserved >= capacity.get(),
            None => false,
        }
    }

    /// One poll of a sender that is allowed to wait.
    pub(super) fn turn(
        &self,
        message: M,
        ticket: Option<u64>,
        context: &mut Context<'_>,
    ) -> Turn<M> {
        if self.mailbox.overflow != Overflow::Wait || self.mailbox.capacity.is_none() {
            return Turn::Done(self.try_push(message));
        }
        let mut state = self.state.lock();
        let void = ticket.is_some_and(|ticket| ticket < state.valid_from);
        if state.sealed || void {
            return Turn::Done(Err(SendError::Closed(message)));
        }
        match ticket {
            None if self.is_full(&state) => {
                let ticket = state.next_ticket;
                state.next_ticket += 1;
                state.waiting.push_back((ticket, context.waker().clone()));
                return Turn::Wait(ticket, message);
            }
            None => {}
            Some(ticket) => {
                if let Some(place) = state.find(ticket) {
                    let waker = context.waker().clone();
                    let replaced = std::mem::replace(&mut state.waiting[place].1, waker);
                    drop(state);
                    drop(replaced);
                    return Turn::Wait(ticket, message);
                }
                // A valid ticket that does not wait any more has a place.
                state.reserved -= 1;
            }
        }
        state.queue.push_back(message);
        let receiver = state.receiver.take();
        drop(state);
        wake(receiver);
        Turn::Done(Ok(Accepted::Queued))
    }

    /// A sender gave up: its place in the line, or the place that was reserved
    /// for it, goes to the next one.
    pub(super) fn give_up(&self, ticket: u64) {
        let mut state = self.state.lock();
        if ticket < state.valid_from {
            return;
        }
        if let Some(place) = state.find(ticket) {
            let abandoned = state.waiting.remove(place);
            drop(state);
            drop(abandoned);
            return;
        }
        state.reserved -= 1;
        let next = state.grant_place();
        drop(state);
        wake(next);
    }
}

impl<M> State<M> {
    /// Gives the place that has just become free to the sender that has waited
    /// longest; it is to be woken when the lock is released.
    fn grant_place(&mut self) -> Option<Waker> {
        let (_, sender) = self.waiting.pop_front()?;
        self.reserved += 1;
        Some(sender)
    }

    fn find(&self, ticket: u64) -> Option<usize> {
        self.waiting
            .binary_search_by_key(&ticket, |(ticket, _)| *ticket)
            .ok()
    }

    fn surplus_buffer(&mut self) -> Option<VecDeque<M>> {
        let bytes = self.queue.capacity().saturating_mul(size_of::<M>());
        (bytes > KEPT_BUFFER_BYTES).then(|| std::mem::take(&mut self.queue))
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

impl<M> fmt::Debug for Inbox<M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Inbox")
            .field("mailbox", &self.mailbox)
            .field("depth", &self.depth())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The places of the buffer after this many messages have come and gone and the
    /// receiver waits for the next one.
    fn buffer_after(messages: usize) -> usize {
        let inbox = Inbox::new(Mailbox::unbounded());
        for number in 0..messages {
            assert_eq!(inbox.try_push(number), Ok(Accepted::Queued));
        }
        while inbox.try_pop().is_some() {}
        let mut context = Context::from_waker(Waker::noop());
        assert_eq!(inbox.poll_pop(&mut context), Poll::Pending);
        inbox.state.lock().queue.capacity()
    }

    #[test]
    fn an_idle_inbox_keeps_a_small_buffer_and_gives_a_large_one_back() {
        assert_eq!(buffer_after(0), 0);
        assert!(buffer_after(10) >= 10);
        assert_eq!(buffer_after(10_000), 0);
    }
}
