//! The actor of the first stage.

use std::{convert::Infallible, sync::Arc};

use bytes::Bytes;

use super::{discoverer::Discover, stages::Stages};
use crate::{
    Actor, Context, Reply,
    workflow::{StepSelection, Store, SubmitError, TaskHandle, TaskId, Template},
};

#[derive(Debug)]
pub(super) enum InitializerMessage {
    /// A user submits a task.
    Initialize {
        template: Template,
        input: Bytes,
        reply: Reply<Result<TaskHandle, SubmitError>>,
    },
    /// The reaper found a task that waits to be driven.
    Begin(TaskId),
}

pub(super) struct InitializerActor<S> {
    stages: Arc<Stages<S>>,
}

impl<S: Store> InitializerActor<S> {
    pub(super) fn new(stages: Arc<Stages<S>>) -> Self {
        Self { stages }
    }
}

impl<S: Store> Actor for InitializerActor<S> {
    type Message = InitializerMessage;
    type Error = Infallible;

    async fn handle(
        &mut self,
        message: InitializerMessage,
        _: &mut Context<Self>,
    ) -> Result<(), Infallible> {
        match message {
            InitializerMessage::Initialize {
                template,
                input,
                reply,
            } => {
                let initialized = self
                    .stages
                    .services
                    .initializer
                    .initialize(&template, input)
                    .await;
                if let Ok(handle) = &initialized {
                    self.begin(handle.task()).await;
                }
                reply.send(initialized);
            }
            InitializerMessage::Begin(task) => self.begin(task).await,
        }
        Ok(())
    }
}

impl<S: Store> InitializerActor<S> {
    async fn begin(&self, task: TaskId) {
        let begun = self.stages.services.initializer.begin(task).await;
        if self.stages.services.count_failure(begun).is_some() {
            let selection = StepSelection::All;
            self.stages
                .tell(|stages| &stages.discoverer, Discover { task, selection });
        }
    }
}
