//! The records that a bench executable writes, seen by running one: this executable, with the variables of the toolkit.
#![cfg(unix)]

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion};
use yardstick_probe::wire::measured::FILE_SUFFIX;
use yardstick_probe::wire::{Measured, environment};
use yardstick_probe::{CountingAllocator, Latencies, ProbeProfiler, Region};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator::new();

/// Allocations of one iteration of the bench below.
const ALLOCATIONS: u64 = 3;
const ALLOCATION_BYTES: u64 = 100;

fn allocating_bench(criterion: &mut Criterion) {
    criterion.bench_with_input(
        BenchmarkId::new("group", 1),
        &ALLOCATIONS,
        |bencher, &allocations| {
            bencher.iter_custom(|iterations| {
                // Set-up, which is not counted.
                let mut blocks = Vec::with_capacity(iterations as usize * allocations as usize);
                let latencies = Latencies::new();
                let region = Region::start(iterations);
                for _ in 0..iterations {
                    let started = latencies.start();
                    for _ in 0..allocations {
                        blocks.push(vec![1u8; ALLOCATION_BYTES as usize]);
                    }
                    latencies.record(started);
                }
                region.finish()
            });
        },
    );
}

fn quick() -> Criterion {
    Criterion::default()
        .with_profiler(ProbeProfiler::new())
        .sample_size(10)
        .warm_up_time(Duration::from_millis(5))
        .measurement_time(Duration::from_millis(10))
        .without_plots()
}

#[test]
#[ignore = "run by the tests below, in a process of its own"]
fn child_times() {
    allocating_bench(&mut quick());
}

#[test]
#[ignore = "run by the tests below, in a process of its own"]
fn child_profiles() {
    allocating_bench(&mut quick().profile_time(Some(Duration::from_secs(1))));
}

#[test]
#[ignore = "run by the tests below, in a process of its own"]
fn child_times_through_iter() {
    quick().bench_function("iter", |bencher| {
        yardstick_probe::iter(bencher, || vec![1u8; 64])
    });
}

/// Runs one of the children in a fresh folder with `variables` and returns the folder.
fn run(child: &str, name: &str, variables: &[(&str, &str)]) -> PathBuf {
    let folder =
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the folder can be made");
    let output = Command::new(std::env::current_exe().expect("the executable is known"))
        .args(["--exact", child, "--ignored"])
        .env("CRITERION_HOME", folder.join("criterion"))
        .envs(variables.iter().copied())
        .current_dir(&folder)
        .output()
        .expect("this executable can be run");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    folder
}

/// Runs a child with the probe switched on and returns its only record.
fn record(child: &str, name: &str, variables: &[(&str, &str)]) -> (PathBuf, Measured) {
    let folder = run(
        child,
        name,
        &[&[(environment::DIRECTORY, ".")], variables].concat(),
    );
    let records = files(&folder, FILE_SUFFIX);
    assert_eq!(records.len(), 1, "{records:?}");
    let text = fs::read_to_string(&records[0]).expect("the record can be read");
    let measured = Measured::from_json(&text).expect("the record is sound");
    assert!(files(&folder, ".unfinished").is_empty());
    (folder, measured)
}

/// Up to the few allocations of the test harness, whose thread goes on while the bench begins.
fn assert_allocations(measured: &Measured, per_iteration: u64) {
    let expected = measured.iterations * per_iteration;
    let counted = measured.allocations.expect("allocations were asked for");
    assert!(
        (expected..expected + 50).contains(&counted),
        "{counted} allocations instead of {expected}"
    );
}

fn files(folder: &Path, suffix: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder exists");
    let paths = entries.map(|entry| entry.expect("the folder can be read").path());
    let has_suffix = |path: &PathBuf| {
        path.file_name()
            .and_then(OsStr::to_str)
            .is_some_and(|n| n.ends_with(suffix))
    };
    paths.filter(has_suffix).collect()
}

