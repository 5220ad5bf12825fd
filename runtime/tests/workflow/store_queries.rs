//! What a store answers about tasks and steps.

use std::time::Duration;

use bytes::Bytes;
use runtime::workflow::{
    ExecutionStatus, MemoryStore, Step, StepError, StepId, StepSelection, StepState, Store,
    StoreError, Submission, TaskId, Template, Verdict,
};

use crate::store_contract::{accepted, claim, complete_next, create};

#[tokio::test]
async fn ready_tasks_come_by_priority_then_age_and_leave_when_nothing_is_to_be_done() {
    let store = MemoryStore::new();
    let step = || Step::new("s");
    let normal = Template::builder("normal").step(step()).build().unwrap();
    let urgent = Template::builder("urgent")
        .priority(1)
        .step(step())
        .build()
        .unwrap();
    let mut tasks = Vec::new();
    for template in [&normal, &urgent, &normal, &urgent] {
        tasks.push(create(&store, template).await);
    }
    let order = [tasks[1], tasks[3], tasks[0], tasks[2]];
    for limit in [0, 1, 3, 4, 100] {
        let ready = store.get_next_ready_tasks(limit).await.unwrap();
        let ready: Vec<_> = ready.into_iter().map(|task| task.task).collect();
        assert_eq!(ready, order[..limit.min(4)]);
    }

    store.enqueue_steps(tasks[1], &[0]).await.unwrap();
    assert_eq!(
        store.get_next_ready_tasks(1).await.unwrap()[0].task,
        tasks[3]
    );
    let lease = claim(&store).await.lease;
    assert_eq!(
        store.complete_step(&lease, Bytes::new()).await.unwrap(),
        accepted(0)
    );
    let ended = store.get_next_ready_tasks(1).await.unwrap().remove(0);
    assert_eq!((ended.task, ended.ready_steps), (tasks[1], 0));
}

#[tokio::test]
async fn the_execution_context_counts_the_steps_by_state() {
    let store = MemoryStore::new();
    let task = create(&store, &Template::diamond("h", 3)).await;
    let status = async || store.get_task_execution_context(task).await.unwrap();
    assert_eq!(status().await.status, ExecutionStatus::HasReadySteps);

    complete_next(&store, task, 0, "").await;
    store.enqueue_steps(task, &[1, 2, 3]).await.unwrap();
    let leases = [claim(&store).await.lease, claim(&store).await.lease];
    let verdict = Verdict::RetryAfter(Duration::from_secs(60));
    let error = StepError::retryable("busy");
    assert_eq!(
        store.fail_step(&leases[0], error, verdict).await.unwrap(),
        accepted(4)
    );

    let context = status().await;
    assert_eq!(context.status, ExecutionStatus::Processing);
    assert_eq!((context.total_steps, context.ready_steps), (5, 0));
    assert_eq!(
        (context.completed_steps, context.waiting_for_retry_steps),
        (1, 1)
    );
    assert_eq!((context.enqueued_steps, context.in_progress_steps), (1, 1));
    assert_eq!(
        (
            context.pending_steps,
            context.failed_steps,
            context.cancelled_steps
        ),
        (1, 0, 0)
    );

    let last = claim(&store).await.lease;
    for lease in [&leases[1], &last] {
        let submission = store.complete_step(lease, Bytes::new()).await.unwrap();
        assert!(matches!(submission, Submission::Accepted { .. }));
    }
    assert_eq!(status().await.status, ExecutionStatus::WaitingForRetry);
}

#[tokio::test]
async fn transitive_dependencies_come_nearest_first_with_state_and_output() {
    let store = MemoryStore::new();
    let task = create(&store, &Template::diamond("h", 2)).await;
    complete_next(&store, task, 0, "begun").await;
    let dependencies = store
        .get_step_transitive_dependencies(StepId { task, index: 3 })
        .await
        .unwrap();
    let found: Vec<_> = dependencies
        .iter()
        .map(|step| {
            (
                step.name.as_str(),
                step.distance,
                step.state,
                step.output.as_deref(),
            )
        })
        .collect();
    use StepState::{Completed, Pending};
    assert_eq!(
        found,
        [
            ("branch_1", 1, Pending, None),
            ("branch_2", 1, Pending, None),
            ("start", 2, Completed, Some(&b"begun"[..]))
        ]
    );
}

#[tokio::test]
async fn what_does_not_exist_is_named() {
    let store = MemoryStore::new();
    let absent = TaskId::new(7);
    let error = store.get_task_execution_context(absent).await.unwrap_err();
    assert_eq!(error.to_string(), "task 7 is not in the store");
    let task = create(&store, &Template::linear("h", 2)).await;
    let step = StepId { task, index: 2 };
    for error in [
        store
            .get_step_transitive_dependencies(step)
            .await
            .unwrap_err(),
        store.enqueue_steps(task, &[0, 2]).await.unwrap_err(),
        store
            .get_step_readiness_status(task, StepSelection::Only(2))
            .await
            .unwrap_err(),
    ] {
        assert!(matches!(error, StoreError::UnknownStep(named) if named == step));
    }
    assert_eq!(store.count_enqueued_steps().await.unwrap(), 0);
}
