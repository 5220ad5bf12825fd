//! What whole runs say, with all their looks: alarms without a change, finds with one.

use super::world::{Noise, World, plan, planned};
use crate::model::{
    question::Planned,
    settlement::Plan,
    verdict::{Answer, Verdict},
};

/// The verdicts of many questions.
#[derive(Debug, Default)]
struct Tally {
    regressed: u32,
    improved: u32,
    unchanged: u32,
    undecided: u32,
    rounds: u32,
}

impl Tally {
    fn add(&mut self, answer: &Answer) {
        match answer.verdict {
            Verdict::Regressed => self.regressed += 1,
            Verdict::Improved => self.improved += 1,
            Verdict::Unchanged => self.unchanged += 1,
            Verdict::Undecided(_) => self.undecided += 1,
        }
        self.rounds += answer.rounds;
    }

    fn alarms(&self) -> u32 {
        self.regressed + self.improved
    }

    fn questions(&self) -> u32 {
        self.alarms() + self.unchanged + self.undecided
    }

    fn share(&self, count: u32) -> f64 {
        f64::from(count) / f64::from(self.questions())
    }

    fn mean_rounds(&self) -> f64 {
        self.share(self.rounds)
    }
}

/// Asks `questions` benchmarks of the same nature, each on its own.
fn run(
    plan: &Plan,
    planned: &Planned,
    noise: Noise,
    change: f64,
    seeds: std::ops::Range<u64>,
) -> Tally {
    let mut tally = Tally::default();
    for seed in seeds {
        tally.add(&World::new(seed, noise, change.ln_1p()).settle(plan, planned));
    }
    tally
}

#[test]
fn at_most_5_percent_of_suites_of_six_raise_an_alarm_without_a_change() {
    const SUITES: u64 = 200;
    let (plan, planned) = (plan(6), planned("e2e/linear", 0.02));
    let mut all = Tally::default();
    let mut alarmed = 0;
    for suite in 0..SUITES {
        let tally = run(
            &plan,
            &planned,
            Noise::REALISTIC,
            0.0,
            suite * 6..suite * 6 + 6,
        );
        alarmed += u32::from(tally.alarms() > 0);
        all.unchanged += tally.unchanged;
        all.undecided += tally.undecided;
        all.regressed += tally.regressed;
        all.improved += tally.improved;
        all.rounds += tally.rounds;
    }
    println!(
        "{SUITES} suites of 6 without a change: {alarmed} with an alarm; {:.1} % of {} verdicts unchanged, {:.1} rounds each",
        100.0 * all.share(all.unchanged),
        all.questions(),
        all.mean_rounds()
    );
    assert!(
        f64::from(alarmed) <= 0.05 * SUITES as f64,
        "{alarmed} suites"
    );
    assert!(all.share(all.unchanged) >= 0.75, "{all:?}");
}

#[test]
fn looking_six_times_at_hopeless_noise_stays_within_the_error_rate_of_the_run() {
    // The hardest case: one question has all of α, and no verdict of "unchanged" ends it early.
    let tally = run(
        &plan(1),
        &planned("e2e/linear", 0.02),
        Noise::HOPELESS,
        0.0,
        0..500,
    );
    println!(
        "hopeless noise, one question, six looks, no change: {:.1} % alarms in {} runs of {:.1} rounds",
        100.0 * tally.share(tally.alarms()),
        tally.questions(),
        tally.mean_rounds()
    );
    assert!(tally.share(tally.alarms()) <= 0.05, "{tally:?}");
    assert!(tally.mean_rounds() > 50.0, "it was not hopeless: {tally:?}");
}

#[test]
fn three_percent_more_time_is_found_and_never_taken_for_less() {
    let tally = run(
        &plan(6),
        &planned("e2e/linear", 0.02),
        Noise::REALISTIC,
        0.03,
        0..150,
    );
    report("+3 % at a margin of 2 %", &tally, tally.regressed);
    assert!(tally.share(tally.regressed) >= 0.95, "{tally:?}");
    assert_eq!(tally.improved, 0, "{tally:?}");
}

#[test]
fn three_percent_less_time_is_found_and_never_taken_for_more() {
    let tally = run(
        &plan(6),
        &planned("e2e/linear", 0.02),
        Noise::REALISTIC,
        -0.03,
        0..150,
    );
    report("-3 % at a margin of 2 %", &tally, tally.improved);
    assert!(tally.share(tally.improved) >= 0.95, "{tally:?}");
    assert_eq!(tally.regressed, 0, "{tally:?}");
}

#[test]
fn two_percent_more_time_is_found_at_a_margin_of_one() {
    let tally = run(
        &plan(6),
        &planned("e2e/linear", 0.01),
        Noise::REALISTIC,
        0.02,
        0..150,
    );
    report("+2 % at a margin of 1 %", &tally, tally.regressed);
    assert!(tally.share(tally.regressed) >= 0.90, "{tally:?}");
    assert_eq!(tally.improved, 0, "{tally:?}");
}

#[test]
fn a_change_as_large_as_the_margin_is_hardly_ever_called_unchanged() {
    let tally = run(
        &plan(6),
        &planned("e2e/linear", 0.02),
        Noise::REALISTIC,
        0.02,
        0..200,
    );
    println!(
        "+2 % at a margin of 2 %: {:.1} % of {} called unchanged, {:.1} % regressed, after {:.1} rounds",
        100.0 * tally.share(tally.unchanged),
        tally.questions(),
        100.0 * tally.share(tally.regressed),
        tally.mean_rounds()
    );
    // A question may err with 0.75 % in all; three times that is what choosing between three
    // statistics can at most make of it.
    assert!(tally.share(tally.unchanged) <= 0.0225, "{tally:?}");
    assert_eq!(tally.improved, 0, "{tally:?}");
}

fn report(name: &str, tally: &Tally, found: u32) {
    println!(
        "{name}: {:.1} % of {} found after {:.1} rounds; {} the wrong way round, {} called unchanged, {} undecided",
        100.0 * tally.share(found),
        tally.questions(),
        tally.mean_rounds(),
        tally.alarms() - found,
        tally.unchanged,
        tally.undecided
    );
}
