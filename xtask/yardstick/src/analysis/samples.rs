//! Captures for the tests of this module.

use std::collections::BTreeMap;

use crate::model::{
    benchmark::{Benchmark, BenchmarkKey, Counted},
    capture::{Capture, Run},
    estimate::{Estimate, Estimates},
    machine::{Circumstance, Identity, Machine},
    profile::{Iterations, Origin, OriginKind, Profile, Quality, RecordingFacts, Sampler, Work},
    revision::{Build, Features, Provenance, Revision},
    sample::{Sample, SamplingMode},
    stack::Stacks,
    units::Unit,
};

/// A capture with one run of the benchmark `e2e/linear` at 100 ns and no profile.
pub(super) fn capture(name: &str) -> Capture {
    let benchmark = benchmark("e2e/linear", 100.0);
    Capture {
        name: name.to_owned(),
        runs: vec![Run {
            provenance: provenance(),
            benchmarks: BTreeMap::from([(benchmark.key.clone(), benchmark)]),
        }],
        profiles: BTreeMap::new(),
    }
}

pub(super) fn key(id: &str) -> BenchmarkKey {
    BenchmarkKey {
        package: "benches".to_owned(),
        suite: "e2e".to_owned(),
        id: id.to_owned(),
    }
}

/// A benchmark that takes `point_ns` and allocates twice per iteration.
pub(super) fn benchmark(id: &str, point_ns: f64) -> Benchmark {
    let estimate = Estimate {
        point: point_ns,
        lower: point_ns * 0.99,
        upper: point_ns * 1.01,
        confidence_level: 0.95,
        standard_error: point_ns * 0.005,
    };
    Benchmark {
        key: key(id),
        criterion_directory: id.replace('/', "_"),
        criterion_files: BTreeMap::new(),
        unit: Unit::Nanoseconds,
        control: None,
        sample: Sample {
            mode: SamplingMode::Flat,
            iterations: vec![10.0; 10],
            totals: vec![10.0 * point_ns; 10],
        },
        estimates: Estimates {
            mean: estimate,
            median: estimate,
            median_abs_dev: estimate,
            std_dev: estimate,
            slope: None,
        },
        counted: Some(Counted {
            iterations: 100,
            allocations: Some(200),
            allocated_bytes: Some(6_400),
            cpu_ns: 10_000,
            wall_ns: 20_000,
            latencies: None,
        }),
    }
}

/// A profile of 1,000 iterations in 1 ms of CPU time with these `;`-separated stacks.
pub(super) fn profile(id: &str, stacks: &[(&str, u64)]) -> Profile {
    let mut folded = Stacks::default();
    let mut origins = BTreeMap::new();
    for (stack, weight) in stacks {
        let frames: Vec<String> = stack.split(';').map(str::to_owned).collect();
        for frame in &frames {
            let crate_name = frame.split("::").next().unwrap_or(frame).to_owned();
            origins.insert(
                frame.clone(),
                Origin {
                    kind: OriginKind::Workspace,
                    crate_name,
                    module: String::new(),
                },
            );
        }
        folded.add(frames, *weight);
    }
    Profile {
        key: key(id),
        facts: RecordingFacts {
            sampler: Sampler::PerfEvent,
            event: "cpu-clock".to_owned(),
            asked_rate_hz: 999.0,
            real_rate_hz: 966.0,
            kernel_included: false,
        },
        work: Work {
            iterations: Iterations::Counted(1_000),
            cpu_ns: 1_000_000,
            wall_ns: 2_000_000,
        },
        quality: Quality {
            samples: folded.total(),
            symbolised_share: 1.0,
            rooted_share: 1.0,
            ..Quality::default()
        },
        stacks: folded,
        origins,
        provenance: provenance(),
    }
}

fn provenance() -> Provenance {
    Provenance {
        measured_at: "2026-11-20T12:00:00Z".to_owned(),
        command: vec!["bench".to_owned(), "--save".to_owned(), "pre".to_owned()],
        revision: Some(Revision {
            commit: "575b4470000000000000000000000000000000aa".to_owned(),
            branch: Some("main".to_owned()),
            dirty_tree: None,
        }),
        build: Build {
            rustc: vec!["rustc 1.95.0".to_owned()],
            cargo_profile: "bench".to_owned(),
            features: Features::default(),
            rustflags: Vec::new(),
            lockfile_sha256: Some("aa".to_owned()),
        },
        machine: Machine {
            identity: Identity {
                cpu_model: "AMD EPYC 7R13".to_owned(),
                cores: 16,
                architecture: "x86_64".to_owned(),
                operating_system: "linux".to_owned(),
            },
            circumstance: Circumstance {
                kernel: "6.1.0".to_owned(),
                governor: Some("performance".to_owned()),
                turbo: Some(false),
                load_1min: 0.1,
                hypervisor: None,
                on_battery: None,
            },
        },
        executables: Vec::new(),
    }
}
