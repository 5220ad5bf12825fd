//! From what a process of a round left to what it measured.

use std::collections::BTreeMap;

use yardstick_probe::wire::environment;

use crate::{
    host::{BenchRun, TrialRun},
    model::{
        round::{Failure, Observation, TailLatencies},
        sample::Latencies,
    },
    parse::{self, criterion::Measurement},
};

/// How many lines of a process that crashed are kept.
const QUOTED_LINES: usize = 20;

/// Operations below which a process says nothing of its 95th percentile.
pub const OPERATIONS_FOR_P95: u64 = 1_000;

/// Operations below which it says nothing of its 99th: the percentile of one process would otherwise follow a handful of them.
const OPERATIONS_FOR_P99: u64 = 10_000;

/// What a process measured of one benchmark; `limit_seconds` is the time that it had.
pub fn observe(run: &TrialRun, limit_seconds: f64, id: &str) -> Result<Observation, Failure> {
    let mut of_all = observe_all(run, limit_seconds, &[id]);
    of_all.remove(id).unwrap_or(Err(Failure::NotMeasured))
}

/// What a process measured of each of the benchmarks that it was asked for.
///
/// A process that ended badly measured nothing of any of them: nobody knows what state it was in before. The probe tells
/// the latencies of all benchmarks together, so that only a process of one benchmark may be asked for them.
pub fn observe_all(
    run: &TrialRun,
    limit_seconds: f64,
    ids: &[&str],
) -> BTreeMap<String, Result<Observation, Failure>> {
    let tail = match ids {
        [_] => tail(&run.run.probe_files),
        _ => None,
    };
    let measurements = measurements(run, limit_seconds);
    ids.iter()
        .map(|id| {
            let observed = measurements.as_ref().map_err(Clone::clone);
            let observed = observed.and_then(|of| observation(of.get(*id), tail));
            ((*id).to_owned(), observed)
        })
        .collect()
}

/// The variables that make the probe tell of latencies and allocations, in a process of one benchmark.
pub fn asked_of_probe(id: &str, allocations: bool) -> BTreeMap<String, String> {
    let mut asked = BTreeMap::from([
        (environment::BENCHMARK_ID.to_owned(), id.to_owned()),
        (environment::LATENCIES.to_owned(), "1".to_owned()),
    ]);
    if allocations {
        asked.insert(environment::ALLOCATIONS.to_owned(), "1".to_owned());
    }
    asked
}

/// How a process failed that ended badly.
fn failure(run: &TrialRun, limit_seconds: f64) -> Option<Failure> {
    if run.timed_out {
        return Some(Failure::Hung { limit_seconds });
    }
    (!run.run.exit.is_success()).then(|| Failure::Crashed {
        exit: run.run.exit.to_string(),
        output: last_lines(&run.run),
    })
}

/// All measurements of a process by id, numbered where the executable repeats one.
pub fn measurements(
    run: &TrialRun,
    limit_seconds: f64,
) -> Result<BTreeMap<String, Measurement>, Failure> {
    if let Some(failure) = failure(run, limit_seconds) {
        return Err(failure);
    }
    let read = parse::criterion::measurements(&run.run.criterion_files);
    let read = read.map_err(|error| Failure::Crashed {
        exit: format!("{}, and what it measured cannot be read", run.run.exit),
        output: format!("{error:#}"),
    })?;
    let mut by_id = BTreeMap::new();
    for measurement in read {
        // In the order of the folders, of which Criterion numbers the second of an id.
        by_id.entry(measurement.id.clone()).or_insert(measurement);
    }
    Ok(by_id)
}

fn observation(
    measurement: Option<&Measurement>,
    tail: Option<TailLatencies>,
) -> Result<Observation, Failure> {
    let per_iteration: Vec<f64> = measurement
        .map(|measurement| measurement.sample.per_iteration().collect())
        .unwrap_or_default();
    let measured = !per_iteration.is_empty() && per_iteration.iter().all(|x| x.is_finite());
    match measured {
        true => Ok(Observation {
            per_iteration,
            tail,
        }),
        false => Err(Failure::NotMeasured),
    }
}

/// The high percentiles of the operations that the probe recorded, where there are enough of them.
pub fn tail(probe_files: &BTreeMap<String, Vec<u8>>) -> Option<TailLatencies> {
    let records = parse::probe::records(probe_files).ok()?;
    let [record] = records.as_slice() else {
        return None;
    };
    let latencies = Latencies(record.latencies.as_ref()?.buckets.clone());
    let operations = latencies.operations();
    let quantile = |quantile, needed| {
        let enough = operations >= needed;
        enough.then(|| latencies.quantile_ns(quantile)).flatten()
    };
    Some(TailLatencies {
        operations,
        p95_ns: quantile(0.95, OPERATIONS_FOR_P95)? as f64,
        p99_ns: quantile(0.99, OPERATIONS_FOR_P99).map(|ns| ns as f64),
    })
}

