//! Workspace members and the suites they hold.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

use super::units::Unit;

/// A Cargo workspace as the toolkit sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    /// The folder of the workspace's `Cargo.toml`.
    pub root: Utf8PathBuf,
    /// Cargo's target folder.
    pub target_directory: Utf8PathBuf,
    /// The packages that are members, by name.
    pub packages: BTreeMap<String, Package>,
    /// The bench targets of all members, in package and target order.
    pub suites: Vec<Suite>,
}

/// A workspace member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// The package's name.
    pub name: String,
    /// The folder of its manifest: the working directory of its benches.
    pub root: Utf8PathBuf,
    /// What its manifest says about single benchmarks, by benchmark id.
    pub benchmarks: BTreeMap<String, BenchmarkSettings>,
}

/// What a manifest says about one benchmark:
/// `[package.metadata.yardstick.benchmarks."<id>"]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BenchmarkSettings {
    /// The id of the benchmark that this one is a ratio to.
    pub control: Option<String>,
    /// What the measurement counts.
    pub unit: Unit,
}

/// One bench target of a workspace member.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Suite {
    /// The package that has the target.
    pub package: String,
    /// The target's name.
    pub name: String,
    /// Cargo features the target needs before Cargo builds it.
    pub required_features: Vec<String>,
    /// `name`, or `package/name` where another package has a suite of that name.
    pub label: String,
}
