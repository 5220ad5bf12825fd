//! What one process shows about a benchmark.

use super::timing::Timing;
use crate::{
    cmd::compare::rounds::observe,
    host::{ThreadTime, TrialRun},
    model::{round::Failure, units::Unit},
    parse::{
        criterion::Measurement,
        progress::{Announced, announced},
    },
};

/// The share of the CPU time of measuring from which on a second thread makes a benchmark one of several threads. In this
/// project's suites the second thread of a multi-thread runtime had 25 % at least, and all threads but the first of a
/// current-thread runtime together had less than 1 %.
const SECOND_THREAD_SHARE: f64 = 0.05;

/// How much longer than told Criterion may mean to measure before the bench must have its own settings.
const TOLERATED_STRETCH: f64 = 1.5;

/// Set-up that takes less than this, in seconds, is never worth a process that is shared.
const DEAR_SET_UP_SECONDS: f64 = 0.5;

/// How many times the measuring dear set-up takes.
const DEAR_SET_UP_RATIO: f64 = 4.0;

/// How many times the operations that a percentile needs a first process must have: the next one may have fewer.
const RESERVE_OF_OPERATIONS: f64 = 1.25;

/// What one process showed about a benchmark.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// The median of its measurements, per iteration and in the benchmark's unit.
    pub per_iteration: f64,
    /// The distance of their quartiles over their median.
    pub spread: f64,
    /// How long an iteration takes on the wall, in seconds, with what the bench does not time.
    pub iteration_seconds: f64,
    /// How many measurements it took.
    pub samples: u32,
    /// For how long Criterion warmed up and measured, in seconds.
    pub measuring_seconds: f64,
    /// The rest of the process's time, in seconds.
    pub set_up_seconds: f64,
    /// Whether several threads measure.
    pub multi_threaded: bool,
    /// Whether the bench has settings of its own, which win over the command line.
    pub settings_override: bool,
    /// How many single operations it recorded the latencies of.
    pub operations: Option<u64>,
}

impl Seen {
    /// Whether set-up takes so much longer than measuring that several benchmarks should share it.
    pub fn is_mostly_set_up(&self) -> bool {
        let measuring_seconds = self.measuring_seconds.max(Timing::SHORT.seconds());
        self.set_up_seconds >= DEAR_SET_UP_SECONDS
            && self.set_up_seconds >= DEAR_SET_UP_RATIO * measuring_seconds
    }

    /// Whether it records so many operations that a process of a round will have enough of them.
    pub fn exports_latencies(&self) -> bool {
        let needed = RESERVE_OF_OPERATIONS * observe::OPERATIONS_FOR_P95 as f64;
        self.operations
            .is_some_and(|operations| operations as f64 >= needed)
    }

    /// How long a process of this benchmark alone takes, in seconds.
    pub fn process_seconds(&self) -> f64 {
        self.set_up_seconds + self.measuring_seconds
    }
}

/// What a process showed about each of the ids that it was asked to measure with [`Timing::SHORT`].
pub fn seen(
    run: &TrialRun,
    limit_seconds: f64,
    ids: &[&str],
    unit_of: impl Fn(&str) -> Unit,
) -> Vec<Result<Seen, Failure>> {
    let measurements = match observe::measurements(run, limit_seconds) {
        Ok(measurements) => measurements,
        Err(failure) => return ids.iter().map(|_| Err(failure.clone())).collect(),
    };
    let mut said = announced(&run.run.stdout);
    said.extend(announced(&run.run.stderr));
    let announced_of = |id: &str| match (said.get(id), ids) {
        (Some(found), _) => *found,
        // A long id is cut in what Criterion says.
        (None, [_]) if said.len() == 1 => said.values().next().copied().unwrap_or_default(),
        (None, _) => Announced::default(),
    };
    let process = Process {
        wall_seconds: run.guards.wall_ns as f64 * 1e-9,
        measuring_seconds: run.measuring_seconds / ids.len().max(1) as f64,
        multi_threaded: works_in_several(&run.threads),
        operations: observe::tail(&run.run.probe_files).map(|tail| tail.operations),
    };
    let set_up_seconds = (process.wall_seconds - run.measuring_seconds).max(0.0);
    ids.iter()
        .map(|id| {
            let measurement = measurements.get(*id).ok_or(Failure::NotMeasured)?;
            of_one(measurement, announced_of(id), unit_of(id), &process)
                .map(|seen| Seen {
                    set_up_seconds,
                    ..seen
                })
                .ok_or(Failure::NotMeasured)
        })
        .collect()
}

