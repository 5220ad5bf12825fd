//! What a handler can do besides changing its actor's state.

use crate::actor::{Actor, ActorId};
use crate::address::Address;
use crate::cell::{AnyCell, Cell};
use crate::system::System;
use std::fmt;
use std::sync::Arc;

/// The surroundings of one incarnation of an actor.
pub struct Context<A: Actor> {
    cell: Arc<Cell<A::Message>>,
    incarnation: u64,
}

impl<A: Actor> Context<A> {
    pub(crate) fn new(cell: Arc<Cell<A::Message>>, incarnation: u64) -> Self {
        Self { cell, incarnation }
    }

    /// An address of this actor. As long as it exists, the actor does not stop for
    /// want of addresses: an actor that keeps its own must be stopped.
    pub fn address(&self) -> Address<A::Message> {
        Address::new(Arc::clone(&self.cell))
    }

    /// The system this actor lives in.
    pub fn system(&self) -> &System {
        &self.cell.core.system
    }

    /// Stops this actor: it takes no more messages, and ends when it has handled
    /// those that wait.
    pub fn stop(&self) {
        let cell: &dyn AnyCell = self.cell.as_ref();
        cell.stop();
    }

    /// The number of this actor.
    pub fn id(&self) -> ActorId {
        self.cell.core.id
    }

    /// The name of this actor, if it has one.
    pub fn name(&self) -> Option<&str> {
        self.cell.core.name.as_deref()
    }

    /// The number of this incarnation: 1 at first, one more after each restart.
    pub fn incarnation(&self) -> u64 {
        self.incarnation
    }

    /// How many messages wait behind the one that is being handled.
    pub fn depth(&self) -> usize {
        self.cell.inbox.depth()
    }
}

impl<A: Actor> fmt::Debug for Context<A> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Context")
            .field("id", &self.id())
            .field("name", &self.name())
            .field("incarnation", &self.incarnation)
            .finish_non_exhaustive()
    }
}
