//! The actor of the third stage, which also knows which workers have nothing to do.

use std::{convert::Infallible, sync::Arc};

use super::stages::Stages;
use crate::{
    Actor, Context,
    workflow::{Store, TaskId},
};

#[derive(Debug)]
pub(super) enum EnqueuerMessage {
    /// Steps of a task are ready.
    Enqueue { task: TaskId, steps: Vec<usize> },
    /// The worker at this position has done what it was woken for.
    Idle(usize),
    /// The reaper counted so many steps in the queue.
    Waiting(usize),
}

/// A worker is woken for each enqueued step: an idle one at once, otherwise the first to
/// become idle. So a step never waits behind a busy worker while another one is idle.
pub(super) struct EnqueuerActor<S> {
    stages: Arc<Stages<S>>,
    /// Positions of the idle workers; the one that became idle last is woken first, because
    /// its data is most likely still in a cache.
    idle: Vec<usize>,
    /// Whether the worker at a position is in `idle`.
    is_idle: Vec<bool>,
    /// How many enqueued steps nobody was woken for.
    unannounced: usize,
}

impl<S: Store> EnqueuerActor<S> {
    pub(super) fn new(stages: Arc<Stages<S>>, workers: usize) -> Self {
        Self {
            stages,
            idle: (0..workers).rev().collect(),
            is_idle: vec![true; workers],
            unannounced: 0,
        }
    }

    fn announce(&mut self, steps: usize) {
        for _ in 0..steps {
            if !self.wake_one() {
                self.unannounced += 1;
            }
        }
    }

    /// Wakes an idle worker; `false` if there is none.
    fn wake_one(&mut self) -> bool {
        let Some(worker) = self.idle.pop() else {
            return false;
        };
        self.is_idle[worker] = false;
        self.stages.wake(worker);
        true
    }

    fn worker_is_idle(&mut self, worker: usize) {
        // A worker that was restarted may say twice that it is idle.
        if !self.is_idle[worker] {
            self.is_idle[worker] = true;
            self.idle.push(worker);
        }
        if self.unannounced > 0 && self.wake_one() {
            self.unannounced -= 1;
        }
    }
}

impl<S: Store> Actor for EnqueuerActor<S> {
    type Message = EnqueuerMessage;
    type Error = Infallible;

    /// A later incarnation does not know who is idle. It wakes everybody: whoever is idle
    /// finds the queue empty and says so.
    async fn started(&mut self, context: &mut Context<Self>) -> Result<(), Infallible> {
        if context.incarnation() > 1 {
            self.idle.clear();
            self.is_idle.fill(false);
            for worker in 0..self.is_idle.len() {
                self.stages.wake(worker);
            }
            let waiting = self.stages.services.reaper.count_waiting_steps().await;
            let waiting = self.stages.services.count_failure(waiting).unwrap_or(0);
            self.unannounced = waiting.saturating_sub(self.is_idle.len());
        }
        Ok(())
    }

    async fn handle(
        &mut self,
        message: EnqueuerMessage,
        _: &mut Context<Self>,
    ) -> Result<(), Infallible> {
        match message {
            EnqueuerMessage::Enqueue { task, steps } => {
                let enqueuer = &self.stages.services.enqueuer;
                let enqueued = enqueuer.enqueue_ready_steps(task, &steps).await;
                let enqueued = self.stages.services.count_failure(enqueued).unwrap_or(0);
                self.announce(enqueued);
            }
            EnqueuerMessage::Idle(worker) => self.worker_is_idle(worker),
            EnqueuerMessage::Waiting(steps) => {
                // While nobody is idle, whoever becomes so is woken for these steps anyway.
                for _ in 0..steps.min(self.idle.len()) {
                    self.wake_one();
                }
            }
        }
        Ok(())
    }
}
