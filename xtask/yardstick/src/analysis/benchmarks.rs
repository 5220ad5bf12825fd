//! The stored times of two captures, benchmark by benchmark.

use std::collections::BTreeMap;

use crate::model::{
    benchmark::{Benchmark, BenchmarkKey},
    capture::Capture,
    comparison::{BenchmarkRow, Measured, Paired, Sides, Subject, Warning},
    units::Unit,
};

/// The benchmarks of either capture, in key order.
pub(super) fn rows(captures: Sides<&Capture>) -> Vec<BenchmarkRow> {
    paired(captures.map(benchmarks))
        .into_iter()
        .map(|(key, pair)| BenchmarkRow {
            key: key.clone(),
            measured: pair.map(measured),
        })
        .collect()
}

/// The benchmarks whose two numbers do not count the same thing.
pub(super) fn warnings(captures: Sides<&Capture>) -> Vec<Warning> {
    paired(captures.map(benchmarks))
        .into_iter()
        .filter_map(|(key, pair)| match pair {
            Paired::Both(sides) if sides.before.unit != sides.after.unit => Some(Warning {
                subject: Subject::Unit,
                text: format!(
                    "`{}` counts {} before and {} after, so the two have no ratio",
                    key.id,
                    unit_name(sides.before.unit),
                    unit_name(sides.after.unit)
                ),
            }),
            _ => None,
        })
        .collect()
}

/// Joins two maps by key.
pub(super) fn paired<'c, K: Ord, V>(
    sides: Sides<BTreeMap<&'c K, &'c V>>,
) -> BTreeMap<&'c K, Paired<&'c V>> {
    let mut joined: BTreeMap<&K, Paired<&V>> = sides
        .before
        .into_iter()
        .map(|(key, before)| (key, Paired::Removed(before)))
        .collect();
    for (key, after) in sides.after {
        let pair = match joined.remove(key) {
            Some(Paired::Removed(before)) => Paired::Both(Sides { before, after }),
            _ => Paired::Added(after),
        };
        joined.insert(key, pair);
    }
    joined
}

fn benchmarks(capture: &Capture) -> BTreeMap<&BenchmarkKey, &Benchmark> {
    capture
        .runs
        .iter()
        .flat_map(|run| &run.benchmarks)
        .collect()
}

fn measured(benchmark: &Benchmark) -> Measured {
    let per_iteration = |count: Option<u64>, iterations: u64| {
        count
            .filter(|_| iterations > 0)
            .map(|count| count as f64 / iterations as f64)
    };
    let counted = benchmark.counted.as_ref();
    Measured {
        estimate: benchmark.estimates.typical(),
        unit: benchmark.unit,
        allocations: counted.and_then(|c| per_iteration(c.allocations, c.iterations)),
        allocated_bytes: counted.and_then(|c| per_iteration(c.allocated_bytes, c.iterations)),
    }
}

fn unit_name(unit: Unit) -> &'static str {
    match unit {
        Unit::Nanoseconds => "nanoseconds",
        Unit::Bytes => "bytes",
        Unit::Percent => "percent",
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{benchmark, capture};
    use super::*;

    fn sides(before: &Capture, after: &Capture) -> Vec<BenchmarkRow> {
        rows(Sides { before, after })
    }

    #[test]
    fn a_benchmark_of_both_captures_has_a_ratio_and_allocations_per_iteration() {
        let before = capture("pre");
        let mut after = capture("post");
        let slower = benchmark("e2e/linear", 150.0);
        after.runs[0].benchmarks.insert(slower.key.clone(), slower);
        let rows = sides(&before, &after);
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].ratio(), Some(1.5));
        let measured = rows[0].measured.after().expect("measured after");
        assert_eq!(measured.allocations, Some(2.0));
        assert_eq!(measured.allocated_bytes, Some(64.0));
    }

    #[test]
    fn benchmarks_of_one_capture_only_are_added_or_removed() {
        let before = capture("pre");
        let mut after = capture("post");
        let renamed = benchmark("e2e/diamond", 100.0);
        after.runs[0].benchmarks = BTreeMap::from([(renamed.key.clone(), renamed)]);
        let rows = sides(&before, &after);
        assert!(matches!(rows[0].measured, Paired::Added(_)), "{rows:?}");
        assert!(matches!(rows[1].measured, Paired::Removed(_)), "{rows:?}");
        assert_eq!(rows[0].ratio(), None);
    }

    #[test]
    fn benchmarks_of_several_runs_are_joined() {
        let mut before = capture("pre");
        let second = benchmark("e2e/diamond", 1.0);
        let mut run = before.runs[0].clone();
        run.benchmarks = BTreeMap::from([(second.key.clone(), second)]);
        before.runs.push(run);
        assert_eq!(sides(&before, &before.clone()).len(), 2);
    }

    #[test]
    fn different_units_have_no_ratio_and_a_warning() {
        let before = capture("pre");
        let mut after = capture("post");
        for benchmark in after.runs[0].benchmarks.values_mut() {
            benchmark.unit = Unit::Bytes;
        }
        assert_eq!(sides(&before, &after)[0].ratio(), None);
        let warnings = warnings(Sides {
            before: &before,
            after: &after,
        });
        assert_eq!(warnings.len(), 1);
        assert_eq!(
            warnings[0].text,
            "`e2e/linear` counts nanoseconds before and bytes after, so the two have no ratio"
        );
    }
}
