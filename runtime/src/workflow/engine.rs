//! The front of the workflow engine, the same for both wirings.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;

use crate::{StartError, System};

use super::{
    Handlers, MemoryStore, Store, SubmitError, TaskHandle, Template, actors::ActorsWiring,
    direct::DirectWiring, services::Services,
};

/// Runs tasks. A clone is another handle to the same engine.
///
/// Dropping the last handle stops the engine as [`shutdown`](Self::shutdown) does, but does not
/// wait for the steps that are executing.
#[derive(Debug)]
pub struct Engine<S: Store = MemoryStore> {
    running: Arc<Running<S>>,
}

#[derive(Debug)]
struct Running<S: Store> {
    services: Arc<Services<S>>,
    wiring: Wiring<S>,
}

#[derive(Debug)]
enum Wiring<S: Store> {
    Direct(Arc<DirectWiring<S>>),
    Actors(ActorsWiring),
}

impl Engine {
    /// An engine over a [`MemoryStore`] whose stages call each other.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub fn direct(handlers: Handlers) -> Self {
        Self::builder(handlers).direct()
    }

    /// An engine over a [`MemoryStore`] whose stages are actors of `system`.
    ///
    /// # Errors
    ///
    /// When the system was shut down.
    pub async fn actors(handlers: Handlers, system: &System) -> Result<Self, StartError> {
        Self::builder(handlers).actors(system).await
    }

    /// An engine that is not put together yet.
    pub fn builder(handlers: Handlers) -> EngineBuilder {
        EngineBuilder {
            store: MemoryStore::new(),
            handlers,
            workers: 8,
            lease_duration: Duration::from_secs(30),
            sweep_interval: Duration::from_secs(1),
        }
    }
}

impl<S: Store> Engine<S> {
    fn new(services: Arc<Services<S>>, wiring: Wiring<S>) -> Self {
        Self {
            running: Arc::new(Running { services, wiring }),
        }
    }

    /// Creates a task and sets it running. The handle tells how it ends.
    ///
    /// # Errors
    ///
    /// [`SubmitError`] if a step wants a handler that is not registered, the engine stopped, or
    /// the store failed.
    pub async fn submit(
        &self,
        template: &Template,
        input: impl Into<Bytes>,
    ) -> Result<TaskHandle, SubmitError> {
        match &self.running.wiring {
            Wiring::Direct(wiring) => wiring.submit(template, input.into()).await,
            Wiring::Actors(wiring) => wiring.submit(template, input.into()).await,
        }
    }

    /// What the engine keeps its tasks in, to look into them.
    pub fn store(&self) -> &S {
        self.running.services.store()
    }

    /// How many operations of the store have failed. The engine recovers from each by itself,
    /// at the latest when the lease concerned has expired, if the store recovers.
    pub fn store_failures(&self) -> u64 {
        self.running.services.store_failures()
    }

    /// Waits for the steps that are executing, begins no others, and tells the waiters of
    /// unfinished tasks that the engine stopped.
    pub async fn shutdown(self) {
        match &self.running.wiring {
            Wiring::Direct(wiring) => wiring.stop().await,
            Wiring::Actors(wiring) => wiring.stop().await,
        }
        self.running.services.completions.close();
    }
}

impl<S: Store> Drop for Running<S> {
    fn drop(&mut self) {
        // Both wirings look at this before they begin a step.
        self.services.completions.close();
    }
}

impl<S: Store> Clone for Engine<S> {
    fn clone(&self) -> Self {
        Self {
            running: Arc::clone(&self.running),
        }
    }
}

/// How an [`Engine`] is to be.
#[derive(Debug)]
#[must_use]
pub struct EngineBuilder<S: Store = MemoryStore> {
    store: S,
    handlers: Handlers,
    workers: u32,
    lease_duration: Duration,
    sweep_interval: Duration,
}

impl<S: Store> EngineBuilder<S> {
    /// Keeps the tasks in `store` (default: a new [`MemoryStore`]).
    pub fn store<Other: Store>(self, store: Other) -> EngineBuilder<Other> {
        EngineBuilder {
            store,
            handlers: self.handlers,
            workers: self.workers,
            lease_duration: self.lease_duration,
            sweep_interval: self.sweep_interval,
        }
    }

    /// How many steps execute at the same time, of all tasks together (default 8; 0 counts as 1).
    pub fn workers(mut self, count: u32) -> Self {
        self.workers = count.max(1);
        self
    }

    /// How long a step stays claimed without a sign of life of its worker (default 30 s).
    /// Workers renew their leases three times as often.
    pub fn lease_duration(mut self, duration: Duration) -> Self {
        self.lease_duration = duration;
        self
    }

    /// How often the reaper looks for what was lost (default 1 s).
    pub fn sweep_interval(mut self, interval: Duration) -> Self {
        self.sweep_interval = interval;
        self
    }

    /// Starts an engine whose stages call each other.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub fn direct(self) -> Engine<S> {
        let (workers, sweep_interval) = (self.workers, self.sweep_interval);
        let services = self.services();
        let wiring = DirectWiring::start(Arc::clone(&services), workers, sweep_interval);
        Engine::new(services, Wiring::Direct(wiring))
    }

    /// Starts an engine whose stages are actors of `system`.
    ///
    /// # Errors
    ///
    /// When the system was shut down.
    pub async fn actors(self, system: &System) -> Result<Engine<S>, StartError> {
        let (workers, sweep_interval) = (self.workers, self.sweep_interval);
        let services = self.services();
        let wiring =
            ActorsWiring::start(Arc::clone(&services), system, workers, sweep_interval).await?;
        Ok(Engine::new(services, Wiring::Actors(wiring)))
    }

    fn services(self) -> Arc<Services<S>> {
        Arc::new(Services::new(
            self.store,
            self.handlers,
            self.lease_duration,
        ))
    }
}
