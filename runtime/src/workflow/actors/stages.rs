//! What every stage has at hand: its service, and where the others are reached.

use std::sync::{Arc, OnceLock};

use super::{
    discoverer::Discover, enqueuer::EnqueuerMessage, finalizer::Finalize,
    initializer::InitializerMessage, reaper::Sweep, worker::Wake,
};
use crate::{
    Address,
    workflow::{StepResult, Store, services::Services},
};

/// The services that the stages call, and the addresses at which they reach each other. The
/// stages refer to each other in a circle, so the addresses come after the actors; they stay
/// valid when an actor is restarted.
#[derive(Debug)]
pub(super) struct Stages<S> {
    pub(super) services: Arc<Services<S>>,
    addresses: OnceLock<Addresses>,
}

#[derive(Debug)]
pub(super) struct Addresses {
    pub(super) initializer: Address<InitializerMessage>,
    pub(super) discoverer: Address<Discover>,
    pub(super) enqueuer: Address<EnqueuerMessage>,
    pub(super) workers: Vec<Address<Wake>>,
    pub(super) result_processor: Address<StepResult>,
    pub(super) finalizer: Address<Finalize>,
    pub(super) reaper: Address<Sweep>,
}

impl<S: Store> Stages<S> {
    /// Stages that cannot reach each other yet.
    pub(super) fn new(services: Arc<Services<S>>) -> Self {
        Self {
            services,
            addresses: OnceLock::new(),
        }
    }

    /// Makes the stages known to each other, once.
    pub(super) fn connect(&self, addresses: Addresses) {
        let already_connected = self.addresses.set(addresses).is_err();
        debug_assert!(!already_connected, "the stages are connected once");
    }

    /// Sends to the stage that `choose` picks.
    ///
    /// The mailboxes are unbounded, so this never waits, and stages that send in a circle
    /// cannot block each other; they hold no more than the steps of the running tasks. A stage
    /// that takes no more messages belongs to an engine that is being stopped.
    pub(super) fn tell<M: Send + 'static>(
        &self,
        choose: impl FnOnce(&Addresses) -> &Address<M>,
        message: M,
    ) {
        if let Some(addresses) = self.addresses.get() {
            let _ = choose(addresses).try_tell(message);
        }
    }

    /// Wakes the worker at `position`.
    pub(super) fn wake(&self, position: usize) {
        self.tell(|stages| &stages.workers[position], Wake);
    }
}
