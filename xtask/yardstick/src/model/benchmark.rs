//! What identifies a benchmark, and all that one run learned about it.

use std::{collections::BTreeMap, fmt};

use super::{
    estimate::Estimates,
    sample::{Latencies, Sample},
    units::Unit,
};

/// The identity of a benchmark: unique within a workspace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BenchmarkKey {
    /// The package that has the suite.
    pub package: String,
    /// The bench target.
    pub suite: String,
    /// Criterion's full id: `group/function/parameter`.
    pub id: String,
}

impl fmt::Display for BenchmarkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}: {}", self.package, self.suite, self.id)
    }
}

/// Everything that one run of a benchmark yielded.
#[derive(Clone, Debug, PartialEq)]
pub struct Benchmark {
    /// Which benchmark it is.
    pub key: BenchmarkKey,
    /// The name of the folder in which Criterion keeps it, relative to its home.
    pub criterion_directory: String,
    /// Criterion's own files of this benchmark, by file name, verbatim.
    pub criterion_files: BTreeMap<String, Vec<u8>>,
    /// What the numbers count.
    pub unit: Unit,
    /// The benchmark (same package and suite) that this one is a ratio to.
    pub control: Option<String>,
    /// The raw measurements.
    pub sample: Sample,
    /// Criterion's estimates from them.
    pub estimates: Estimates,
    /// What the probe counted, where the bench links it.
    pub counted: Option<Counted>,
}

/// What the probe counted over the timed iterations of one benchmark.
#[derive(Clone, Debug, PartialEq)]
pub struct Counted {
    /// Iterations that ran.
    pub iterations: u64,
    /// Calls of the allocator for new memory; `None` without the counting allocator.
    pub allocations: Option<u64>,
    /// Bytes asked for by them.
    pub allocated_bytes: Option<u64>,
    /// CPU time of the process.
    pub cpu_ns: u64,
    /// Time on the wall.
    pub wall_ns: u64,
    /// Latencies of single operations, where the bench exports them.
    pub latencies: Option<Latencies>,
}
