//! The direct wiring: the stages call each other.
//!
//! Every enqueued step has a runner, which executes the first step in the queue, whichever it
//! is, and everything that follows from its result. Where a single step follows, the same
//! runner goes on with it, so a chain of steps never leaves its tokio task; siblings get a
//! runner each and execute at the same time.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use bytes::Bytes;
use tokio::sync::Semaphore;

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
    /// One permit for each step that may execute at a time.
    slots: Semaphore,
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
            slots: Semaphore::new(workers as usize),
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
        // The runners look at the flag after they got a permit, so a queue of them is gone
        // quickly, and all permits are back when the last step has executed.
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

    /// Discovers and enqueues, and returns how many runners that takes.
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

    // Not an async function: `run_steps` calls it, and its future cannot contain itself.
    fn spawn_runners(self: &Arc<Self>, count: usize) {
        for _ in 0..count {
            tokio::spawn(Arc::clone(self).run_steps());
        }
    }

    async fn run_steps(self: Arc<Self>) {
        while let Some(result) = self.execute_next_step().await {
            match self.settle(result).await {
                0 => return,
                1 => {}
                // All of them on new tasks: if this one went on with a sibling, the other
                // would wait in tokio's next-task slot, from which nobody can steal it.
                enqueued => return self.spawn_runners(enqueued),
            }
        }
    }

    async fn execute_next_step(&self) -> Option<StepResult> {
        let _slot = self.slots.acquire().await.ok()?;
        if self.services.completions.refuses_new() {
            return None;
        }
        let claimed = self.services.count_failure(self.worker.claim().await)??;
        self.worker.execute(claimed).await
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
        // While every slot is taken, their runners will come to the queue by themselves.
        let runners = waiting.unwrap_or(0).min(self.slots.available_permits());
        self.spawn_runners(runners);
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
