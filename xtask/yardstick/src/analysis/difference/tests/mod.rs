//! What a difference says of recordings that are written down by hand.

mod groups;
mod simulation;
mod sums;

use super::*;
use crate::{
    analysis::samples::{key, profile},
    model::{
        comparison::Sides,
        difference::{FunctionRow, Presence},
    },
};

/// The difference of these recordings, each a list of `;`-separated stacks with their samples.
fn compared(before: &[&[(&str, u64)]], after: &[&[(&str, u64)]]) -> Difference {
    of_profiles(Sides { before, after }.map(|side| {
        let side = side.iter();
        side.map(|stacks| profile("x", stacks)).collect()
    }))
}

fn of_profiles(profiles: Sides<Vec<Profile>>) -> Difference {
    of_layers(profiles, &Layers::default())
}

fn of_layers(profiles: Sides<Vec<Profile>>, layers: &Layers) -> Difference {
    let recorded = Recorded {
        key: key("x"),
        profiles,
        end_to_end_ns: None,
    };
    match differ(&recorded, layers) {
        ProfileOutcome::Compared(difference) => *difference,
        other => panic!("not compared: {other:?}"),
    }
}

fn row<'d>(difference: &'d Difference, function: &str) -> &'d FunctionRow {
    let mut rows = difference.functions.iter();
    rows.find(|row| row.function == function)
        .unwrap_or_else(|| panic!("no row of {function}"))
}

/// The same stacks with other numbers of samples.
fn scaled<'s>(stacks: &[(&'s str, u64)], factor: u64) -> Vec<(&'s str, u64)> {
    stacks.iter().map(|(s, w)| (*s, w * factor)).collect()
}

#[test]
fn own_time_is_the_leaf_s_and_total_time_includes_callees() {
    // 1,000 ns per iteration on both sides.
    let difference = compared(&[&[("a", 25), ("a;b", 75)]], &[&[("a;b", 100)]]);
    let a = row(&difference, "a");
    assert_eq!(a.own.ns, [250.0, 0.0].into());
    assert_eq!(a.total.ns, [1_000.0, 1_000.0].into());
}

#[test]
fn recursion_counts_once() {
    let difference = compared(&[&[("a;b;a", 100)]], &[&[("a", 100)]]);
    assert_eq!(row(&difference, "a").total.ns.before, 1_000.0);
}

#[test]
fn the_time_of_a_side_is_the_mean_over_its_recordings() {
    let mut profiles = Sides {
        before: vec![profile("x", &[("a", 50), ("b", 50)])],
        after: vec![
            profile("x", &[("a", 10), ("b", 10)]),
            profile("x", &[("a", 300), ("b", 100)]),
        ],
    };
    profiles.after[1].work.cpu_ns = 2_000_000;
    let difference = of_profiles(profiles);
    // 500 of 1,000 ns in the first recording, 1,500 of 2,000 in the second, however many samples each has.
    assert_eq!(row(&difference, "a").own.ns.after, 1_000.0);
    assert_eq!(difference.cpu.ns.after, 1_500.0);
    assert_eq!(
        difference.recordings,
        Sides {
            before: 1,
            after: 2
        }
    );
}

#[test]
fn with_one_recording_a_side_the_interval_is_the_binomial_one() {
    // Half of 10,000 samples of 1,000 ns: 1,000 × √(0.25 / 10,000) = 5 ns a side.
    let stacks: &[(&str, u64)] = &[("a", 5_000), ("b", 5_000)];
    let difference = compared(&[stacks], &[stacks]);
    let own = row(&difference, "a").own;
    let half = 1.959_964 * 50.0_f64.sqrt();
    assert!((own.upper_ns - half).abs() < 1e-2, "{own:?}");
    assert!((own.lower_ns + half).abs() < 1e-2, "{own:?}");
}

