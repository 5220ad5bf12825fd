//! Two captures side by side.

use super::{
    benchmark::BenchmarkKey,
    difference::Difference,
    estimate::Estimate,
    machine::Identity,
    revision::{Features, Revision},
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

/// What can be said about the two profiles of a benchmark.
#[derive(Clone, Debug, PartialEq)]
pub enum ProfileOutcome {
    /// Both captures have one, recorded alike.
    Compared(Box<Difference>),
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