#[test]
fn a_timing_run_records_the_allocations_of_its_timed_part_alone() {
    let variables = [
        (environment::ALLOCATIONS, "1"),
        (environment::BENCHMARK_ID, "group/1"),
    ];
    let (folder, measured) = record("child_times", "times", &variables);
    assert_eq!(measured.benchmark_id.as_deref(), Some("group/1"));
    assert!(measured.iterations > 10, "{measured:?}");
    assert_allocations(&measured, ALLOCATIONS);
    let bytes_per_allocation = measured.allocated_bytes.expect("bytes were counted") as f64
        / (measured.iterations * ALLOCATIONS) as f64;
    assert!(
        (bytes_per_allocation - ALLOCATION_BYTES as f64).abs() < 1.0,
        "{bytes_per_allocation}"
    );
    assert!(measured.cpu_ns > 0 && measured.wall_ns > 0, "{measured:?}");
    let window_ns = measured.window.end_ns - measured.window.start_ns;
    assert!(
        measured.wall_ns <= window_ns && measured.cpu_ns <= measured.window.cpu_ns,
        "{measured:?}"
    );
    assert_eq!((measured.latencies, measured.sampler), (None, None));
    fs::remove_dir_all(folder).expect("the folder can be removed");
}

#[test]
fn a_profiling_run_records_the_id_that_criterion_tells_and_counts_no_allocations_unasked() {
    let (folder, measured) = record("child_profiles", "profiles", &[]);
    assert_eq!(measured.benchmark_id.as_deref(), Some("group/1"));
    assert!(measured.iterations > 1_000, "{measured:?}");
    assert_eq!(
        (measured.allocations, measured.allocated_bytes),
        (None, None)
    );
    assert!(
        measured.window.end_ns - measured.window.start_ns >= 1_000_000_000,
        "{measured:?}"
    );
    fs::remove_dir_all(folder).expect("the folder can be removed");
}

#[test]
#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
fn a_profiling_run_with_the_sampler_leaves_a_recording_beside_its_record() {
    use yardstick_probe::wire::Recording;
    use yardstick_probe::wire::measured::SamplerFacts;

    let variables = [
        (environment::SAMPLER, "in-process"),
        (environment::RATE_HZ, "100"),
    ];
    let (folder, measured) = record("child_profiles", "sampled", &variables);
    let Some(SamplerFacts::Recorded {
        recording,
        event,
        requested_rate_hz,
        samples,
        ..
    }) = &measured.sampler
    else {
        panic!("{:?}", measured.sampler);
    };
    assert_eq!((event.as_str(), *requested_rate_hz), ("SIGPROF", 100));
    let bytes = fs::read(folder.join(recording)).expect("the recording lies beside the record");
    let recording = Recording::read(&bytes).expect("the recording is sound");
    assert_eq!(recording.samples.len() as u64, *samples);
    assert!(*samples > 3, "{samples} samples in a second at 100 Hz");
    let (start_ns, end_ns) = (measured.window.start_ns, measured.window.end_ns);
    assert!(
        recording
            .samples
            .iter()
            .all(|sample| (start_ns..=end_ns).contains(&sample.time_ns))
    );
    fs::remove_dir_all(folder).expect("the folder can be removed");
}

#[test]
fn latencies_are_recorded_when_asked_for_one_per_operation() {
    let (folder, measured) = record("child_times", "latencies", &[(environment::LATENCIES, "1")]);
    let histogram = measured.latencies.expect("latencies were asked for");
    assert_eq!(histogram.operations, measured.iterations);
    assert!(
        histogram
            .quantile(0.5)
            .is_some_and(|median_ns| median_ns <= histogram.max)
    );
    fs::remove_dir_all(folder).expect("the folder can be removed");
}

#[test]
fn iter_counts_every_iteration() {
    let (folder, measured) = record(
        "child_times_through_iter",
        "iter",
        &[(environment::ALLOCATIONS, "1")],
    );
    assert_allocations(&measured, 1);
    assert_eq!(measured.benchmark_id, None);
    fs::remove_dir_all(folder).expect("the folder can be removed");
}

#[test]
fn nothing_is_written_when_nobody_asks() {
    for child in ["child_times", "child_profiles"] {
        let folder = run(
            child,
            &format!("unasked-{child}"),
            &[(environment::SAMPLER, "in-process")],
        );
        assert_eq!(
            (files(&folder, FILE_SUFFIX), files(&folder, ".stacks")),
            (vec![], vec![])
        );
        fs::remove_dir_all(folder).expect("the folder can be removed");
    }
}
