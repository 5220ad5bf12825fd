//! What all workloads are built from.

use std::time::Duration;

use benches::chunks::in_chunks;
use benches::executor::{current_thread, two_workers};
use benches::latch::Latch;
use benches::seed::Random;
use benches::share::Share;
use criterion::measurement::Measurement;

#[test]
fn chunks_add_up_to_all_iterations_and_their_times() {
    let mut sizes = Vec::new();
    let total = current_thread().block_on(in_chunks(25, 10, async |count| {
        sizes.push(count);
        Duration::from_nanos(count)
    }));
    assert_eq!((sizes, total), (vec![10, 10, 5], Duration::from_nanos(25)));
}

#[test]
fn a_latch_waits_for_the_last_event_in_every_round() {
    two_workers().block_on(async {
        let latch = std::sync::Arc::new(Latch::new());
        for _ in 0..100 {
            latch.expect(3);
            for _ in 0..3 {
                let latch = std::sync::Arc::clone(&latch);
                tokio::spawn(async move { latch.count_down() });
            }
            latch.wait().await;
        }
    });
}

#[test]
#[should_panic(expected = "was not expected")]
fn an_event_too_many_fails_the_run() {
    let latch = Latch::new();
    latch.expect(1);
    latch.count_down();
    latch.count_down();
}

#[test]
#[should_panic(expected = "1 events of the round before")]
fn an_event_too_few_fails_the_run() {
    let latch = Latch::new();
    latch.expect(2);
    latch.count_down();
    latch.expect(1);
}

#[test]
fn random_data_is_the_same_in_every_run() {
    let mut random = Random::new();
    let drawn = [(); 8].map(|()| random.below(100));
    assert_eq!(drawn, [28, 42, 56, 56, 99, 72, 1, 74]);
}

#[test]
#[should_panic(expected = "iter_custom")]
fn a_share_cannot_be_measured_around_a_routine() {
    Share::new().start();
}
