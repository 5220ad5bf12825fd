//! Resources (rows 51 to 56): bytes by two accounts, CPU use, and what spawning costs the spawner.
//!
//! Memory and spawning on a current-thread runtime, CPU use on one with two workers.

use benches::executor::{current_thread, two_workers};
use benches::memory::{self, Account, MESSAGES};
use benches::settings::{bench, observe, time};
use benches::{cpu, spawn};
use criterion::measurement::Measurement;
use criterion::{Criterion, criterion_group, criterion_main};
use runtime::Mailbox;
use yardstick_probe::{CountingAllocator, CpuPercent, LiveBytes, ResidentBytes};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator::new();

fn spawning(criterion: &mut Criterion) {
    bench(
        criterion,
        "task_spawn_overhead",
        current_thread,
        spawn::call_alone,
    );
    bench(
        criterion,
        "control_task_spawn",
        current_thread,
        spawn::raw_call_alone,
    );
}

fn allocator(criterion: &mut Criterion<LiveBytes>) {
    memory(criterion, "allocator", Account::Allocator);
}

fn resident(criterion: &mut Criterion<ResidentBytes>) {
    memory(criterion, "rss", Account::Resident);
}

fn memory<M: Measurement<Value = f64> + 'static>(
    criterion: &mut Criterion<M>,
    function: &str,
    account: Account,
) {
    let id = |group: &str| format!("{group}/{function}");
    let bounded = Mailbox::bounded(MESSAGES);
    let unbounded = Mailbox::unbounded();
    bench(
        criterion,
        &id("memory_per_actor"),
        current_thread,
        async |n| memory::actors(account, n).await,
    );
    bench(
        criterion,
        &id("control_memory_per_task"),
        current_thread,
        async |n| memory::raw_tasks(account, n).await,
    );
    bench(
        criterion,
        &id("memory_per_mailbox_bounded"),
        current_thread,
        async |n| memory::mailboxes(bounded, account, n).await,
    );
    bench(
        criterion,
        &id("control_memory_per_channel_bounded"),
        current_thread,
        async |n| memory::raw_bounded_channels(account, n).await,
    );
    bench(
        criterion,
        &id("memory_per_mailbox_unbounded"),
        current_thread,
        async |n| memory::mailboxes(unbounded, account, n).await,
    );
    bench(
        criterion,
        &id("control_memory_per_channel_unbounded"),
        current_thread,
        async |n| memory::raw_unbounded_channels(account, n).await,
    );
}

fn cpu(criterion: &mut Criterion<CpuPercent>) {
    bench(criterion, "cpu_idle_actors", two_workers, cpu::idle_actors);
    bench(
        criterion,
        "control_cpu_idle_tasks",
        two_workers,
        cpu::raw_idle_tasks,
    );
    bench(
        criterion,
        "cpu_active_actors",
        two_workers,
        cpu::active_actors,
    );
    bench(
        criterion,
        "control_cpu_active_tasks",
        two_workers,
        cpu::raw_active_tasks,
    );
}

criterion_group! { name = times; config = time(); targets = spawning }
criterion_group! { name = cpu_use; config = observe(CpuPercent::new()); targets = cpu }
criterion_group! { name = resident_bytes; config = observe(ResidentBytes::new()); targets = resident }
// Last, because counting stays switched on once it has begun.
criterion_group! { name = allocated_bytes; config = observe(LiveBytes::new()); targets = allocator }
criterion_main!(times, cpu_use, resident_bytes, allocated_bytes);
