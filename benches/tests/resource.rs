//! The workloads of the suite `resource` read what their ids say. One test after another: they read the memory and the CPU time
//! of the whole process.

use std::sync::{Mutex, MutexGuard, PoisonError};

use benches::cpu;
use benches::executor::{current_thread, two_workers};
use benches::memory::{self, Account, MESSAGES};
use runtime::Mailbox;
use yardstick_probe::{CountingAllocator, LiveBytes};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator::new();

fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn bytes(account: Account, measure: impl AsyncFnOnce(Account) -> f64) -> f64 {
    // Counting is on from here.
    let _counting = LiveBytes::new();
    current_thread().block_on(measure(account))
}

/// Runs `measure` on both accounts, which must agree but for what the allocator adds and what it keeps.
fn by_both_accounts(measure: impl AsyncFn(Account) -> f64) -> f64 {
    let _turn = turn();
    let allocated = bytes(Account::Allocator, &measure);
    let resident = bytes(Account::Resident, &measure);
    assert!(
        resident > 0.9 * allocated && resident < 1.6 * allocated,
        "{allocated} bytes were allocated and {resident} are resident"
    );
    allocated
}

#[test]
fn an_idle_actor_occupies_some_hundred_bytes_by_both_accounts() {
    let actor = by_both_accounts(async |account| memory::actors(account, 1).await);
    assert!((100.0..8_192.0).contains(&actor), "{actor} bytes");
    let task = by_both_accounts(async |account| memory::raw_tasks(account, 1).await);
    assert!((100.0..8_192.0).contains(&task), "{task} bytes");
}

#[test]
fn a_full_mailbox_occupies_at_least_its_messages_by_both_accounts() {
    let payload = (MESSAGES * size_of::<memory::Message>()) as f64;
    for mailbox in [Mailbox::bounded(MESSAGES), Mailbox::unbounded()] {
        let bytes = by_both_accounts(async |account| memory::mailboxes(mailbox, account, 1).await);
        assert!(
            bytes >= payload && bytes < 3.0 * payload,
            "{bytes} bytes for {payload} bytes of messages"
        );
    }
    for bytes in [
        by_both_accounts(async |account| memory::raw_bounded_channels(account, 1).await),
        by_both_accounts(async |account| memory::raw_unbounded_channels(account, 1).await),
    ] {
        assert!(
            bytes >= payload && bytes < 3.0 * payload,
            "{bytes} bytes for {payload} bytes of messages"
        );
    }
}

#[test]
fn the_value_is_the_sum_over_the_iterations() {
    let _turn = turn();
    let once = bytes(Account::Allocator, async |account| {
        memory::actors(account, 1).await
    });
    let thrice = bytes(Account::Allocator, async |account| {
        memory::actors(account, 3).await
    });
    assert!(
        (thrice / once - 3.0).abs() < 0.1,
        "{once} bytes once, {thrice} bytes in three iterations"
    );
}

#[test]
fn actors_under_load_use_more_cpu_time_than_actors_that_wait() {
    let _turn = turn();
    let executor = two_workers();
    let idle = executor.block_on(cpu::idle_actors(4)) / 4.0;
    let active = executor.block_on(cpu::active_actors(4)) / 4.0;
    assert!(
        idle >= 0.0 && active > idle,
        "{idle} % while idle, {active} % under load"
    );
    assert!(
        active < 300.0,
        "{active} % on two workers and the bench's own thread"
    );
    let raw_idle = executor.block_on(cpu::raw_idle_tasks(4)) / 4.0;
    let raw_active = executor.block_on(cpu::raw_active_tasks(4)) / 4.0;
    assert!(
        raw_idle >= 0.0 && raw_active > raw_idle,
        "{raw_idle} % while idle, {raw_active} % under load"
    );
}
