//! One task as the memory store keeps it.

use bytes::Bytes;
use tokio::time::Instant;

use crate::workflow::{
    Attempt, AttemptEnd, Lease, StepError, StepId, StepInput, StepState, TaskState, Template,
    WorkerId,
};

#[derive(Debug)]
pub(super) struct TaskRecord {
    pub(super) template: Template,
    pub(super) input: Bytes,
    pub(super) state: TaskState,
    pub(super) steps: Vec<StepRecord>,
    /// How many steps are ready and not enqueued.
    pub(super) ready_steps: usize,
    pub(super) unfinished_steps: usize,
    /// Whether the task is in the index of tasks that somebody should drive.
    pub(super) is_listed: bool,
}

#[derive(Debug)]
pub(super) struct StepRecord {
    pub(super) state: StepState,
    pub(super) missing_dependencies: usize,
    pub(super) output: Option<Bytes>,
    pub(super) attempts: Vec<Attempt>,
    /// Set exactly while the step is in progress.
    pub(super) lease: Option<HeldLease>,
    /// Set exactly while the step waits for a retry.
    pub(super) retry_at: Option<Instant>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct HeldLease {
    pub(super) token: u64,
    pub(super) holder: WorkerId,
    pub(super) claimed_at: Instant,
    pub(super) expires_at: Instant,
}

impl StepRecord {
    pub(super) fn is_ready(&self) -> bool {
        self.state == StepState::Pending && self.missing_dependencies == 0
    }

    fn end_attempt(&mut self, held: HeldLease, error: Option<StepError>, now: Instant) {
        if let Some(attempt) = self.attempts.last_mut() {
            attempt.end = Some(AttemptEnd {
                elapsed: now.saturating_duration_since(held.claimed_at),
                error,
            });
        }
    }
}

impl TaskRecord {
    pub(super) fn new(template: Template, input: Bytes) -> Self {
        let steps: Vec<_> = template
            .steps()
            .iter()
            .map(|step| StepRecord {
                state: StepState::Pending,
                missing_dependencies: step.dependencies().len(),
                output: None,
                attempts: Vec::new(),
                lease: None,
                retry_at: None,
            })
            .collect();
        Self {
            ready_steps: steps.iter().filter(|step| step.is_ready()).count(),
            unfinished_steps: steps.len(),
            is_listed: false,
            state: TaskState::Pending,
            template,
            input,
            steps,
        }
    }

    /// Whether somebody should enqueue steps of the task, or finalize it.
    pub(super) fn wants_driving(&self) -> bool {
        !self.state.is_terminal() && (self.ready_steps > 0 || self.unfinished_steps == 0)
    }

    /// Marks a ready step as enqueued; `false` if it is not ready.
    pub(super) fn enqueue(&mut self, index: usize) -> bool {
        let step = &mut self.steps[index];
        if !step.is_ready() {
            return false;
        }
        step.state = StepState::Enqueued;
        self.ready_steps -= 1;
        true
    }

    /// Begins an attempt at an enqueued step.
    pub(super) fn begin_attempt(&mut self, index: usize, held: HeldLease) {
        let step = &mut self.steps[index];
        step.state = StepState::InProgress;
        step.lease = Some(held);
        step.attempts.push(Attempt {
            number: u32::try_from(step.attempts.len() + 1).unwrap_or(u32::MAX),
            worker: held.holder,
            end: None,
        });
    }

    /// The lease in force on a step.
    pub(super) fn lease(&self, step: StepId) -> Option<Lease> {
        let record = &self.steps[step.index];
        let held = record.lease?;
        Some(Lease {
            step,
            attempt: record.attempts.last().map_or(0, |attempt| attempt.number),
            holder: held.holder,
            token: held.token,
            retry: self.template.steps()[step.index].retry(),
        })
    }

    /// What the handler of a step is given.
    pub(super) fn input_of(&self, step: StepId, attempt: u32) -> StepInput {
        let dependencies = self.template.steps()[step.index].dependencies();
        StepInput {
            step,
            attempt,
            template: self.template.clone(),
            task_input: self.input.clone(),
            dependency_outputs: dependencies
                .iter()
                .filter_map(|&dependency| self.steps[dependency].output.clone())
                .collect(),
        }
    }

    /// Ends the lease on a step if it is the one with `token`.
    pub(super) fn release(&mut self, index: usize, token: u64) -> Option<HeldLease> {
        self.steps
            .get_mut(index)?
            .lease
            .take_if(|held| held.token == token)
    }

    /// Ends a step with its output, and returns how many steps that makes ready.
    pub(super) fn complete(
        &mut self,
        index: usize,
        held: HeldLease,
        output: Bytes,
        now: Instant,
    ) -> usize {
        let step = &mut self.steps[index];
        step.end_attempt(held, None, now);
        step.output = Some(output);
        step.state = StepState::Completed;
        self.unfinished_steps -= 1;
        let ready_before = self.ready_steps;
        for &dependent in self.template.steps()[index].dependents() {
            let dependent = &mut self.steps[dependent];
            dependent.missing_dependencies -= 1;
            if dependent.is_ready() {
                self.ready_steps += 1;
            }
        }
        self.ready_steps - ready_before
    }

    /// Ends an attempt; the step may be enqueued again at `retry_at`.
    pub(super) fn delay(
        &mut self,
        index: usize,
        held: HeldLease,
        error: StepError,
        retry_at: Instant,
        now: Instant,
    ) {
        let step = &mut self.steps[index];
        step.end_attempt(held, Some(error), now);
        step.state = StepState::WaitingForRetry;
        step.retry_at = Some(retry_at);
    }

    /// Makes a step whose retry is due ready again.
    pub(super) fn end_delay(&mut self, index: usize) {
        let step = &mut self.steps[index];
        step.state = StepState::Pending;
        step.retry_at = None;
        self.ready_steps += 1;
    }

    /// Ends a step without an output, and cancels everything that depends on it.
    pub(super) fn fail(&mut self, index: usize, held: HeldLease, error: StepError, now: Instant) {
        let step = &mut self.steps[index];
        step.end_attempt(held, Some(error), now);
        step.state = StepState::Failed;
        self.unfinished_steps -= 1;
        for dependent in self.template.transitive_dependents(index) {
            let dependent = &mut self.steps[dependent];
            // Two failed steps may share dependents.
            if dependent.state == StepState::Pending {
                dependent.state = StepState::Cancelled;
                self.unfinished_steps -= 1;
            }
        }
    }

    pub(super) fn count(&self, state: StepState) -> usize {
        self.steps.iter().filter(|step| step.state == state).count()
    }
}
