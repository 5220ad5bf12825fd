//! The counting allocator, installed.

use std::hint::black_box;
use std::sync::{Mutex, MutexGuard, PoisonError};

use yardstick_probe::{AllocationCounts, CountingAllocator, LiveBytes};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator::new();

/// The counters are those of the process, so tests take turns; the harness allocates while a test starts or ends only.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What `work` counts, at the quietest of several tries: the harness's own threads may allocate during one.
fn counted(mut work: impl FnMut()) -> AllocationCounts {
    let _turn = turn();
    assert!(
        CountingAllocator::start_counting(),
        "the allocator is installed"
    );
    (0..20)
        .map(|_| {
            let before = AllocationCounts::now();
            work();
            AllocationCounts::now().since(&before)
        })
        .min_by_key(|counts| {
            (
                counts.allocations,
                counts.allocated_bytes,
                counts.freed_bytes,
            )
        })
        .expect("there were tries")
}

#[test]
fn a_block_counts_once_and_its_bytes_come_and_go() {
    let counts = counted(|| drop(black_box(vec![0u8; 1_000])));
    assert_eq!(
        counts,
        AllocationCounts {
            allocations: 1,
            allocated_bytes: 1_000,
            freed_bytes: 1_000
        }
    );
}

#[test]
fn growing_a_block_is_one_more_allocation_of_the_new_size() {
    let counts = counted(|| {
        let mut bytes = black_box(Vec::<u8>::with_capacity(100));
        bytes.reserve_exact(300);
        drop(black_box(bytes));
    });
    assert_eq!(
        counts,
        AllocationCounts {
            allocations: 2,
            allocated_bytes: 400,
            freed_bytes: 400
        }
    );
}

#[test]
fn the_allocations_of_other_threads_count() {
    let counts = counted(|| {
        std::thread::scope(|scope| {
            scope.spawn(|| drop(black_box(vec![0u8; 1 << 20])));
        });
    });
    assert!(counts.allocated_bytes > 1 << 20, "{counts:?}");
}

#[test]
fn live_bytes_rise_by_what_is_kept_and_fall_when_it_goes() {
    const KEPT_BYTES: i64 = 1 << 20;
    // What the harness may allocate or free in the meantime.
    const SLACK_BYTES: i64 = 8 << 10;
    let _turn = turn();
    assert!(
        CountingAllocator::start_counting(),
        "the allocator is installed"
    );
    let before = LiveBytes::now();
    let block = black_box(vec![0u8; KEPT_BYTES as usize]);
    let while_kept = LiveBytes::now();
    drop(block);
    let after = LiveBytes::now();
    assert!(
        (while_kept - before - KEPT_BYTES).abs() < SLACK_BYTES,
        "{before} {while_kept}"
    );
    assert!((after - before).abs() < SLACK_BYTES, "{before} {after}");
}
