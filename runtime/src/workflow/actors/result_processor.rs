//! The actor of the fifth stage.

use std::{convert::Infallible, sync::Arc};

use super::{discoverer::Discover, finalizer::Finalize, stages::Stages};
use crate::{
    Actor, Context,
    workflow::{NextAction, StepResult, StepSelection, Store},
};

pub(super) struct ResultProcessorActor<S> {
    stages: Arc<Stages<S>>,
}

impl<S: Store> ResultProcessorActor<S> {
    pub(super) fn new(stages: Arc<Stages<S>>) -> Self {
        Self { stages }
    }
}

impl<S: Store> Actor for ResultProcessorActor<S> {
    type Message = StepResult;
    type Error = Infallible;

    async fn handle(
        &mut self,
        result: StepResult,
        _: &mut Context<Self>,
    ) -> Result<(), Infallible> {
        let processed = self
            .stages
            .services
            .result_processor
            .process_step_result(result)
            .await;
        if let Some(next) = self.stages.services.count_failure(processed) {
            self.follow(next);
        }
        Ok(())
    }
}

impl<S: Store> ResultProcessorActor<S> {
    fn follow(&self, next: NextAction) {
        match next {
            NextAction::Discover { task, selection } => self
                .stages
                .tell(|stages| &stages.discoverer, Discover { task, selection }),
            NextAction::RetryAfter { step, delay } => {
                let stages = Arc::clone(&self.stages);
                let discover = Discover {
                    task: step.task,
                    selection: StepSelection::Only(step.index),
                };
                tokio::spawn(async move {
                    tokio::time::sleep(delay).await;
                    stages.tell(|stages| &stages.discoverer, discover);
                });
            }
            NextAction::Finalize { task } => {
                self.stages.tell(|stages| &stages.finalizer, Finalize(task));
            }
            NextAction::Nothing => {}
        }
    }
}
