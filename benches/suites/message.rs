//! Messages (rows 36 to 43). What one message costs is measured on a current-thread runtime; what many actors do at the same time
//! (sustained throughput, broadcasts, queue depth) on one with two workers.

use benches::executor::{current_thread, two_workers};
use benches::settings::{bench, observe, time};
use benches::share::Share;
use benches::{backpressure, broadcast, mailbox, receipt, routing};
use criterion::{Criterion, criterion_group, criterion_main};
use yardstick_probe::CountingAllocator;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator::new();

fn message(criterion: &mut Criterion) {
    bench(
        criterion,
        "message_send_receive_single",
        current_thread,
        receipt::actor,
    );
    bench(
        criterion,
        "control_send_receive_single",
        current_thread,
        receipt::raw_task,
    );
    bench(
        criterion,
        "message_throughput_sustained",
        two_workers,
        backpressure::actor,
    );
    bench(
        criterion,
        "control_throughput_sustained",
        two_workers,
        backpressure::raw_task,
    );
    for (id, control, size) in [
        ("message_broadcast_10", "control_broadcast_10", 10),
        ("message_broadcast_100", "control_broadcast_100", 100),
    ] {
        bench(criterion, id, two_workers, async |n| {
            broadcast::broker(size, n).await
        });
        bench(criterion, control, two_workers, async |n| {
            broadcast::raw_tasks(size, n).await
        });
    }
    bench(
        criterion,
        "mailbox_enqueue",
        current_thread,
        mailbox::enqueue,
    );
    bench(
        criterion,
        "control_enqueue",
        current_thread,
        mailbox::raw_enqueue,
    );
    bench(
        criterion,
        "mailbox_dequeue",
        current_thread,
        mailbox::dequeue,
    );
    bench(
        criterion,
        "control_dequeue",
        current_thread,
        mailbox::raw_dequeue,
    );
    bench(criterion, "broker_routing", current_thread, routing::broker);
    bench(
        criterion,
        "control_routing",
        current_thread,
        routing::raw_tasks,
    );
}

/// Percent of the mailbox's capacity.
fn depth(criterion: &mut Criterion<Share>) {
    bench(
        criterion,
        "message_queue_depth",
        two_workers,
        backpressure::actor_depth,
    );
    bench(
        criterion,
        "control_queue_depth",
        two_workers,
        backpressure::raw_depth,
    );
}

criterion_group! { name = times; config = time(); targets = message }
criterion_group! { name = depths; config = observe(Share::new()); targets = depth }
criterion_main!(times, depths);
