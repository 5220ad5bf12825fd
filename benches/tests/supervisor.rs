//! The workloads of the suite `supervisor` do what their ids say. Each checks its own results and panics if one is wrong.

use benches::executor::{current_thread, two_workers};
use benches::restart::{self, CHILDREN, FAILING, affected};
use benches::supervised;
use benches::tree::{self, Form};
use runtime::Strategy;

const STRATEGIES: [Strategy; 3] = [
    Strategy::OneForOne,
    Strategy::OneForAll,
    Strategy::RestForOne,
];

#[test]
fn exactly_the_children_that_the_strategy_names_are_restarted() {
    for executor in [current_thread(), two_workers()] {
        for strategy in STRATEGIES {
            executor.block_on(restart::supervisor(strategy, 50));
            executor.block_on(restart::raw_tasks(strategy, 50));
        }
    }
}

#[test]
fn the_strategies_differ_in_whom_they_restart() {
    assert_eq!((CHILDREN, FAILING), (4, 1));
    assert_eq!(STRATEGIES.map(affected), [1..2, 0..4, 1..4]);
}

#[test]
fn every_child_starts_under_its_supervisor_and_ends_with_it() {
    let executor = current_thread();
    for iterations in [1, supervised::BROOD, 3 * supervised::BROOD + 1] {
        executor.block_on(supervised::spawn(iterations));
        executor.block_on(supervised::raw_spawn(iterations));
    }
}

#[test]
fn every_child_answers_every_health_check() {
    for executor in [current_thread(), two_workers()] {
        executor.block_on(supervised::check_health(50));
        executor.block_on(supervised::raw_check_health(50));
    }
}

#[test]
fn trees_start_whole_are_walked_whole_and_end_whole() {
    let executor = current_thread();
    for form in [Form::Depth3, Form::Width10] {
        executor.block_on(tree::start(form, 40));
        executor.block_on(tree::walk(form, 40));
        executor.block_on(tree::raw_start(form, 40));
    }
    assert_eq!((Form::Depth3.supervisors(), Form::Depth3.workers()), (3, 3));
    assert_eq!(
        (Form::Width10.supervisors(), Form::Width10.workers()),
        (1, 10)
    );
}
