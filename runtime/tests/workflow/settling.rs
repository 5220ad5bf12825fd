//! Results and ends that come twice, or from elsewhere.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use runtime::workflow::{
    Completions, Handlers, MemoryStore, NextAction, ResultProcessor, StepDiscovery, StepEnqueuer,
    StepError, StepInput, StepResult, StepSelection, StepState, StepWorker, Store, Submission,
    TaskFinalizer, TaskId, TaskInitializer, TaskState, Template, Transition, WorkerId,
};
use tokio::time::Instant;

/// A task of two steps, the first of them executed but not submitted.
async fn executed_step(store: &Arc<MemoryStore>) -> StepResult {
    let task = store
        .create_task(&Template::linear("h", 2), Bytes::new())
        .await
        .unwrap();
    let discovery = StepDiscovery::new(Arc::clone(store));
    let ready = discovery
        .discover_ready_steps(task, StepSelection::All)
        .await
        .unwrap();
    assert_eq!(ready, [0]);
    let enqueuer = StepEnqueuer::new(Arc::clone(store));
    assert_eq!(enqueuer.enqueue_ready_steps(task, &ready).await.unwrap(), 1);
    assert_eq!(enqueuer.enqueue_ready_steps(task, &ready).await.unwrap(), 0);

    let handlers = Handlers::new().register("h", async |_: StepInput| Ok("output".into()));
    let lease = Duration::from_secs(30);
    let worker = StepWorker::new(
        Arc::clone(store),
        Arc::new(handlers),
        WorkerId::new(1),
        lease,
    );
    let claimed = worker.claim().await.unwrap().expect("the step is enqueued");
    assert!(worker.claim().await.unwrap().is_none());
    worker.execute(claimed).await.expect("the lease was kept")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_submissions_of_one_result_one_has_a_consequence() {
    let store = Arc::new(MemoryStore::new());
    for _ in 0..100 {
        let result = executed_step(&store).await;
        let (task, step) = (result.lease.step.task, result.lease.step.index);
        let submissions: Vec<_> = (0..8)
            .map(|_| {
                let processor = ResultProcessor::new(Arc::clone(&store));
                let result = result.clone();
                tokio::spawn(async move { processor.process_step_result(result).await.unwrap() })
            })
            .collect();
        let mut consequences = Vec::new();
        for submission in submissions {
            match submission.await.unwrap() {
                NextAction::Nothing => {}
                consequence => consequences.push(consequence),
            }
        }
        let selection = StepSelection::DependentsOf(step);
        assert_eq!(consequences, [NextAction::Discover { task, selection }]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_handler_is_dropped_when_its_lease_is_lost() {
    struct TellWhenDropped(Arc<AtomicBool>);
    impl Drop for TellWhenDropped {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }

    let dropped = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&dropped);
    let handlers = Handlers::new().register("hang", move |_: StepInput| {
        let guard = TellWhenDropped(Arc::clone(&flag));
        async move {
            std::future::pending::<()>().await;
            drop(guard);
            Ok(Bytes::new())
        }
    });
    let store = Arc::new(MemoryStore::new());
    let task = store
        .create_task(&Template::linear("hang", 1), Bytes::new())
        .await
        .unwrap();
    store.enqueue_steps(task, &[0]).await.unwrap();
    let lease = Duration::from_secs(30);
    let worker = StepWorker::new(
        Arc::clone(&store),
        Arc::new(handlers),
        WorkerId::new(1),
        lease,
    );
    let claimed = worker.claim().await.unwrap().expect("the step is enqueued");

    let settled_elsewhere = StepResult {
        lease: claimed.lease.clone(),
        outcome: Ok("by somebody else".into()),
    };
    let execution = tokio::spawn(async move { worker.execute(claimed).await.is_none() });
    tokio::time::sleep(lease * 5).await;
    assert!(
        !execution.is_finished(),
        "the worker renews its lease while it can"
    );
    let processor = ResultProcessor::new(Arc::clone(&store));
    let next = processor
        .process_step_result(settled_elsewhere)
        .await
        .unwrap();
    assert_eq!(next, NextAction::Finalize { task });

    let lost = Instant::now();
    assert!(execution.await.unwrap(), "there is no result");
    assert!(dropped.load(Ordering::SeqCst));
    assert!(lost.elapsed() <= lease / 3);
}

#[tokio::test]
async fn a_failure_submitted_after_the_success_changes_nothing() {
    let store = Arc::new(MemoryStore::new());
    let success = executed_step(&store).await;
    let failure = StepResult {
        outcome: Err(StepError::permanent("late")),
        ..success.clone()
    };
    let step = success.lease.step;
    let processor = ResultProcessor::new(Arc::clone(&store));
    assert_ne!(
        processor.process_step_result(success).await.unwrap(),
        NextAction::Nothing
    );
    assert_eq!(
        processor.process_step_result(failure).await.unwrap(),
        NextAction::Nothing
    );
    let outcome = store.get_task_outcome(step.task).await.unwrap();
    assert_eq!(outcome.steps[step.index].state, StepState::Completed);
    assert_eq!(outcome.steps[step.index].attempts.len(), 1);
}

/// A task of one step that has completed, although nobody has begun or ended the task.
async fn task_with_all_steps_completed(store: &Arc<MemoryStore>, task: TaskId) {
    store.enqueue_steps(task, &[0]).await.unwrap();
    let lease = Duration::from_secs(30);
    let claimed = store.claim_step(WorkerId::new(1), lease).await.unwrap();
    let claimed = claimed.expect("the step is enqueued");
    let submission = store
        .complete_step(&claimed.lease, "output".into())
        .await
        .unwrap();
    assert_ne!(submission, Submission::Stale);
}

async fn change(store: &MemoryStore, task: TaskId, from: TaskState, to: TaskState) {
    let transition = store
        .transition_task_state_atomic(task, from, to)
        .await
        .unwrap();
    assert_eq!(transition, Transition::Applied);
}

#[tokio::test(start_paused = true)]
async fn whoever_does_not_end_a_task_tells_nobody_of_its_end() {
    let store = Arc::new(MemoryStore::new());
    let task = store
        .create_task(&Template::linear("h", 1), Bytes::new())
        .await
        .unwrap();
    task_with_all_steps_completed(&store, task).await;
    let completions = Completions::new();
    let mut waiting = std::pin::pin!(completions.register(task).unwrap().completed());
    let finalizer = TaskFinalizer::new(Arc::clone(&store), completions.clone());

    // Nobody has begun the task, so it cannot end.
    finalizer.finalize_task(task).await.unwrap();
    let told = tokio::time::timeout(Duration::from_secs(1), waiting.as_mut()).await;
    assert!(told.is_err());

    change(&store, task, TaskState::Pending, TaskState::Running).await;
    finalizer.finalize_task(task).await.unwrap();
    assert_eq!(waiting.await.unwrap().state, TaskState::Completed);
}

#[tokio::test(start_paused = true)]
async fn a_task_that_ended_before_it_was_begun_here_is_told_of() {
    let store = Arc::new(MemoryStore::new());
    let handlers = Handlers::new().register("h", async |_: StepInput| Ok(Bytes::new()));
    let initializer =
        TaskInitializer::new(Arc::clone(&store), Arc::new(handlers), Completions::new());
    let submitted = initializer
        .initialize(&Template::linear("h", 1), Bytes::new())
        .await;
    let handle = submitted.unwrap();
    let task = handle.task();
    change(&store, task, TaskState::Pending, TaskState::Running).await;
    task_with_all_steps_completed(&store, task).await;
    change(&store, task, TaskState::Running, TaskState::Completed).await;

    initializer.begin(task).await.unwrap();
    let told = tokio::time::timeout(Duration::from_secs(1), handle.completed()).await;
    assert_eq!(told.unwrap().unwrap().output("step_1").unwrap(), "output");
}
