//! What intervals are called, and what stands beside them.

use super::world::{Noise, World, half, plan, planned, round};
use crate::{
    analysis::verdict::{Extent, answer, answers},
    model::{
        comparison::Sides,
        question::{Margin, Planned, Tail},
        round::{Half, Observation, Round, TailLatencies},
        verdict::{Answer, Grade, Ground, Reason, Statistic, Verdict},
    },
};

/// Rounds whose measurements are `measurements(side's level)`, with a little of each process's
/// own: symmetric, so that the estimate is the change.
fn rounds(planned: &Planned, count: u32, after: f64, measured: fn(f64) -> Half) -> Vec<Round> {
    let wobble = |number: u32| (f64::from(number % 5) - 2.0) * 1e-4;
    (1..=count)
        .map(|number| {
            let halves = Sides {
                before: measured(100.0),
                after: measured(100.0 * after * (1.0 + wobble(number))),
            };
            round(planned, number, halves)
        })
        .collect()
}

fn steady(level: f64) -> Half {
    half(vec![level; 5])
}

fn asked(planned: &Planned, rounds: &[Round]) -> Answer {
    let rounds: Vec<&Round> = rounds.iter().collect();
    answer(&plan(6), planned, &rounds, Extent::FirstRun)
}

#[test]
fn a_change_beyond_the_margin_is_a_regression_or_an_improvement_and_one_within_it_is_none() {
    let planned = planned("e2e/linear", 0.02);
    let verdict = |after| asked(&planned, &rounds(&planned, 13, after, steady)).verdict;
    assert_eq!(verdict(1.03), Verdict::Regressed);
    assert_eq!(verdict(1.0 / 1.03), Verdict::Improved);
    assert_eq!(verdict(1.01), Verdict::Unchanged);
    assert_eq!(verdict(1.0), Verdict::Unchanged);
    let straddles = Verdict::Undecided(Reason::StraddlesMargin);
    assert_eq!(verdict(1.0199), straddles);
}

#[test]
fn a_regression_is_graded_by_the_levels_of_its_margin() {
    let mut planned = planned("e2e/linear", 0.02);
    planned.margin.warn = 0.05;
    planned.margin.fail = 0.10;
    let grade = |after| asked(&planned, &rounds(&planned, 13, after, steady)).grade;
    assert_eq!(grade(1.03), Grade::Pass);
    assert_eq!(grade(1.06), Grade::Warn);
    assert_eq!(grade(1.12), Grade::Fail);
    assert_eq!(grade(0.85), Grade::Pass, "an improvement passes");
    let strict = Planned {
        margin: Margin::of(0.03),
        ..planned.clone()
    };
    let exact = rounds(&strict, 13, 1.0301, steady);
    assert_eq!(asked(&strict, &exact).grade, Grade::Fail);
}

#[test]
fn an_answer_holds_estimate_interval_levels_and_what_they_rest_on() {
    let planned = planned("e2e/linear", 0.02);
    let answer = asked(&planned, &rounds(&planned, 13, 1.03, steady));
    let floor = answer.floor.unwrap();
    assert_eq!(floor.statistic, Statistic::Minimum, "all are alike");
    assert!((floor.change() - 0.03).abs() < 1e-4, "{floor:?}");
    assert!(floor.lower < floor.estimate && floor.estimate < floor.upper);
    assert_eq!(answer.typical.unwrap().statistic, Statistic::Median);
    assert_eq!(answer.ground, Some(Ground::Floor));
    let levels = answer.levels.unwrap();
    assert_eq!(levels.before, 100.0);
    assert!((levels.after - 103.0).abs() < 0.03, "{levels:?}");
    assert_eq!((answer.rounds, answer.dropped), (13, 0));
    assert_eq!((answer.rounds_to_decide, answer.modes), (None, None));
}

