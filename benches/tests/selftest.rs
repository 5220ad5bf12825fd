//! The workloads of the suite `selftest` do what their ids say, and more of it where a slowdown is injected.

use std::ffi::OsStr;
use std::time::Duration;

use benches::executor::{current_thread, two_workers};
use benches::selftest::memory_bound::Ring;
use benches::selftest::{
    UNITS, allocation, arithmetic, end_to_end, memory_bound, ping_pong, task_spawn, units,
};

#[test]
fn every_percent_of_a_slowdown_is_one_more_unit_of_a_hundred() {
    assert_eq!(units(None), UNITS);
    for (written, expected) in [("0", 100), ("1", 101), ("3", 103), ("10", 110)] {
        assert_eq!(units(Some(OsStr::new(written))), expected);
    }
}

#[test]
#[should_panic(expected = "not a whole number")]
fn a_slowdown_that_cannot_be_injected_fails_the_run() {
    let _ = units(Some(OsStr::new("2.5")));
}

#[test]
fn a_jump_leads_where_single_steps_lead() {
    let next = |state| arithmetic::jump(state, 1);
    let walked = (0..1_000).fold(7, |state, _| next(state));
    assert_eq!(arithmetic::jump(7, 1_000), walked);
    assert_eq!(arithmetic::jump(7, 0), 7);
}

// Each workload checks its own results and panics if one is wrong.
#[test]
fn every_nature_of_work_does_all_of_its_units() {
    let ring = Ring::new();
    for executor in [current_thread(), two_workers()] {
        for (units, iterations) in [(1, 1), (100, 7), (110, 3)] {
            let times: [Duration; 6] = executor.block_on(async {
                [
                    arithmetic::run(units, iterations).await,
                    allocation::run(units, iterations).await,
                    memory_bound::run(&ring, units, iterations).await,
                    task_spawn::run(units, iterations).await,
                    ping_pong::run(units, iterations).await,
                    end_to_end::run(units, iterations).await,
                ]
            });
            assert!(times.iter().all(|time| !time.is_zero()), "{times:?}");
        }
    }
}

#[test]
fn loads_go_around_the_ring_more_than_once() {
    let units_of_a_lap = memory_bound::LINES / memory_bound::LOADS;
    current_thread().block_on(memory_bound::run(&Ring::new(), 1, units_of_a_lap + 3));
}
