//! The actors wiring: every stage is a supervised actor, and they send each other messages.
//!
//! ```text
//! workflow                 one-for-one
//! ├── enqueuer             also knows which workers are idle
//! ├── discoverer
//! ├── finalizer
//! ├── result processor
//! ├── workers              one-for-one
//! │   ├── worker 0
//! │   └── …
//! ├── initializer
//! └── reaper
//! ```
//!
//! Children stop in the opposite order: first whoever brings new work, then the workers, then
//! whoever settles their last results.

mod discoverer;
mod enqueuer;
mod finalizer;
mod initializer;
mod reaper;
mod result_processor;
mod stages;
mod worker;

#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::sync::oneshot;

use self::{
    discoverer::DiscovererActor,
    enqueuer::EnqueuerActor,
    finalizer::FinalizerActor,
    initializer::{InitializerActor, InitializerMessage},
    reaper::ReaperActor,
    result_processor::ResultProcessorActor,
    stages::{Addresses, Stages},
    worker::WorkerActor,
};
use super::{Completions, Store, SubmitError, TaskHandle, Template, services::Services};
use crate::{
    Actor, Address, AskError, Child, RestartIntensity, StartError, Supervisor, SupervisorHandle,
    System,
};

const INITIALIZER: &str = "initializer";
const DISCOVERER: &str = "discoverer";
const ENQUEUER: &str = "enqueuer";
const WORKERS: &str = "workers";
const RESULT_PROCESSOR: &str = "result processor";
const FINALIZER: &str = "finalizer";
const REAPER: &str = "reaper";

/// How many restarts per worker and five seconds the pool bears before the whole of it is
/// restarted. The panics of handlers do not count: they never reach the worker.
const RESTARTS_PER_WORKER: u32 = 3;

#[derive(Debug)]
pub(super) struct ActorsWiring {
    completions: Completions,
    initializer: Address<InitializerMessage>,
    supervisor: SupervisorHandle,
    /// Dropped with the engine, which makes the watch stop the stages.
    _engine: oneshot::Sender<()>,
}

impl ActorsWiring {
    pub(super) async fn start<S: Store>(
        services: Arc<Services<S>>,
        system: &System,
        workers: u32,
        sweep_interval: Duration,
    ) -> Result<Self, StartError> {
        let workers = workers as usize;
        let completions = services.completions.clone();
        let stages = Arc::new(Stages::new(services));
        let supervisor = supervision_tree(&stages, workers).start(system).await?;
        let addresses = addresses(&supervisor, workers).expect("the tree has all stages");
        let initializer = addresses.initializer.clone();
        let reaper = addresses.reaper.clone();
        stages.connect(addresses);
        tokio::spawn(reaper::sweep_regularly(reaper, sweep_interval));
        let (sender, engine) = oneshot::channel();
        tokio::spawn(watch(completions.clone(), supervisor.clone(), engine));
        Ok(Self {
            completions,
            initializer,
            supervisor,
            _engine: sender,
        })
    }

    pub(super) async fn submit(
        &self,
        template: &Template,
        input: Bytes,
    ) -> Result<TaskHandle, SubmitError> {
        let initialize = |reply| InitializerMessage::Initialize {
            template: template.clone(),
            input,
            reply,
        };
        match self.initializer.ask(initialize).await {
            Ok(initialized) => initialized,
            Err(AskError::NoReply) if !self.completions.refuses_new() => {
                Err(SubmitError::Interrupted)
            }
            Err(_) => Err(SubmitError::EngineStopped),
        }
    }

    /// Waits for the steps that are executing, and lets no other begin.
    pub(super) async fn stop(&self) {
        self.completions.refuse_new();
        self.supervisor.stop().await;
    }
}

/// The stages, in the order in which they start.
fn supervision_tree<S: Store>(stages: &Arc<Stages<S>>, workers: usize) -> Supervisor {
    let enqueuer = move |stages| EnqueuerActor::new(stages, workers);
    Supervisor::new("workflow")
        .child(stage(ENQUEUER, stages, enqueuer))
        .child(stage(DISCOVERER, stages, DiscovererActor::new))
        .child(stage(FINALIZER, stages, FinalizerActor::new))
        .child(stage(RESULT_PROCESSOR, stages, ResultProcessorActor::new))
        .supervisor(worker_pool(stages, workers))
        .child(stage(INITIALIZER, stages, InitializerActor::new))
        .child(stage(REAPER, stages, ReaperActor::new))
}

fn worker_pool<S: Store>(stages: &Arc<Stages<S>>, workers: usize) -> Supervisor {
    let restarts = RESTARTS_PER_WORKER.saturating_mul(u32::try_from(workers).unwrap_or(u32::MAX));
    let pool =
        Supervisor::new(WORKERS).intensity(RestartIntensity::new(restarts, Duration::from_secs(5)));
    (0..workers).fold(pool, |pool, position| {
        let worker = move |stages| WorkerActor::new(stages, position);
        // Whoever cannot wait for a step to end drops the future of the shutdown.
        let child = stage(worker_name(position), stages, worker).grace(Duration::MAX);
        pool.child(child)
    })
}

/// A child whose every incarnation has the same services and addresses at hand.
fn stage<S: Store, A: Actor>(
    name: impl Into<Arc<str>>,
    stages: &Arc<Stages<S>>,
    make: impl Fn(Arc<Stages<S>>) -> A + Send + Sync + 'static,
) -> Child<A::Message> {
    let stages = Arc::clone(stages);
    Child::new(name, move || make(Arc::clone(&stages)))
}

fn worker_name(position: usize) -> String {
    format!("worker {position}")
}

fn addresses(tree: &SupervisorHandle, workers: usize) -> Option<Addresses> {
    let pool = tree.supervisor(WORKERS)?;
    let worker = |position| pool.address(&worker_name(position));
    Some(Addresses {
        initializer: tree.address(INITIALIZER)?,
        discoverer: tree.address(DISCOVERER)?,
        enqueuer: tree.address(ENQUEUER)?,
        workers: (0..workers).map(worker).collect::<Option<_>>()?,
        result_processor: tree.address(RESULT_PROCESSOR)?,
        finalizer: tree.address(FINALIZER)?,
        reaper: tree.address(REAPER)?,
    })
}

/// Stops the stages when the engine is gone, and tells the waiters when the stages are gone,
/// whatever ended them.
async fn watch(completions: Completions, stages: SupervisorHandle, engine: oneshot::Receiver<()>) {
    tokio::select! {
        _ = stages.terminated() => {}
        _ = engine => stages.stop().await,
    }
    completions.close();
}
