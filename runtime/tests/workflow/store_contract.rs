//! What every store promises, asked of the one in memory.

use std::time::Duration;

use bytes::Bytes;
use runtime::workflow::{
    ClaimedStep, ExecutionStatus, MemoryStore, Renewal, Step, StepError, StepId, StepSelection,
    StepState, Store, Submission, TaskId, TaskState, Template, Transition, Verdict, WorkerId,
};

const LEASE: Duration = Duration::from_secs(30);

/// What is said to a result that makes no other step ready.
pub(crate) fn accepted(unfinished_steps: usize) -> Submission {
    Submission::Accepted {
        unfinished_steps,
        steps_made_ready: 0,
    }
}

pub(crate) async fn create(store: &impl Store, template: &Template) -> TaskId {
    store.create_task(template, "input".into()).await.unwrap()
}

pub(crate) async fn claim(store: &impl Store) -> ClaimedStep {
    let claimed = store.claim_step(WorkerId::new(1), LEASE).await.unwrap();
    claimed.expect("a step is enqueued")
}

/// Has a step executed, and returns how many that made ready.
pub(crate) async fn complete_next(
    store: &impl Store,
    task: TaskId,
    index: usize,
    output: &'static str,
) -> usize {
    assert_eq!(store.enqueue_steps(task, &[index]).await.unwrap(), 1);
    let lease = claim(store).await.lease;
    assert_eq!(lease.step, StepId { task, index });
    match store.complete_step(&lease, output.into()).await.unwrap() {
        Submission::Accepted {
            steps_made_ready, ..
        } => steps_made_ready,
        Submission::Stale => panic!("the lease was given a moment ago"),
    }
}

async fn ready_steps(store: &impl Store, task: TaskId) -> Vec<usize> {
    let readiness = store
        .get_step_readiness_status(task, StepSelection::All)
        .await
        .unwrap();
    readiness
        .into_iter()
        .filter(|step| step.ready_for_execution)
        .map(|step| step.index)
        .collect()
}

#[tokio::test]
async fn a_task_state_changes_once_and_the_second_change_is_refused() {
    let store = MemoryStore::new();
    let task = create(&store, &Template::linear("h", 1)).await;
    let begin = || store.transition_task_state_atomic(task, TaskState::Pending, TaskState::Running);
    assert_eq!(begin().await.unwrap(), Transition::Applied);
    assert_eq!(
        begin().await.unwrap(),
        Transition::Refused {
            actual: TaskState::Running
        }
    );
}

#[tokio::test]
async fn of_many_concurrent_changes_of_a_task_state_one_is_applied() {
    let store = MemoryStore::new();
    let task = create(&store, &Template::linear("h", 1)).await;
    let attempts: Vec<_> = (0..64)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                let change = store.transition_task_state_atomic(
                    task,
                    TaskState::Pending,
                    TaskState::Running,
                );
                change.await.unwrap()
            })
        })
        .collect();
    let mut applied = 0;
    for attempt in attempts {
        applied += usize::from(attempt.await.unwrap() == Transition::Applied);
    }
    assert_eq!(applied, 1);
}

#[tokio::test]
async fn a_change_that_the_states_do_not_allow_is_an_error() {
    let store = MemoryStore::new();
    let task = create(&store, &Template::linear("h", 1)).await;
    let error = store
        .transition_task_state_atomic(task, TaskState::Completed, TaskState::Running)
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "a completed task cannot become running");
}

#[tokio::test]
async fn readiness_follows_the_dependencies() {
    let store = MemoryStore::new();
    let task = create(&store, &Template::diamond("h", 2)).await;
    assert_eq!(ready_steps(&store, task).await, [0]);
    assert_eq!(complete_next(&store, task, 0, "").await, 2);
    assert_eq!(ready_steps(&store, task).await, [1, 2]);
    assert_eq!(complete_next(&store, task, 2, "").await, 0);

    let join = store
        .get_step_readiness_status(task, StepSelection::Only(3))
        .await
        .unwrap();
    assert_eq!(join.len(), 1);
    assert_eq!(
        (join[0].completed_dependencies, join[0].total_dependencies),
        (1, 2)
    );
    assert!(!join[0].ready_for_execution);

    assert_eq!(complete_next(&store, task, 1, "").await, 1);
    let after = StepSelection::DependentsOf(1);
    let join = store.get_step_readiness_status(task, after).await.unwrap();
    assert_eq!((join[0].index, join[0].ready_for_execution), (3, true));
}