#[test]
fn one_recording_a_side_says_nothing_about_the_spread_of_the_cpu_time() {
    let mut profiles = Sides {
        before: vec![profile("x", &[("a", 100)])],
        after: vec![profile("x", &[("a", 100)])],
    };
    profiles.after[0].work.cpu_ns *= 2;
    let difference = of_profiles(profiles);
    assert!(!difference.cpu.is_significant());
    assert_eq!(difference.cpu.upper_ns, f64::INFINITY);
    assert_eq!(difference.explained(&difference.cpu), None);
}

#[test]
fn a_function_that_no_sample_of_a_side_saw_may_still_have_run() {
    let difference = compared(&[&[("a", 100), ("a;rare", 1)]], &[&[("a", 100)]]);
    let rare = row(&difference, "rare");
    assert_eq!(rare.presence, Presence::Gone);
    assert!(rare.own.lower_ns < 0.0 && rare.own.upper_ns > 0.0);
    assert!(!rare.own.is_significant());
}

#[test]
fn what_differs_between_pairs_but_not_within_them_is_no_difference() {
    let stacks: &[(&str, u64)] = &[("a", 1_000), ("b", 1_000)];
    let side = |slower: u64| -> Vec<Profile> {
        let drift = [1_000_000, 1_300_000, 1_100_000, 900_000, 1_200_000];
        let recording = |cpu_ns: u64| {
            let mut recorded = profile("x", stacks);
            recorded.work.cpu_ns = cpu_ns + cpu_ns * slower / 100;
            recorded
        };
        drift.map(recording).into()
    };
    let same = of_profiles(Sides {
        before: side(0),
        after: side(0),
    });
    assert!(!same.cpu.is_significant());
    let slower = of_profiles(Sides {
        before: side(0),
        after: side(3),
    });
    assert!(slower.cpu.is_significant(), "{:?}", slower.cpu);
}

#[test]
fn differences_beyond_chance_come_first() {
    let before: &[(&str, u64)] = &[("a", 1_000), ("b", 1_000), ("c", 8_000)];
    let after: &[(&str, u64)] = &[("a", 1_050), ("b", 2_000), ("c", 6_950)];
    let difference = compared(&[before; 4], &[after; 4]);
    let found: Vec<&str> = difference
        .functions
        .iter()
        .filter(|row| row.own.is_significant())
        .map(|row| row.function.as_str())
        .collect();
    assert_eq!(found, ["c", "b"]);
    assert_eq!(difference.functions[2].function, "a");
}

#[test]
fn more_samples_make_smaller_differences_visible() {
    let stacks: &[(&str, u64)] = &[("a", 10), ("b", 40), ("c", 50)];
    let many = scaled(stacks, 100);
    let [few, many] = [stacks, many.as_slice()].map(|stacks| compared(&[stacks; 3], &[stacks; 3]));
    let ratio = few.smallest_visible_ns / many.smallest_visible_ns;
    assert!((ratio - 10.0).abs() < 1.0, "{ratio}");
}

#[test]
fn recordings_on_one_side_only_are_no_difference() {
    let recorded = |before: usize, after: usize| Recorded {
        key: key("x"),
        profiles: Sides { before, after }.map(|count| vec![profile("x", &[("a", 1)]); count]),
        end_to_end_ns: None,
    };
    let outcome = |before, after| differ(&recorded(before, after), &Layers::default());
    assert_eq!(outcome(0, 2), ProfileOutcome::Added);
    assert_eq!(outcome(2, 0), ProfileOutcome::Removed);
    assert!(matches!(outcome(0, 0), ProfileOutcome::NotComparable(_)));
}

#[test]
fn recordings_of_one_side_that_were_made_differently_are_not_compared() {
    let mut odd = profile("x", &[("a", 1)]);
    odd.facts.event = "cycles".to_owned();
    let recorded = Recorded {
        key: key("x"),
        profiles: Sides {
            before: vec![profile("x", &[("a", 1)]), odd],
            after: vec![profile("x", &[("a", 1)])],
        },
        end_to_end_ns: None,
    };
    let ProfileOutcome::NotComparable(reasons) = differ(&recorded, &Layers::default()) else {
        panic!("compared");
    };
    assert_eq!(
        reasons,
        ["the event differs: cpu-clock and cycles before, cpu-clock after"]
    );
}