/// What is known of a process, and not of its single benchmarks.
struct Process {
    wall_seconds: f64,
    measuring_seconds: f64,
    multi_threaded: bool,
    operations: Option<u64>,
}

fn of_one(
    measurement: &Measurement,
    announced: Announced,
    unit: Unit,
    process: &Process,
) -> Option<Seen> {
    let mut per_iteration: Vec<f64> = measurement.sample.per_iteration().collect();
    per_iteration.sort_by(f64::total_cmp);
    let quartile = |nth: usize| per_iteration.get(per_iteration.len() * nth / 4).copied();
    let (low, middle, high) = (quartile(1)?, quartile(2)?, quartile(3)?);
    let iterations: f64 = measurement.sample.iterations.iter().sum();
    let timed_seconds = match unit {
        Unit::Nanoseconds => Some(measurement.sample.totals.iter().sum::<f64>() * 1e-9),
        Unit::Bytes | Unit::Percent => None,
    };
    // What Criterion announces counts what the bench does not time as well.
    let whole_seconds = announced
        .measurement_seconds
        .or(timed_seconds)
        .unwrap_or(process.measuring_seconds);
    let iteration_seconds = whole_seconds / iterations;
    let samples = per_iteration.len() as u32;
    let seen = Seen {
        per_iteration: middle,
        spread: if middle > 0.0 {
            (high - low) / middle
        } else {
            0.0
        },
        iteration_seconds,
        samples,
        measuring_seconds: process.measuring_seconds,
        set_up_seconds: 0.0,
        multi_threaded: process.multi_threaded,
        settings_override: overrides(samples, announced, iteration_seconds),
        operations: process.operations,
    };
    let is_measured = middle.is_finite() && iteration_seconds.is_finite();
    is_measured.then_some(seen)
}

/// Whether Criterion was told by the bench to do something else than we told it to.
fn overrides(samples: u32, announced: Announced, iteration_seconds: f64) -> bool {
    let asked = Timing::SHORT;
    let longest_seconds = TOLERATED_STRETCH
        * (asked.measurement_seconds + f64::from(asked.samples) * iteration_seconds);
    let is_more = |said: Option<f64>, most: f64| said.is_some_and(|said| said > most);
    samples != asked.samples
        || is_more(
            announced.warm_up_seconds,
            TOLERATED_STRETCH * asked.warm_up_seconds,
        )
        || is_more(announced.measurement_seconds, longest_seconds)
}

/// Whether the second busiest thread has a share of the time that counts.
fn works_in_several(threads: &[ThreadTime]) -> bool {
    let mut times: Vec<u64> = threads.iter().map(|thread| thread.cpu_ns).collect();
    times.sort_unstable_by(|a, b| b.cmp(a));
    let all: u64 = times.iter().sum();
    times
        .get(1)
        .is_some_and(|second| *second as f64 >= SECOND_THREAD_SHARE * all as f64 && *second > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn threads(times: &[u64]) -> Vec<ThreadTime> {
        let thread = |cpu_ns: &u64| ThreadTime {
            name: "t".to_owned(),
            cpu_ns: *cpu_ns,
        };
        times.iter().map(thread).collect()
    }

    #[test]
    fn a_benchmark_works_in_several_threads_when_a_second_one_has_its_share() {
        assert!(!works_in_several(&threads(&[])));
        assert!(!works_in_several(&threads(&[100])));
        assert!(!works_in_several(&threads(&[960, 40])));
        assert!(works_in_several(&threads(&[950, 50])));
        // The workers of a multi-thread runtime, and a first thread that waits for them.
        assert!(works_in_several(&threads(&[3, 562, 436])));
    }

    #[test]
    fn settings_of_the_bench_are_noticed_by_count_and_by_time() {
        let said = |warm_up_seconds, measurement_seconds| Announced {
            warm_up_seconds: Some(warm_up_seconds),
            samples: None,
            measurement_seconds: Some(measurement_seconds),
        };
        let micro = 1e-6;
        assert!(!overrides(10, said(0.02, 0.04), micro));
        assert!(!overrides(10, Announced::default(), micro));
        assert!(overrides(100, said(0.02, 0.04), micro));
        assert!(overrides(10, said(3.0, 0.04), micro));
        assert!(overrides(10, said(0.02, 5.0), micro));
        // Ten iterations of a second each take ten seconds, whatever was asked for.
        assert!(!overrides(10, said(0.02, 10.0), 1.0));
        // A linear plan of fifty-five is the bench's own wish.
        assert!(overrides(10, said(0.02, 55.0), 1.0));
    }
}
