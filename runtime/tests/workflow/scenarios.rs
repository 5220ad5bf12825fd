//! What a user of the engine sees, the same on both wirings.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use runtime::workflow::{
    Engine, EngineBuilder, Handlers, MemoryStore, Step, StepError, StepInput, StepState,
    SubmitError, TaskOutcome, TaskState, Template,
};
use tokio::{
    sync::{Barrier, Semaphore},
    time::Instant,
};

use crate::wiring::{Wiring, on_every_wiring};

on_every_wiring! {
    outputs_flow_along_the_dependencies,
    siblings_execute_at_the_same_time,
    every_step_of_a_tree_executes_once,
    no_more_steps_execute_at_a_time_than_there_are_workers,
    many_tasks_run_side_by_side,
    quick_steps_let_other_tokio_tasks_run,
    a_healthy_task_takes_no_time_but_its_handlers,
    a_slow_handler_keeps_its_lease,
    a_task_runs_on_without_its_handle,
    a_template_with_an_unregistered_handler_is_refused,
    shutdown_lets_executing_steps_end_and_begins_no_others,
}

async fn echo(input: StepInput) -> Result<Bytes, StepError> {
    Ok(Bytes::copy_from_slice(input.step_name().as_bytes()))
}

fn builder(handlers: Handlers) -> EngineBuilder<MemoryStore> {
    Engine::builder(handlers)
}

async fn run(wiring: Wiring, handlers: Handlers, template: &Template) -> TaskOutcome {
    let engine = wiring.start(builder(handlers)).await;
    let task = engine.submit(template, "input").await.unwrap();
    let outcome = task.completed().await.unwrap();
    let stored = engine.store().count_tasks();
    assert_eq!(stored, 1, "the task is in the store that the engine shows");
    outcome
}

async fn outputs_flow_along_the_dependencies(wiring: Wiring) {
    let handlers = Handlers::new().register("join", |input: StepInput| async move {
        let mut line = input.task_input.to_vec();
        for (name, output) in input.dependencies() {
            line.extend_from_slice(format!(" {name}=(").as_bytes());
            line.extend_from_slice(output);
            line.push(b')');
        }
        line.extend_from_slice(input.step_input());
        Ok(line.into())
    });
    let template = Template::builder("t")
        .step(
            Step::new("c")
                .handler("join")
                .after("b")
                .after("a")
                .input("!"),
        )
        .step(Step::new("a").handler("join"))
        .step(Step::new("b").handler("join").after("a"))
        .build()
        .unwrap();
    let outcome = run(wiring, handlers, &template).await;
    assert_eq!(outcome.state, TaskState::Completed);
    assert_eq!(
        outcome.output("c").unwrap(),
        "input b=(input a=(input)) a=(input)!"
    );
}

async fn siblings_execute_at_the_same_time(wiring: Wiring) {
    let meeting = Arc::new(Barrier::new(3));
    let handlers = Handlers::new().register("meet", move |input: StepInput| {
        let meeting = Arc::clone(&meeting);
        async move {
            if input.step_name().starts_with("branch") {
                // Nobody gets past here unless all three branches execute at once.
                meeting.wait().await;
            }
            Ok(Bytes::new())
        }
    });
    let outcome = run(wiring, handlers, &Template::diamond("meet", 3)).await;
    assert_eq!(outcome.state, TaskState::Completed);
}

async fn every_step_of_a_tree_executes_once(wiring: Wiring) {
    let template = Template::tree("echo", 4, 3);
    let outcome = run(wiring, Handlers::new().register("echo", echo), &template).await;
    for (step, declared) in outcome.steps.iter().zip(template.steps()) {
        assert_eq!(step.state, StepState::Completed);
        assert_eq!(step.attempts.len(), 1);
        assert_eq!(step.output.as_ref().unwrap(), declared.name());
    }
}

async fn no_more_steps_execute_at_a_time_than_there_are_workers(wiring: Wiring) {
    let executing = Arc::new(AtomicU32::new(0));
    let most = Arc::new(AtomicU32::new(0));
    let (counter, record) = (Arc::clone(&executing), Arc::clone(&most));
    let handlers = Handlers::new().register("count", move |_: StepInput| {
        let (executing, most) = (Arc::clone(&counter), Arc::clone(&record));
        async move {
            most.fetch_max(
                executing.fetch_add(1, Ordering::SeqCst) + 1,
                Ordering::SeqCst,
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
            executing.fetch_sub(1, Ordering::SeqCst);
            Ok(Bytes::new())
        }
    });
    let engine = wiring.start(builder(handlers).workers(3)).await;
    let task = engine
        .submit(&Template::diamond("count", 20), "")
        .await
        .unwrap();
    let outcome = task.completed().await.unwrap();
    assert_eq!(outcome.state, TaskState::Completed);
    assert_eq!(most.load(Ordering::SeqCst), 3);
}

async fn many_tasks_run_side_by_side(wiring: Wiring) {
    let handlers = Handlers::new().register("input", |input: StepInput| async move {
        tokio::time::sleep(Duration::from_millis(u64::from(input.task_input[0] % 7))).await;
        Ok(input.task_input)
    });
    let engine = wiring.start(builder(handlers)).await;
    let mut tasks = Vec::new();
    for number in 0..200u8 {
        let template = match number % 3 {
            0 => Template::linear("input", 4),
            1 => Template::diamond("input", 5),
            _ => Template::tree("input", 2, 2),
        };
        tasks.push((
            number,
            engine.submit(&template, vec![number]).await.unwrap(),
        ));
    }
    for (number, task) in tasks {
        let outcome = task.completed().await.unwrap();
        assert_eq!(outcome.state, TaskState::Completed);
        for step in &outcome.steps {
            assert_eq!(step.output.as_ref().unwrap(), &[number][..]);
            assert_eq!(step.attempts.len(), 1);
        }
    }
}

async fn quick_steps_let_other_tokio_tasks_run(wiring: Wiring) {
    let engine = wiring
        .start(builder(Handlers::new().register("echo", echo)))
        .await;
    let turns = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&turns);
    tokio::spawn(async move {
        loop {
            counter.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
        }
    });
    let task = engine.submit(&Template::linear("echo", 4000), "").await;
    task.unwrap().completed().await.unwrap();
    assert!(turns.load(Ordering::SeqCst) >= 10);
}

