//! Tasks of four steps through the workflow engine: a program, with all that programs do.

use std::time::Duration;

use runtime::System;
use yardstick_probe::Region;

use crate::chunks::in_chunks;
use crate::seed::Random;
use crate::workflow::{Shape, check, inputs, start};

/// Iterations whose outcomes are kept until they are checked.
const BURST: u64 = 4;

/// One iteration submits all units, one after the other; a unit of work is one task, from its submission until its outcome is there.
pub async fn run(units: u64, iterations: u64) -> Duration {
    let system = System::new();
    let engine = start(&system).await;
    let template = Shape::Linear.template();
    let mut random = Random::new();
    let elapsed = in_chunks(iterations, BURST, async |count| {
        let inputs = inputs(&mut random, count * units);
        let mut outcomes = Vec::with_capacity(inputs.len());
        let region = Region::start(count);
        for input in &inputs {
            let task = engine
                .submit(&template, input.clone())
                .await
                .expect("the engine accepts the task");
            outcomes.push(task.completed().await.expect("the engine runs"));
        }
        let elapsed = region.finish();
        for (input, outcome) in inputs.iter().zip(&outcomes) {
            check(Shape::Linear, input, outcome);
        }
        elapsed
    })
    .await;
    engine.shutdown().await;
    system.shutdown().await;
    elapsed
}
