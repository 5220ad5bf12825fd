//! What the workspace's manifests say about benchmarks.
//!
//! ```toml
//! [package.metadata.yardstick.benchmarks."message/tell"]
//! control = "message/tokio_mpsc"      # the benchmark that this one is a ratio to
//! unit = "ns"                         # or "bytes", "percent"
//!
//! [[package.metadata.yardstick.expect]]
//! less_or_equal = ["workflow/diamond", "workflow/linear"]
//! because = "a diamond of the same steps runs two of them at once"
//!
//! [workspace.metadata.yardstick.tour]
//! suite = "e2e"
//! after = { features = ["new-wiring"] }
//!
//! [workspace.metadata.yardstick.selftest]
//! suite = "selftest"
//! features = ["selftest"]
//! slowdown-variable = "SLOWDOWN_PERCENT"
//! ```
//!
//! ```toml
//! [workspace.metadata.yardstick.margins]     # from where on a change matters, warns and fails
//! default = { margin_percent = 2, warn_percent = 10, fail_percent = 20 }
//! parallel = 5                               # what threads gain and lose by each other
//! [workspace.metadata.yardstick.margins.suites]
//! lifecycle = { warn_percent = 20 }
//! [workspace.metadata.yardstick.margins.benchmarks]
//! "workflow/linear" = 1
//! ```
//!
//! ```toml
//! [workspace.metadata.yardstick.layers]      # what parts of the program are called where the time went
//! store = ["app::store", "app::cache"]       # the paths of modules, types or functions, each with all below it
//! ```
//!
//! An entry of `less_or_equal` is a benchmark id, a list of ids that are added up, or
//! `{ id = "batch/100", per = 100 }`.

mod layers;
mod margins;

use std::collections::BTreeMap;

use anyhow::Result;
use serde::{
    Deserialize,
    de::{DeserializeOwned, IgnoredAny},
};
use serde_json::Value;

use crate::{
    model::{
        revision::Features,
        suite::{BenchmarkSettings, Expectation, SelftestSettings, Term, TourSettings, Workspace},
        units::Unit,
    },
    parse,
    problem::Problem,
};

/// Reads the output of `cargo metadata --no-deps`.
///
/// # Errors
/// If it is not what cargo writes, or a manifest says something to us that has no meaning.
pub fn workspace(metadata: &[u8]) -> Result<Workspace> {
    let read = parse::cargo::workspace(metadata)?;
    let mut workspace = read.workspace;
    for (name, value) in read.package_settings {
        let Some(package) = workspace.packages.get_mut(&name) else {
            continue;
        };
        let manifest = package.root.join("Cargo.toml");
        let settings: PackageSettings =
            settings(value, "package.metadata.yardstick", manifest.as_str())?;
        package.benchmarks = settings
            .benchmarks
            .into_iter()
            .map(|(id, written)| (id, written.into()))
            .collect();
        package.expectations = settings.expect.into_iter().map(Into::into).collect();
    }
    if let Some(value) = read.workspace_settings {
        let manifest = workspace.root.join("Cargo.toml");
        let settings: WorkspaceSettings =
            settings(value, "workspace.metadata.yardstick", manifest.as_str())?;
        workspace.tour = settings.tour.map(Into::into);
        if let Some(value) = settings.margins {
            workspace.margins = margins::margins(&value).map_err(|fact| {
                let table = "workspace.metadata.yardstick.margins";
                Problem::usage(format!("cannot read `[{table}]` in `{manifest}`")).fact(fact)
            })?;
        }
        if let Some(value) = settings.layers {
            workspace.layers = layers::layers(&value).map_err(|fact| {
                let table = "workspace.metadata.yardstick.layers";
                Problem::usage(format!("cannot read `[{table}]` in `{manifest}`")).fact(fact)
            })?;
        }
        workspace.selftest = settings.selftest.map(Into::into);
    }
    Ok(workspace)
}

