//! The actor of most workloads: it adds up what it is told, and tells when it has started.

use std::convert::Infallible;
use std::sync::Arc;

use runtime::{Actor, Context, Reply};

use crate::latch::Latch;

/// An actor with one number as its state.
#[derive(Debug, Default)]
pub struct Counter {
    total: u64,
    /// Counted down when the actor has started.
    started: Option<Arc<Latch>>,
}

/// What a [`Counter`] is told.
#[derive(Debug)]
pub enum Count {
    /// Add this.
    Add(u64),
    /// Answer with the sum.
    Total(Reply<u64>),
}

impl Counter {
    /// A counter at 0 that tells nobody when it has started.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A counter at 0 that counts `started` down when it has started.
    #[must_use]
    pub fn announced(started: &Arc<Latch>) -> Self {
        Self {
            total: 0,
            started: Some(Arc::clone(started)),
        }
    }
}

impl Actor for Counter {
    type Message = Count;
    type Error = Infallible;

    async fn started(&mut self, _: &mut Context<Self>) -> Result<(), Infallible> {
        if let Some(latch) = &self.started {
            latch.count_down();
        }
        Ok(())
    }

    async fn handle(&mut self, message: Count, _: &mut Context<Self>) -> Result<(), Infallible> {
        match message {
            Count::Add(number) => self.total = self.total.wrapping_add(number),
            Count::Total(reply) => {
                reply.send(self.total);
            }
        }
        Ok(())
    }
}
