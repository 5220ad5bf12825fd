//! The actors of the fourth stage, a pool.

use std::{convert::Infallible, sync::Arc};

use super::{enqueuer::EnqueuerMessage, stages::Stages};
use crate::{
    Actor, Context,
    workflow::{StepWorker, Store, WorkerId},
};

/// There may be a step in the queue.
#[derive(Debug)]
pub(super) struct Wake;

pub(super) struct WorkerActor<S> {
    stages: Arc<Stages<S>>,
    worker: StepWorker<S>,
    position: usize,
}

impl<S: Store> WorkerActor<S> {
    pub(super) fn new(stages: Arc<Stages<S>>, position: usize) -> Self {
        Self {
            worker: stages.services.worker(WorkerId::new(position as u64)),
            stages,
            position,
        }
    }

    async fn execute_next_step(&self) {
        let Some(Some(claimed)) = self
            .stages
            .services
            .count_failure(self.worker.claim().await)
        else {
            return;
        };
        if let Some(result) = self.worker.execute(claimed).await {
            self.stages.tell(|stages| &stages.result_processor, result);
        }
    }
}

impl<S: Store> Actor for WorkerActor<S> {
    type Message = Wake;
    type Error = Infallible;

    /// Whoever was killed may have had a wake in its mailbox, so a later incarnation begins
    /// with one; and it says that it is idle when it has nothing to do.
    async fn started(&mut self, context: &mut Context<Self>) -> Result<(), Infallible> {
        if context.incarnation() > 1 {
            let _ = context.address().try_tell(Wake);
        }
        Ok(())
    }

    /// Executes one step, so that the mailbox is looked at between two.
    async fn handle(&mut self, _: Wake, _: &mut Context<Self>) -> Result<(), Infallible> {
        // An engine that is being stopped drains the mailboxes, but begins no more steps.
        if !self.stages.services.completions.refuses_new() {
            self.execute_next_step().await;
            let idle = EnqueuerMessage::Idle(self.position);
            self.stages.tell(|stages| &stages.enqueuer, idle);
        }
        Ok(())
    }
}
