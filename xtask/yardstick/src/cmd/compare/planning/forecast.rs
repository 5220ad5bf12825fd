//! What a comparison will take, told before it takes it.

use std::collections::BTreeMap;

use anyhow::Result;

use super::{
    ALPHA,
    calibrate::{Calibrated, Cost, Timing, cost},
};
use crate::{
    analysis::verdict,
    cmd::{Context, counted},
    model::{question::Tail, settlement::Plan},
    problem::Problem,
};

/// What a fresh pair of layouts takes for one suite, in seconds.
const LINK_SECONDS: f64 = 0.4;

/// Where even the quickest processes could not bring all benchmarks to a first look there is something to choose, and
/// that is better known before hours of rounds than after them.
///
/// # Errors
/// If it is so; the problem says what it would take.
pub fn refuse_what_takes_too_long(benchmarks: usize, budget_seconds: f64) -> Result<()> {
    let looks = verdict::looks(benchmarks, ALPHA, Tail::Unknown);
    let processes = 2.0 * benchmarks as f64 * f64::from(looks.rounds[0]);
    let seconds = processes * Timing::SHORT.seconds();
    if seconds <= budget_seconds {
        return Ok(());
    }
    Err(Problem::usage(format!(
        "{} cannot be compared in {}",
        counted(benchmarks, "benchmark"),
        duration(budget_seconds)
    ))
    .fact(format!(
        "a first look at each takes {} rounds: {} for all of them, if none is slow",
        looks.rounds[0],
        duration(seconds)
    ))
    .hint(format!(
        "compare some of them (`compare BEFORE AFTER FILTER`), or add `--budget {}`",
        duration(2.0 * seconds)
    ))
    .into())
}

/// Predicts what the rounds of a plan will take.
pub fn predict(benchmarks: &[Calibrated], plan: &Plan) -> Cost {
    let looks = &plan.looks[..plan.first_run_looks.min(plan.looks.len())];
    cost(benchmarks, looks, LINK_SECONDS)
}

/// Says what is going to happen, and what it will take.
pub fn foretell(context: &Context<'_>, benchmarks: &[Calibrated], cost: Cost, budget_seconds: f64) {
    if benchmarks.is_empty() {
        return;
    }
    let what = counted(benchmarks.len(), "benchmark");
    context.host.note(&format!(
        "{what}: about {} to the first look, {} at most; the budget is {}\n",
        duration(cost.first_look_seconds),
        duration(cost.last_look_seconds),
        duration(budget_seconds)
    ));
    if cost.first_look_seconds > budget_seconds {
        context.warn(&format!(
            "the budget ends before the first look: {}, or give it `--budget {}`",
            what_fits(benchmarks, cost, budget_seconds),
            duration(cost.first_look_seconds * 1.5)
        ));
    }
    let overriding = benchmarks
        .iter()
        .filter(|benchmark| benchmark.settings_override);
    let overriding: Vec<&str> = overriding
        .map(|benchmark| benchmark.key.id.as_str())
        .collect();
    if let [one, others @ ..] = overriding.as_slice() {
        let others = match others.len() {
            0 => String::new(),
            more => format!(" and {}", counted(more, "other")),
        };
        context.warn(&format!(
            "settings in the source of `{one}`{others} override ours: the rounds take as long as these say"
        ));
    }
}

