//! Six benchmarks of different natures, whose amount of work a variable raises by a known percentage: what `cargo xtask selftest`
//! tells right verdicts from wrong ones by. Nobody asks how fast they are, so the suite is built only with `--features selftest`.
//!
//! All on a current-thread runtime, but `ping_pong`, which has two workers.

use std::cell::LazyCell;

use benches::executor::{current_thread, two_workers};
use benches::selftest::{
    allocation, arithmetic, end_to_end, memory_bound, ping_pong, task_spawn, units_per_iteration,
};
use benches::settings::{bench, time};
use criterion::{Criterion, criterion_group, criterion_main};

use yardstick_probe::CountingAllocator;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator::new();

fn selftest(criterion: &mut Criterion) {
    let units = units_per_iteration();
    let ring = LazyCell::new(memory_bound::Ring::new);
    bench(criterion, "arithmetic", current_thread, async |n| {
        arithmetic::run(units, n).await
    });
    bench(criterion, "allocation", current_thread, async |n| {
        allocation::run(units, n).await
    });
    bench(criterion, "memory_bound", current_thread, async |n| {
        memory_bound::run(&ring, units, n).await
    });
    bench(criterion, "task_spawn", current_thread, async |n| {
        task_spawn::run(units, n).await
    });
    bench(criterion, "ping_pong", two_workers, async |n| {
        ping_pong::run(units, n).await
    });
    bench(criterion, "end_to_end", current_thread, async |n| {
        end_to_end::run(units, n).await
    });
}

criterion_group! { name = suite; config = time(); targets = selftest }
criterion_main!(suite);
