//! Addresses: how actors are reached.

use crate::actor::{ActorId, Exit};
use crate::cell::{AnyCell, Cell, Phase};
use crate::reply::{Ask, Reply};
use crate::send::{SendError, Tell, TrySendError};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Where messages of type `M` are sent to. It stays valid across restarts.
///
/// Addresses are typed by message, not by actor, so that actors of different types
/// can stand in one `Vec<Address<M>>`.
///
/// An actor without a name and without a supervisor stops, after what waits in its
/// mailbox, when its last address is dropped: nobody could reach it any more.
pub struct Address<M: Send + 'static> {
    cell: Arc<Cell<M>>,
}

impl<M: Send + 'static> Address<M> {
    pub(crate) fn new(cell: Arc<Cell<M>>) -> Self {
        cell.core.addresses.fetch_add(1, Ordering::Relaxed);
        Self { cell }
    }

    /// Sends a message; waits for room when the mailbox is full and its policy is
    /// [`Overflow::Wait`](crate::Overflow::Wait). Messages of one sender arrive in
    /// the order in which their `tell`s complete.
    ///
    /// # Errors
    ///
    /// `Closed` when the actor takes no more messages, `Full` when the mailbox is full
    /// and its policy is to reject. Both give the message back.
    pub fn tell(&self, message: M) -> Tell<'_, M> {
        Tell::new(&self.cell, message)
    }

    /// Sends a message without ever waiting.
    ///
    /// # Errors
    ///
    /// Like [`tell`](Self::tell), and `Full` also where `tell` would wait.
    pub fn try_tell(&self, message: M) -> Result<(), TrySendError<M>> {
        self.cell.try_tell(message)
    }

    /// Sends a question, made by `question` around the way back for the answer, and
    /// waits for the answer.
    ///
    /// # Errors
    ///
    /// See [`AskError`](crate::AskError).
    pub fn ask<R>(&self, question: impl FnOnce(Reply<R>) -> M) -> Ask<'_, M, R> {
        Ask::new(&self.cell, question)
    }

    /// Stops the actor: from now on it takes no more messages, and it ends when it has
    /// handled those that wait. A permanent child is then restarted.
    pub fn stop(&self) {
        self.any().stop();
    }

    /// Ends the actor now. A handler that is suspended at an `await` is dropped there; its
    /// message and those that wait become dead letters. A permanent or transient
    /// child is then restarted. A handler that never awaits cannot be interrupted.
    pub fn kill(&self) {
        self.any().kill();
    }

    /// Waits until the actor has ended for good, and says how its last incarnation ended. The
    /// actor is dropped and its name free by then.
    pub async fn terminated(&self) -> Exit {
        self.cell.core.ended().await
    }

    /// Whether the actor has ended for good.
    pub fn is_terminated(&self) -> bool {
        self.cell.core.phase() == Phase::Ended
    }

    /// How many messages wait, that is, without the one that is being handled.
    pub fn depth(&self) -> usize {
        self.cell.inbox.depth()
    }

    /// How many messages may wait, `None` when the mailbox is unbounded.
    pub fn capacity(&self) -> Option<usize> {
        self.cell.inbox.capacity()
    }

    /// The number of the actor.
    pub fn id(&self) -> ActorId {
        self.cell.core.id
    }

    /// The name of the actor, if it has one.
    pub fn name(&self) -> Option<&str> {
        self.cell.core.name.as_deref()
    }

    /// The number of the incarnation that has started last: 0 before the first has,
    /// one more after each restart.
    pub fn incarnation(&self) -> u64 {
        self.cell.core.incarnation()
    }

    /// Waits until an incarnation later than `after` has started and returns its
    /// number; `None` when the actor ends for good before. `incarnation_changed(0)`
    /// waits until the actor has started at all.
    pub async fn incarnation_changed(&self, after: u64) -> Option<u64> {
        self.cell.core.incarnation_changed(after).await
    }

    /// An address that does not keep the actor running.
    pub fn downgrade(&self) -> WeakAddress<M> {
        WeakAddress {
            cell: Arc::clone(&self.cell),
        }
    }

    fn any(&self) -> &dyn AnyCell {
        self.cell.as_ref()
    }
}

impl<M: Send + 'static> Clone for Address<M> {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.cell))
    }
}

impl<M: Send + 'static> Drop for Address<M> {
    fn drop(&mut self) {
        let core = &self.cell.core;
        if core.addresses.fetch_sub(1, Ordering::AcqRel) == 1 && !core.is_pinned() {
            core.orphaned.store(true, Ordering::Release);
            self.cell.inbox.seal();
        }
    }
}

/// Two addresses are equal when they lead to the same actor.
impl<M: Send + 'static> PartialEq for Address<M> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.cell, &other.cell)
    }
}

impl<M: Send + 'static> Eq for Address<M> {}

impl<M: Send + 'static> fmt::Debug for Address<M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Address")
            .field("id", &self.id())
            .field("name", &self.name())
            .field("incarnation", &self.incarnation())
            .field("depth", &self.depth())
            .finish_non_exhaustive()
    }
}

/// An address that does not keep its actor running. See [`Address::downgrade`].
pub struct WeakAddress<M: Send + 'static> {
    cell: Arc<Cell<M>>,
}

impl<M: Send + 'static> WeakAddress<M> {
    /// An address, unless the actor is about to stop for want of one or takes no more
    /// messages.
    pub fn upgrade(&self) -> Option<Address<M>> {
        let core = &self.cell.core;
        if self.cell.inbox.is_sealed() {
            return None;
        }
        if !core.is_pinned() {
            let one_more = |count: usize| (count > 0).then_some(count + 1);
            core.addresses
                .fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more)
                .ok()?;
            return Some(Address {
                cell: Arc::clone(&self.cell),
            });
        }
        Some(Address::new(Arc::clone(&self.cell)))
    }

    /// The number of the actor.
    pub fn id(&self) -> ActorId {
        self.cell.core.id
    }

    /// Sends without holding an address; what a broker does.
    pub(crate) fn try_tell(&self, message: M) -> Result<(), SendError<M>> {
        self.cell.try_tell(message)
    }

    pub(crate) fn cell(&self) -> &Cell<M> {
        &self.cell
    }
}

impl<M: Send + 'static> Clone for WeakAddress<M> {
    fn clone(&self) -> Self {
        Self {
            cell: Arc::clone(&self.cell),
        }
    }
}

impl<M: Send + 'static> fmt::Debug for WeakAddress<M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("WeakAddress")
            .field("id", &self.id())
            .finish_non_exhaustive()
    }
}
