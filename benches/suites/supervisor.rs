//! Supervision (rows 44 to 50), on a current-thread runtime: the work of a restart, without the luck of two workers.

use benches::executor::current_thread;
use benches::settings::{bench, time};
use benches::tree::{self, Form};
use benches::{restart, supervised};
use criterion::{Criterion, criterion_group, criterion_main};
use runtime::Strategy;
use yardstick_probe::CountingAllocator;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator::new();

fn supervisor(criterion: &mut Criterion) {
    bench(
        criterion,
        "supervisor_child_spawn",
        current_thread,
        supervised::spawn,
    );
    bench(
        criterion,
        "control_child_spawn",
        current_thread,
        supervised::raw_spawn,
    );
    for (id, control, strategy) in [
        (
            "supervisor_restart_one_for_one",
            "control_restart_one_for_one",
            Strategy::OneForOne,
        ),
        (
            "supervisor_restart_one_for_all",
            "control_restart_one_for_all",
            Strategy::OneForAll,
        ),
        (
            "supervisor_restart_rest_for_one",
            "control_restart_rest_for_one",
            Strategy::RestForOne,
        ),
    ] {
        bench(criterion, id, current_thread, async |n| {
            restart::supervisor(strategy, n).await
        });
        bench(criterion, control, current_thread, async |n| {
            restart::raw_tasks(strategy, n).await
        });
    }
    bench(
        criterion,
        "supervisor_health_check",
        current_thread,
        supervised::check_health,
    );
    bench(
        criterion,
        "control_health_check",
        current_thread,
        supervised::raw_check_health,
    );
    for (id, traversal, control, form) in [
        (
            "supervision_tree_depth_3",
            "supervision_tree_depth_3_traversal",
            "control_tree_depth_3",
            Form::Depth3,
        ),
        (
            "supervision_tree_width_10",
            "supervision_tree_width_10_traversal",
            "control_tree_width_10",
            Form::Width10,
        ),
    ] {
        bench(criterion, id, current_thread, async |n| {
            tree::start(form, n).await
        });
        bench(criterion, traversal, current_thread, async |n| {
            tree::walk(form, n).await
        });
        bench(criterion, control, current_thread, async |n| {
            tree::raw_start(form, n).await
        });
    }
}

criterion_group! { name = suite; config = time(); targets = supervisor }
criterion_main!(suite);
