//! The workloads of the suite `actor` do what their ids say. Each checks its own results and panics if one is wrong.

use benches::executor::{current_thread, two_workers};
use benches::{lifecycle, spawn, state, throughput};

#[test]
fn every_actor_of_a_batch_starts_and_ends() {
    for executor in [current_thread(), two_workers()] {
        for (size, iterations) in [(1, 1), (1, 1_500), (10, 120), (100, 12), (1_000, 2)] {
            let elapsed = executor.block_on(spawn::actors(size, iterations));
            assert!(!elapsed.is_zero());
            let elapsed = executor.block_on(spawn::raw_tasks(size, iterations));
            assert!(!elapsed.is_zero());
        }
    }
}

#[test]
fn a_larger_batch_takes_longer() {
    let executor = current_thread();
    let single = executor.block_on(spawn::actors(1, 64)) / 64;
    let thousand = executor.block_on(spawn::actors(1_000, 4)) / 4;
    assert!(
        thousand > 20 * single,
        "1,000 actors in {thousand:?}, one in {single:?}"
    );
}

#[test]
fn every_call_of_spawn_makes_an_actor() {
    let executor = current_thread();
    executor.block_on(async {
        spawn::call_alone(1).await;
        spawn::call_alone(1_500).await;
        spawn::raw_call_alone(1_500).await;
    });
}

#[test]
fn every_message_is_added_once() {
    let executor = current_thread();
    for iterations in [1, 1_024, 2_500] {
        executor.block_on(throughput::actor(iterations));
        executor.block_on(throughput::raw_task(iterations));
    }
}

#[test]
fn every_answer_is_the_state() {
    let executor = current_thread();
    executor.block_on(state::actor(200));
    executor.block_on(state::raw_task(200));
}

#[test]
fn every_actor_stops_in_order() {
    for executor in [current_thread(), two_workers()] {
        executor.block_on(lifecycle::actor(200));
        executor.block_on(lifecycle::raw_task(200));
    }
}
