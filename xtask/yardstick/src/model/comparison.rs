//! Two captures side by side.

use std::collections::BTreeMap;

use super::{
    benchmark::BenchmarkKey,
    estimate::Estimate,
    machine::Identity,
    profile::Sampler,
    revision::{Features, Revision},
    stack::Stack,
    units::Unit,
};

/// What belongs to each of the two captures of a comparison, by role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sides<T> {
    /// Of the capture that the change started from.
    pub before: T,
    /// Of the capture with the change.
    pub after: T,
}

impl<T> Sides<T> {
    /// Borrows both.
    pub fn as_ref(&self) -> Sides<&T> {
        Sides {
            before: &self.before,
            after: &self.after,
        }
    }

    /// The same question to both.
    pub fn map<U>(self, mut question: impl FnMut(T) -> U) -> Sides<U> {
        Sides {
            before: question(self.before),
            after: question(self.after),
        }
    }
}

impl<T> From<[T; 2]> for Sides<T> {
    /// What belongs to before, then what belongs to after.
    fn from([before, after]: [T; 2]) -> Self {
        Self { before, after }
    }
}

impl Sides<f64> {
    /// After minus before.
    pub fn difference(&self) -> f64 {
        self.after - self.before
    }

    /// After over before; `None` where before is nothing.
    pub fn ratio(&self) -> Option<f64> {
        (self.before > 0.0).then(|| self.after / self.before)
    }
}

/// What one or both captures have.
#[derive(Clone, Debug, PartialEq)]
pub enum Paired<T> {
    /// Both have it.
    Both(Sides<T>),
    /// Only the capture before the change.
    Removed(T),
    /// Only the capture after it.
    Added(T),
}

impl<T> Paired<T> {
    /// What the capture before the change has.
    pub fn before(&self) -> Option<&T> {
        match self {
            Self::Both(sides) => Some(&sides.before),
            Self::Removed(before) => Some(before),
            Self::Added(_) => None,
        }
    }

    /// What the capture after the change has.
    pub fn after(&self) -> Option<&T> {
        match self {
            Self::Both(sides) => Some(&sides.after),
            Self::Added(after) => Some(after),
            Self::Removed(_) => None,
        }
    }

    /// The same question to each that is there.
    pub fn map<U>(self, mut question: impl FnMut(T) -> U) -> Paired<U> {
        match self {
            Self::Both(sides) => Paired::Both(sides.map(question)),
            Self::Removed(before) => Paired::Removed(question(before)),
            Self::Added(after) => Paired::Added(question(after)),
        }
    }
}

/// Where the numbers of one capture come from.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// The capture's name.
    pub name: String,
    /// The distinct checkouts of its parts; none outside version control.
    pub revisions: Vec<Revision>,
    /// The distinct feature selections of its parts.
    pub features: Vec<Features>,
    /// When its first part was measured: RFC 3339, UTC; `None` for an empty capture.
    pub measured_at: Option<String>,
}

/// The stored numbers of one benchmark in one capture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// The estimate per iteration, with its interval.
    pub estimate: Estimate,
    /// What it counts.
    pub unit: Unit,
    /// Calls of the allocator per iteration; `None` without the counting allocator.
    pub allocations: Option<f64>,
    /// Bytes asked for by them, per iteration.
    pub allocated_bytes: Option<f64>,
}

/// One benchmark in a comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct BenchmarkRow {
    /// Which benchmark.
    pub key: BenchmarkKey,
    /// Its numbers.
    pub measured: Paired<Measured>,
}

impl BenchmarkRow {
    /// After over before: a piece of information, not a verdict. `None` for an added or
    /// removed benchmark, and where the two captures count different things.
    pub fn ratio(&self) -> Option<f64> {
        match &self.measured {
            Paired::Both(sides) if sides.before.unit == sides.after.unit => sides
                .as_ref()
                .map(|measured| measured.estimate.point)
                .ratio(),
            _ => None,
        }
    }
}

/// CPU time on both sides, with what chance alone explains of the difference.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Share {
    /// CPU time in ns per iteration.
    pub ns: Sides<f64>,
    /// The standard error of the difference, in ns per iteration, that comes from having a
    /// limited number of stack samples. Drift between the two sittings comes on top.
    pub standard_error_ns: f64,
}

/// One function of one benchmark on both sides.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionRow {
    /// The normalised name.
    pub function: String,
    /// The crate that defines it.
    pub crate_name: String,
    /// CPU time in the function itself.
    pub own: Share,
    /// CPU time in it and what it calls, recursion counted once, in ns per iteration.
    pub total_ns: Sides<f64>,
}

