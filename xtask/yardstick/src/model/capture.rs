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