async fn a_healthy_task_takes_no_time_but_its_handlers(wiring: Wiring) {
    let handlers = Handlers::new().register("work", |_: StepInput| async {
        tokio::time::sleep(Duration::from_millis(7)).await;
        Ok(Bytes::new())
    });
    let engine = wiring.start(builder(handlers)).await;
    for (template, expected_ms) in [
        (Template::linear("work", 4), 4 * 7),
        (Template::diamond("work", 2), 3 * 7),
        (Template::tree("work", 2, 2), 3 * 7),
    ] {
        // Paused time stands still as long as anything can run, so any sleep or poll on the
        // way from submission to completion would show up here.
        let begun = Instant::now();
        let task = engine.submit(&template, "").await.unwrap();
        task.completed().await.unwrap();
        assert_eq!(
            begun.elapsed(),
            Duration::from_millis(expected_ms),
            "{}",
            template.name()
        );
    }
}

async fn a_slow_handler_keeps_its_lease(wiring: Wiring) {
    let handlers = Handlers::new().register("slow", |_: StepInput| async {
        tokio::time::sleep(Duration::from_secs(3600)).await;
        Ok(Bytes::new())
    });
    let outcome = run(wiring, handlers, &Template::linear("slow", 1)).await;
    assert_eq!(outcome.step("step_1").unwrap().attempts.len(), 1);
    assert_eq!(outcome.state, TaskState::Completed);
}

async fn a_task_runs_on_without_its_handle(wiring: Wiring) {
    let done = Arc::new(Semaphore::new(0));
    let tell = Arc::clone(&done);
    let handlers = Handlers::new().register("tell", move |_: StepInput| {
        tell.add_permits(1);
        async { Ok(Bytes::new()) }
    });
    let engine = wiring.start(builder(handlers)).await;
    drop(
        engine
            .submit(&Template::linear("tell", 3), "")
            .await
            .unwrap(),
    );
    done.acquire_many(3).await.unwrap().forget();
}

async fn a_template_with_an_unregistered_handler_is_refused(wiring: Wiring) {
    let handlers = Handlers::new()
        .register("ship", echo)
        .register("charge", echo);
    let engine = wiring.start(builder(handlers)).await;
    let error = engine
        .submit(&Template::linear("chrage", 1), "")
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "handler `chrage` of step `step_1` in template `linear_1` is not registered\n  \
         known handlers: `charge`, `ship`"
    );
    assert_eq!(engine.store().count_tasks(), 0);
}

async fn shutdown_lets_executing_steps_end_and_begins_no_others(wiring: Wiring) {
    let begun = Arc::new(AtomicU32::new(0));
    let ended = Arc::new(AtomicU32::new(0));
    let (begin, end) = (Arc::clone(&begun), Arc::clone(&ended));
    let handlers = Handlers::new().register("slow", move |input: StepInput| {
        begin.fetch_add(1, Ordering::SeqCst);
        let end = Arc::clone(&end);
        async move {
            tokio::time::sleep(Duration::from_secs(input.task_input[0].into())).await;
            end.fetch_add(1, Ordering::SeqCst);
            Ok(Bytes::new())
        }
    });
    let engine = wiring.start(builder(handlers).workers(2)).await;
    let submit = async |steps, seconds| {
        let task = engine
            .submit(&Template::linear("slow", steps), vec![seconds])
            .await;
        task.unwrap()
    };
    // The first ends earlier than the second, and then has a next step; the third has no
    // worker yet. So there are two steps to begin while the second is waited for.
    let first = submit(2, 2).await;
    let second = submit(1, 5).await;
    let third = submit(1, 2).await;
    tokio::time::sleep(Duration::from_secs(1)).await;

    engine.clone().shutdown().await;
    assert_eq!(
        (begun.load(Ordering::SeqCst), ended.load(Ordering::SeqCst)),
        (2, 2)
    );
    assert_eq!(
        second.completed().await.unwrap().state,
        TaskState::Completed
    );
    for unfinished in [first, third] {
        let stopped = unfinished.completed().await.unwrap_err();
        assert_eq!(stopped.to_string(), "the workflow engine has stopped");
    }
    let refused = engine.submit(&Template::linear("slow", 1), vec![1]).await;
    assert!(matches!(refused, Err(SubmitError::EngineStopped)));

    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!(begun.load(Ordering::SeqCst), 2);
}