/// One crate of one benchmark on both sides.
#[derive(Clone, Debug, PartialEq)]
pub struct CrateRow {
    /// The crate.
    pub crate_name: String,
    /// CPU time in its functions themselves.
    pub own: Share,
}

/// Where the CPU time of one benchmark went, before and after.
#[derive(Clone, Debug, PartialEq)]
pub struct ProfileDifference {
    /// What recorded both.
    pub sampler: Sampler,
    /// Stack samples that the functions rest on.
    pub samples: Sides<u64>,
    /// CPU time of the routine, in ns per iteration. The functions' own times sum to it.
    pub cpu_ns: Sides<f64>,
    /// Time on the wall, in ns per iteration.
    pub wall_ns: Sides<f64>,
    /// Whether the iterations behind `cpu_ns` were derived from a stored time instead of counted.
    pub derived: Sides<bool>,
    /// Every function of either side, by falling size of the difference in its own time.
    pub functions: Vec<FunctionRow>,
    /// Every crate of either side, in the same order.
    pub crates: Vec<CrateRow>,
    /// Every stack of either side, in ns per iteration.
    pub stacks: BTreeMap<Stack, Sides<f64>>,
}

/// What a table leaves out, summed, so that rows and remainder give the whole difference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Remainder {
    /// How many rows.
    pub rows: usize,
    /// Their own CPU time, in ns per iteration.
    pub own_ns: Sides<f64>,
}

impl ProfileDifference {
    /// The `limit` functions whose own time differs most, and the sum of the others.
    pub fn largest_functions(&self, limit: usize) -> (&[FunctionRow], Option<Remainder>) {
        let (shown, rest) = self.functions.split_at(limit.min(self.functions.len()));
        (shown, remainder(rest.iter().map(|row| row.own.ns)))
    }

    /// The `limit` crates whose own time differs most, and the sum of the others.
    pub fn largest_crates(&self, limit: usize) -> (&[CrateRow], Option<Remainder>) {
        let (shown, rest) = self.crates.split_at(limit.min(self.crates.len()));
        (shown, remainder(rest.iter().map(|row| row.own.ns)))
    }
}

fn remainder(rest: impl ExactSizeIterator<Item = Sides<f64>>) -> Option<Remainder> {
    (rest.len() > 0).then(|| {
        let rows = rest.len();
        let own_ns = rest.fold(Sides::default(), |sum: Sides<f64>, ns| Sides {
            before: sum.before + ns.before,
            after: sum.after + ns.after,
        });
        Remainder { rows, own_ns }
    })
}

/// What can be said about the two profiles of a benchmark.
#[derive(Clone, Debug, PartialEq)]
pub enum ProfileOutcome {
    /// Both captures have one, recorded alike.
    Compared(ProfileDifference),
    /// Both captures have one, but the two cannot be put side by side: why not.
    NotComparable(Vec<String>),
    /// Only the capture before the change has one.
    Removed,
    /// Only the capture after the change has one.
    Added,
}

/// The two profiles of one benchmark.
#[derive(Clone, Debug, PartialEq)]
pub struct ProfileRow {
    /// Which benchmark.
    pub key: BenchmarkKey,
    /// What can be said.
    pub outcome: ProfileOutcome,
}

/// What a warning is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// The kernel's release.
    Kernel,
    /// The frequency governor.
    Governor,
    /// Clocks above the nominal one.
    Turbo,
    /// Other work on the machine.
    Load,
    /// Battery or mains.
    Power,
    /// The hypervisor.
    Hypervisor,
    /// The compiler.
    Rustc,
    /// The flags of the compiler.
    Rustflags,
    /// The Cargo profile.
    CargoProfile,
    /// The versions of the dependencies.
    Lockfile,
    /// Uncommitted changes.
    DirtyTree,
    /// A measurement that was only a look.
    Quick,
    /// What the measurements count.
    Unit,
    /// The real rate of the stack samples.
    Rate,
    /// Executables that are byte for byte the same.
    SameExecutable,
}

/// What the reader must know before trusting any of the comparison.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Warning {
    /// What it is about.
    pub subject: Subject,
    /// A lowercase sentence without its full stop.
    pub text: String,
}

/// A fact that the two captures do not share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// What the fact is: `cpu`.
    pub what: &'static str,
    /// Its values.
    pub values: Sides<String>,
}

/// Two captures side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Where the numbers come from.
    pub sources: Sides<Source>,
    /// The machine that both were measured on; `None` where neither holds a part.
    pub machine: Option<Identity>,
    /// The benchmarks, in key order.
    pub benchmarks: Vec<BenchmarkRow>,
    /// The profiles, in key order.
    pub profiles: Vec<ProfileRow>,
    /// What the reader must know before trusting any of it.
    pub warnings: Vec<Warning>,
}
