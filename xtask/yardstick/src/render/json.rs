//! A comparison as JSON: a versioned wire form of its own.
//!
//! The document is one object. `format` is always `yardstick-comparison`, and `version`
//! rises when a field changes its meaning or goes away; new fields do not raise it. Times
//! are in ns per iteration; a number that is not known is absent or `null`.

mod difference;
pub mod selftest;
pub mod settlement;

use serde::Serialize;

use crate::model::{
    benchmark::BenchmarkKey,
    comparison::{self, BenchmarkRow, Comparison, Measured, Paired},
    units::Unit,
};
use crate::render::comparison::{NO_VERDICT, Pictures};

use difference::{Profile, profile};

/// The version of the document.
pub const VERSION: u32 = 2;

/// The comparison as an indented JSON document that ends with a line feed.
pub fn json(comparison: &Comparison, pictures: &Pictures) -> String {
    let document = Document {
        format: "yardstick-comparison",
        version: VERSION,
        verdict: None,
        no_verdict_because: NO_VERDICT,
        before: Source::from(&comparison.sources.before),
        after: Source::from(&comparison.sources.after),
        machine: comparison.machine.as_ref().map(|identity| Machine {
            cpu_model: &identity.cpu_model,
            cores: identity.cores,
            architecture: &identity.architecture,
            operating_system: &identity.operating_system,
        }),
        warnings: comparison
            .warnings
            .iter()
            .map(|warning| Warning {
                subject: subject(warning.subject),
                text: &warning.text,
            })
            .collect(),
        benchmarks: comparison.benchmarks.iter().map(benchmark).collect(),
        profiles: comparison
            .profiles
            .iter()
            .map(|row| profile(row, pictures.get(&row.key).map(String::as_str)))
            .collect(),
    };
    // Maps with string keys and finite depth: nothing here can fail to serialise.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

#[derive(Serialize)]
struct Document<'c> {
    format: &'static str,
    version: u32,
    /// Always `null` in this version: see `no_verdict_because`.
    verdict: Option<()>,
    no_verdict_because: &'static str,
    before: Source<'c>,
    after: Source<'c>,
    machine: Option<Machine<'c>>,
    warnings: Vec<Warning<'c>>,
    benchmarks: Vec<Benchmark<'c>>,
    profiles: Vec<Profile<'c>>,
}

#[derive(Serialize)]
struct Source<'c> {
    name: &'c str,
    revisions: Vec<Revision<'c>>,
    measured_at: Option<&'c str>,
}

impl<'c> From<&'c comparison::Source> for Source<'c> {
    fn from(source: &'c comparison::Source) -> Self {
        Self {
            name: &source.name,
            revisions: source
                .revisions
                .iter()
                .map(|revision| Revision {
                    commit: &revision.commit,
                    branch: revision.branch.as_deref(),
                    dirty: revision.dirty_tree.is_some(),
                })
                .collect(),
            measured_at: source.measured_at.as_deref(),
        }
    }
}

#[derive(Serialize)]
struct Revision<'c> {
    commit: &'c str,
    branch: Option<&'c str>,
    dirty: bool,
}

#[derive(Serialize)]
struct Machine<'c> {
    cpu_model: &'c str,
    cores: u32,
    architecture: &'c str,
    operating_system: &'c str,
}

#[derive(Serialize)]
struct Warning<'c> {
    subject: &'static str,
    text: &'c str,
}

#[derive(Serialize)]
struct Benchmark<'c> {
    #[serde(flatten)]
    key: Key<'c>,
    /// `both`, `added` or `removed`.
    state: &'static str,
    before: Option<Numbers>,
    after: Option<Numbers>,
    /// After over before: information, not a verdict.
    ratio: Option<f64>,
}

#[derive(Serialize)]
struct Key<'c> {
    package: &'c str,
    suite: &'c str,
    id: &'c str,
}

