//! How the error rate is spent.

use proptest::prelude::*;

use super::world::plan;
use crate::{
    analysis::verdict::{Extent, Looks, levels, look_alpha, looks, next_look, signed_rank},
    model::{question::Tail, settlement::Plan},
};

/// A plan of this many questions at this error rate.
fn plan_at(shares: usize, alpha: f64) -> Plan {
    let Looks { rounds, first_run } = looks(shares, alpha, Tail::Unknown);
    Plan {
        alpha,
        looks: rounds,
        first_run_looks: first_run,
        ..plan(shares)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn all_that_is_spent_on_all_questions_looks_and_statistics_is_no_more_than_alpha(
        shares in 1_usize..2_000,
        alpha in 0.0001..0.3_f64,
        tail in prop::sample::select(vec![Tail::Unknown, Tail::Exported]),
    ) {
        let plan = plan_at(shares, alpha);
        let spent: f64 = (0..plan.looks.len())
            .map(|look| {
                let levels = levels(look_alpha(&plan, look), tail);
                levels.floor + levels.typical + 2.0 * levels.tail
            })
            .sum();
        prop_assert!(spent * shares as f64 <= alpha, "{spent} of {alpha}");
        // And no less than what the first run may spend, or the run would be needlessly blunt.
        prop_assert!(spent * shares as f64 > 0.9 * alpha);
    }

    #[test]
    fn the_floor_and_the_median_can_decide_at_every_look(
        shares in 1_usize..2_000,
        alpha in 0.0001..0.3_f64,
    ) {
        let plan = plan_at(shares, alpha);
        for (look, rounds) in plan.looks.iter().enumerate().take(plan.first_run_looks) {
            let levels = levels(look_alpha(&plan, look), Tail::Unknown);
            for level in [levels.floor, levels.typical] {
                let critical = signed_rank::critical_value(*rounds as usize, level);
                prop_assert!(critical.is_some(), "{rounds} rounds at level {level}");
            }
        }
    }

    #[test]
    fn looks_grow_by_two_fifths_and_end_by_300_rounds(shares in 1_usize..2_000) {
        let Looks { rounds, first_run } = looks(shares, 0.05, Tail::Unknown);
        prop_assert_eq!(first_run, 6);
        prop_assert!(rounds.len() > first_run, "nothing is left for going on");
        prop_assert!(rounds[0] >= 10 && rounds[rounds.len() - 1] <= 300);
        for pair in rounds.windows(2) {
            prop_assert_eq!(pair[1], (pair[0] * 7).div_ceil(5));
        }
    }
}

#[test]
fn six_questions_are_looked_at_from_13_rounds_on() {
    assert_eq!(
        looks(6, 0.05, Tail::Unknown),
        Looks {
            rounds: vec![13, 19, 27, 38, 54, 76, 107, 150, 210, 294],
            first_run: 6
        }
    );
}

#[test]
fn each_look_beyond_the_first_run_has_half_of_what_the_one_before_had() {
    let plan = plan(6);
    assert_eq!(look_alpha(&plan, 6), 0.05 * 0.1 / 6.0 / 2.0);
    for look in 7..plan.looks.len() {
        assert_eq!(look_alpha(&plan, look), look_alpha(&plan, look - 1) / 2.0);
    }
}

#[test]
fn a_first_run_ends_where_a_continued_one_goes_on() {
    let plan = plan(6);
    assert_eq!(next_look(&plan, 0, Extent::FirstRun), Some(13));
    assert_eq!(next_look(&plan, 13, Extent::FirstRun), Some(19));
    assert_eq!(next_look(&plan, 14, Extent::FirstRun), Some(19));
    assert_eq!(next_look(&plan, 76, Extent::FirstRun), None);
    assert_eq!(next_look(&plan, 76, Extent::Continued), Some(107));
    assert_eq!(next_look(&plan, 294, Extent::Continued), None);
}