/// What to compare instead: a suite that the budget is enough for, or else what costs least; and what costs most.
fn what_fits(benchmarks: &[Calibrated], cost: Cost, budget_seconds: f64) -> String {
    let all_seconds: f64 = benchmarks.iter().map(|one| one.process_seconds).sum();
    // What a second of processes takes to the first look, layouts and pairs on all CPUs included.
    let share = cost.first_look_seconds / all_seconds.max(f64::MIN_POSITIVE);
    let mut suites: BTreeMap<&str, f64> = BTreeMap::new();
    for benchmark in benchmarks {
        *suites.entry(&benchmark.key.suite).or_default() += benchmark.process_seconds * share;
    }
    // The filter means a suite where there is one of its name.
    let fits = suites
        .iter()
        .filter(|(_, seconds)| **seconds <= budget_seconds);
    let fitting = fits.max_by(|a, b| a.1.total_cmp(b.1));
    let by_cost =
        |a: &&Calibrated, b: &&Calibrated| a.process_seconds.total_cmp(&b.process_seconds);
    let cheapest = benchmarks.iter().min_by(by_cost);
    let instead = match (fitting, cheapest) {
        (Some((suite, seconds)), _) => {
            format!(
                "compare fewer (`compare … {suite}` takes {})",
                duration(*seconds)
            )
        }
        (None, Some(one)) => format!(
            "compare fewer (`compare … {}` takes {})",
            one.key.id,
            duration(one.process_seconds * share)
        ),
        (None, None) => "compare fewer".to_owned(),
    };
    match benchmarks.iter().max_by(by_cost) {
        Some(most) if benchmarks.len() > 1 => format!(
            "`{}` costs most, {:.1} s a process; {instead}",
            most.key.id, most.process_seconds
        ),
        _ => instead,
    }
}

/// `90s`, `12m`, `2h`: as `--budget` takes it.
fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 99.5 => format!("{s:.0}s"),
        s if s < 5_400.0 => format!("{:.0}m", (s / 60.0).ceil()),
        s => format!("{:.0}h", (s / 3_600.0).ceil()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{benchmark::BenchmarkKey, comparison::Sides, round::Failure, units::Unit};

    #[test]
    fn a_thousand_benchmarks_are_refused_in_a_quarter_of_an_hour_with_what_they_would_take() {
        let refusal = refuse_what_takes_too_long(1_167, 900.0);
        let refusal = refusal.expect_err("too many").to_string();
        assert!(
            refusal.starts_with("1167 benchmarks cannot be compared in 15m"),
            "{refusal}"
        );
        assert!(refusal.contains("--budget"), "{refusal}");
    }

    #[test]
    fn what_fits_is_not_refused() {
        for (benchmarks, budget_seconds) in [(0, 30.0), (1, 30.0), (30, 180.0), (68, 300.0)] {
            assert!(refuse_what_takes_too_long(benchmarks, budget_seconds).is_ok());
        }
    }

    fn calibrated(suite: &str, id: &str, process_seconds: f64) -> Calibrated {
        Calibrated {
            key: BenchmarkKey {
                package: "p".to_owned(),
                suite: suite.to_owned(),
                id: id.to_owned(),
            },
            renamed_from: None,
            sides: Sides {
                before: Err(Failure::NotMeasured),
                after: Err(Failure::NotMeasured),
            },
            unit: Unit::Nanoseconds,
            arguments: Sides::default(),
            group: 0,
            share_process: false,
            multi_threaded: false,
            tail: Tail::Unknown,
            settings_override: true,
            process_seconds,
            limit_seconds: 40.0,
        }
    }

    #[test]
    fn a_budget_that_is_too_small_is_told_what_costs_most_and_what_would_fit() {
        let benchmarks = [
            calibrated("decode", "decode/slow", 4.0),
            calibrated("decode", "decode/quick", 1.0),
            calibrated("encode", "encode/all", 2.0),
        ];
        let cost = Cost {
            first_look_seconds: 140.0,
            last_look_seconds: 280.0,
        };
        let told = |budget_seconds| what_fits(&benchmarks, cost, budget_seconds);
        assert_eq!(
            told(60.0),
            "`decode/slow` costs most, 4.0 s a process; compare fewer (`compare … encode` takes 40s)"
        );
        assert_eq!(
            told(30.0),
            "`decode/slow` costs most, 4.0 s a process; compare fewer (`compare … decode/quick` takes 20s)"
        );
    }

    #[test]
    fn times_are_told_as_the_budget_takes_them() {
        for (seconds, told) in [
            (90.0, "90s"),
            (100.0, "2m"),
            (900.0, "15m"),
            (7_200.0, "2h"),
        ] {
            assert_eq!(duration(seconds), told);
        }
    }
}
