//! Whole tasks through the workflow engine in memory (rows 65 and 66), one at a time, on a current-thread runtime.
//!
//! The engine's wiring is chosen when this is built: `--features wiring-actors`, or direct calls.

use benches::executor::current_thread;
use benches::settings::{bench, time};
use benches::workflow::{self, Shape};
use criterion::{Criterion, criterion_group, criterion_main};
use yardstick_probe::CountingAllocator;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator::new();

fn e2e(criterion: &mut Criterion) {
    for (id, control, shape) in [
        (
            "e2e_latency/linear_native",
            "control_direct_calls/linear_native",
            Shape::Linear,
        ),
        (
            "e2e_latency/diamond_native",
            "control_direct_calls/diamond_native",
            Shape::Diamond,
        ),
    ] {
        bench(criterion, id, current_thread, async |n| {
            workflow::engine(shape, n).await
        });
        bench(criterion, control, current_thread, async |n| {
            workflow::direct_calls(shape, n).await
        });
    }
}

criterion_group! { name = suite; config = time(); targets = e2e }
criterion_main!(suite);