/// What a process wrote last: on stderr, else on stdout.
fn last_lines(run: &BenchRun) -> String {
    let worth_quoting = |output: &str| -> Vec<String> {
        output
            .lines()
            .filter(|line| !line.trim().is_empty() && parse::criterion::running(line).is_none())
            .map(str::to_owned)
            .collect()
    };
    let mut lines = worth_quoting(&run.stderr);
    if lines.is_empty() {
        lines = worth_quoting(&run.stdout);
    }
    lines[lines.len().saturating_sub(QUOTED_LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{host::Exit, model::round::Guards};

    fn ended(exit: Exit, stdout: &str, stderr: &str) -> TrialRun {
        TrialRun {
            run: BenchRun {
                exit,
                stdout: stdout.to_owned(),
                stderr: stderr.to_owned(),
                criterion_files: BTreeMap::new(),
                probe_files: BTreeMap::new(),
            },
            guards: Guards::default(),
            timed_out: false,
            threads: Vec::new(),
            measuring_seconds: 0.0,
        }
    }

    fn measured(benchmarks: &[(&str, &str, &[f64])]) -> TrialRun {
        let mut run = ended(Exit::Code(0), "", "");
        for (index, (id, title, times)) in benchmarks.iter().enumerate() {
            let estimate = json!({"confidence_interval": {"confidence_level": 0.95, "lower_bound": 1.0, "upper_bound": 1.0},
                "point_estimate": 1.0, "standard_error": 0.0});
            let files = [
                (
                    "benchmark.json",
                    json!({"full_id": id, "title": title, "directory_name": "g", "group_id": "g"}),
                ),
                (
                    "sample.json",
                    json!({"sampling_mode": "Linear", "iters": vec![2.0; times.len()], "times": times}),
                ),
                (
                    "estimates.json",
                    json!({"mean": estimate, "median": estimate, "median_abs_dev": estimate, "slope": null, "std_dev": estimate}),
                ),
            ];
            for (name, value) in files {
                let path = format!("folder{index}/new/{name}");
                run.run
                    .criterion_files
                    .insert(path, value.to_string().into_bytes());
            }
        }
        run
    }

    fn with_latencies(mut run: TrialRun, operations: u64) -> TrialRun {
        let record = json!({
            "version": 1, "iterations": operations, "cpu_ns": 1, "wall_ns": 1,
            "window": {"start_ns": 0, "end_ns": 1, "cpu_ns": 1},
            "latencies": {"unit": "ns", "operations": operations, "min": 10, "max": 20,
                "buckets": [[10, operations - operations / 20], [20, operations / 20]]}
        });
        run.run
            .probe_files
            .insert("1-1.measured.json".to_owned(), record.to_string().into());
        run
    }

    #[test]
    fn measurements_are_per_iteration_and_in_the_order_taken() {
        let run = measured(&[("a", "a", &[6.0, 2.0, 4.0])]);
        let observed = observe(&run, 5.0, "a").expect("measured");
        assert_eq!(observed.per_iteration, [3.0, 1.0, 2.0]);
        assert_eq!(observed.tail, None);
    }

    #[test]
    fn a_repeated_id_is_told_by_its_number() {
        let run = measured(&[("x", "x", &[2.0]), ("x", "x #2", &[8.0])]);
        let of = |id| observe(&run, 5.0, id).map(|observed| observed.per_iteration);
        assert_eq!(of("x"), Ok(vec![1.0]));
        assert_eq!(of("x #2"), Ok(vec![4.0]));
        assert_eq!(of("x #3"), Err(Failure::NotMeasured));
    }

    #[test]
    fn benchmarks_that_share_a_process_have_their_own_measurements_and_no_latencies() {
        let run = with_latencies(measured(&[("a", "a", &[2.0]), ("b", "b", &[4.0])]), 20_000);
        let all = observe_all(&run, 5.0, &["a", "b", "c"]);
        let measured = |id: &str| all[id].clone().map(|observed| observed.per_iteration);
        assert_eq!(measured("a"), Ok(vec![1.0]));
        assert_eq!(measured("b"), Ok(vec![2.0]));
        assert_eq!(measured("c"), Err(Failure::NotMeasured));
        assert!(all["a"].as_ref().is_ok_and(|of| of.tail.is_none()));
    }

    #[test]
    fn high_percentiles_are_given_only_where_one_process_has_operations_enough() {
        let tail = |operations| {
            let run = with_latencies(measured(&[("a", "a", &[2.0])]), operations);
            observe(&run, 5.0, "a").expect("measured").tail
        };
        assert_eq!(tail(999), None);
        let p95_only = tail(1_000).expect("enough for p95");
        assert_eq!((p95_only.p95_ns, p95_only.p99_ns), (10.0, None));
        let both = tail(10_000).expect("enough for both");
        assert_eq!((both.operations, both.p99_ns), (10_000, Some(20.0)));
    }

    #[test]
    fn how_a_process_failed_is_told() {
        let crashed = ended(
            Exit::Code(101),
            "out\n",
            "Benchmarking a: Warming up\nthread 'main' panicked\n\n",
        );
        assert_eq!(
            observe(&crashed, 5.0, "a"),
            Err(Failure::Crashed {
                exit: "exit code 101".to_owned(),
                output: "thread 'main' panicked".to_owned(),
            })
        );
        let mut hung = ended(Exit::Signal(9), "", "");
        hung.timed_out = true;
        let limit_seconds = 5.0;
        assert_eq!(
            observe(&hung, 5.0, "a"),
            Err(Failure::Hung { limit_seconds })
        );
        let idle = ended(Exit::Code(0), "", "");
        assert_eq!(observe(&idle, 5.0, "a"), Err(Failure::NotMeasured));
    }

    #[test]
    fn what_cannot_be_read_is_no_measurement_and_says_so() {
        let mut run = measured(&[("a", "a", &[2.0])]);
        let sample = "folder0/new/sample.json".to_owned();
        run.run.criterion_files.insert(sample, b"{".to_vec());
        match observe(&run, 5.0, "a") {
            Err(Failure::Crashed { exit, output }) => {
                assert!(exit.contains("cannot be read"), "{exit}");
                assert!(output.contains("sample.json"), "{output}");
            }
            other => panic!("{other:?}"),
        }
    }
}
