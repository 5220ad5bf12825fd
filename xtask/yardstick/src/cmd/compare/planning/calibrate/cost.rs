//! What the rounds of a plan will take.

use std::collections::{BTreeMap, BTreeSet};

use super::Calibrated;

/// Predicted times, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cost {
    /// Until the first look at every benchmark.
    pub first_look_seconds: f64,
    /// Until the last look, if every benchmark needed it.
    pub last_look_seconds: f64,
}

/// Predicts the time of the rounds of all benchmarks that run on both sides.
///
/// `looks` are the rounds after which intervals are formed, ascending; `link_seconds` is what a fresh pair of layouts takes
/// for one suite.
pub fn cost(benchmarks: &[Calibrated], looks: &[u32], link_seconds: f64) -> Cost {
    let running = benchmarks.iter().filter(|benchmark| benchmark.runs());
    let mut groups: BTreeMap<usize, (f64, bool)> = BTreeMap::new();
    let mut suites = BTreeSet::new();
    for benchmark in running {
        let group = groups.entry(benchmark.group).or_default();
        group.0 = group.0.max(benchmark.process_seconds);
        group.1 |= benchmark.multi_threaded;
        suites.insert((&benchmark.key.package, &benchmark.key.suite));
    }
    // Two halves; and a benchmark of several threads has a pinned pair and a free one.
    let pairs_seconds: f64 = groups
        .values()
        .map(|(process_seconds, multi_threaded)| {
            let pairs = if *multi_threaded { 2.0 } else { 1.0 };
            2.0 * pairs * process_seconds
        })
        .sum();
    let round_seconds = pairs_seconds + link_seconds * suites.len() as f64;
    let until = |look: Option<&u32>| round_seconds * f64::from(look.copied().unwrap_or_default());
    Cost {
        first_look_seconds: until(looks.first()),
        last_look_seconds: until(looks.last()),
    }
}
