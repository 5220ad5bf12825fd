//! Captures to compare.

use std::collections::BTreeMap;

use yardstick::model::{
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

/// The state before a change: two benchmarks with profiles, one that is about to go, bytes.
pub(crate) fn before() -> Capture {
    capture(
        "pre",
        provenance("575b4470d1e9a8e2f3c4b5a697887766554433aa"),
        vec![
            benchmark("e2e/linear", 12_345.0, 12),
            benchmark("e2e/diamond", 45_678.0, 40),
            benchmark("e2e/old_way", 99.0, 0),
            bytes("memory/actor", 1_536.0),
        ],
        vec![
            profile(
                "e2e/linear",
                &[
                    ("[task];runtime::run;runtime::mailbox::push", 400),
                    ("[task];runtime::run;alloc::alloc", 100),
                    ("[task];runtime::run", 500),
                ],
                12_000,
            ),
            profile("e2e/diamond", &[("[task];runtime::run", 1_000)], 45_000),
        ],
    )
}

/// The state after it: slower, with a new function, another way, and another sampler for one.
pub(crate) fn after() -> Capture {
    let mut provenance = provenance("f225b847aa0011223344556677889900aabbccdd");
    provenance.measured_at = "2026-11-21T08:00:00Z".to_owned();
    provenance.build.features.named = vec!["actors".to_owned()];
    provenance.machine.circumstance.kernel = "6.2.0".to_owned();
    let mut other_sampler = profile("e2e/diamond", &[("[task];runtime::run", 1_000)], 45_000);
    other_sampler.facts.sampler = Sampler::InProcess;
    other_sampler.facts.event = "SIGPROF".to_owned();
    capture(
        "post",
        provenance,
        vec![
            benchmark("e2e/linear", 15_000.0, 15),
            benchmark("e2e/diamond", 45_600.0, 40),
            benchmark("e2e/new_way", 80.0, 0),
            bytes("memory/actor", 1_024.0),
        ],
        vec![
            profile(
                "e2e/linear",
                &[
                    ("[task];runtime::run;runtime::mailbox::push", 400),
                    ("[task];runtime::run;runtime::ask::reply", 200),
                    ("[task];runtime::run", 400),
                ],
                15_000,
            ),
            other_sampler,
            profile("e2e/new_way", &[("[task];runtime::run", 10)], 80),
        ],
    )
}

fn capture(
    name: &str,
    provenance: Provenance,
    benchmarks: Vec<Benchmark>,
    profiles: Vec<Profile>,
) -> Capture {
    let mut recorded = provenance.clone();
    recorded.build.cargo_profile = "profiling".to_owned();
    Capture {
        name: name.to_owned(),
        runs: vec![Run {
            provenance,
            benchmarks: benchmarks
                .into_iter()
                .map(|benchmark| (benchmark.key.clone(), benchmark))
                .collect(),
        }],
        profiles: profiles
            .into_iter()
            .map(|profile| Profile {
                provenance: recorded.clone(),
                ..profile
            })
            .map(|profile| (profile.key.clone(), profile))
            .collect(),
    }
}

fn key(id: &str) -> BenchmarkKey {
    BenchmarkKey {
        package: "benches".to_owned(),
        suite: id.split('/').next().unwrap_or(id).to_owned(),
        id: id.to_owned(),
    }
}

fn benchmark(id: &str, point: f64, allocations: u64) -> Benchmark {
    let estimate = Estimate {
        point,
        lower: point * 0.99,
        upper: point * 1.02,
        confidence_level: 0.95,
        standard_error: point * 0.005,
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
            totals: vec![10.0 * point; 10],
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
            allocations: Some(allocations * 100),
            allocated_bytes: Some(allocations * 6_400),
            cpu_ns: 10_000,
            wall_ns: 20_000,
            latencies: None,
        }),
    }
}

fn bytes(id: &str, point: f64) -> Benchmark {
    Benchmark {
        unit: Unit::Bytes,
        counted: None,
        ..benchmark(id, point, 0)
    }
}

fn profile(id: &str, stacks: &[(&str, u64)], cpu_ns_per_iteration: u64) -> Profile {
    let mut folded = Stacks::default();
    let mut origins = BTreeMap::new();
    for (stack, weight) in stacks {
        let frames: Vec<String> = stack.split(';').map(str::to_owned).collect();
        for frame in &frames {
            origins.insert(frame.clone(), origin(frame));
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
            cpu_ns: cpu_ns_per_iteration * 1_000,
            wall_ns: cpu_ns_per_iteration * 1_100,
        },
        quality: Quality {
            samples: folded.total(),
            symbolised_share: 1.0,
            rooted_share: 1.0,
            ..Quality::default()
        },
        stacks: folded,
        origins,
        provenance: provenance(""),
    }
}

fn origin(frame: &str) -> Origin {
    match frame.rsplit_once("::") {
        None => Origin {
            kind: OriginKind::Bracket,
            crate_name: frame.to_owned(),
            module: String::new(),
        },
        Some((path, _)) => {
            let (crate_name, module) = path.split_once("::").unwrap_or((path, ""));
            Origin {
                kind: OriginKind::Workspace,
                crate_name: crate_name.to_owned(),
                module: module.to_owned(),
            }
        }
    }
}

fn provenance(commit: &str) -> Provenance {
    Provenance {
        measured_at: "2026-11-20T12:00:00Z".to_owned(),
        command: ["bench", "--save", "pre"].map(str::to_owned).to_vec(),
        revision: Some(Revision {
            commit: commit.to_owned(),
            branch: Some("main".to_owned()),
            dirty_tree: None,
        }),
        build: Build {
            rustc: vec!["rustc 1.95.0 (59807616e 2026-04-14)".to_owned()],
            cargo_profile: "bench".to_owned(),
            features: Features::default(),
            rustflags: Vec::new(),
            lockfile_sha256: Some("0123456789abcdef".repeat(4)),
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
                load_1min: 0.25,
                hypervisor: None,
                on_battery: None,
            },
        },
        executables: Vec::new(),
    }
}
