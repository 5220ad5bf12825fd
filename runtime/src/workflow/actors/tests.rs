//! What only this wiring can suffer: its actors fail.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Semaphore, time::Instant};

use super::{
    ActorsWiring, DISCOVERER, ENQUEUER, FINALIZER, INITIALIZER, REAPER, RESULT_PROCESSOR, WORKERS,
    discoverer::Discover, enqueuer::EnqueuerMessage, finalizer::Finalize,
    initializer::InitializerMessage, reaper::Sweep, worker::Wake, worker_name,
};
use crate::{
    Address, System,
    workflow::{
        Handlers, MemoryStore, RetryPolicy, Step, StepInput, StepResult, TaskOutcome, TaskState,
        Template, WorkerId, services::Services,
    },
};

const LEASE: Duration = Duration::from_secs(10);

async fn start(handlers: Handlers, workers: u32) -> ActorsWiring {
    let services = Arc::new(Services::new(MemoryStore::new(), handlers, LEASE));
    let sweep_interval = Duration::from_secs(1);
    ActorsWiring::start(services, &System::new(), workers, sweep_interval)
        .await
        .expect("the system is new")
}

fn worker(wiring: &ActorsWiring, position: usize) -> Address<Wake> {
    let pool = wiring
        .supervisor
        .supervisor(WORKERS)
        .expect("there is a pool");
    pool.address(&worker_name(position))
        .expect("there is such a worker")
}

/// Paused time goes on only when nothing else can.
async fn everything_settles() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

