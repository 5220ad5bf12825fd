//! The direct wiring: the stages call each other.
//!
//! Runners take steps out of the queue, execute them, and do everything that follows from the
//! results, until the queue is empty. There are as many as there are steps to execute, at most
//! one for each slot. A chain of steps never leaves its runner; siblings get a runner each and
//! execute at the same time.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    NextAction, StepResult, StepSelection, StepWorker, Store, SubmitError, TaskHandle, TaskId,
    TaskState, Template, WorkerId, services::Services,
};

/// Who claims every step: the runners share one worker.
const WORKER: WorkerId = WorkerId::new(0);

#[derive(Debug)]
pub(super) struct DirectWiring<S> {
    services: Arc<Services<S>>,
    worker: StepWorker<S>,
    /// One permit for each runner that there may be at a time.
    slots: Arc<Semaphore>,
    slot_count: u32,
}

impl<S: Store> DirectWiring<S> {
    pub(super) fn start(
        services: Arc<Services<S>>,
        workers: u32,
        sweep_interval: Duration,
    ) -> Arc<Self> {
        let wiring = Arc::new(Self {
            worker: services.worker(WORKER),
            services,
            slots: Arc::new(Semaphore::new(workers as usize)),
            slot_count: workers,
        });
        tokio::spawn(sweep_regularly(Arc::downgrade(&wiring), sweep_interval));
        wiring
    }

    pub(super) async fn submit(
        self: &Arc<Self>,
        template: &Template,
        input: Bytes,
    ) -> Result<TaskHandle, SubmitError> {
        let handle = self
            .services
            .initializer
            .initialize(template, input)
            .await?;
        self.begin(handle.task()).await;
        Ok(handle)
    }

    /// Waits for the steps that are executing, and lets no other begin.
    pub(super) async fn stop(&self) {
        self.services.completions.refuse_new();
        // The runners look at the flag before each step, so all permits are back when the last
        // of the steps that are executing has ended.
        if self.slots.acquire_many(self.slot_count).await.is_ok() {
            self.slots.close();
        }
    }

    async fn begin(self: &Arc<Self>, task: TaskId) {
        let begun = self.services.initializer.begin(task).await;
        if self.services.count_failure(begun).is_some() {
            let enqueued = self.enqueue_ready(task, StepSelection::All).await;
            self.spawn_runners(enqueued);
        }
    }

    /// Discovers and enqueues, and returns how many steps that were.
    async fn enqueue_ready(&self, task: TaskId, selection: StepSelection) -> usize {
        let Services {
            discovery,
            enqueuer,
            ..
        } = &*self.services;
        let discovered = discovery.discover_ready_steps(task, selection).await;
        let Some(ready) = self.services.count_failure(discovered) else {
            return 0;
        };
        let enqueued = enqueuer.enqueue_ready_steps(task, &ready).await;
        self.services.count_failure(enqueued).unwrap_or(0)
    }

    /// Starts a runner for each of `steps`, as long as there are slots.
    // Not an async function: `run_steps` calls it, and its future cannot contain itself.
    fn spawn_runners(self: &Arc<Self>, steps: usize) {
        for _ in 0..steps {
            // Whoever has the last slot comes back to the queue before it gives the slot up.
            let Ok(slot) = Arc::clone(&self.slots).try_acquire_owned() else {
                return;
            };
            tokio::spawn(Arc::clone(self).run_steps(slot));
        }
    }

    async fn run_steps(self: Arc<Self>, mut slot: OwnedSemaphorePermit) {
        loop {
            // Quick handlers and a store in memory never wait, so a long queue would keep this
            // thread from everything else.
            tokio::task::coop::consume_budget().await;
            if self.services.completions.refuses_new() {
                return;
            }
            let claimed = self.worker.claim().await;
            let Some(claimed) = self.services.count_failure(claimed) else {
                return;
            };
            let Some(claimed) = claimed else {
                drop(slot);
                slot = match self.slot_for_a_waiting_step().await {
                    Some(slot) => slot,
                    None => return,
                };
                continue;
            };
            let Some(result) = self.worker.execute(claimed).await else {
                continue;
            };
            let enqueued = self.settle(result).await;
            if enqueued > 1 {
                // All of them on new tasks: if this one went on with a sibling, the other might
                // wait in tokio's next-task slot, from which no other thread can take it.
                drop(slot);
                return self.spawn_runners(enqueued);
            }
        }
    }

    /// A step that was enqueued after the queue was seen empty, and before the slot was given
    /// up, got no runner if that slot was the last one.
    async fn slot_for_a_waiting_step(&self) -> Option<OwnedSemaphorePermit> {
        let waiting = self.services.reaper.count_waiting_steps().await;
        match self.services.count_failure(waiting) {
            Some(1..) => Arc::clone(&self.slots).try_acquire_owned().ok(),
            Some(0) | None => None,
        }
    }

    /// Does what follows from a result, and returns how many steps it enqueued.
    async fn settle(self: &Arc<Self>, result: StepResult) -> usize {
        let processed = self
            .services
            .result_processor
            .process_step_result(result)
            .await;
        match self.services.count_failure(processed) {
            Some(NextAction::Discover { task, selection }) => {
                self.enqueue_ready(task, selection).await
            }
            Some(NextAction::RetryAfter { step, delay }) => {
                self.retry_after(step.task, StepSelection::Only(step.index), delay);
                0
            }
            Some(NextAction::Finalize { task }) => {
                self.finalize(task).await;
                0
            }
            Some(NextAction::Nothing) | None => 0,
        }
    }

    async fn finalize(&self, task: TaskId) {
        let finalized = self.services.finalizer.finalize_task(task).await;
        self.services.count_failure(finalized);
    }

    fn retry_after(self: &Arc<Self>, task: TaskId, selection: StepSelection, delay: Duration) {
        let wiring = Arc::clone(self);
        tokio::spawn(async move {
            tokio::time::sleep(delay).await;
            let enqueued = wiring.enqueue_ready(task, selection).await;
            wiring.spawn_runners(enqueued);
        });
    }

    async fn sweep(self: &Arc<Self>) {
        let reaper = &self.services.reaper;
        let reaped = self
            .services
            .count_failure(reaper.reap_expired_leases().await);
        for result in reaped.unwrap_or_default() {
            let enqueued = self.settle(result).await;
            self.spawn_runners(enqueued);
        }
        let stalled = self
            .services
            .count_failure(reaper.find_stalled_tasks().await);
        for stalled in stalled.unwrap_or_default() {
            if stalled.state == TaskState::Pending || stalled.ready_steps > 0 {
                self.begin(stalled.task).await;
            } else {
                self.finalize(stalled.task).await;
            }
        }
        let waiting = self
            .services
            .count_failure(reaper.count_waiting_steps().await);
        self.spawn_runners(waiting.unwrap_or(0));
        let told = reaper.tell_of_tasks_ended_elsewhere().await;
        self.services.count_failure(told);
    }
}

async fn sweep_regularly<S: Store>(wiring: Weak<DirectWiring<S>>, interval: Duration) {
    loop {
        tokio::time::sleep(interval).await;
        let Some(wiring) = wiring.upgrade() else {
            return;
        };
        if wiring.services.completions.refuses_new() {
            return;
        }
        wiring.sweep().await;
    }
}
