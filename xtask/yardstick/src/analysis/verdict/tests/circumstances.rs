//! Rounds that do not count: dropped for what was recorded around them, or failed.

use super::world::{half, plan, planned, round};
use crate::{
    analysis::verdict::{Extent, answer, dropped},
    model::{
        comparison::Sides,
        round::{Dropped, Failure, Guards, Half, Round},
        verdict::{Answer, Reason, Verdict},
    },
};

fn quiet(number: u32) -> Round {
    let level = 100.0 + f64::from(number % 3) * 0.1;
    let halves = Sides {
        before: half(vec![level; 5]),
        after: half(vec![200.1 - level; 5]),
    };
    round(&planned("e2e/linear", 0.02), number, halves)
}

fn with(mut round: Round, change: impl Fn(&mut Half)) -> Round {
    change(&mut round.halves.after);
    round
}

fn disturbed(number: u32) -> Round {
    with(quiet(number), |half| half.guards.foreign_share = 0.4)
}

fn crashed(number: u32) -> Round {
    with(quiet(number), |half| half.result = Err(hung()))
}

fn crashed_before(number: u32) -> Round {
    let mut round = quiet(number);
    round.halves.before.result = Err(Failure::NotMeasured);
    round
}

fn hung() -> Failure {
    Failure::Hung { limit_seconds: 5.0 }
}

fn answered(rounds: &[Round]) -> Answer {
    let rounds: Vec<&Round> = rounds.iter().collect();
    let planned = planned("e2e/linear", 0.02);
    answer(&plan(6), &planned, &rounds, Extent::FirstRun)
}

#[test]
fn a_round_is_dropped_for_what_was_recorded_around_either_half() {
    let because = |change: fn(&mut Guards)| {
        let after = with(quiet(1), |half| change(&mut half.guards));
        let mut before = quiet(1);
        change(&mut before.halves.before.guards);
        let reasons = [&before, &after].map(|round| dropped(&plan(6), round));
        assert_eq!(reasons[0], reasons[1], "a side makes no difference");
        reasons[0]
    };
    assert_eq!(because(|_| ()), None);
    assert_eq!(because(|guards| guards.foreign_share = 0.1), None);
    assert_eq!(
        because(|guards| guards.foreign_share = 0.2),
        Some(Dropped::ForeignWork { share: 0.2 })
    );
    assert_eq!(
        because(|guards| guards.steal_share = 0.3),
        Some(Dropped::Stolen { share: 0.3 })
    );
    assert_eq!(
        because(|guards| guards.throttled = Some(true)),
        Some(Dropped::Throttled)
    );
    assert_eq!(because(|guards| guards.throttled = Some(false)), None);
    assert_eq!(because(|guards| guards.elsewhere_share = 1.0), None);
}

#[test]
fn no_timing_drops_a_round() {
    let slow = with(quiet(1), |measured| *measured = half(vec![1e9; 5]));
    assert_eq!(dropped(&plan(6), &slow), None);
}

#[test]
fn a_process_without_a_possible_measurement_failed() {
    for nothing in [vec![], vec![f64::NAN, f64::INFINITY, -1.0]] {
        let round = with(quiet(1), |measured| *measured = half(nothing.clone()));
        assert_eq!(dropped(&plan(6), &round), Some(Dropped::Failed));
    }
}

#[test]
fn dropped_rounds_move_the_look_and_nothing_else() {
    let mut rounds: Vec<Round> = (1..=13).map(quiet).collect();
    let without = answered(&rounds);
    assert_eq!(without.verdict, Verdict::Unchanged);
    rounds.insert(4, disturbed(99));
    rounds.insert(9, crashed(99));
    let with = answered(&rounds);
    assert_eq!(
        with,
        Answer {
            dropped: 2,
            ..without
        }
    );
    rounds.pop();
    assert!(matches!(answered(&rounds).verdict, Verdict::Undecided(_)));
}

#[test]
fn a_side_that_fails_twice_in_a_row_ends_the_question() {
    let mut rounds: Vec<Round> = (1..=3).map(quiet).collect();
    rounds.extend([crashed_before(4), quiet(5), crashed(6), disturbed(7)]);
    assert!(!matches!(
        answered(&rounds).verdict,
        Verdict::Undecided(Reason::Failed(_))
    ));
    rounds.extend([crashed(8), crashed(9)]);
    let failed = answered(&rounds);
    assert_eq!(
        failed.verdict,
        Verdict::Undecided(Reason::Failed(Sides {
            before: None,
            after: Some(hung())
        }))
    );
    assert_eq!((failed.rounds, failed.dropped), (4, 5));
    assert_eq!(failed.rounds_to_decide, None);
    rounds.extend((10..40).map(quiet));
    assert_eq!(answered(&rounds), failed, "what follows does not count");
}

#[test]
fn one_failure_ends_nothing() {
    let reason = Reason::TooFewRounds {
        rounds: 0,
        needed: 13,
    };
    assert_eq!(answered(&[crashed(1)]).verdict, Verdict::Undecided(reason));
}

#[test]
fn more_failed_rounds_than_others_end_the_question() {
    let rounds = [crashed(1), quiet(2), crashed_before(3)];
    let both = Reason::Failed(Sides {
        before: Some(Failure::NotMeasured),
        after: Some(hung()),
    });
    assert_eq!(answered(&rounds).verdict, Verdict::Undecided(both));
}

#[test]
fn a_run_that_ends_before_the_first_look_says_how_many_rounds_it_has() {
    let rounds: Vec<Round> = (1..=5).map(quiet).collect();
    let answer = answered(&rounds);
    let reason = Reason::TooFewRounds {
        rounds: 5,
        needed: 13,
    };
    assert_eq!(answer.verdict, Verdict::Undecided(reason));
    assert_eq!((answer.rounds, answer.rounds_to_decide), (5, Some(13)));
    assert_eq!(answer.floor, None);
    let reason = Reason::TooFewRounds {
        rounds: 0,
        needed: 13,
    };
    assert_eq!(answered(&[]).verdict, Verdict::Undecided(reason));
}

#[test]
fn a_machine_that_others_had_starves_the_question() {
    // The rounds that were dropped would have been enough for the first look.
    let mut rounds: Vec<Round> = (1..=9).map(quiet).collect();
    rounds.extend((10..=13).map(disturbed));
    let starved = Verdict::Undecided(Reason::Starved { dropped: 4 });
    assert_eq!(answered(&rounds).verdict, starved);
    assert_eq!(answered(&rounds).rounds_to_decide, None);
    // More of them were dropped than counted.
    let rounds = [quiet(1), disturbed(2), disturbed(3)];
    let starved = Verdict::Undecided(Reason::Starved { dropped: 2 });
    assert_eq!(answered(&rounds).verdict, starved);
}
