//! Benchmarks with modes, and those that only look like it.

use super::world::{Chance, half, plan, planned, round};
use crate::{
    analysis::verdict::{Extent, answer},
    model::{
        comparison::Sides,
        round::Round,
        verdict::{Answer, Reason, Verdict},
    },
};

/// What stands at this moment: the round, the side, and the machine's level.
struct Moment {
    round: u32,
    after: bool,
    drift: f64,
}

/// The log level of one process.
type Process = fn(&mut Chance, &Moment) -> f64;

/// Answers of a benchmark at 320 ns under drift.
fn answers(tries: u64, process: Process) -> Vec<Answer> {
    let (plan, planned) = (plan(6), planned("e2e/linear", 0.02));
    let most = plan.looks[plan.first_run_looks - 1];
    (0..tries)
        .map(|seed| {
            let mut chance = Chance::new(seed);
            let mut drift = 0.05 * chance.normal();
            let rounds: Vec<Round> = (1..=most)
                .map(|number| {
                    drift = 0.75 * drift + 0.033 * chance.normal();
                    let mut level = |after| {
                        let moment = Moment {
                            round: number,
                            after,
                            drift,
                        };
                        half(vec![320.0 * process(&mut chance, &moment).exp(); 3])
                    };
                    let halves = Sides {
                        before: level(false),
                        after: level(true),
                    };
                    round(&planned, number, halves)
                })
                .collect();
            let rounds: Vec<&Round> = rounds.iter().collect();
            answer(&plan, &planned, &rounds, Extent::FirstRun)
        })
        .collect()
}

fn share_of_modes(answers: &[Answer]) -> f64 {
    let found = answers
        .iter()
        .filter(|answer| answer.verdict == Verdict::Undecided(Reason::LayoutSensitive));
    found.count() as f64 / answers.len() as f64
}

/// Three times slower in 30 % of the layouts.
fn three_times(chance: &mut Chance, moment: &Moment) -> f64 {
    let mode = if chance.is(0.3) { 950_f64 / 320.0 } else { 1.0 };
    moment.drift + 0.02 * chance.normal() + mode.ln()
}

/// Twice as slow in 40 % of the layouts of the side with the change.
fn twice_after(chance: &mut Chance, moment: &Moment) -> f64 {
    let slow = moment.after && chance.is(0.4);
    moment.drift + 0.02 * chance.normal() + if slow { 2_f64.ln() } else { 0.0 }
}

/// A tenth slower in half of the layouts, on a quiet machine.
fn a_tenth(chance: &mut Chance, moment: &Moment) -> f64 {
    let slow = chance.is(0.5);
    0.1 * moment.drift + 0.007 * chance.normal() + if slow { 1.1_f64.ln() } else { 0.0 }
}

#[test]
fn modes_are_found() {
    let kinds: [(&str, Process, f64); 3] = [
        ("x 3 in 30 % of layouts, drift", three_times, 0.99),
        ("x 2 in 40 % after the change, drift", twice_after, 0.90),
        ("x 1.1 in half of the layouts, quiet", a_tenth, 0.85),
    ];
    for (name, process, least) in kinds {
        let found = share_of_modes(&answers(60, process));
        println!("{name}: modes found in {:.1} % of 60 runs", 100.0 * found);
        assert!(found >= least, "{name}: {found}");
    }
}

#[test]
fn modes_are_reported_with_their_levels_and_shares_and_no_interval() {
    for answer in answers(20, three_times) {
        assert_eq!(answer.verdict, Verdict::Undecided(Reason::LayoutSensitive));
        assert_eq!((answer.floor, answer.typical), (None, None));
        assert_eq!((answer.levels, answer.rounds_to_decide), (None, None));
        let modes = answer.modes.unwrap();
        assert!(modes.before.len() > 1 || modes.after.len() > 1);
        for side in [&modes.before, &modes.after] {
            let shares: f64 = side.iter().map(|mode| mode.share).sum();
            assert!((shares - 1.0).abs() < 1e-9, "{side:?}");
            if let [fast, slow] = side[..] {
                assert!((250.0..400.0).contains(&fast.level), "{side:?}");
                assert!((750.0..1_200.0).contains(&slow.level), "{side:?}");
                assert!(fast.share > 0.3 && slow.share > 0.1, "{side:?}");
            }
        }
    }
}

#[test]
fn a_side_without_modes_has_one_beside_one_that_has_several() {
    for answer in answers(20, twice_after) {
        let modes = answer.modes.unwrap();
        assert_eq!(modes.before.len(), 1, "{modes:?}");
        assert_eq!(modes.before[0].share, 1.0);
        assert!(modes.after.len() > 1, "{modes:?}");
    }
}

fn heavy(chance: &mut Chance, moment: &Moment) -> f64 {
    moment.drift + 0.04 * chance.student()
}

fn skewed(chance: &mut Chance, moment: &Moment) -> f64 {
    moment.drift + 0.02 * (2.0 * chance.normal()).exp()
}

fn spiked(chance: &mut Chance, moment: &Moment) -> f64 {
    let spike = if chance.is(0.15) {
        0.05 + 0.3 * chance.uniform()
    } else {
        0.0
    };
    moment.drift + 0.01 * chance.normal() + spike
}

/// From the eighth round on the machine is a third slower.
fn slowed_down(chance: &mut Chance, moment: &Moment) -> f64 {
    let slow = if moment.round > 7 { 1.35_f64.ln() } else { 0.0 };
    0.1 * moment.drift + 0.03 * chance.student() + slow
}

fn regressed(chance: &mut Chance, moment: &Moment) -> f64 {
    let change = if moment.after { 1.35_f64.ln() } else { 0.0 };
    0.1 * moment.drift + 0.02 * chance.student() + change
}

#[test]
fn heavy_tails_spikes_drift_and_changes_are_rarely_taken_for_modes() {
    let kinds: [(&str, Process); 5] = [
        ("Student's t with 3 degrees of freedom", heavy),
        ("lognormal, sigma 2", skewed),
        ("spikes of 5 to 35 % in 15 % of processes", spiked),
        ("a machine a third slower from round 8 on", slowed_down),
        ("a regression of 35 %", regressed),
    ];
    for (name, process) in kinds {
        let taken = share_of_modes(&answers(150, process));
        println!(
            "{name}: taken for modes in {:.1} % of 150 runs",
            100.0 * taken
        );
        assert!(taken <= 0.03, "{name}: {taken}");
    }
}