#[tokio::test]
async fn a_step_is_enqueued_once_and_claimed_once() {
    let store = MemoryStore::new();
    let task = create(&store, &Template::tree("h", 1, 2)).await;
    assert_eq!(store.enqueue_steps(task, &[0, 0, 1]).await.unwrap(), 1);
    assert_eq!(store.enqueue_steps(task, &[0]).await.unwrap(), 0);
    assert_eq!(store.count_enqueued_steps().await.unwrap(), 1);
    claim(&store).await;
    assert!(
        store
            .claim_step(WorkerId::new(2), LEASE)
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn a_claimed_step_brings_the_outputs_of_its_dependencies() {
    let store = MemoryStore::new();
    let task = create(&store, &Template::diamond("h", 2)).await;
    for (index, output) in [(0, "s"), (2, "right"), (1, "left")] {
        complete_next(&store, task, index, output).await;
    }
    store.enqueue_steps(task, &[3]).await.unwrap();
    let input = claim(&store).await.input;
    assert_eq!(input.task_input, "input");
    assert_eq!(
        input.dependencies().collect::<Vec<_>>(),
        [
            ("branch_1", &Bytes::from("left")),
            ("branch_2", &Bytes::from("right"))
        ]
    );
}

#[tokio::test]
async fn a_result_is_accepted_once() {
    let store = MemoryStore::new();
    let task = create(&store, &Template::linear("h", 2)).await;
    store.enqueue_steps(task, &[0]).await.unwrap();
    let lease = claim(&store).await.lease;
    assert_eq!(
        store.complete_step(&lease, "first".into()).await.unwrap(),
        Submission::Accepted {
            unfinished_steps: 1,
            steps_made_ready: 1
        }
    );
    assert_eq!(
        store.complete_step(&lease, "second".into()).await.unwrap(),
        Submission::Stale
    );
    let error = StepError::permanent("late");
    assert_eq!(
        store.fail_step(&lease, error, Verdict::Fail).await.unwrap(),
        Submission::Stale
    );
    assert_eq!(
        store.renew_lease(&lease, LEASE).await.unwrap(),
        Renewal::Lost
    );
    let outcome = store.get_task_outcome(task).await.unwrap();
    assert_eq!(outcome.output("step_1").unwrap(), "first");
    assert_eq!(outcome.steps[0].attempts.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_step_is_ready_again_when_its_delay_is_over() {
    let store = MemoryStore::new();
    let task = create(&store, &Template::linear("h", 1)).await;
    store.enqueue_steps(task, &[0]).await.unwrap();
    let lease = claim(&store).await.lease;
    let verdict = Verdict::RetryAfter(Duration::from_secs(5));
    let error = StepError::retryable("busy");
    assert_eq!(
        store.fail_step(&lease, error, verdict).await.unwrap(),
        accepted(1)
    );

    tokio::time::advance(Duration::from_secs(2)).await;
    let step = &store
        .get_step_readiness_status(task, StepSelection::All)
        .await
        .unwrap()[0];
    assert_eq!(step.state, StepState::WaitingForRetry);
    assert_eq!(step.retry_in, Some(Duration::from_secs(3)));
    assert_eq!(store.enqueue_steps(task, &[0]).await.unwrap(), 0);
    assert!(store.get_next_ready_tasks(9).await.unwrap().is_empty());

    tokio::time::advance(Duration::from_secs(3)).await;
    assert_eq!(store.get_next_ready_tasks(9).await.unwrap()[0].task, task);
    assert_eq!(store.enqueue_steps(task, &[0]).await.unwrap(), 1);
    assert_eq!(claim(&store).await.lease.attempt, 2);
}

#[tokio::test]
async fn a_failed_step_cancels_everything_that_depends_on_it_and_nothing_else() {
    let store = MemoryStore::new();
    let template = Template::builder("t")
        .step(Step::new("a"))
        .step(Step::new("b").after("a"))
        .step(Step::new("c").after("b").after("d"))
        .step(Step::new("d"))
        .build()
        .unwrap();
    let task = create(&store, &template).await;
    store.enqueue_steps(task, &[0]).await.unwrap();
    let lease = claim(&store).await.lease;
    let error = StepError::permanent("broken");
    assert_eq!(
        store
            .fail_step(&lease, error.clone(), Verdict::Fail)
            .await
            .unwrap(),
        accepted(1)
    );

    let outcome = store.get_task_outcome(task).await.unwrap();
    let states: Vec<_> = outcome.steps.iter().map(|step| step.state).collect();
    use StepState::{Cancelled, Failed, Pending};
    assert_eq!(states, [Failed, Cancelled, Cancelled, Pending]);
    assert_eq!(outcome.steps[0].last_error(), Some(&error));
    complete_next(&store, task, 3, "").await;
    assert_eq!(ready_steps(&store, task).await, []);
}

#[tokio::test]
async fn a_step_after_two_failed_ones_is_cancelled_once() {
    let store = MemoryStore::new();
    let template = Template::builder("t")
        .step(Step::new("a"))
        .step(Step::new("b"))
        .step(Step::new("c").after("a").after("b"))
        .build()
        .unwrap();
    let task = create(&store, &template).await;
    store.enqueue_steps(task, &[0, 1]).await.unwrap();
    for unfinished in [1, 0] {
        let lease = claim(&store).await.lease;
        let error = StepError::permanent("broken");
        let submission = store.fail_step(&lease, error, Verdict::Fail).await.unwrap();
        assert_eq!(submission, accepted(unfinished));
    }
    let context = store.get_task_execution_context(task).await.unwrap();
    assert_eq!((context.failed_steps, context.cancelled_steps), (2, 1));
    assert_eq!(context.status, ExecutionStatus::AllStepsEnded);
}

#[tokio::test(start_paused = true)]
async fn an_expired_lease_is_taken_over_once_and_its_holder_shut_out() {
    let store = MemoryStore::new();
    let task = create(&store, &Template::linear("h", 1)).await;
    store.enqueue_steps(task, &[0]).await.unwrap();
    let lost = claim(&store).await.lease;

    tokio::time::advance(LEASE - Duration::from_secs(1)).await;
    assert_eq!(
        store.renew_lease(&lost, LEASE).await.unwrap(),
        Renewal::Renewed
    );
    tokio::time::advance(LEASE - Duration::from_secs(1)).await;
    assert_eq!(store.take_over_expired_leases(LEASE, 9).await.unwrap(), []);

    tokio::time::advance(Duration::from_secs(1)).await;
    let taken = store.take_over_expired_leases(LEASE, 9).await.unwrap();
    assert_eq!(taken.len(), 1);
    assert_eq!((taken[0].step, taken[0].attempt), (lost.step, 1));
    assert_eq!(taken[0].holder, WorkerId::REAPER);
    assert_eq!(store.take_over_expired_leases(LEASE, 9).await.unwrap(), []);

    assert_eq!(
        store.complete_step(&lost, "late".into()).await.unwrap(),
        Submission::Stale
    );
    assert_eq!(
        store.renew_lease(&lost, LEASE).await.unwrap(),
        Renewal::Lost
    );
    let error = StepError::retryable("lost");
    assert_eq!(
        store
            .fail_step(&taken[0], error, Verdict::Fail)
            .await
            .unwrap(),
        accepted(0)
    );
    let attempts = &store.get_task_outcome(task).await.unwrap().steps[0].attempts;
    assert_eq!(attempts[0].worker, WorkerId::new(1));
    assert_eq!(
        attempts[0].end.as_ref().unwrap().elapsed,
        LEASE * 2 - Duration::from_secs(1)
    );
}
