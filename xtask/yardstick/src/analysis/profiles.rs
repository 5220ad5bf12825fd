//! Two profiles of one benchmark: whether they may be put side by side.

use crate::model::{
    benchmark::BenchmarkKey,
    capture::Capture,
    comparison::{Paired, ProfileOutcome, ProfileRow, Sides, Subject, Warning},
    difference::Recorded,
    layers::Layers,
    profile::{Iterations, Profile, RecordingFacts, Work},
    units::Unit,
};

use super::{benchmarks::paired, difference::differ};

/// How far the real rates of two recordings may lie apart without a word about it.
const RATE_TOLERANCE: f64 = 0.10;

/// The profiles of either capture in key order, and what the reader must know of them.
pub(super) fn rows(captures: Sides<&Capture>, layers: &Layers) -> (Vec<ProfileRow>, Vec<Warning>) {
    let mut warnings = Vec::new();
    let profiles = captures.map(|capture| capture.profiles.iter().collect());
    let rows = paired(profiles)
        .into_iter()
        .map(|(key, pair)| {
            let outcome = match pair {
                Paired::Removed(_) => ProfileOutcome::Removed,
                Paired::Added(_) => ProfileOutcome::Added,
                Paired::Both(sides) => {
                    warnings.extend(rate_warning(key, sides));
                    compare(key, sides, works(captures, sides), layers)
                }
            };
            let key: BenchmarkKey = key.clone();
            ProfileRow { key, outcome }
        })
        .collect();
    (rows, warnings)
}

/// What ran under each profile. A recording that could not count its iterations gets them from
/// the time that the same capture stores for the benchmark, where there is one by now.
fn works(captures: Sides<&Capture>, profiles: Sides<&Profile>) -> Sides<Work> {
    Sides {
        before: work(captures.before, profiles.before),
        after: work(captures.after, profiles.after),
    }
}

fn work(capture: &Capture, profile: &Profile) -> Work {
    let mut work = profile.work.clone();
    let mut runs = capture.runs.iter();
    if work.iterations == Iterations::Unknown
        && let Some(stored) = runs.find_map(|run| run.benchmarks.get(&profile.key))
        && stored.unit == Unit::Nanoseconds
    {
        let iterations = work.wall_ns as f64 / stored.estimates.typical().point;
        work.iterations = Iterations::Derived(iterations);
    }
    work
}

fn compare(
    key: &BenchmarkKey,
    profiles: Sides<&Profile>,
    works: Sides<Work>,
    layers: &Layers,
) -> ProfileOutcome {
    let one = |profile: &Profile, work: Work| {
        vec![Profile {
            work,
            ..profile.clone()
        }]
    };
    let recorded = Recorded {
        key: key.clone(),
        profiles: Sides {
            before: one(profiles.before, works.before),
            after: one(profiles.after, works.after),
        },
        end_to_end_ns: None,
    };
    differ(&recorded, layers)
}

fn rate_warning(key: &BenchmarkKey, profiles: Sides<&Profile>) -> Option<Warning> {
    let rates = profiles.map(|profile| profile.facts.real_rate_hz);
    let apart = rates
        .ratio()
        .is_some_and(|ratio| !((1.0 - RATE_TOLERANCE)..=(1.0 + RATE_TOLERANCE)).contains(&ratio));
    (apart && recorded_alike(profiles)).then(|| Warning {
        subject: Subject::Rate,
        text: format!(
            "the profiles of `{}` came out at different rates: {:.0} samples per CPU second before, {:.0} after",
            key.id, rates.before, rates.after
        ),
    })
}

fn recorded_alike(profiles: Sides<&Profile>) -> bool {
    let Sides { before, after } = profiles.map(|profile| &profile.facts);
    let rate = |facts: &RecordingFacts| facts.asked_rate_hz.to_bits();
    before.sampler == after.sampler
        && before.event == after.event
        && before.kernel_included == after.kernel_included
        && rate(before) == rate(after)
}

#[cfg(test)]
mod tests {
    use super::super::samples::{capture, profile};
    use super::*;
    use crate::model::{difference::Difference, profile::Sampler};

    fn outcome(before: Profile, after: Profile) -> ProfileOutcome {
        let (empty_before, empty_after) = (empty("pre"), empty("post"));
        let profiles = Sides {
            before: &before,
            after: &after,
        };
        let captures = Sides {
            before: &empty_before,
            after: &empty_after,
        };
        let works = works(captures, profiles);
        compare(&before.key, profiles, works, &Layers::default())
    }

    fn empty(name: &str) -> Capture {
        Capture {
            runs: Vec::new(),
            ..capture(name)
        }
    }

    fn compared(before: Profile, after: Profile) -> Difference {
        match outcome(before, after) {
            ProfileOutcome::Compared(difference) => *difference,
            other => panic!("not compared: {other:?}"),
        }
    }