impl<'c> From<&'c BenchmarkKey> for Key<'c> {
    fn from(key: &'c BenchmarkKey) -> Self {
        Self {
            package: &key.package,
            suite: &key.suite,
            id: &key.id,
        }
    }
}

#[derive(Serialize)]
struct Numbers {
    /// `ns`, `bytes` or `percent`.
    unit: &'static str,
    estimate: f64,
    lower: f64,
    upper: f64,
    confidence_level: f64,
    allocations: Option<f64>,
    allocated_bytes: Option<f64>,
}

impl From<&Measured> for Numbers {
    fn from(measured: &Measured) -> Self {
        Self {
            unit: match measured.unit {
                Unit::Nanoseconds => "ns",
                Unit::Bytes => "bytes",
                Unit::Percent => "percent",
            },
            estimate: measured.estimate.point,
            lower: measured.estimate.lower,
            upper: measured.estimate.upper,
            confidence_level: measured.estimate.confidence_level,
            allocations: measured.allocations,
            allocated_bytes: measured.allocated_bytes,
        }
    }
}

fn benchmark(row: &BenchmarkRow) -> Benchmark<'_> {
    Benchmark {
        key: Key::from(&row.key),
        state: match row.measured {
            Paired::Both(_) => "both",
            Paired::Added(_) => "added",
            Paired::Removed(_) => "removed",
        },
        before: row.measured.before().map(Numbers::from),
        after: row.measured.after().map(Numbers::from),
        ratio: row.ratio(),
    }
}

#[derive(Serialize)]
struct Sides<T> {
    before: T,
    after: T,
}

impl<T: Copy> From<&comparison::Sides<T>> for Sides<T> {
    fn from(sides: &comparison::Sides<T>) -> Self {
        Self {
            before: sides.before,
            after: sides.after,
        }
    }
}

fn subject(subject: comparison::Subject) -> &'static str {
    use comparison::Subject;
    match subject {
        Subject::Kernel => "kernel",
        Subject::Governor => "governor",
        Subject::Turbo => "turbo",
        Subject::Load => "load",
        Subject::Power => "power",
        Subject::Hypervisor => "hypervisor",
        Subject::Rustc => "rustc",
        Subject::Rustflags => "rustflags",
        Subject::CargoProfile => "cargo-profile",
        Subject::Lockfile => "lock-file",
        Subject::DirtyTree => "dirty-tree",
        Subject::Quick => "quick",
        Subject::Unit => "unit",
        Subject::Rate => "rate",
        Subject::SameExecutable => "same-executable",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::comparison::sample;
    use super::*;

    #[test]
    fn the_document_names_its_format_and_version_and_gives_no_verdict() {
        let document = parsed();
        assert_eq!(document["format"], "yardstick-comparison");
        assert_eq!(document["version"], 2);
        assert_eq!(document["verdict"], Value::Null);
        assert_eq!(document["warnings"][0]["subject"], "kernel");
    }

    #[test]
    fn benchmarks_carry_both_sides_and_the_ratio() {
        let row = &parsed()["benchmarks"][1];
        assert_eq!(row["id"], "e2e/linear");
        assert_eq!(row["before"]["estimate"], 100.0);
        assert_eq!(row["after"]["unit"], "ns");
        assert_eq!(row["ratio"], 1.5);
    }

    #[test]
    fn every_function_is_in_it_and_they_sum_to_the_cpu_time() {
        let profile = &parsed()["profiles"][0];
        let functions = profile["functions"].as_array().expect("functions");
        assert_eq!(functions.len(), 8);
        let sum: f64 = functions
            .iter()
            .filter_map(|function| function["self_ns"]["difference"].as_f64())
            .sum();
        assert_eq!(Some(sum), profile["cpu_ns"]["difference"].as_f64());
    }

    fn parsed() -> Value {
        serde_json::from_str(&json(&sample(), &Pictures::new())).expect("valid JSON")
    }
}
