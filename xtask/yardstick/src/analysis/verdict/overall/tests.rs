//! The mean over all answers.

use super::*;
use crate::{
    analysis::verdict::{tests::world::planned, without_rounds},
    model::verdict::{Interval, Reason, Statistic},
};

fn answer(suite: &str, aspect: Aspect, ratio: Option<f64>, verdict: Verdict) -> Answer {
    let mut planned = planned("e2e/linear", 0.02);
    planned.question.key.suite = suite.to_owned();
    planned.question.aspect = aspect;
    Answer {
        floor: ratio.map(|ratio: f64| Interval {
            statistic: Statistic::Minimum,
            estimate: ratio.ln(),
            lower: ratio.ln() - 0.01,
            upper: ratio.ln() + 0.01,
            alpha: 0.001,
        }),
        ..without_rounds(&planned, verdict)
    }
}

#[test]
fn the_mean_is_that_of_ratios_and_each_suite_has_its_own() {
    let answers = [
        answer("e2e", Aspect::Work, Some(2.0), Verdict::Regressed),
        answer("e2e", Aspect::Work, Some(0.5), Verdict::Improved),
        answer(
            "memory",
            Aspect::Work,
            Some(1.21),
            Verdict::Undecided(Reason::Noise),
        ),
        answer("memory", Aspect::Work, None, Verdict::Unchanged),
    ];
    let overall = overall(&answers).unwrap();
    assert_eq!(overall.all.benchmarks, 4);
    assert!(
        (overall.all.ratio - 1.21_f64.powf(0.25)).abs() < 1e-12,
        "{overall:?}"
    );
    let suite = |name: &str| overall.suites[&("benches".to_owned(), name.to_owned())];
    assert!((suite("e2e").ratio - 1.0).abs() < 1e-12);
    assert!(
        (suite("memory").ratio - 1.1).abs() < 1e-12,
        "the same executable counts as 1"
    );
}

#[test]
fn what_was_not_measured_and_what_is_asked_a_second_time_do_not_count() {
    let failed = Verdict::Undecided(Reason::LayoutSensitive);
    let answers = [
        answer("e2e", Aspect::Work, None, failed),
        answer("e2e", Aspect::Parallel, Some(3.0), Verdict::Regressed),
    ];
    assert_eq!(overall(&answers), None);
}
