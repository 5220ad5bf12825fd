//! A profile for the tests of this folder.

use std::collections::BTreeMap;

use crate::model::{
    benchmark::BenchmarkKey,
    machine::{Circumstance, Identity, Machine},
    profile::{Iterations, Origin, OriginKind, Profile, Quality, RecordingFacts, Sampler, Work},
    revision::{Build, Features, Provenance},
    stack::Stacks,
};

/// 100 samples over 1,000 iterations in 1 ms of CPU time.
pub(in crate::render) fn profile() -> Profile {
    let mut stacks = Stacks::default();
    for (stack, weight) in [
        (
            "e2e::linear::{closure};[runtime];runtime::workflow::run;alloc::vec::Vec::push;malloc",
            30,
        ),
        (
            "e2e::linear::{closure};[runtime];runtime::workflow::run;runtime::workflow::run",
            20,
        ),
        (
            "e2e::linear::{closure};[runtime];runtime::workflow::run",
            10,
        ),
        (
            "[task];[worker-*];runtime::actor::pump;tokio::sync::mpsc::recv",
            25,
        ),
        ("[runtime];epoll_wait", 15),
    ] {
        stacks.add(stack.split(';').map(str::to_owned).collect(), weight);
    }
    Profile {
        key: BenchmarkKey {
            package: "benches".to_owned(),
            suite: "e2e".to_owned(),
            id: "e2e/linear".to_owned(),
        },
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
            wall_ns: 1_000_000,
        },
        quality: Quality {
            samples: 104,
            lost: 0,
            truncated: 1,
            symbolised_share: 0.995,
            rooted_share: 0.99,
            harness_share: 0.0,
            trimmed_share: 0.038,
        },
        stacks,
        origins: origins(),
        provenance: provenance(),
    }
}

fn origins() -> BTreeMap<String, Origin> {
    [
        (
            "e2e::linear::{closure}",
            OriginKind::Workspace,
            "benches",
            "",
        ),
        (
            "runtime::workflow::run",
            OriginKind::Workspace,
            "runtime",
            "workflow",
        ),
        (
            "runtime::actor::pump",
            OriginKind::Workspace,
            "runtime",
            "actor",
        ),
        (
            "alloc::vec::Vec::push",
            OriginKind::Standard,
            "std",
            "alloc::vec",
        ),
        ("malloc", OriginKind::Native, "libc.so.6", ""),
        ("epoll_wait", OriginKind::Native, "libc.so.6", ""),
        (
            "tokio::sync::mpsc::recv",
            OriginKind::Dependency,
            "tokio",
            "sync::mpsc",
        ),
        ("[runtime]", OriginKind::Bracket, "[runtime]", ""),
        ("[task]", OriginKind::Bracket, "[task]", ""),
        ("[worker-*]", OriginKind::Bracket, "[worker-*]", ""),
    ]
    .into_iter()
    .map(|(function, kind, crate_name, module)| {
        let origin = Origin {
            kind,
            crate_name: crate_name.to_owned(),
            module: module.to_owned(),
        };
        (function.to_owned(), origin)
    })
    .collect()
}

fn provenance() -> Provenance {
    Provenance {
        measured_at: "2026-11-20T12:00:00Z".to_owned(),
        command: vec![
            "cargo".to_owned(),
            "xtask".to_owned(),
            "profile".to_owned(),
            "e2e".to_owned(),
        ],
        revision: None,
        build: Build {
            rustc: vec!["rustc 1.95.0".to_owned()],
            cargo_profile: "profiling".to_owned(),
            features: Features::default(),
            rustflags: Vec::new(),
            lockfile_sha256: None,
        },
        machine: Machine {
            identity: Identity {
                cpu_model: "a CPU".to_owned(),
                cores: 2,
                architecture: "x86_64".to_owned(),
                operating_system: "linux".to_owned(),
            },
            circumstance: Circumstance {
                kernel: "6.18".to_owned(),
                governor: None,
                turbo: None,
                load_1min: 0.5,
                hypervisor: None,
                on_battery: None,
            },
        },
        executables: Vec::new(),
    }
}
