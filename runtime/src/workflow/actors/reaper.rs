//! The actor that finds again what was lost.

use std::{convert::Infallible, sync::Arc, time::Duration};

use super::{
    enqueuer::EnqueuerMessage, finalizer::Finalize, initializer::InitializerMessage, stages::Stages,
};
use crate::{
    Actor, Address, Context,
    workflow::{Store, TaskState},
};

/// Time to look for what was lost.
#[derive(Debug)]
pub(super) struct Sweep;

pub(super) struct ReaperActor<S> {
    stages: Arc<Stages<S>>,
}

impl<S: Store> ReaperActor<S> {
    pub(super) fn new(stages: Arc<Stages<S>>) -> Self {
        Self { stages }
    }
}

impl<S: Store> Actor for ReaperActor<S> {
    type Message = Sweep;
    type Error = Infallible;

    async fn handle(&mut self, _: Sweep, _: &mut Context<Self>) -> Result<(), Infallible> {
        let reaper = &self.stages.services.reaper;
        let reaped = self
            .stages
            .services
            .count_failure(reaper.reap_expired_leases().await);
        for result in reaped.unwrap_or_default() {
            self.stages.tell(|stages| &stages.result_processor, result);
        }
        let stalled = self
            .stages
            .services
            .count_failure(reaper.find_stalled_tasks().await);
        for stalled in stalled.unwrap_or_default() {
            if stalled.state == TaskState::Pending || stalled.ready_steps > 0 {
                let begin = InitializerMessage::Begin(stalled.task);
                self.stages.tell(|stages| &stages.initializer, begin);
            } else {
                self.stages
                    .tell(|stages| &stages.finalizer, Finalize(stalled.task));
            }
        }
        let waiting = self
            .stages
            .services
            .count_failure(reaper.count_waiting_steps().await);
        if let Some(steps @ 1..) = waiting {
            self.stages
                .tell(|stages| &stages.enqueuer, EnqueuerMessage::Waiting(steps));
        }
        let told = reaper.tell_of_tasks_ended_elsewhere().await;
        self.stages.services.count_failure(told);
        Ok(())
    }
}

/// Sends the reaper on a sweep now and then, until it has ended for good.
pub(super) async fn sweep_regularly(reaper: Address<Sweep>, interval: Duration) {
    loop {
        tokio::time::sleep(interval).await;
        if reaper.is_terminated() {
            return;
        }
        // One sweep finds everything, however many intervals the last one took.
        if reaper.depth() == 0 {
            // A reaper that is being restarted misses this sweep, not the next one.
            let _ = reaper.try_tell(Sweep);
        }
    }
}
