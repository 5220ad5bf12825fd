//! Actors: starting, ending, talking to one (rows 29 to 35). All on a current-thread runtime: the price of one operation.

use benches::executor::current_thread;
use benches::settings::{bench, time};
use benches::{lifecycle, spawn, state, throughput};
use criterion::{Criterion, criterion_group, criterion_main};
use yardstick_probe::CountingAllocator;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator::new();

fn actor(criterion: &mut Criterion) {
    for (id, control, size) in [
        ("actor_spawn_single", "control_spawn_single", 1),
        ("actor_spawn_batch_10", "control_spawn_batch_10", 10),
        ("actor_spawn_batch_100", "control_spawn_batch_100", 100),
        ("actor_spawn_batch_1000", "control_spawn_batch_1000", 1000),
    ] {
        bench(criterion, id, current_thread, async |n| {
            spawn::actors(size, n).await
        });
        bench(criterion, control, current_thread, async |n| {
            spawn::raw_tasks(size, n).await
        });
    }
    bench(
        criterion,
        "actor_message_throughput",
        current_thread,
        throughput::actor,
    );
    bench(
        criterion,
        "control_message_throughput",
        current_thread,
        throughput::raw_task,
    );
    bench(
        criterion,
        "actor_state_access",
        current_thread,
        state::actor,
    );
    bench(
        criterion,
        "control_state_access",
        current_thread,
        state::raw_task,
    );
    bench(
        criterion,
        "actor_lifecycle",
        current_thread,
        lifecycle::actor,
    );
    bench(
        criterion,
        "control_lifecycle",
        current_thread,
        lifecycle::raw_task,
    );
}

criterion_group! { name = suite; config = time(); targets = actor }
criterion_main!(suite);
