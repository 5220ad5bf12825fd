//! A task of four steps through the workflow engine, from its submission until its outcome is pushed to the waiter (rows 65 and 66).
//!
//! Both shapes have four steps that compute the same: every step squares the product of what came before, so the last one holds
//! the sixteenth power of the input. The feature `wiring-actors` chooses the engine whose stages are actors; without it they call
//! each other. The ids are the same, so that the two wirings can be compared.

use std::time::Duration;

use bytes::Bytes;
use runtime::System;
use runtime::workflow::{Engine, Handlers, StepError, StepInput, TaskOutcome, TaskState, Template};
use yardstick_probe::{Latencies, Region};

use crate::chunks::in_chunks;
use crate::seed::Random;

/// Outcomes kept until they are checked.
const BURST: u64 = 256;
const HANDLER: &str = "square";

/// How the four steps of a task depend on each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One after the other.
    Linear,
    /// One, two beside each other, one that joins them.
    Diamond,
}

impl Shape {
    /// The template.
    #[must_use]
    pub fn template(self) -> Template {
        match self {
            Self::Linear => Template::linear(HANDLER, 4),
            Self::Diamond => Template::diamond(HANDLER, 2),
        }
    }

    /// The name of the step that ends the task.
    #[must_use]
    pub fn last_step(self) -> &'static str {
        match self {
            Self::Linear => "step_4",
            Self::Diamond => "join",
        }
    }
}

/// One iteration submits one task and waits for its outcome. Nothing else is under way.
pub async fn engine(shape: Shape, iterations: u64) -> Duration {
    let system = System::new();
    let engine = start(&system).await;
    let template = shape.template();
    let mut random = Random::new();
    let elapsed = in_chunks(iterations, BURST, async |count| {
        let inputs = inputs(&mut random, count);
        let mut outcomes = Vec::with_capacity(inputs.len());
        let latencies = Latencies::new();
        let region = Region::start(count);
        for input in &inputs {
            let start = latencies.start();
            let task = engine
                .submit(&template, input.clone())
                .await
                .expect("the engine accepts the task");
            outcomes.push(task.completed().await.expect("the engine runs"));
            latencies.record(start);
        }
        let elapsed = region.finish();
        for (input, outcome) in inputs.iter().zip(&outcomes) {
            check(shape, input, outcome);
        }
        elapsed
    })
    .await;
    assert_eq!(engine.store_failures(), 0, "the store did not fail");
    engine.shutdown().await;
    system.shutdown().await;
    elapsed
}

/// The control of [`engine`]: the same handler, called directly; siblings are joined.
pub async fn direct_calls(shape: Shape, iterations: u64) -> Duration {
    let mut random = Random::new();
    in_chunks(iterations, BURST, async |count| {
        let inputs = inputs(&mut random, count);
        let mut outputs = Vec::with_capacity(inputs.len());
        let latencies = Latencies::new();
        let region = Region::start(count);
        for input in &inputs {
            let start = latencies.start();
            outputs.push(match shape {
                Shape::Linear => {
                    let first = square_product(std::slice::from_ref(input)).await;
                    let second = square_product(&[first]).await;
                    let third = square_product(&[second]).await;
                    square_product(&[third]).await
                }
                Shape::Diamond => {
                    let first = [square_product(std::slice::from_ref(input)).await];
                    let (left, right) =
                        tokio::join!(square_product(&first), square_product(&first));
                    square_product(&[left, right]).await
                }
            });
            latencies.record(start);
        }
        let elapsed = region.finish();
        for (input, output) in inputs.iter().zip(&outputs) {
            assert_eq!(number(output), number(input).pow(16));
        }
        elapsed
    })
    .await
}

/// Starts an engine that knows the handler of the steps.
pub(crate) async fn start(system: &System) -> Engine {
    start_engine(Handlers::new().register(HANDLER, square), system).await
}

#[cfg(not(feature = "wiring-actors"))]
async fn start_engine(handlers: Handlers, _: &System) -> Engine {
    Engine::direct(handlers)
}

#[cfg(feature = "wiring-actors")]
async fn start_engine(handlers: Handlers, system: &System) -> Engine {
    Engine::actors(handlers, system)
        .await
        .expect("every stage starts")
}

/// The handler of every step.
async fn square(input: StepInput) -> Result<Bytes, StepError> {
    if input.dependency_outputs.is_empty() {
        return Ok(square_product(std::slice::from_ref(&input.task_input)).await);
    }
    Ok(square_product(&input.dependency_outputs).await)
}

async fn square_product(factors: &[Bytes]) -> Bytes {
    let product = factors.iter().map(number).product::<u64>();
    encoded(product * product)
}

/// Holds an outcome against what its input makes of four steps.
pub(crate) fn check(shape: Shape, input: &Bytes, outcome: &TaskOutcome) {
    assert_eq!(outcome.state, TaskState::Completed, "the task completed");
    assert_eq!(outcome.steps.len(), 4, "both shapes have four steps");
    assert!(
        outcome.steps.iter().all(|step| step.attempts.len() == 1),
        "no step was repeated"
    );
    let output = outcome
        .output(shape.last_step())
        .expect("the last step completed");
    assert_eq!(
        number(output),
        number(input).pow(16),
        "every step computed its part"
    );
}

/// Numbers from 2 to 9: the sixteenth power of 9 still fits 64 bits.
pub(crate) fn inputs(random: &mut Random, count: u64) -> Vec<Bytes> {
    (0..count).map(|_| encoded(2 + random.below(8))).collect()
}

fn encoded(number: u64) -> Bytes {
    Bytes::copy_from_slice(&number.to_le_bytes())
}

fn number(bytes: &Bytes) -> u64 {
    u64::from_le_bytes(bytes.as_ref().try_into().expect("outputs are 8 bytes"))
}
