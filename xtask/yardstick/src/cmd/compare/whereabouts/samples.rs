//! What tests of recordings begin with.

use std::collections::BTreeMap;

use crate::model::{
    benchmark::BenchmarkKey,
    comparison::Sides,
    machine::{Circumstance, Identity, Machine},
    profile::{Iterations, Profile, Quality, RecordingFacts, Sampler, Work},
    revision::{Build, Features, Provenance},
    settlement::{Layouts, Origin, Plan, Settlement, Side},
    stack::Stacks,
};

fn machine() -> Machine {
    Machine {
        identity: Identity {
            cpu_model: "cpu".to_owned(),
            cores: 2,
            architecture: "x86_64".to_owned(),
            operating_system: "linux".to_owned(),
        },
        circumstance: Circumstance {
            kernel: "6.1".to_owned(),
            governor: None,
            turbo: None,
            load_1min: 0.5,
            hypervisor: None,
            on_battery: None,
        },
    }
}

/// Nothing was asked yet.
pub(super) fn settlement() -> Settlement {
    let side = |name: &str| Side {
        name: name.to_owned(),
        origin: Origin::Revision,
        revisions: Vec::new(),
        builds: Vec::new(),
        executables: Vec::new(),
    };
    Settlement {
        sides: Sides {
            before: side("main"),
            after: side("."),
        },
        machine: machine(),
        begun_at: "2026-11-21T12:00:00Z".to_owned(),
        commands: Vec::new(),
        plan: Plan {
            seed: 1,
            alpha: 0.05,
            looks: vec![10],
            first_run_looks: 1,
            questions: Vec::new(),
            shares: 1,
            tolerated_loss: 0.67,
        },
        layouts: Layouts::FreshEachRound,
        fates: BTreeMap::new(),
        unbuilt: Default::default(),
        rounds: Vec::new(),
        preflight: Vec::new(),
        answers: Vec::new(),
        second_opinions: BTreeMap::new(),
        warnings: Vec::new(),
        spent_seconds: 1.0,
    }
}

/// A profile of one stack.
pub(super) fn profile(id: &str) -> Profile {
    let mut stacks = Stacks::default();
    stacks.add(vec!["app::run".to_owned()], 100);
    Profile {
        key: BenchmarkKey {
            package: "p".to_owned(),
            suite: "s".to_owned(),
            id: id.to_owned(),
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
            cpu_ns: 100_000,
            wall_ns: 110_000,
        },
        quality: Quality::default(),
        stacks,
        origins: BTreeMap::new(),
        provenance: Provenance {
            measured_at: "2026-11-21T12:00:00Z".to_owned(),
            command: Vec::new(),
            revision: None,
            build: Build {
                rustc: Vec::new(),
                cargo_profile: "profiling".to_owned(),
                features: Features::default(),
                rustflags: Vec::new(),
                lockfile_sha256: None,
            },
            machine: machine(),
            executables: Vec::new(),
        },
    }
}
