//! Two captures side by side.

use super::{
    benchmark::{Benchmark, BenchmarkKey},
    machine::Identity,
};

/// The two captures of a comparison, by role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sides<T> {
    /// The capture that the change started from.
    pub before: T,
    /// The capture with the change.
    pub after: T,
}

/// One benchmark in a comparison.
#[derive(Clone, Debug, PartialEq)]
#[allow(
    clippy::large_enum_variant,
    reason = "a comparison holds a few hundred of them at most"
)]
pub enum BenchmarkRow {
    /// On both sides.
    Both(Sides<Benchmark>),
    /// Only before.
    Removed(Benchmark),
    /// Only after.
    Added(Benchmark),
}

/// One function of one benchmark on both sides, in samples scaled to ns per iteration.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionRow {
    /// The normalised name.
    pub function: String,
    /// The crate that defines it.
    pub crate_name: String,
    /// CPU time in the function itself, ns per iteration.
    pub self_ns: Sides<f64>,
    /// CPU time in it and what it calls, recursion counted once, ns per iteration.
    pub total_ns: Sides<f64>,
}

/// Two profiles of one benchmark.
#[derive(Clone, Debug, PartialEq)]
pub struct ProfileRow {
    /// Which benchmark.
    pub key: BenchmarkKey,
    /// CPU time per iteration, in ns.
    pub cpu_ns: Sides<f64>,
    /// Functions by falling size of the difference in self time.
    pub functions: Vec<FunctionRow>,
}

/// Two captures side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The captures' names.
    pub names: Sides<String>,
    /// The machines' identities.
    pub machines: Sides<Identity>,
    /// The benchmarks, in key order.
    pub benchmarks: Vec<(BenchmarkKey, BenchmarkRow)>,
    /// The profiles that both sides have and that may be compared.
    pub profiles: Vec<ProfileRow>,
    /// What the reader must know before trusting any of it.
    pub warnings: Vec<String>,
}
