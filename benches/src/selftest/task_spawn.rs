//! Tasks that are spawned and awaited one after the other: the scheduler and its allocations.

use std::time::Duration;

use yardstick_probe::Region;

/// One iteration spawns all units; a unit of work is one task, from its spawn until its answer is there.
pub async fn run(units: u64, iterations: u64) -> Duration {
    let mut sum = 0;
    let region = Region::start(iterations);
    for _ in 0..iterations {
        for number in 0..units {
            let task = tokio::spawn(async move { number });
            sum += task.await.expect("the task does not panic");
        }
    }
    let elapsed = region.finish();
    assert_eq!(
        sum,
        iterations * (units * (units - 1) / 2),
        "every task answered once"
    );
    elapsed
}
