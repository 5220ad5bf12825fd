//! Workspace members, the suites they hold, and what their manifests say about benchmarks.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

use super::{
    benchmark::BenchmarkKey, layers::Layers, question::Margins, revision::Features, units::Unit,
};

/// A Cargo workspace as the toolkit sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Workspace {
    /// The folder of the workspace's `Cargo.toml`.
    pub root: Utf8PathBuf,
    /// Cargo's target folder.
    pub target_directory: Utf8PathBuf,
    /// The packages that are members, by name.
    pub packages: BTreeMap<String, Package>,
    /// The bench targets of all members, in package and target order.
    pub suites: Vec<Suite>,
    /// What `tour` shows: `[workspace.metadata.yardstick.tour]`.
    pub tour: Option<TourSettings>,
    /// What `selftest` measures: `[workspace.metadata.yardstick.selftest]`.
    pub selftest: Option<SelftestSettings>,
    /// From where on a change matters: `[workspace.metadata.yardstick.margins]`.
    pub margins: Margins,
    /// What parts of the program are called: `[workspace.metadata.yardstick.layers]`.
    pub layers: Layers,
}

/// A workspace member.
#[derive(Clone, Debug, PartialEq)]
pub struct Package {
    /// The package's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The package id specification that means this package and no other.
    pub id: String,
    /// The folder of its manifest: the working directory of its benches.
    pub root: Utf8PathBuf,
    /// Its features, each with what it enables.
    pub features: BTreeMap<String, Vec<String>>,
    /// What its manifest says about single benchmarks, by benchmark id.
    pub benchmarks: BTreeMap<String, BenchmarkSettings>,
    /// What its manifest expects of benchmarks: `[[package.metadata.yardstick.expect]]`.
    pub expectations: Vec<Expectation>,
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

/// An order that the estimates of benchmarks must keep, or else one of them does not
/// measure what its id says.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// The terms, none greater than the next.
    pub less_or_equal: Vec<Term>,
    /// Why it must be so, in the manifest's words.
    pub because: Option<String>,
}

/// A side of an expectation: a sum of benchmarks, per so many units of work.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// The ids of the benchmarks that are added up.
    pub ids: Vec<String>,
    /// What the sum is divided by.
    pub per: f64,
}

/// Two neighbours of an expectation whose intervals are the wrong way round.
#[derive(Clone, Debug, PartialEq)]
pub struct BrokenExpectation {
    /// What should be the smaller one, in words and as a value.
    pub expected_less: (String, f64),
    /// What should be the greater one.
    pub expected_greater: (String, f64),
    /// The unit of both.
    pub unit: Unit,
    /// Why it should be so.
    pub because: Option<String>,
}

/// `[workspace.metadata.yardstick.tour]`: a suite and the two builds of it to compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TourSettings {
    /// The label of the suite.
    pub suite: String,
    /// The build before the change.
    pub before: Features,
    /// The build after it.
    pub after: Features,
}

/// `[workspace.metadata.yardstick.selftest]`: a suite whose amount of work is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelftestSettings {
    /// The label of the suite.
    pub suite: String,
    /// What it is built with.
    pub features: Features,
    /// The variable that tells it how many percent more work an iteration is to be: a whole number.
    pub slowdown_variable: String,
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

impl Suite {
    /// The identity of one of its benchmarks.
    pub fn key(&self, id: &str) -> BenchmarkKey {
        BenchmarkKey {
            package: self.package.clone(),
            suite: self.name.clone(),
            id: id.to_owned(),
        }
    }
}

/// A suite, built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BenchExecutable {
    /// The suite.
    pub suite: Suite,
    /// The executable.
    pub path: Utf8PathBuf,
    /// Whether the compiler optimised it and left debug assertions out.
    pub optimised: bool,
    /// The folders in which it may need to look for shared libraries.
    pub library_folders: Vec<Utf8PathBuf>,
}
