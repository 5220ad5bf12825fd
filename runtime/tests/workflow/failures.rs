//! What a user of the engine sees when steps fail, the same on both wirings.

use std::time::Duration;

use bytes::Bytes;
use runtime::workflow::{
    Engine, Handlers, RetryPolicy, Step, StepError, StepInput, StepState, TaskOutcome, TaskState,
    Template,
};
use tokio::time::Instant;

use crate::wiring::{Wiring, on_every_wiring};

on_every_wiring! {
    a_retryable_failure_is_tried_again_after_its_delay,
    a_step_fails_when_its_attempts_are_used_up,
    a_permanent_failure_is_not_tried_again,
    a_failure_spares_the_branches_that_do_not_depend_on_it,
    a_panic_of_a_handler_is_a_failed_attempt,
    an_attempt_that_takes_too_long_is_a_failed_attempt,
}

async fn run(wiring: Wiring, handlers: Handlers, template: &Template) -> TaskOutcome {
    let engine = wiring.start(Engine::builder(handlers)).await;
    let task = engine.submit(template, "").await.unwrap();
    task.completed().await.unwrap()
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
        .register("echo", async |_: StepInput| Ok(Bytes::new()))
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
