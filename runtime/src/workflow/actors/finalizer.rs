//! The actor of the last stage.

use std::{convert::Infallible, sync::Arc};

use super::stages::Stages;
use crate::{
    Actor, Context,
    workflow::{Store, TaskId},
};

/// Every step of the task has ended.
#[derive(Debug)]
pub(super) struct Finalize(pub(super) TaskId);

pub(super) struct FinalizerActor<S> {
    stages: Arc<Stages<S>>,
}

impl<S: Store> FinalizerActor<S> {
    pub(super) fn new(stages: Arc<Stages<S>>) -> Self {
        Self { stages }
    }
}

impl<S: Store> Actor for FinalizerActor<S> {
    type Message = Finalize;
    type Error = Infallible;

    async fn handle(&mut self, message: Finalize, _: &mut Context<Self>) -> Result<(), Infallible> {
        let finalized = self
            .stages
            .services
            .finalizer
            .finalize_task(message.0)
            .await;
        self.stages.services.count_failure(finalized);
        Ok(())
    }
}
