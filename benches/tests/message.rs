//! The workloads of the suite `message` do what their ids say. Each checks its own results and panics if one is wrong.

use benches::executor::{current_thread, two_workers};
use benches::{backpressure, broadcast, mailbox, receipt, routing};

#[test]
fn every_message_is_received_before_the_next_is_sent() {
    for executor in [current_thread(), two_workers()] {
        executor.block_on(receipt::actor(300));
        executor.block_on(receipt::raw_task(300));
    }
}

#[test]
fn backpressure_loses_nothing_when_many_more_messages_than_places_are_sent() {
    let messages = 20 * backpressure::CAPACITY as u64;
    for executor in [current_thread(), two_workers()] {
        executor.block_on(backpressure::actor(messages));
        executor.block_on(backpressure::raw_task(messages));
    }
}

#[test]
fn the_depth_of_a_mailbox_is_a_share_of_its_capacity_and_fills_under_load() {
    const READINGS: u64 = 2_000;
    let executor = two_workers();
    for sum in [
        executor.block_on(backpressure::actor_depth(READINGS)),
        executor.block_on(backpressure::raw_depth(READINGS)),
    ] {
        let mean = sum / READINGS as f64;
        assert!(mean > 0.0 && mean <= 100.0, "{mean} % of the capacity");
    }
}

#[test]
fn every_subscriber_handles_every_broadcast() {
    for executor in [current_thread(), two_workers()] {
        for size in [1, 10, 100] {
            executor.block_on(broadcast::broker(size, 50));
            executor.block_on(broadcast::raw_tasks(size, 50));
        }
    }
}

#[test]
fn mailboxes_take_and_give_messages_in_order() {
    let executor = current_thread();
    for iterations in [1, 1_024, 2_500] {
        executor.block_on(mailbox::enqueue(iterations));
        executor.block_on(mailbox::dequeue(iterations));
        executor.block_on(mailbox::raw_enqueue(iterations));
        executor.block_on(mailbox::raw_dequeue(iterations));
    }
}

#[test]
fn every_publication_reaches_the_subscriber_of_its_topic() {
    let executor = current_thread();
    let iterations = 10 * routing::TOPICS as u64;
    executor.block_on(routing::broker(iterations));
    executor.block_on(routing::raw_tasks(iterations));
}