fn settings<T: DeserializeOwned>(value: Value, table: &str, manifest: &str) -> Result<T> {
    serde_json::from_value(value).map_err(|error| {
        Problem::usage(format!("cannot read `[{table}]` in `{manifest}`"))
            .fact(error.to_string())
            .into()
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PackageSettings {
    #[serde(default)]
    benchmarks: BTreeMap<String, WrittenBenchmark>,
    #[serde(default)]
    expect: Vec<WrittenExpectation>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WorkspaceSettings {
    tour: Option<WrittenTour>,
    margins: Option<Value>,
    layers: Option<Value>,
    selftest: Option<WrittenSelftest>,
    /// The verb `test` reads this part itself.
    #[serde(rename = "test")]
    _test: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenBenchmark {
    control: Option<String>,
    #[serde(default)]
    unit: WrittenUnit,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum WrittenUnit {
    #[default]
    Ns,
    Bytes,
    Percent,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenExpectation {
    less_or_equal: Vec<WrittenTerm>,
    because: Option<String>,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "an entry of `less_or_equal` is an id, a list of ids, or a table with `id` and `per`"
)]
enum WrittenTerm {
    One(String),
    Sum(Vec<String>),
    Per { id: String, per: f64 },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTour {
    suite: String,
    #[serde(default)]
    before: WrittenFeatures,
    #[serde(default)]
    after: WrittenFeatures,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WrittenSelftest {
    suite: String,
    #[serde(default)]
    features: Vec<String>,
    slowdown_variable: String,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
struct WrittenFeatures {
    features: Vec<String>,
    all_features: bool,
    no_default_features: bool,
}

impl From<WrittenBenchmark> for BenchmarkSettings {
    fn from(written: WrittenBenchmark) -> Self {
        Self {
            control: written.control,
            unit: match written.unit {
                WrittenUnit::Ns => Unit::Nanoseconds,
                WrittenUnit::Bytes => Unit::Bytes,
                WrittenUnit::Percent => Unit::Percent,
            },
        }
    }
}

impl From<WrittenExpectation> for Expectation {
    fn from(written: WrittenExpectation) -> Self {
        let term = |written| match written {
            WrittenTerm::One(id) => Term {
                ids: vec![id],
                per: 1.0,
            },
            WrittenTerm::Sum(ids) => Term { ids, per: 1.0 },
            WrittenTerm::Per { id, per } => Term { ids: vec![id], per },
        };
        Self {
            less_or_equal: written.less_or_equal.into_iter().map(term).collect(),
            because: written.because,
        }
    }
}

impl From<WrittenTour> for TourSettings {
    fn from(written: WrittenTour) -> Self {
        Self {
            suite: written.suite,
            before: written.before.into(),
            after: written.after.into(),
        }
    }
}

impl From<WrittenSelftest> for SelftestSettings {
    fn from(written: WrittenSelftest) -> Self {
        Self {
            suite: written.suite,
            features: Features {
                named: written.features,
                ..Features::default()
            },
            slowdown_variable: written.slowdown_variable,
        }
    }
}

impl From<WrittenFeatures> for Features {
    fn from(written: WrittenFeatures) -> Self {
        Self {
            named: written.features,
            all: written.all_features,
            no_default: written.no_default_features,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(toml: &str) -> Result<PackageSettings> {
        let value: Value = toml::from_str(toml).expect("TOML");
        settings(value, "package.metadata.yardstick", "Cargo.toml")
    }

    #[test]
    fn a_benchmark_has_a_control_and_a_unit() {
        let settings = package(
            "[benchmarks.'m/tell']\ncontrol = 'm/mpsc'\n[benchmarks.'m/rss']\nunit = 'bytes'",
        )
        .expect("valid");
        let benchmarks: BTreeMap<String, BenchmarkSettings> = settings
            .benchmarks
            .into_iter()
            .map(|(id, written)| (id, written.into()))
            .collect();
        assert_eq!(benchmarks["m/tell"].control.as_deref(), Some("m/mpsc"));
        assert_eq!(benchmarks["m/tell"].unit, Unit::Nanoseconds);
        assert_eq!(benchmarks["m/rss"].unit, Unit::Bytes);
    }

    #[test]
    fn a_self_test_names_its_suite_and_the_variable_of_its_slowdown() {
        let read = |toml: &str| {
            let value: Value = toml::from_str(toml).expect("TOML");
            settings::<WorkspaceSettings>(value, "workspace.metadata.yardstick", "Cargo.toml")
        };
        let written = read("[selftest]\nsuite = 's'\nfeatures = ['f']\nslowdown-variable = 'V'")
            .expect("valid")
            .selftest
            .expect("it is there");
        let settings = SelftestSettings::from(written);
        assert_eq!(settings.suite, "s");
        assert_eq!(settings.features.named, ["f"]);
        assert_eq!(settings.slowdown_variable, "V");
        let error = read("[selftest]\nsuite = 's'").err().expect("no variable");
        assert!(error.to_string().contains("slowdown-variable"), "{error}");
    }

    #[test]
    fn an_expectation_takes_ids_sums_and_shares() {
        let settings =
            package("[[expect]]\nless_or_equal = ['a', ['b', 'c'], { id = 'd', per = 10 }]")
                .expect("valid");
        let expectation: Expectation = settings.expect.into_iter().next().expect("one").into();
        let term = |ids: &[&str], per| Term {
            ids: ids.iter().map(|id| (*id).to_owned()).collect(),
            per,
        };
        assert_eq!(
            expectation.less_or_equal,
            [
                term(&["a"], 1.0),
                term(&["b", "c"], 1.0),
                term(&["d"], 10.0)
            ]
        );
    }

    #[test]
    fn what_has_no_meaning_is_refused_with_the_place_and_the_word() {
        for (toml, word) in [
            ("[benchmark.x]", "benchmark"),
            ("[benchmarks.x]\nunits = 'ns'", "units"),
            ("[benchmarks.x]\nunit = 'furlongs'", "furlongs"),
            ("[[expect]]\nless_or_equal = [3]", "less_or_equal"),
        ] {
            let error = package(toml).err().expect("it has no meaning").to_string();
            assert!(
                error.contains("`[package.metadata.yardstick]` in `Cargo.toml`"),
                "{error}"
            );
            assert!(error.contains(word), "{error}");
        }
    }
}
