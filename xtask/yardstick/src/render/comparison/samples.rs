//! A comparison for the tests of this module.

use crate::model::{
    benchmark::BenchmarkKey,
    comparison::{
        BenchmarkRow, Comparison, Measured, Paired, ProfileOutcome, ProfileRow, Sides, Source,
        Subject, Warning,
    },
    estimate::Estimate,
    machine::Identity,
    units::Unit,
};
use crate::render::difference::sample::difference;

/// `pre` and `post`: one benchmark in both, one added, one removed, a pair of profiles that
/// differs by 1,700 ns, and a pair of profiles that cannot be compared.
pub(in crate::render) fn comparison() -> Comparison {
    Comparison {
        sources: Sides {
            before: "pre",
            after: "post",
        }
        .map(source),
        machine: Some(Identity {
            cpu_model: "AMD EPYC 7R13".to_owned(),
            cores: 16,
            architecture: "x86_64".to_owned(),
            operating_system: "linux".to_owned(),
        }),
        benchmarks: vec![
            row("e2e/gone", Paired::Removed(measured(10.0, 1.0))),
            row(
                "e2e/linear",
                Paired::Both(Sides {
                    before: measured(100.0, 2.0),
                    after: measured(150.0, 3.0),
                }),
            ),
            row("e2e/new", Paired::Added(measured(20.0, 0.0))),
        ],
        profiles: vec![
            ProfileRow {
                key: key("e2e/linear"),
                outcome: ProfileOutcome::Compared(Box::new(difference())),
            },
            ProfileRow {
                key: key("e2e/other"),
                outcome: ProfileOutcome::NotComparable(vec![
                    "the sampler differs: perf-event before, samply after".to_owned(),
                ]),
            },
        ],
        warnings: vec![Warning {
            subject: Subject::Kernel,
            text: "the kernel differs: 6.1.0 before, 6.2.0 after".to_owned(),
        }],
    }
}

fn source(name: &str) -> Source {
    Source {
        name: name.to_owned(),
        revisions: Vec::new(),
        features: Vec::new(),
        measured_at: Some("2026-11-20T12:00:00Z".to_owned()),
    }
}

fn key(id: &str) -> BenchmarkKey {
    BenchmarkKey {
        package: "benches".to_owned(),
        suite: "e2e".to_owned(),
        id: id.to_owned(),
    }
}

fn row(id: &str, measured: Paired<Measured>) -> BenchmarkRow {
    BenchmarkRow {
        key: key(id),
        measured,
    }
}

fn measured(point: f64, allocations: f64) -> Measured {
    Measured {
        estimate: Estimate {
            point,
            lower: point * 0.99,
            upper: point * 1.01,
            confidence_level: 0.95,
            standard_error: point * 0.005,
        },
        unit: Unit::Nanoseconds,
        allocations: Some(allocations),
        allocated_bytes: None,
    }
}
