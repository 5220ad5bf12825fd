use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;
use crate::{
    Invocation,
    host::{BenchPlan, replay::Replay},
    model::{
        layers::Layers,
        question::Margins,
        suite::{BenchmarkSettings, Package, Suite},
    },
};

const MICRO: f64 = 1e-6;

/// What an executable does when it is asked for some ids.
struct Recorded<'a> {
    executable: &'a str,
    ids: &'a [&'a str],
    exit: i32,
    stderr: String,
    probe: Value,
    trial: Value,
    criterion: Value,
}

impl<'a> Recorded<'a> {
    /// A process that measures each id: ten measurements of so many iterations of this length each.
    fn measured(executable: &'a str, ids: &'a [&'a str], iteration_seconds: f64) -> Self {
        let mut recorded = Self {
            executable,
            ids,
            exit: 0,
            stderr: String::new(),
            probe: json!({}),
            trial: json!({"wall_seconds": 0.07, "measuring_seconds": 0.06, "threads_ns": [60_000_000]}),
            criterion: json!({}),
        };
        for id in ids {
            recorded.write(id, 10, iteration_seconds);
        }
        recorded
    }

    /// What Criterion writes about one benchmark.
    fn write(&mut self, id: &str, samples: usize, iteration_seconds: f64) {
        let iterations = (0.004 / iteration_seconds).ceil();
        let estimate = json!({"confidence_interval": {"confidence_level": 0.95, "lower_bound": 1.0, "upper_bound": 1.0},
            "point_estimate": 1.0, "standard_error": 0.0});
        self.criterion[format!("{id}/new/benchmark.json")] =
            json!({"full_id": id, "title": id, "directory_name": id, "group_id": id});
        self.criterion[format!("{id}/new/sample.json")] = json!({"sampling_mode": "Flat",
            "iters": vec![iterations; samples], "times": vec![iterations * iteration_seconds * 1e9; samples]});
        self.criterion[format!("{id}/new/estimates.json")] = json!({"mean": estimate, "median": estimate,
            "median_abs_dev": estimate, "slope": null, "std_dev": estimate});
        let seconds = iterations * iteration_seconds * samples as f64;
        self.stderr += &format!(
            "Benchmarking {id}: Warming up for 20.000 ms\nBenchmarking {id}: Collecting {samples} samples in estimated {seconds} s (1 iterations)\n"
        );
    }

    fn failing(executable: &'a str, ids: &'a [&'a str], exit: i32, stderr: &str) -> Self {
        Self {
            exit,
            stderr: stderr.to_owned(),
            criterion: json!({}),
            ..Self::measured(executable, ids, MICRO)
        }
    }

    fn with_set_up(mut self, seconds: f64) -> Self {
        self.trial["wall_seconds"] = json!(seconds + 0.06 * self.ids.len() as f64);
        self.trial["measuring_seconds"] = json!(0.06 * self.ids.len() as f64);
        self
    }

    fn exporting(mut self, operations: u64) -> Self {
        self.probe["1-1.measured.json"] = json!({"version": 1, "iterations": operations, "cpu_ns": 1, "wall_ns": 1,
            "window": {"start_ns": 0, "end_ns": 1, "cpu_ns": 1},
            "latencies": {"unit": "ns", "operations": operations, "min": 1, "max": 1, "buckets": [[1, operations]]}});
        self
    }

    fn json(&self) -> Value {
        json!({"executable": self.executable, "arguments": Timing::SHORT.arguments(self.ids.iter().copied()),
            "exit": self.exit, "stderr": self.stderr, "criterion": self.criterion, "probe": self.probe,
            "trial": self.trial})
    }
}

fn both(recorded: impl Fn(&'static str) -> Recorded<'static>) -> Vec<Recorded<'static>> {
    vec![recorded("/a"), recorded("/b")]
}

fn key(id: &str) -> BenchmarkKey {
    BenchmarkKey {
        package: "p".to_owned(),
        suite: "s".to_owned(),
        id: id.to_owned(),
    }
}

fn subject(id: &str) -> Subject {
    Subject {
        key: key(id),
        renamed_from: None,
    }
}

fn runnable(executable: &str) -> Vec<Runnable> {
    vec![Runnable {
        suite: Suite {
            package: "p".to_owned(),
            name: "s".to_owned(),
            required_features: Vec::new(),
            label: "s".to_owned(),
        },
        ids: Vec::new(),
        sha256: String::new(),
        plan: BenchPlan {
            executable: executable.into(),
            package_root: "/".into(),
            arguments: Vec::new(),
            environment: BTreeMap::new(),
            library_folders: Vec::new(),
            criterion_home: None,
            probe: None,
        },
        links: None,
    }]
}

fn workspace() -> Workspace {
    let counts_bytes = BenchmarkSettings {
        unit: Unit::Bytes,
        ..BenchmarkSettings::default()
    };
    let package = Package {
        name: "p".to_owned(),
        version: String::new(),
        id: String::new(),
        root: "/".into(),
        features: BTreeMap::new(),
        benchmarks: BTreeMap::from([("memory".to_owned(), counts_bytes)]),
        expectations: Vec::new(),
    };
    Workspace {
        root: "/".into(),
        target_directory: "/target".into(),
        packages: BTreeMap::from([("p".to_owned(), package)]),
        suites: Vec::new(),
        tour: None,
        selftest: None,
        margins: Margins::default(),
        layers: Layers::default(),
    }
}

/// Calibrates what a machine holds.
fn calibrated(runs: &[Recorded<'_>], subjects: &[Subject]) -> Vec<Calibrated> {
    let runs: Vec<Value> = runs.iter().map(Recorded::json).collect();
    let machine = json!({"working_directory": "/", "now_utc": "", "metadata": {}, "runs": runs, "files": {},
        "build": {"exit": 0, "messages": [], "diagnostics": ""}, "machine_files": {}, "rustc": "", "cfg": ""});
    let host = Replay::new(&machine.to_string()).expect("a recording");
    let context = Context {
        host: &host,
        invocation: Invocation::Xtask,
        manifest_path: None,
        store: None,
        typed: Vec::new(),
    };
    let (before, after, workspace) = (runnable("/a"), runnable("/b"), workspace());
    let request = Request {
        sides: Sides {
            before: &before,
            after: &after,
        },
        subjects,
        workspace: &workspace,
        limit_seconds: 60.0,
    };
    calibrate(&context, &request).expect("everything starts")
}

fn one(runs: &[Recorded<'_>], id: &str) -> Calibrated {
    calibrated(runs, &[subject(id)]).remove(0)
}

#[test]
fn a_quick_benchmark_takes_thirty_measurements_and_a_slow_one_ten() {
    let samples = |iteration_seconds| {
        let runs = both(|side| Recorded::measured(side, &["x"], iteration_seconds));
        one(&runs, "x").arguments.after[5].clone()
    };
    assert_eq!(samples(MICRO), "30");
    assert_eq!(samples(2e-3), "10");
}

#[test]
fn the_slower_side_decides_for_both() {
    let runs = [
        Recorded::measured("/a", &["x"], MICRO),
        Recorded::measured("/b", &["x"], 2e-3).with_set_up(0.2),
    ];
    let found = one(&runs, "x");
    assert_eq!(found.arguments.before, found.arguments.after);
    assert_eq!(found.arguments.before[5], "10");
    assert!((found.process_seconds - 0.26).abs() < 1e-9);
    assert_eq!(found.limit_seconds, 10.0);
}

#[test]
fn one_side_that_fails_keeps_neither_the_other_nor_other_benchmarks_from_running() {
    let runs = [
        Recorded::failing("/a", &["x"], 101, "error: Unrecognized option: 'noplot'"),
        Recorded::measured("/b", &["x"], MICRO),
        Recorded::measured("/a", &["y"], MICRO),
        Recorded::measured("/b", &["y"], MICRO),
    ];
    let found = calibrated(&runs, &[subject("x"), subject("y")]);
    assert_eq!(
        found[0].sides.before,
        Err(Failure::Crashed {
            exit: "exit code 101".to_owned(),
            output: "error: Unrecognized option: 'noplot'".to_owned(),
        })
    );
    assert!(found[0].sides.after.is_ok() && !found[0].runs());
    assert!(found[1].runs());
    assert_ne!(found[0].group, found[1].group);
}

#[test]
fn what_hangs_or_measures_nothing_is_told_apart() {
    let mut hung = Recorded::failing("/a", &["x"], 0, "");
    hung.trial["timed_out"] = json!(true);
    let idle = Recorded::failing("/b", &["x"], 0, "");
    let found = one(&[hung, idle], "x");
    let limit_seconds = 60.0;
    assert_eq!(found.sides.before, Err(Failure::Hung { limit_seconds }));
    assert_eq!(found.sides.after, Err(Failure::NotMeasured));
}

#[test]
fn several_threads_on_either_side_make_a_benchmark_one_of_several() {
    let threads = |after: Value| {
        let mut runs = both(|side| Recorded::measured(side, &["x"], MICRO));
        runs[1].trial["threads_ns"] = after;
        one(&runs, "x").multi_threaded
    };
    assert!(!threads(json!([60_000_000, 100_000])));
    assert!(threads(json!([1_000_000, 30_000_000, 30_000_000])));
}

#[test]
fn a_tail_is_asked_for_where_both_sides_export_enough_operations() {
    let tail = |before, after| {
        let runs = [
            Recorded::measured("/a", &["x"], MICRO).exporting(before),
            Recorded::measured("/b", &["x"], MICRO).exporting(after),
        ];
        one(&runs, "x").tail
    };
    assert_eq!(tail(2_000, 2_000), Tail::Exported);
    assert_eq!(tail(2_000, 1_100), Tail::Unknown);
}

#[test]
fn settings_of_the_bench_are_noticed_and_its_time_is_what_it_took() {
    let runs = both(|side| {
        let mut run = Recorded::measured(side, &["x"], MICRO).with_set_up(0.0);
        run.write("x", 50, MICRO);
        run.trial["wall_seconds"] = json!(8.2);
        run.trial["measuring_seconds"] = json!(8.1);
        run
    });
    let found = one(&runs, "x");
    assert!(found.settings_override);
    assert!((found.process_seconds - 8.2).abs() < 1e-6);
    assert!((found.limit_seconds - 82.0).abs() < 1e-6);
}

#[test]
fn the_unit_is_that_of_the_manifest() {
    let runs = both(|side| Recorded::measured(side, &["memory"], MICRO));
    assert_eq!(one(&runs, "memory").unit, Unit::Bytes);
}

#[test]
fn a_renamed_benchmark_runs_under_its_own_id_on_each_side() {
    let runs = [
        Recorded::measured("/a", &["old"], MICRO),
        Recorded::measured("/b", &["new"], MICRO),
    ];
    let subjects = [Subject {
        key: key("new"),
        renamed_from: Some(key("old")),
    }];
    let found = calibrated(&runs, &subjects).remove(0);
    assert!(found.runs());
    let pattern = found.arguments.map(|arguments| arguments.last().cloned());
    assert_eq!(pattern.before.as_deref(), Some("^(old)$"));
    assert_eq!(pattern.after.as_deref(), Some("^(new)$"));
}

#[test]
fn where_set_up_is_dear_a_suite_shares_its_processes() {
    let mut runs = both(|side| Recorded::measured(side, &["x"], MICRO).with_set_up(10.0));
    runs.extend(both(|side| {
        Recorded::measured(side, &["y", "z"], MICRO).with_set_up(10.0)
    }));
    let found = calibrated(&runs, &[subject("x"), subject("y"), subject("z")]);
    assert!(found.iter().all(|of| of.share_process && of.group == 0));
    for of in &found {
        let pattern = of.arguments.before.last().map(String::as_str);
        assert_eq!(pattern, Some("^(x|y|z)$"));
        assert!((of.process_seconds - 10.18).abs() < 1e-6, "{of:?}");
    }
    let cost = cost(&found, &[10, 14], 0.5);
    assert!((cost.first_look_seconds - 10.0 * (2.0 * 10.18 + 0.5)).abs() < 1e-6);
    assert!((cost.last_look_seconds - 14.0 * (2.0 * 10.18 + 0.5)).abs() < 1e-6);
}

#[test]
fn a_benchmark_that_makes_a_shared_process_fail_takes_no_other_with_it() {
    let mut runs = both(|side| Recorded::measured(side, &["x"], MICRO).with_set_up(2.0));
    runs.extend(both(|side| {
        Recorded::failing(side, &["y", "z"], 101, "y panicked")
    }));
    runs.extend(both(|side| {
        Recorded::failing(side, &["y"], 101, "y panicked")
    }));
    runs.extend(both(|side| {
        Recorded::measured(side, &["z"], MICRO).with_set_up(2.0)
    }));
    let found = calibrated(&runs, &[subject("x"), subject("y"), subject("z")]);
    let runs: Vec<bool> = found.iter().map(Calibrated::runs).collect();
    assert_eq!(runs, [true, false, true]);
    assert_eq!(found[0].group, found[2].group);
    assert_ne!(found[0].group, found[1].group);
    let pattern = found[0].arguments.after.last().map(String::as_str);
    assert_eq!(pattern, Some("^(x|z)$"));
}

#[test]
fn several_threads_double_the_cost() {
    let quick = both(|side| Recorded::measured(side, &["x"], MICRO));
    let mut of_several = both(|side| Recorded::measured(side, &["x"], MICRO));
    of_several[0].trial["threads_ns"] = json!([5, 5]);
    let first_look = |runs: &[Recorded<'_>]| {
        cost(&calibrated(runs, &[subject("x")]), &[10], 0.0).first_look_seconds
    };
    assert!((first_look(&quick) - 1.4).abs() < 1e-9);
    assert!((first_look(&of_several) - 2.8).abs() < 1e-9);
}

#[test]
fn the_first_limit_lets_the_budget_be_enough() {
    assert_eq!(first_limit_seconds(180.0), 60.0);
    assert_eq!(first_limit_seconds(3600.0), 180.0);
}
