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
    Engine, EngineBuilder, Handlers, MemoryStore, RetryPolicy, Step, StepError, StepInput,
    StepState, SubmitError, TaskOutcome, TaskState, Template,
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
    a_healthy_task_takes_no_time_but_its_handlers,
    a_retryable_failure_is_tried_again_after_its_delay,
    a_step_fails_when_its_attempts_are_used_up,
    a_permanent_failure_is_not_tried_again,
    a_failure_spares_the_branches_that_do_not_depend_on_it,
    a_panic_of_a_handler_is_a_failed_attempt,
    an_attempt_that_takes_too_long_is_a_failed_attempt,
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

fn one_step(step: Step) -> Template {
    Template::builder("one step").step(step).build().unwrap()
}

fn attempts(outcome: &TaskOutcome, step: &str) -> Vec<Option<String>> {
    let attempts = &outcome.step(step).unwrap().attempts;
    let numbers: Vec<_> = attempts.iter().map(|attempt| attempt.number).collect();
    assert_eq!(numbers, (1..=attempts.len() as u32).collect::<Vec<_>>());
    attempts
        .iter()
        .map(|attempt| {
            let end = attempt.end.as_ref().expect("the attempt has ended");
            end.error.as_ref().map(|error| error.message().to_owned())
        })
        .collect()
}

