//! The stages put together, without saying who calls whom.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use super::{
    Completions, Handlers, Reaper, ResultProcessor, StepDiscovery, StepEnqueuer, StepWorker, Store,
    StoreError, TaskFinalizer, TaskInitializer, WorkerId,
};

/// One of each stage, over one store. Both wirings use nothing else.
#[derive(Debug)]
pub(super) struct Services<S> {
    pub(super) initializer: TaskInitializer<S>,
    pub(super) discovery: StepDiscovery<S>,
    pub(super) enqueuer: StepEnqueuer<S>,
    pub(super) result_processor: ResultProcessor<S>,
    pub(super) finalizer: TaskFinalizer<S>,
    pub(super) reaper: Reaper<S>,
    pub(super) completions: Completions,
    store: Arc<S>,
    handlers: Arc<Handlers>,
    lease_duration: Duration,
    store_failures: AtomicU64,
}

impl<S: Store> Services<S> {
    pub(super) fn new(store: S, handlers: Handlers, lease_duration: Duration) -> Self {
        let store = Arc::new(store);
        let handlers = Arc::new(handlers);
        let completions = Completions::new();
        Self {
            initializer: TaskInitializer::new(
                Arc::clone(&store),
                Arc::clone(&handlers),
                completions.clone(),
            ),
            discovery: StepDiscovery::new(Arc::clone(&store)),
            enqueuer: StepEnqueuer::new(Arc::clone(&store)),
            result_processor: ResultProcessor::new(Arc::clone(&store)),
            finalizer: TaskFinalizer::new(Arc::clone(&store), completions.clone()),
            reaper: Reaper::new(Arc::clone(&store), completions.clone(), lease_duration),
            completions,
            store,
            handlers,
            lease_duration,
            store_failures: AtomicU64::new(0),
        }
    }

    pub(super) fn worker(&self, id: WorkerId) -> StepWorker<S> {
        StepWorker::new(
            Arc::clone(&self.store),
            Arc::clone(&self.handlers),
            id,
            self.lease_duration,
        )
    }

    pub(super) fn store(&self) -> &Arc<S> {
        &self.store
    }

    /// The value of a store operation, or `None` after counting its failure. Whatever was
    /// about to happen then is found again by the reaper's next sweep.
    pub(super) fn count_failure<T>(&self, result: Result<T, StoreError>) -> Option<T> {
        result
            .inspect_err(|_| {
                self.store_failures.fetch_add(1, Ordering::Relaxed);
            })
            .ok()
    }

    pub(super) fn store_failures(&self) -> u64 {
        self.store_failures.load(Ordering::Relaxed)
    }
}