#[test]
fn what_does_not_vary_is_unchanged_with_an_interval_of_no_width() {
    let planned = planned("memory/bytes", 0.02);
    for level in [0.0, 64.0] {
        let halves = Sides {
            before: steady(level),
            after: steady(level),
        };
        let rounds: Vec<Round> = (1..=13)
            .map(|n| round(&planned, n, halves.clone()))
            .collect();
        let answer = asked(&planned, &rounds);
        assert_eq!(answer.verdict, Verdict::Unchanged);
        let floor = answer.floor.unwrap();
        assert_eq!((floor.lower, floor.estimate, floor.upper), (0.0, 0.0, 0.0));
    }
}

#[test]
fn bytes_where_there_were_none_are_a_regression_in_finite_numbers() {
    let planned = planned("memory/bytes", 0.02);
    let halves = Sides {
        before: steady(0.0),
        after: steady(64.0),
    };
    let rounds: Vec<Round> = (1..=13)
        .map(|n| round(&planned, n, halves.clone()))
        .collect();
    let answer = asked(&planned, &rounds);
    assert_eq!(answer.verdict, Verdict::Regressed);
    assert!(answer.floor.unwrap().upper.exp().is_finite());
}

/// Its minimum stays where it is and its other measurements move with the level.
fn same_floor(level: f64) -> Half {
    half(vec![90.0, level, level, level, level])
}

#[test]
fn an_unchanged_floor_does_not_hide_a_regression_of_the_median() {
    let planned = planned("e2e/linear", 0.02);
    let answer = asked(&planned, &rounds(&planned, 13, 1.08, same_floor));
    assert_eq!(answer.floor.unwrap().estimate, 0.0);
    assert_eq!(answer.verdict, Verdict::Regressed);
    assert_eq!(answer.ground, Some(Ground::Typical));
    assert_eq!(answer.grade, Grade::Fail);
    let faster = asked(&planned, &rounds(&planned, 13, 0.93, same_floor));
    assert_eq!(
        faster.verdict,
        Verdict::Unchanged,
        "the floor is what improves"
    );
}

fn with_tail(level: f64) -> Half {
    let mut half = steady(100.0);
    half.result = Ok(Observation {
        per_iteration: vec![100.0; 5],
        tail: Some(TailLatencies {
            operations: 20_000,
            p95_ns: 300.0,
            p99_ns: Some(10.0 * level),
        }),
    });
    half
}

#[test]
fn a_longer_tail_is_a_regression_on_its_own_ground() {
    let mut planned = planned("e2e/linear", 0.02);
    planned.tail = Tail::Exported;
    let early = asked(&planned, &rounds(&planned, 19, 1.5, with_tail));
    assert_eq!(
        early.verdict,
        Verdict::Unchanged,
        "13 rounds are too few for its level"
    );
    assert_eq!(early.tail, Vec::new());

    let mut plan = plan(6);
    plan.looks.remove(0);
    let rounds = rounds(&planned, 19, 1.5, with_tail);
    let borrowed: Vec<&Round> = rounds.iter().collect();
    let answer = answer(&plan, &planned, &borrowed, Extent::FirstRun);
    assert_eq!(answer.verdict, Verdict::Regressed);
    assert_eq!(answer.ground, Some(Ground::Tail));
    let statistics: Vec<Statistic> = answer.tail.iter().map(|i| i.statistic).collect();
    assert_eq!(statistics, [Statistic::P95, Statistic::P99]);
}

#[test]
fn the_rounds_up_to_the_deciding_look_give_the_same_answer_to_the_last_bit() {
    let (plan, planned) = (plan(6), planned("e2e/linear", 0.02));
    let mut decided = 0;
    for seed in 0..60 {
        let change = [0.0, 0.03, -0.05][seed as usize % 3];
        let mut world = World::new(seed, Noise::REALISTIC, change);
        let mut rounds: Vec<Round> = (1..=60).map(|n| world.round(&planned, n)).collect();
        for disturbed in rounds.iter_mut().skip(5).step_by(7) {
            disturbed.halves.after.guards.steal_share = 0.5;
        }
        let borrowed: Vec<&Round> = rounds.iter().collect();
        let whole = answer(&plan, &planned, &borrowed, Extent::FirstRun);
        if matches!(whole.verdict, Verdict::Undecided(_)) {
            continue;
        }
        decided += 1;
        let until = (whole.rounds + whole.dropped) as usize;
        for extent in [Extent::FirstRun, Extent::Continued] {
            for length in [until, until + 1, rounds.len()] {
                let part = &borrowed[..length.min(rounds.len())];
                assert_eq!(answer(&plan, &planned, part, extent), whole);
            }
        }
        let before = answer(&plan, &planned, &borrowed[..until - 1], Extent::FirstRun);
        assert!(
            matches!(before.verdict, Verdict::Undecided(_)),
            "{before:?}"
        );
    }
    assert!(decided > 50, "{decided} of 60 were decided");
}

