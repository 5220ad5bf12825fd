//! How often intervals miss, and how wide they are.

use super::world::{Noise, World, plan, planned};
use crate::{
    analysis::verdict::{Extent, answer, levels, look_alpha},
    model::{question::Tail, round::Round, settlement::Plan, verdict::Interval},
};

const TRIES: u32 = 4_000;

/// A plan whose only look comes after `rounds` rounds and gives the floor this level.
fn one_look(rounds: u32, floor_level: f64) -> Plan {
    let mut plan = plan(1);
    plan.looks = vec![rounds];
    plan.first_run_looks = 1;
    plan.alpha *= floor_level / levels(look_alpha(&plan, 0), Tail::Unknown).floor;
    plan
}

/// The share of intervals that miss the change, and their mean half-width.
fn misses(noise: Noise, change: f64, rounds: u32, level: f64) -> (f64, f64) {
    let plan = one_look(rounds, level);
    let planned = planned("e2e/linear", 0.02);
    let intervals: Vec<Interval> = (0..TRIES)
        .filter_map(|seed| {
            let mut world = World::new(u64::from(seed), noise, change);
            let rounds: Vec<Round> = (1..=rounds).map(|n| world.round(&planned, n)).collect();
            let rounds: Vec<&Round> = rounds.iter().collect();
            answer(&plan, &planned, &rounds, Extent::FirstRun).floor
        })
        .collect();
    let tries = intervals.len() as f64;
    assert!(tries > 0.98 * f64::from(TRIES), "few intervals: {tries}");
    let missed = intervals
        .iter()
        .filter(|i| i.lower > change || i.upper < change);
    let half_widths = intervals.iter().map(|i| (i.upper - i.lower) / 2.0);
    (
        missed.count() as f64 / tries,
        half_widths.sum::<f64>() / tries,
    )
}

#[test]
fn without_a_change_95_percent_intervals_miss_at_most_5_percent_under_drift_and_heavy_tails() {
    for (name, noise) in [
        ("realistic", Noise::REALISTIC),
        ("hopeless", Noise::HOPELESS),
    ] {
        let (missed, half_width) = misses(noise, 0.0, 15, 0.05);
        println!(
            "{name} noise, no change, 15 rounds: {:.2} % of 95 % intervals miss, mean half-width {:.2} %",
            100.0 * missed,
            100.0 * half_width
        );
        // Three standard errors of a share of 5 % in 4,000 tries are 1 %.
        assert!((0.035..=0.06).contains(&missed), "{missed}");
    }
}

#[test]
fn with_a_change_of_3_percent_95_percent_intervals_miss_little_more_than_5_percent() {
    let (missed, half_width) = misses(Noise::REALISTIC, 0.03_f64.ln_1p(), 15, 0.05);
    println!(
        "realistic noise, +3 %, 15 rounds: {:.2} % of 95 % intervals miss, mean half-width {:.2} %",
        100.0 * missed,
        100.0 * half_width
    );
    assert!((0.035..=0.08).contains(&missed), "{missed}");
    assert!(
        (0.005..=0.013).contains(&half_width),
        "not realistic: {half_width}"
    );
}