    #[test]
    fn weights_become_nanoseconds_per_iteration() {
        let before = profile("x", &[("a", 30), ("a;b", 70)]);
        let after = profile("x", &[("a", 60), ("a;b", 140)]);
        let difference = compared(before, after);
        // 1 ms over 1,000 iterations is 1,000 ns on both sides, whatever the sample counts.
        assert_eq!(
            difference.cpu.ns,
            Sides {
                before: 1_000.0,
                after: 1_000.0
            }
        );
        assert_eq!(difference.wall_ns.before, 2_000.0);
        assert_eq!(difference.functions[0].own.ns.difference(), 0.0);
    }

    #[test]
    fn a_uniform_slowdown_shows_in_every_function() {
        let before = profile("x", &[("a", 30), ("a;b", 70)]);
        let mut after = before.clone();
        after.work.cpu_ns *= 2;
        let difference = compared(before, after);
        for function in &difference.functions {
            assert_eq!(function.own.ns.ratio(), Some(2.0), "{function:?}");
        }
    }

    #[test]
    fn time_outside_the_routine_is_not_counted_as_its_time() {
        let before = profile("x", &[("a", 100)]);
        let mut after = before.clone();
        after.quality.trimmed_share = 0.25;
        let difference = compared(before, after);
        assert_eq!(difference.cpu.ns.after, 750.0);
    }

    #[test]
    fn recordings_made_differently_are_not_compared_and_every_reason_is_given() {
        let before = profile("x", &[("a", 1)]);
        let mut after = before.clone();
        after.facts.sampler = Sampler::InProcess;
        after.facts.event = "SIGPROF".to_owned();
        after.facts.kernel_included = true;
        after.facts.asked_rate_hz = 250.0;
        let ProfileOutcome::NotComparable(reasons) = outcome(before, after) else {
            panic!("compared");
        };
        assert_eq!(reasons.len(), 4, "{reasons:?}");
    }

    #[test]
    fn unknown_iterations_and_empty_profiles_are_not_compared() {
        let mut before = profile("x", &[("a", 1)]);
        before.work.iterations = Iterations::Derived(f64::NAN);
        let ProfileOutcome::NotComparable(reasons) = outcome(before, profile("x", &[])) else {
            panic!("compared");
        };
        assert_eq!(
            reasons,
            [
                "the iterations before are unknown, so its weights are no times: link the probe, or store the benchmark's time in the same capture",
                "the profile after holds no stack",
            ]
        );
    }

    #[test]
    fn a_time_that_was_stored_after_the_profile_gives_its_iterations() {
        let mut before = capture("pre");
        let mut recorded = profile("e2e/linear", &[("a", 1)]);
        recorded.work.iterations = Iterations::Unknown;
        before.profiles.insert(recorded.key.clone(), recorded);
        let after = before.clone();
        let (rows, _) = rows(
            Sides {
                before: &before,
                after: &after,
            },
            &Layers::default(),
        );
        let ProfileOutcome::Compared(difference) = &rows[0].outcome else {
            panic!("not compared: {rows:?}");
        };
        // 2 ms on the wall at 100 ns are 20,000 iterations, over which 1 ms of CPU is spread.
        assert_eq!(difference.cpu.ns.before, 50.0);
        assert!(difference.derived.before && difference.derived.after);
    }

    #[test]
    fn a_recording_without_cpu_time_is_not_compared() {
        let mut before = profile("x", &[("a", 1)]);
        before.work.cpu_ns = 0;
        let ProfileOutcome::NotComparable(reasons) = outcome(before, profile("x", &[("a", 1)]))
        else {
            panic!("compared");
        };
        assert_eq!(
            reasons,
            ["the CPU time before is unknown, so its weights are no times"]
        );
    }

    #[test]
    fn a_profile_of_one_capture_only_is_added_or_removed() {
        let mut before = capture("pre");
        let mut after = capture("post");
        for (capture, id) in [(&mut before, "gone"), (&mut after, "new")] {
            let recorded = profile(id, &[("a", 1)]);
            capture.profiles.insert(recorded.key.clone(), recorded);
        }
        let (rows, _) = rows(
            Sides {
                before: &before,
                after: &after,
            },
            &Layers::default(),
        );
        assert_eq!(rows[0].outcome, ProfileOutcome::Removed);
        assert_eq!(rows[1].outcome, ProfileOutcome::Added);
    }

    #[test]
    fn real_rates_that_lie_apart_call_for_a_warning() {
        let mut before = capture("pre");
        let recorded = profile("x", &[("a", 1)]);
        before.profiles.insert(recorded.key.clone(), recorded);
        let mut after = before.clone();
        for recorded in after.profiles.values_mut() {
            recorded.facts.real_rate_hz = 250.0;
        }
        let (_, warnings) = rows(
            Sides {
                before: &before,
                after: &after,
            },
            &Layers::default(),
        );
        assert_eq!(
            warnings[0].text,
            "the profiles of `x` came out at different rates: 966 samples per CPU second before, 250 after"
        );
    }
}