#[test]
fn sides_that_change_places_change_the_sign_of_the_answer_and_nothing_else() {
    let (plan, planned) = (plan(6), planned("e2e/linear", 0.02));
    let mut world = World::new(5, Noise::REALISTIC, 0.03);
    let mut rounds: Vec<Round> = (1..=76).map(|n| world.round(&planned, n)).collect();
    let forth = asked(&planned, &rounds);
    for round in &mut rounds {
        std::mem::swap(&mut round.halves.before, &mut round.halves.after);
    }
    let back = asked(&planned, &rounds);
    assert_eq!(forth.verdict, Verdict::Regressed);
    assert_eq!(back.verdict, Verdict::Improved);
    let (forth, back) = (forth.floor.unwrap(), back.floor.unwrap());
    assert_eq!(forth.statistic, back.statistic);
    assert_eq!((forth.lower, forth.upper), (-back.upper, -back.lower));
    assert_eq!(forth.estimate, -back.estimate);
    assert!(plan.looks.len() > plan.first_run_looks);
}

/// Thirteen rounds whose log ratios lie evenly from `shift - reach` to `shift + reach`.
fn scattered(planned: &Planned, shift: f64, reach: f64) -> Vec<Round> {
    (0..13)
        .map(|index| {
            let log_ratio = shift + reach * (f64::from(index) - 6.0) / 6.0;
            let halves = Sides {
                before: steady(100.0),
                after: steady(100.0 * log_ratio.exp()),
            };
            round(planned, index as u32 + 1, halves)
        })
        .collect()
}

#[test]
fn an_undecided_answer_says_how_many_rounds_it_would_probably_take() {
    let planned = planned("e2e/linear", 0.01);
    let asked = |shift, reach| asked(&planned, &scattered(&planned, shift, reach));
    let noisy = asked(0.0, 0.015);
    assert_eq!(noisy.verdict, Verdict::Undecided(Reason::Noise));
    // The third smallest of the averages is 1.25 %: 13 rounds * 1.25^2 are 21.
    assert_eq!(noisy.rounds_to_decide, Some(27));
    let visible = noisy.floor.unwrap().smallest_visible_change();
    assert!((visible - 0.0125).abs() < 2e-4, "{visible}");

    let hopeless = asked(0.0, 0.3);
    assert_eq!(hopeless.verdict, Verdict::Undecided(Reason::Noise));
    assert_eq!(hopeless.rounds_to_decide, None);

    let at_the_edge = asked(0.0099, 0.005);
    let straddles = Verdict::Undecided(Reason::StraddlesMargin);
    assert_eq!(at_the_edge.verdict, straddles);
    assert_eq!(at_the_edge.rounds_to_decide, None);
}

#[test]
fn answers_come_in_the_order_of_the_plan_each_from_its_own_rounds() {
    let questions = [planned("e2e/linear", 0.02), planned("e2e/diamond", 0.02)];
    let slower = rounds(&questions[1], 13, 1.05, steady);
    let same = rounds(&questions[0], 13, 1.0, steady);
    let mixed: Vec<Round> = same
        .into_iter()
        .zip(slower)
        .flat_map(|(a, b)| [b, a])
        .collect();
    let mut plan = plan(2);
    plan.questions = questions.to_vec();
    let answers = answers(&plan, &mixed, Extent::FirstRun);
    let verdicts: Vec<&Verdict> = answers.iter().map(|answer| &answer.verdict).collect();
    assert_eq!(verdicts, [&Verdict::Unchanged, &Verdict::Regressed]);
    assert_eq!(answers[1].question, questions[1].question);
}
