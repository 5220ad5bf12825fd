//! A capture: a named stored result.

use std::collections::BTreeMap;

use super::{
    benchmark::{Benchmark, BenchmarkKey},
    profile::Profile,
    revision::Provenance,
};

/// What one `bench --save` measured. A benchmark is in one run of a capture at most.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Source, build and machine.
    pub provenance: Provenance,
    /// The benchmarks by key.
    pub benchmarks: BTreeMap<BenchmarkKey, Benchmark>,
}

/// A named stored result. Each part knows its own provenance, because the parts
/// are measured by different commands.
#[derive(Clone, Debug, PartialEq)]
pub struct Capture {
    /// Its name: one folder below `profiles/`.
    pub name: String,
    /// What `bench --save` measured, oldest first.
    pub runs: Vec<Run>,
    /// What `profile --save` recorded, by benchmark.
    pub profiles: BTreeMap<BenchmarkKey, Profile>,
}

impl Capture {
    /// All benchmarks of all runs.
    pub fn benchmarks(&self) -> impl Iterator<Item = &Benchmark> {
        self.runs.iter().flat_map(|run| run.benchmarks.values())
    }

    /// Adds a run. Benchmarks of it that the capture already holds are replaced, and runs that
    /// thereby lose their last benchmark disappear.
    pub fn add(&mut self, run: Run) {
        for older in &mut self.runs {
            older
                .benchmarks
                .retain(|key, _| !run.benchmarks.contains_key(key));
        }
        self.runs.retain(|older| !older.benchmarks.is_empty());
        self.runs.push(run);
    }
}
