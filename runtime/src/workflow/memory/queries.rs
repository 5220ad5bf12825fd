//! The questions that the memory store answers.

use tokio::time::Instant;

use super::record::TaskRecord;
use super::tables::Tables;
use crate::workflow::{
    ExecutionStatus, ReadyTask, StepId, StepOutcome, StepReadiness, StepSelection, StepState,
    StoreError, TaskExecutionContext, TaskId, TaskOutcome, TransitiveDependency,
};

impl Tables {
    pub(super) fn get_next_ready_tasks(&mut self, limit: usize, now: Instant) -> Vec<ReadyTask> {
        self.end_due_delays(now);
        let ready = self.listed.iter().take(limit);
        ready
            .filter_map(|&(_, task)| {
                let record = self.tasks.get(&task)?;
                Some(ReadyTask {
                    task,
                    priority: record.template.priority(),
                    state: record.state,
                    ready_steps: record.ready_steps,
                })
            })
            .collect()
    }

    pub(super) fn get_step_readiness_status(
        &mut self,
        task: TaskId,
        selection: StepSelection,
        now: Instant,
    ) -> Result<Vec<StepReadiness>, StoreError> {
        self.end_due_delays(now);
        let record = self.record(task)?;
        let known = |index| {
            if index < record.steps.len() {
                Ok(index)
            } else {
                Err(StoreError::UnknownStep(StepId { task, index }))
            }
        };
        let readiness = |index| record.readiness(index, now);
        Ok(match selection {
            StepSelection::All => (0..record.steps.len()).map(readiness).collect(),
            StepSelection::Only(index) => vec![readiness(known(index)?)],
            StepSelection::DependentsOf(index) => {
                let dependents = record.template.steps()[known(index)?].dependents();
                dependents.iter().copied().map(readiness).collect()
            }
        })
    }

    pub(super) fn get_task_execution_context(
        &mut self,
        task: TaskId,
        now: Instant,
    ) -> Result<TaskExecutionContext, StoreError> {
        self.end_due_delays(now);
        let record = self.record(task)?;
        Ok(TaskExecutionContext {
            task,
            state: record.state,
            status: record.execution_status(),
            total_steps: record.steps.len(),
            ready_steps: record.ready_steps,
            pending_steps: record.count(StepState::Pending),
            enqueued_steps: record.count(StepState::Enqueued),
            in_progress_steps: record.count(StepState::InProgress),
            waiting_for_retry_steps: record.count(StepState::WaitingForRetry),
            completed_steps: record.count(StepState::Completed),
            failed_steps: record.count(StepState::Failed),
            cancelled_steps: record.count(StepState::Cancelled),
        })
    }

    pub(super) fn get_step_transitive_dependencies(
        &self,
        step: StepId,
    ) -> Result<Vec<TransitiveDependency>, StoreError> {
        let record = self.record(step.task)?;
        if step.index >= record.steps.len() {
            return Err(StoreError::UnknownStep(step));
        }
        let dependencies = record.template.transitive_dependencies(step.index);
        Ok(dependencies
            .into_iter()
            .map(|(index, distance)| TransitiveDependency {
                step: StepId { index, ..step },
                name: record.template.steps()[index].name().to_owned(),
                distance,
                state: record.steps[index].state,
                output: record.steps[index].output.clone(),
            })
            .collect())
    }

    pub(super) fn get_task_outcome(&self, task: TaskId) -> Result<TaskOutcome, StoreError> {
        let record = self.record(task)?;
        let outcomes = record.steps.iter().map(|step| StepOutcome {
            state: step.state,
            output: step.output.clone(),
            attempts: step.attempts.clone(),
        });
        Ok(TaskOutcome {
            task,
            state: record.state,
            template: record.template.clone(),
            steps: outcomes.collect(),
        })
    }

    fn record(&self, task: TaskId) -> Result<&TaskRecord, StoreError> {
        self.tasks.get(&task).ok_or(StoreError::UnknownTask(task))
    }
}

impl TaskRecord {
    fn readiness(&self, index: usize, now: Instant) -> StepReadiness {
        let step = &self.steps[index];
        let template = &self.template.steps()[index];
        let total_dependencies = template.dependencies().len();
        StepReadiness {
            index,
            state: step.state,
            total_dependencies,
            completed_dependencies: total_dependencies - step.missing_dependencies,
            attempts: step.attempts.last().map_or(0, |attempt| attempt.number),
            max_attempts: template.retry().max_attempts(),
            retry_in: step.retry_at.map(|at| at.saturating_duration_since(now)),
            ready_for_execution: step.is_ready(),
        }
    }

    fn execution_status(&self) -> ExecutionStatus {
        if self.unfinished_steps == 0 {
            ExecutionStatus::AllStepsEnded
        } else if self.ready_steps > 0 {
            ExecutionStatus::HasReadySteps
        } else if self.count(StepState::Enqueued) + self.count(StepState::InProgress) > 0 {
            ExecutionStatus::Processing
        } else {
            ExecutionStatus::WaitingForRetry
        }
    }
}