fn successes(outcome: &TaskOutcome) -> Vec<usize> {
    let succeeded = |attempt: &&crate::workflow::Attempt| {
        attempt.end.as_ref().is_some_and(|end| end.error.is_none())
    };
    let steps = outcome.steps.iter();
    steps
        .map(|step| step.attempts.iter().filter(succeeded).count())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn the_step_of_a_killed_worker_is_completed_by_another_attempt() {
    let begun = Arc::new(AtomicU32::new(0));
    let begin = Arc::clone(&begun);
    let handlers = Handlers::new().register("work", move |input: StepInput| {
        let is_first = begin.fetch_add(1, Ordering::SeqCst) == 0;
        async move {
            if is_first {
                std::future::pending::<()>().await;
            }
            Ok(input.step_name().to_owned().into())
        }
    });
    let wiring = start(handlers, 1).await;
    let step = |name| {
        Step::new(name)
            .handler("work")
            .retry(RetryPolicy::immediate(3))
    };
    let template = Template::builder("t")
        .step(step("first"))
        .step(step("second").after("first"))
        .build()
        .expect("acyclic");
    let task = wiring
        .submit(&template, "".into())
        .await
        .expect("submitted");
    everything_settles().await;
    assert_eq!(
        begun.load(Ordering::SeqCst),
        1,
        "the worker is in the middle of the step"
    );

    let killed = Instant::now();
    worker(&wiring, 0).kill();
    let completed = tokio::time::timeout(LEASE * 9, task.completed()).await;
    let outcome = completed
        .expect("nothing is lost")
        .expect("the engine runs");
    assert!((LEASE / 2..LEASE * 2).contains(&killed.elapsed()));
    assert_eq!(outcome.state, TaskState::Completed);
    assert_eq!(successes(&outcome), [1, 1]);
    let attempts = &outcome.step("first").expect("declared").attempts;
    assert_eq!(attempts.len(), 2);
    assert_eq!(
        attempts[1].worker,
        WorkerId::new(0),
        "the worker was restarted"
    );
    assert_eq!(worker(&wiring, 0).incarnation(), 2);
    assert_eq!(outcome.output("second").expect("completed"), "second");
}

#[tokio::test(start_paused = true)]
async fn a_busy_worker_does_not_keep_steps_from_an_idle_one() {
    let gate = Arc::new(Semaphore::new(0));
    let wait_at = Arc::clone(&gate);
    let handlers = Handlers::new()
        .register("wait", move |_: StepInput| {
            let gate = Arc::clone(&wait_at);
            async move {
                let _ = gate.acquire().await;
                Ok("".into())
            }
        })
        .register("quick", async |_: StepInput| Ok("".into()));
    let wiring = start(handlers, 2).await;
    let slow = wiring
        .submit(&Template::linear("wait", 1), "".into())
        .await
        .expect("submitted");
    everything_settles().await;
    no_quick_task_waits(&wiring).await;

    // Nor after the actor that knew who is idle was killed.
    let enqueuer = wiring
        .supervisor
        .address::<EnqueuerMessage>(ENQUEUER)
        .expect("a stage");
    enqueuer.kill();
    everything_settles().await;
    assert_eq!(enqueuer.incarnation(), 2);
    no_quick_task_waits(&wiring).await;
    gate.add_permits(1);
    slow.completed().await.expect("the engine runs");
}

async fn no_quick_task_waits(wiring: &ActorsWiring) {
    let begun = Instant::now();
    for _ in 0..20 {
        let quick = Template::linear("quick", 3);
        let task = wiring.submit(&quick, "".into()).await.expect("submitted");
        task.completed().await.expect("the engine runs");
    }
    assert_eq!(begun.elapsed(), Duration::ZERO);
}

/// Kills every stage once, in the middle of a crowd of tasks.
#[tokio::test(start_paused = true)]
async fn tasks_complete_although_every_stage_is_killed() {
    let handlers = Handlers::new().register("work", async |_: StepInput| {
        tokio::time::sleep(Duration::from_millis(500)).await;
        Ok("".into())
    });
    let wiring = start(handlers, 3).await;
    let step = |name| {
        Step::new(name)
            .handler("work")
            .retry(RetryPolicy::immediate(9))
    };
    let template = Template::builder("t")
        .step(step("a"))
        .step(step("b").after("a"))
        .step(step("c").after("a"))
        .step(step("d").after("b").after("c"))
        .build()
        .expect("acyclic");
    let mut tasks = Vec::new();
    for _ in 0..20 {
        tasks.push(
            wiring
                .submit(&template, "".into())
                .await
                .expect("submitted"),
        );
    }
    let tree = &wiring.supervisor;
    let kills: [&dyn Fn(); 7] = [
        &|| {
            tree.address::<EnqueuerMessage>(ENQUEUER)
                .expect("a stage")
                .kill()
        },
        &|| {
            tree.address::<Discover>(DISCOVERER)
                .expect("a stage")
                .kill()
        },
        &|| {
            tree.address::<StepResult>(RESULT_PROCESSOR)
                .expect("a stage")
                .kill()
        },
        &|| tree.address::<Finalize>(FINALIZER).expect("a stage").kill(),
        &|| {
            tree.address::<InitializerMessage>(INITIALIZER)
                .expect("a stage")
                .kill()
        },
        &|| tree.address::<Sweep>(REAPER).expect("a stage").kill(),
        &|| worker(&wiring, 1).kill(),
    ];
    for kill in kills {
        // Slow enough for the restart intensity, and just when steps end.
        tokio::time::sleep(Duration::from_millis(2000)).await;
        kill();
    }
    for task in tasks {
        let completed = tokio::time::timeout(Duration::from_secs(60), task.completed()).await;
        let outcome = completed
            .expect("nothing is lost")
            .expect("the engine runs");
        assert_eq!(outcome.state, TaskState::Completed);
        assert_eq!(successes(&outcome), [1, 1, 1, 1]);
    }
    assert!(
        tree.children()
            .iter()
            .all(|child| child.name.as_ref() == WORKERS || child.incarnation == 2)
    );
}

#[tokio::test(start_paused = true)]
async fn waiters_are_told_when_the_stages_end_without_the_engine() {
    let handlers = Handlers::new().register("hang", async |_: StepInput| {
        std::future::pending::<()>().await;
        Ok("".into())
    });
    let services = Arc::new(Services::new(MemoryStore::new(), handlers, LEASE));
    let system = System::new();
    let wiring = ActorsWiring::start(services, &system, 1, Duration::from_secs(1))
        .await
        .expect("the system is new");
    let task = wiring
        .submit(&Template::linear("hang", 1), "".into())
        .await
        .expect("submitted");
    everything_settles().await;
    system.shutdown().await;
    assert!(task.completed().await.is_err());
    assert!(
        wiring
            .submit(&Template::linear("hang", 1), "".into())
            .await
            .is_err()
    );
}

#[tokio::test(start_paused = true)]
async fn the_stages_end_with_the_engine() {
    let wiring = start(Handlers::new(), 2).await;
    let stages = wiring.supervisor.clone();
    drop(wiring);
    stages.terminated().await;
}
