//! Benchmarks that share their processes.

use std::collections::BTreeMap;

use super::{Calibrated, Timing, seen::Seen};
use crate::model::{comparison::Sides, question::Tail, round::Failure};

/// How many times the time that a process took the next one may take.
const PATIENCE: f64 = 10.0;

/// The shortest limit, in seconds: a machine may stall for a moment.
const SHORTEST_LIMIT_SECONDS: f64 = 10.0;

/// How long a process may take before it counts as hung, in seconds, where one took so long.
pub(super) fn limit_seconds(process_seconds: f64) -> f64 {
    (PATIENCE * process_seconds).max(SHORTEST_LIMIT_SECONDS)
}

/// Numbers the groups, and gives those of one group the same arguments, time and limit.
///
/// A group is what shares the suite, dear set-up and the number of measurements; what fails on a side stays alone.
pub(super) fn grouped(mut benchmarks: Vec<Calibrated>) -> Vec<Calibrated> {
    let mut shared: BTreeMap<(String, String, u32), Vec<usize>> = BTreeMap::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (index, benchmark) in benchmarks.iter().enumerate() {
        if benchmark.share_process && benchmark.runs() {
            let key = &benchmark.key;
            let timing = timing(benchmark).samples;
            let group = shared.entry((key.package.clone(), key.suite.clone(), timing));
            group.or_default().push(index);
        } else {
            groups.push(vec![index]);
        }
    }
    groups.extend(shared.into_values());
    groups.sort();
    for (number, members) in groups.iter().enumerate() {
        settle(&mut benchmarks, members, number);
    }
    benchmarks
}

/// What the slower side's iterations ask for.
fn timing(benchmark: &Calibrated) -> Timing {
    let iterations = seen(benchmark).map(|seen| seen.iteration_seconds);
    Timing::of(iterations.fold(0.0, f64::max))
}

fn seen(benchmark: &Calibrated) -> impl Iterator<Item = &Seen> {
    let sides: [&Result<Seen, Failure>; 2] = [&benchmark.sides.before, &benchmark.sides.after];
    sides.into_iter().flatten()
}

fn settle(benchmarks: &mut [Calibrated], members: &[usize], number: usize) {
    if let [alone] = members {
        benchmarks[*alone].group = number;
        return;
    }
    let group: Vec<&Calibrated> = members.iter().map(|member| &benchmarks[*member]).collect();
    let Some(leader) = group.first() else { return };
    let timing = timing(leader);
    let ids = |id: fn(&Calibrated) -> &str| timing.arguments(group.iter().map(|of| id(of)));
    let arguments = Sides {
        before: ids(|of| &of.renamed_from.as_ref().unwrap_or(&of.key).id),
        after: ids(|of| &of.key.id),
    };
    // Set-up happens once a process, measuring once a benchmark.
    let slowest = |benchmark: &Calibrated, what: fn(&Seen) -> f64| {
        seen(benchmark).map(what).fold(0.0, f64::max)
    };
    let set_up_seconds = group
        .iter()
        .map(|of| slowest(of, |seen| seen.set_up_seconds))
        .fold(0.0, f64::max);
    let measuring_seconds: f64 = group
        .iter()
        .map(|of| slowest(of, |seen| seen.measuring_seconds))
        .sum();
    let process_seconds = set_up_seconds + measuring_seconds;
    // The latencies of several benchmarks could not be told apart.
    for member in members {
        let benchmark = &mut benchmarks[*member];
        benchmark.group = number;
        benchmark.arguments.clone_from(&arguments);
        benchmark.tail = Tail::Unknown;
        benchmark.process_seconds = process_seconds;
        benchmark.limit_seconds = limit_seconds(process_seconds);
    }
}
