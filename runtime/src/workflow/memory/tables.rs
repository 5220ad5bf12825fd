//! The tables of the memory store and the operations that change them.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, HashMap, VecDeque},
    time::Duration,
};

use bytes::Bytes;
use tokio::time::Instant;

use super::record::{HeldLease, TaskRecord};
use crate::workflow::{
    ClaimedStep, Lease, Renewal, StepError, StepId, StoreError, Submission, TaskId, TaskState,
    Template, Transition, Verdict, WorkerId,
};

#[derive(Debug)]
pub(super) struct Tables {
    pub(super) tasks: HashMap<TaskId, TaskRecord>,
    /// Enqueued steps; each step at most once, because only its change from ready to enqueued
    /// appends it.
    queue: VecDeque<StepId>,
    /// When which lease runs out; without it every look for expired leases would visit every task.
    leases: BTreeSet<(Instant, StepId)>,
    /// When which step may be retried.
    retries: BTreeSet<(Instant, StepId)>,
    /// Tasks that somebody should drive, in the order in which they should be driven.
    pub(super) listed: BTreeSet<(Reverse<i32>, TaskId)>,
    /// Ended tasks, the oldest first.
    ended: VecDeque<TaskId>,
    ended_tasks_kept: usize,
    tasks_created: u64,
    leases_given: u64,
}

impl Tables {
    pub(super) fn new(ended_tasks_kept: usize) -> Self {
        Self {
            tasks: HashMap::new(),
            queue: VecDeque::new(),
            leases: BTreeSet::new(),
            retries: BTreeSet::new(),
            listed: BTreeSet::new(),
            ended: VecDeque::new(),
            ended_tasks_kept,
            tasks_created: 0,
            leases_given: 0,
        }
    }

    pub(super) fn set_ended_tasks_kept(&mut self, count: usize) {
        self.ended_tasks_kept = count;
        self.forget_surplus_tasks();
    }

    pub(super) fn count_tasks(&self) -> usize {
        self.tasks.len()
    }

    pub(super) fn count_enqueued_steps(&self) -> usize {
        self.queue.len()
    }

    pub(super) fn create_task(&mut self, template: Template, input: Bytes) -> TaskId {
        self.tasks_created += 1;
        let task = TaskId::new(self.tasks_created);
        self.tasks.insert(task, TaskRecord::new(template, input));
        self.update_listing(task);
        task
    }

    pub(super) fn enqueue_steps(
        &mut self,
        task: TaskId,
        steps: &[usize],
        now: Instant,
    ) -> Result<usize, StoreError> {
        self.end_due_delays(now);
        let record = self
            .tasks
            .get_mut(&task)
            .ok_or(StoreError::UnknownTask(task))?;
        let known = record.steps.len();
        if let Some(&index) = steps.iter().find(|&&index| index >= known) {
            return Err(StoreError::UnknownStep(StepId { task, index }));
        }
        let mut enqueued = 0;
        for &index in steps {
            if record.enqueue(index) {
                self.queue.push_back(StepId { task, index });
                enqueued += 1;
            }
        }
        self.update_listing(task);
        Ok(enqueued)
    }

    pub(super) fn claim_step(
        &mut self,
        worker: WorkerId,
        lease_duration: Duration,
        now: Instant,
    ) -> Option<ClaimedStep> {
        let step = self.queue.pop_front()?;
        let held = self.new_lease(worker, now, now + lease_duration);
        let record = self.tasks.get_mut(&step.task)?;
        record.begin_attempt(step.index, held);
        self.leases.insert((held.expires_at, step));
        let lease = record.lease(step)?;
        let input = record.input_of(step, lease.attempt);
        Some(ClaimedStep { lease, input })
    }

    pub(super) fn renew_lease(
        &mut self,
        lease: &Lease,
        lease_duration: Duration,
        now: Instant,
    ) -> Renewal {
        let Some(held) = self.release(lease) else {
            return Renewal::Lost;
        };
        let renewed = HeldLease {
            expires_at: now + lease_duration,
            ..held
        };
        self.hold(lease.step, renewed);
        Renewal::Renewed
    }

    pub(super) fn complete_step(
        &mut self,
        lease: &Lease,
        output: Bytes,
        now: Instant,
    ) -> Submission {
        let Some(held) = self.release(lease) else {
            return Submission::Stale;
        };
        let StepId { task, index } = lease.step;
        let record = self.tasks.get_mut(&task);
        let steps_made_ready = record.map_or(0, |record| record.complete(index, held, output, now));
        self.update_listing(task);
        self.accepted(task, steps_made_ready)
    }

