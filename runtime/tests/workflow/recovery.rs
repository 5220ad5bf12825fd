//! What was lost on the way is found again.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use runtime::workflow::{
    Engine, Handlers, MemoryStore, RetryPolicy, Step, StepInput, StepState, Store, TaskHandle,
    TaskState, Template, Transition, WorkerId,
};
use tokio::{sync::Semaphore, time::Instant};

use crate::{
    flaky_store::FlakyStore,
    wiring::{Wiring, on_every_wiring},
};

on_every_wiring! {
    a_step_whose_worker_is_gone_is_tried_again,
    a_step_that_loses_its_worker_every_time_fails,
    a_task_created_by_somebody_else_is_driven,
    an_enqueued_step_that_nobody_was_told_of_is_executed,
    a_waiter_is_told_of_a_task_that_another_engine_ended,
    tasks_complete_although_the_store_fails_now_and_then,
}

const LEASE: Duration = Duration::from_secs(10);

/// An engine with one worker, which is kept busy until the semaphore gets a permit.
async fn engine_with_a_busy_worker(wiring: Wiring) -> (Engine<MemoryStore>, Arc<Semaphore>) {
    let release = Arc::new(Semaphore::new(0));
    let gate = Arc::clone(&release);
    let handlers = Handlers::new()
        .register("wait", move |_: StepInput| {
            let gate = Arc::clone(&gate);
            async move {
                gate.acquire().await.unwrap().forget();
                Ok(Bytes::new())
            }
        })
        .register("work", async |_: StepInput| Ok("worked".into()));
    let engine = wiring
        .start(Engine::builder(handlers).workers(1).lease_duration(LEASE))
        .await;
    engine
        .submit(&Template::linear("wait", 1), "")
        .await
        .unwrap();
    everything_settles().await;
    (engine, release)
}

/// Paused time goes on only when nothing else can.
async fn everything_settles() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

/// Submits a task of one step and lets a worker claim it that is never heard of again.
async fn submit_and_lose(engine: &Engine<MemoryStore>, step: Step) -> TaskHandle {
    let template = Template::builder("t").step(step).build().unwrap();
    let task = engine.submit(&template, "").await.unwrap();
    everything_settles().await;
    let claimed = engine
        .store()
        .claim_step(WorkerId::new(99), LEASE)
        .await
        .unwrap();
    assert_eq!(
        claimed.expect("the step is enqueued").lease.step.task,
        task.task()
    );
    task
}

async fn a_step_whose_worker_is_gone_is_tried_again(wiring: Wiring) {
    let (engine, release) = engine_with_a_busy_worker(wiring).await;
    let step = Step::new("work").retry(RetryPolicy::immediate(2));
    let task = submit_and_lose(&engine, step).await;
    let lost = Instant::now();
    release.add_permits(1);
    let outcome = task.completed().await.unwrap();
    assert!((LEASE..LEASE + Duration::from_secs(2)).contains(&lost.elapsed()));
    assert_eq!(outcome.state, TaskState::Completed);
    assert_eq!(outcome.output("work").unwrap(), "worked");
    let attempts = &outcome.step("work").unwrap().attempts;
    assert_eq!(attempts.len(), 2);
    assert_eq!(attempts[0].worker, WorkerId::new(99));
    let error = attempts[0].end.as_ref().unwrap().error.as_ref().unwrap();
    assert_eq!(error.message(), "the lease expired before a result came");
    assert_eq!(attempts[1].end.as_ref().unwrap().error, None);
}

async fn a_step_that_loses_its_worker_every_time_fails(wiring: Wiring) {
    let (engine, release) = engine_with_a_busy_worker(wiring).await;
    let task = submit_and_lose(&engine, Step::new("work").retry(RetryPolicy::once())).await;
    release.add_permits(1);
    let outcome = task.completed().await.unwrap();
    assert_eq!(outcome.state, TaskState::Failed);
    assert_eq!(outcome.step("work").unwrap().state, StepState::Failed);
}

async fn a_task_created_by_somebody_else_is_driven(wiring: Wiring) {
    let (engine, release) = engine_with_a_busy_worker(wiring).await;
    release.add_permits(1);
    let template = Template::diamond("work", 3);
    let task = engine
        .store()
        .create_task(&template, Bytes::new())
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let context = engine
        .store()
        .get_task_execution_context(task)
        .await
        .unwrap();
    assert_eq!(
        (context.state, context.completed_steps),
        (TaskState::Completed, 5)
    );
}

async fn an_enqueued_step_that_nobody_was_told_of_is_executed(wiring: Wiring) {
    let (engine, release) = engine_with_a_busy_worker(wiring).await;
    release.add_permits(1);
    let store = engine.store();
    let task = store
        .create_task(&Template::linear("work", 2), Bytes::new())
        .await
        .unwrap();
    let (from, to) = (TaskState::Pending, TaskState::Running);
    let begun = store
        .transition_task_state_atomic(task, from, to)
        .await
        .unwrap();
    assert_eq!(begun, Transition::Applied);
    assert_eq!(store.enqueue_steps(task, &[0]).await.unwrap(), 1);
    tokio::time::sleep(Duration::from_secs(2)).await;
    let context = store.get_task_execution_context(task).await.unwrap();
    assert_eq!(
        (context.state, context.completed_steps),
        (TaskState::Completed, 2)
    );
}

async fn a_waiter_is_told_of_a_task_that_another_engine_ended(wiring: Wiring) {
    let (engine, _release) = engine_with_a_busy_worker(wiring).await;
    let task = engine
        .submit(&Template::linear("work", 3), "")
        .await
        .unwrap();
    let handlers = Handlers::new().register("work", async |_: StepInput| Ok("by another".into()));
    let _another = wiring
        .start(Engine::builder(handlers).store(engine.store().clone()))
        .await;
    let outcome = task.completed().await.unwrap();
    assert_eq!(outcome.state, TaskState::Completed);
    assert_eq!(outcome.output("step_3").unwrap(), "by another");
}

async fn tasks_complete_although_the_store_fails_now_and_then(wiring: Wiring) {
    let handlers = Handlers::new().register("work", async |_: StepInput| {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Ok(Bytes::new())
    });
    let store = FlakyStore::failing_once_in(5);
    let engine = wiring
        .start(Engine::builder(handlers).store(store).lease_duration(LEASE))
        .await;
    let retry = RetryPolicy::immediate(100);
    let template = Template::builder("t")
        .step(Step::new("a").handler("work").retry(retry))
        .step(Step::new("b").handler("work").after("a").retry(retry))
        .step(Step::new("c").handler("work").after("a").retry(retry))
        .step(
            Step::new("d")
                .handler("work")
                .after("b")
                .after("c")
                .retry(retry),
        )
        .build()
        .unwrap();
    let mut tasks = Vec::new();
    while tasks.len() < 50 {
        // A task that could not be created is the submitter's to submit again.
        tasks.extend(engine.submit(&template, "").await.ok());
    }
    for task in tasks {
        let outcome = task.completed().await.unwrap();
        assert_eq!(outcome.state, TaskState::Completed);
        for step in &outcome.steps {
            let ends = step
                .attempts
                .iter()
                .map(|attempt| attempt.end.as_ref().unwrap());
            let successes = ends.filter(|end| end.error.is_none()).count();
            assert_eq!(successes, 1);
        }
    }
    assert!(engine.store_failures() > 100);
    assert!(
        engine
            .store()
            .completions_by_step()
            .values()
            .all(|&count| count == 1)
    );
    assert_eq!(engine.store().completions_by_step().len(), 50 * 4);
}
