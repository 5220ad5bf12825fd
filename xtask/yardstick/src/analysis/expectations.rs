//! Whether estimates keep the order that manifests expect of them.

use crate::model::{
    benchmark::Benchmark,
    suite::{BrokenExpectation, Expectation, Package, Term},
    units::Unit,
};

/// The expectations that the benchmarks break, beyond their intervals. Those with a benchmark that
/// was not measured, or that appears in two suites, say nothing.
pub fn broken<'a>(
    packages: impl Iterator<Item = &'a Package>,
    benchmarks: &[Benchmark],
) -> Vec<BrokenExpectation> {
    let mut found = Vec::new();
    for package in packages {
        let of_package: Vec<&Benchmark> = benchmarks
            .iter()
            .filter(|one| one.key.package == package.name)
            .collect();
        for expectation in &package.expectations {
            found.extend(broken_pairs(expectation, &of_package));
        }
    }
    found
}

fn broken_pairs(expectation: &Expectation, benchmarks: &[&Benchmark]) -> Vec<BrokenExpectation> {
    let values: Vec<Option<Value>> = expectation
        .less_or_equal
        .iter()
        .map(|term| value(term, benchmarks))
        .collect();
    let measured: Vec<(&Term, Value)> = expectation
        .less_or_equal
        .iter()
        .zip(values)
        .filter_map(|(term, value)| Some((term, value?)))
        .collect();
    measured
        .windows(2)
        .filter(|pair| pair[0].1.unit == pair[1].1.unit && pair[0].1.lower > pair[1].1.upper)
        .map(|pair| BrokenExpectation {
            expected_less: (words(pair[0].0), pair[0].1.point),
            expected_greater: (words(pair[1].0), pair[1].1.point),
            unit: pair[0].1.unit,
            because: expectation.because.clone(),
        })
        .collect()
}

#[derive(Clone, Copy, Debug)]
struct Value {
    lower: f64,
    point: f64,
    upper: f64,
    unit: Unit,
}

fn value(term: &Term, benchmarks: &[&Benchmark]) -> Option<Value> {
    let mut sum: Option<Value> = None;
    for id in &term.ids {
        let mut of_id = benchmarks
            .iter()
            .filter(|benchmark| benchmark.key.id == *id);
        let (Some(benchmark), None) = (of_id.next(), of_id.next()) else {
            return None;
        };
        let estimate = benchmark.estimates.typical();
        let so_far = sum.unwrap_or(Value {
            lower: 0.0,
            point: 0.0,
            upper: 0.0,
            unit: benchmark.unit,
        });
        if so_far.unit != benchmark.unit {
            return None;
        }
        sum = Some(Value {
            lower: so_far.lower + estimate.lower / term.per,
            point: so_far.point + estimate.point / term.per,
            upper: so_far.upper + estimate.upper / term.per,
            unit: so_far.unit,
        });
    }
    sum
}

fn words(term: &Term) -> String {
    let sum = term.ids.join(" + ");
    match term.per == 1.0 {
        true => sum,
        false => format!("{sum} per {}", term.per),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::samples, *};

    fn term(ids: &[&str], per: f64) -> Term {
        Term {
            ids: ids.iter().map(|id| (*id).to_owned()).collect(),
            per,
        }
    }

    fn check(terms: &[Term], times: &[(&str, f64)]) -> Vec<(String, String)> {
        let benchmarks: Vec<Benchmark> = times
            .iter()
            .map(|(id, ns)| samples::benchmark(id, *ns))
            .collect();
        let expectation = Expectation {
            less_or_equal: terms.to_vec(),
            because: None,
        };
        let found = broken_pairs(&expectation, &benchmarks.iter().collect::<Vec<_>>());
        found
            .into_iter()
            .map(|one| (one.expected_less.0, one.expected_greater.0))
            .collect()
    }

    fn pair(less: &str, greater: &str) -> (String, String) {
        (less.to_owned(), greater.to_owned())
    }

    #[test]
    fn the_wrong_order_is_told_and_the_right_one_is_not() {
        let terms = [term(&["diamond"], 1.0), term(&["linear"], 1.0)];
        assert_eq!(check(&terms, &[("diamond", 90.0), ("linear", 100.0)]), []);
        assert_eq!(
            check(&terms, &[("diamond", 110.0), ("linear", 100.0)]),
            [pair("diamond", "linear")]
        );
    }

    #[test]
    fn overlapping_intervals_break_nothing() {
        let terms = [term(&["a"], 1.0), term(&["b"], 1.0)];
        assert_eq!(check(&terms, &[("a", 101.0), ("b", 100.0)]), []);
    }

    #[test]
    fn sums_and_shares_are_compared_as_such() {
        let terms = [term(&["claim", "run"], 1.0), term(&["all"], 1.0)];
        assert_eq!(
            check(&terms, &[("claim", 60.0), ("run", 60.0), ("all", 100.0)]),
            [pair("claim + run", "all")]
        );
        let terms = [term(&["batch/100"], 100.0), term(&["batch/10"], 10.0)];
        assert_eq!(
            check(&terms, &[("batch/100", 5000.0), ("batch/10", 400.0)]),
            [pair("batch/100 per 100", "batch/10 per 10")]
        );
    }

    #[test]
    fn what_was_not_measured_is_not_judged_and_does_not_hide_its_neighbours() {
        let terms = [term(&["a"], 1.0), term(&["gone"], 1.0), term(&["b"], 1.0)];
        assert_eq!(
            check(&terms, &[("a", 110.0), ("b", 100.0)]),
            [pair("a", "b")]
        );
    }
}