    pub(super) fn fail_step(
        &mut self,
        lease: &Lease,
        error: StepError,
        verdict: Verdict,
        now: Instant,
    ) -> Submission {
        let Some(held) = self.release(lease) else {
            return Submission::Stale;
        };
        let StepId { task, index } = lease.step;
        if let Some(record) = self.tasks.get_mut(&task) {
            match verdict {
                Verdict::RetryAfter(delay) => {
                    record.delay(index, held, error, now + delay, now);
                    self.retries.insert((now + delay, lease.step));
                }
                Verdict::Fail => record.fail(index, held, error, now),
            }
        }
        self.update_listing(task);
        self.accepted(task, 0)
    }

    pub(super) fn take_over_expired_leases(
        &mut self,
        lease_duration: Duration,
        limit: usize,
        now: Instant,
    ) -> Vec<Lease> {
        let mut taken = Vec::new();
        while taken.len() < limit {
            let Some(&(expires_at, step)) = self.leases.first() else {
                break;
            };
            if expires_at > now {
                break;
            }
            self.leases.pop_first();
            let lease = self.new_lease(WorkerId::REAPER, now, now + lease_duration);
            let Some(record) = self.tasks.get_mut(&step.task) else {
                continue;
            };
            let claimed_at = record.steps[step.index]
                .lease
                .map_or(now, |held| held.claimed_at);
            self.hold(
                step,
                HeldLease {
                    claimed_at,
                    ..lease
                },
            );
            taken.extend(
                self.tasks
                    .get(&step.task)
                    .and_then(|record| record.lease(step)),
            );
        }
        taken
    }

    pub(super) fn transition_task_state_atomic(
        &mut self,
        task: TaskId,
        from: TaskState,
        to: TaskState,
    ) -> Result<Transition, StoreError> {
        if !from.allows(to) {
            return Err(StoreError::ForbiddenTransition { from, to });
        }
        let record = self
            .tasks
            .get_mut(&task)
            .ok_or(StoreError::UnknownTask(task))?;
        if record.state != from {
            return Ok(Transition::Refused {
                actual: record.state,
            });
        }
        record.state = to;
        self.update_listing(task);
        if to.is_terminal() {
            self.ended.push_back(task);
            self.forget_surplus_tasks();
        }
        Ok(Transition::Applied)
    }

    /// Makes every step ready whose retry is due.
    pub(super) fn end_due_delays(&mut self, now: Instant) {
        while let Some(&(retry_at, step)) = self.retries.first() {
            if retry_at > now {
                return;
            }
            self.retries.pop_first();
            if let Some(record) = self.tasks.get_mut(&step.task) {
                record.end_delay(step.index);
            }
            self.update_listing(step.task);
        }
    }

    fn new_lease(&mut self, holder: WorkerId, now: Instant, expires_at: Instant) -> HeldLease {
        self.leases_given += 1;
        HeldLease {
            token: self.leases_given,
            holder,
            claimed_at: now,
            expires_at,
        }
    }

    fn hold(&mut self, step: StepId, held: HeldLease) {
        if let Some(record) = self.tasks.get_mut(&step.task) {
            record.steps[step.index].lease = Some(held);
            self.leases.insert((held.expires_at, step));
        }
    }

    /// Ends `lease` if it is in force.
    fn release(&mut self, lease: &Lease) -> Option<HeldLease> {
        let record = self.tasks.get_mut(&lease.step.task)?;
        let held = record.release(lease.step.index, lease.token)?;
        self.leases.remove(&(held.expires_at, lease.step));
        Some(held)
    }

    fn accepted(&self, task: TaskId, steps_made_ready: usize) -> Submission {
        Submission::Accepted {
            unfinished_steps: self
                .tasks
                .get(&task)
                .map_or(0, |record| record.unfinished_steps),
            steps_made_ready,
        }
    }

    fn update_listing(&mut self, task: TaskId) {
        let Some(record) = self.tasks.get_mut(&task) else {
            return;
        };
        let wants_driving = record.wants_driving();
        if wants_driving == record.is_listed {
            return;
        }
        record.is_listed = wants_driving;
        let entry = (Reverse(record.template.priority()), task);
        if wants_driving {
            self.listed.insert(entry);
        } else {
            self.listed.remove(&entry);
        }
    }

    fn forget_surplus_tasks(&mut self) {
        while self.ended.len() > self.ended_tasks_kept {
            if let Some(task) = self.ended.pop_front() {
                self.tasks.remove(&task);
            }
        }
    }
}
