//! The actor of the second stage.

use std::{convert::Infallible, sync::Arc};

use super::{enqueuer::EnqueuerMessage, stages::Stages};
use crate::{
    Actor, Context,
    workflow::{StepSelection, Store, TaskId},
};

/// Steps of a task may have become ready.
#[derive(Debug)]
pub(super) struct Discover {
    pub(super) task: TaskId,
    pub(super) selection: StepSelection,
}

pub(super) struct DiscovererActor<S> {
    stages: Arc<Stages<S>>,
}

impl<S: Store> DiscovererActor<S> {
    pub(super) fn new(stages: Arc<Stages<S>>) -> Self {
        Self { stages }
    }
}

impl<S: Store> Actor for DiscovererActor<S> {
    type Message = Discover;
    type Error = Infallible;

    async fn handle(&mut self, message: Discover, _: &mut Context<Self>) -> Result<(), Infallible> {
        let Discover { task, selection } = message;
        let discovery = &self.stages.services.discovery;
        let discovered = discovery.discover_ready_steps(task, selection).await;
        if let Some(steps) = self.stages.services.count_failure(discovered)
            && !steps.is_empty()
        {
            let enqueue = EnqueuerMessage::Enqueue { task, steps };
            self.stages.tell(|stages| &stages.enqueuer, enqueue);
        }
        Ok(())
    }
}