fn failures<const COUNT: usize>(messages: [&str; COUNT]) -> Vec<Option<String>> {
    messages
        .iter()
        .map(|message| Some((*message).to_owned()))
        .collect()
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

fn failing_until(success: u32) -> Handlers {
    Handlers::new().register("flaky", move |input: StepInput| async move {
        if input.attempt < success {
            Err(StepError::retryable(format!("attempt {}", input.attempt)))
        } else {
            Ok("done".into())
        }
    })
}

async fn a_retryable_failure_is_tried_again_after_its_delay(wiring: Wiring) {
    let policy = RetryPolicy::exponential(4, Duration::from_secs(1), Duration::from_secs(60));
    let template = one_step(Step::new("flaky").retry(policy));
    let begun = Instant::now();
    let outcome = run(wiring, failing_until(4), &template).await;
    assert_eq!(begun.elapsed(), Duration::from_secs(1 + 2 + 4));
    assert_eq!(outcome.state, TaskState::Completed);
    assert_eq!(outcome.output("flaky").unwrap(), "done");
    let mut expected = failures(["attempt 1", "attempt 2", "attempt 3"]);
    expected.push(None);
    assert_eq!(attempts(&outcome, "flaky"), expected);
}

async fn a_step_fails_when_its_attempts_are_used_up(wiring: Wiring) {
    let template = one_step(Step::new("flaky").retry(RetryPolicy::immediate(2)));
    let outcome = run(wiring, failing_until(9), &template).await;
    assert_eq!(outcome.state, TaskState::Failed);
    assert_eq!(outcome.step("flaky").unwrap().state, StepState::Failed);
    assert_eq!(
        attempts(&outcome, "flaky"),
        failures(["attempt 1", "attempt 2"])
    );
}

async fn a_permanent_failure_is_not_tried_again(wiring: Wiring) {
    let handlers = Handlers::new().register("refuse", async |_: StepInput| {
        Err(StepError::permanent("card expired"))
    });
    let outcome = run(wiring, handlers, &one_step(Step::new("refuse"))).await;
    assert_eq!(outcome.state, TaskState::Failed);
    assert_eq!(attempts(&outcome, "refuse"), failures(["card expired"]));
}

async fn a_failure_spares_the_branches_that_do_not_depend_on_it(wiring: Wiring) {
    let handlers = Handlers::new()
        .register("echo", echo)
        .register("refuse", async |_: StepInput| {
            Err(StepError::permanent("no"))
        });
    let template = Template::builder("t")
        .step(Step::new("start").handler("echo"))
        .step(Step::new("bad").handler("refuse").after("start"))
        .step(Step::new("after_bad").handler("echo").after("bad"))
        .step(Step::new("good").handler("echo").after("start"))
        .step(Step::new("after_good").handler("echo").after("good"))
        .step(
            Step::new("join")
                .handler("echo")
                .after("after_bad")
                .after("after_good"),
        )
        .build()
        .unwrap();
    let outcome = run(wiring, handlers, &template).await;
    assert_eq!(outcome.state, TaskState::Failed);
    let states: Vec<_> = outcome.steps.iter().map(|step| step.state).collect();
    use StepState::{Cancelled, Completed, Failed};
    assert_eq!(
        states,
        [
            Completed, Failed, Cancelled, Completed, Completed, Cancelled
        ]
    );
    assert!(outcome.step("join").unwrap().attempts.is_empty());
}

async fn a_panic_of_a_handler_is_a_failed_attempt(wiring: Wiring) {
    let handlers = Handlers::new()
        .register("late", |input: StepInput| async move {
            tokio::task::yield_now().await;
            assert!(input.attempt > 1, "{} cannot go on", input.step_name());
            Ok(Bytes::new())
        })
        .register("early", |input: StepInput| {
            assert!(input.attempt > 1, "cannot even begin");
            async { Ok(Bytes::new()) }
        });
    let retry = RetryPolicy::immediate(2);
    let template = Template::builder("t")
        .step(Step::new("late").retry(retry))
        .step(Step::new("early").retry(retry))
        .build()
        .unwrap();
    let begun = Instant::now();
    let outcome = run(wiring, handlers, &template).await;
    assert_eq!(outcome.state, TaskState::Completed);
    assert_eq!(
        begun.elapsed(),
        Duration::ZERO,
        "nobody waited for a lease to expire"
    );
    let panicked = |message: &str| [Some(format!("the handler panicked: {message}")), None];
    assert_eq!(attempts(&outcome, "late"), panicked("late cannot go on"));
    assert_eq!(attempts(&outcome, "early"), panicked("cannot even begin"));
}

async fn an_attempt_that_takes_too_long_is_a_failed_attempt(wiring: Wiring) {
    let handlers = Handlers::new().register("hang", |input: StepInput| async move {
        if input.attempt == 1 {
            std::future::pending::<()>().await;
        }
        Ok(Bytes::new())
    });
    let step = Step::new("hang")
        .attempt_timeout(Duration::from_secs(90))
        .retry(RetryPolicy::immediate(2));
    let outcome = run(wiring, handlers, &one_step(step)).await;
    assert_eq!(
        attempts(&outcome, "hang"),
        [Some("no result within 90s".to_owned()), None]
    );
    let first = outcome.step("hang").unwrap().attempts[0]
        .end
        .as_ref()
        .unwrap();
    assert_eq!(first.elapsed, Duration::from_secs(90));
}

async fn a_slow_handler_keeps_its_lease(wiring: Wiring) {
    let handlers = Handlers::new().register("slow", |_: StepInput| async {
        tokio::time::sleep(Duration::from_secs(3600)).await;
        Ok(Bytes::new())
    });
    let outcome = run(wiring, handlers, &one_step(Step::new("slow"))).await;
    assert_eq!(outcome.step("slow").unwrap().attempts.len(), 1);
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
    let handlers = Handlers::new().register("slow", move |_: StepInput| {
        begin.fetch_add(1, Ordering::SeqCst);
        let end = Arc::clone(&end);
        async move {
            tokio::time::sleep(Duration::from_secs(5)).await;
            end.fetch_add(1, Ordering::SeqCst);
            Ok(Bytes::new())
        }
    });
    let engine = wiring.start(builder(handlers).workers(2)).await;
    let short = engine
        .submit(&Template::linear("slow", 1), "")
        .await
        .unwrap();
    let long = engine
        .submit(&Template::diamond("slow", 9), "")
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;

    engine.clone().shutdown().await;
    assert_eq!(
        (begun.load(Ordering::SeqCst), ended.load(Ordering::SeqCst)),
        (2, 2)
    );
    assert_eq!(short.completed().await.unwrap().state, TaskState::Completed);
    let stopped = long.completed().await.unwrap_err();
    assert_eq!(stopped.to_string(), "the workflow engine has stopped");
    let refused = engine.submit(&Template::linear("slow", 1), "").await;
    assert!(matches!(refused, Err(SubmitError::EngineStopped)));

    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!(begun.load(Ordering::SeqCst), 2);
}
