//! What to build: cargo's own selection, and which of it a filter means.

use std::collections::BTreeSet;

use anyhow::Result;

use super::did_you_mean::{list_shortly, nearest};
use crate::{
    cli::CargoOptions,
    model::{
        revision::Features,
        suite::{Package, Suite, Workspace},
    },
    problem::Problem,
};

/// Cargo's own selection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Packages by name; all members without one.
    pub packages: Vec<String>,
    /// Bench targets by name; all without one.
    pub suites: Vec<String>,
    /// Features to build with.
    pub features: Features,
    /// The Cargo profile; `bench` without it.
    pub cargo_profile: Option<String>,
    /// Whether cargo must not touch the network.
    pub offline: bool,
    /// Whether cargo must not change the lock file.
    pub locked: bool,
}

impl From<CargoOptions> for Selection {
    fn from(typed: CargoOptions) -> Self {
        Self {
            packages: typed.package,
            suites: typed.bench,
            features: Features {
                named: typed.features,
                all: typed.all_features,
                no_default: typed.no_default_features,
            },
            cargo_profile: typed.cargo_profile,
            offline: typed.offline,
            locked: typed.locked,
        }
    }
}

/// The suites that a command line means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Those that cargo builds.
    pub suites: Vec<Suite>,
    /// Those that it does not, because they need features that are off.
    pub hidden: Vec<Suite>,
    /// What is left of the filter: a part of benchmark ids.
    pub id_part: Option<String>,
}

/// Finds the suites that a selection and a filter mean.
///
/// # Errors
/// If a package or a suite is unknown, or nothing is left.
pub fn choose(
    workspace: &Workspace,
    selection: &Selection,
    filter: Option<&str>,
) -> Result<Chosen> {
    let mut suites = workspace.suites.clone();
    if !selection.packages.is_empty() {
        let packages = known(
            &selection.packages,
            workspace.packages.keys(),
            "package",
            "the workspace",
        )?;
        suites.retain(|suite| packages.contains(&suite.package));
    }
    if !selection.suites.is_empty() {
        let names = known(
            &selection.suites,
            suites.iter().map(|suite| &suite.name),
            "suite",
            "the selected packages",
        )?;
        suites.retain(|suite| names.contains(&suite.name));
    }
    if suites.is_empty() {
        return Err(no_suites(workspace, selection).into());
    }
    let is_meant = |suite: &Suite, filter: &str| {
        suite.name == filter
            || suite.label == filter
            || filter == format!("{}/{}", suite.package, suite.name)
    };
    let mut id_part = filter.map(str::to_owned);
    if let Some(filter) = filter
        && suites.iter().any(|suite| is_meant(suite, filter))
    {
        suites.retain(|suite| is_meant(suite, filter));
        id_part = None;
    }
    let (suites, hidden): (Vec<Suite>, Vec<Suite>) = suites
        .into_iter()
        .partition(|suite| missing_features(workspace, selection, suite).is_empty());
    if suites.is_empty() {
        return Err(all_hidden(workspace, selection, &hidden).into());
    }
    Ok(Chosen {
        suites,
        hidden,
        id_part,
    })
}

/// The features that a suite requires and the selection does not turn on.
pub fn missing_features(
    workspace: &Workspace,
    selection: &Selection,
    suite: &Suite,
) -> Vec<String> {
    let Some(package) = workspace.packages.get(&suite.package) else {
        return Vec::new();
    };
    let enabled = enabled_features(package, &selection.features);
    let required = suite.required_features.iter();
    // `dependency/feature` cannot be told from the manifest alone; cargo has the last word.
    required
        .filter(|feature| !feature.contains('/') && !enabled.contains(feature.as_str()))
        .cloned()
        .collect()
}

fn enabled_features<'a>(package: &'a Package, features: &'a Features) -> BTreeSet<&'a str> {
    let mut open: Vec<&str> = match features.all {
        true => package.features.keys().map(String::as_str).collect(),
        false => features
            .named
            .iter()
            .filter_map(|named| match named.split_once('/') {
                Some((of, feature)) => (of == package.name).then_some(feature),
                None => Some(named.as_str()),
            })
            .collect(),
    };
    if !features.no_default {
        open.push("default");
    }
    let mut enabled = BTreeSet::new();
    while let Some(feature) = open.pop() {
        if enabled.insert(feature) {
            open.extend(
                package
                    .features
                    .get(feature)
                    .into_iter()
                    .flatten()
                    .map(String::as_str),
            );
        }
    }
    enabled
}

fn known<'a>(
    typed: &[String],
    candidates: impl Iterator<Item = &'a String> + Clone,
    kind: &str,
    place: &str,
) -> Result<BTreeSet<String>> {
    let known: BTreeSet<&String> = candidates.collect();
    for name in typed {
        if !known.contains(name) {
            let mut problem = Problem::usage(format!("no {kind} `{name}` in {place}")).fact(
                list_shortly(&format!("{kind}s"), known.iter().map(|name| name.as_str())),
            );
            if let Some(near) = nearest(name, known.iter().map(|name| name.as_str())) {
                problem = problem.hint(format!("did you mean `{near}`?"));
            }
            return Err(problem.into());
        }
    }
    Ok(typed.iter().cloned().collect())
}

fn no_suites(workspace: &Workspace, selection: &Selection) -> Problem {
    let place = match selection.packages.as_slice() {
        [] => format!("the workspace `{}`", workspace.root),
        [one] => format!("the package `{one}`"),
        many => format!("the packages `{}`", many.join("`, `")),
    };
    let problem = Problem::usage(format!("no bench target in {place}"));
    match workspace.suites.is_empty() {
        true => problem.hint("add a Criterion bench: a file in `benches/`, and `[[bench]]` with `harness = false` in `Cargo.toml`"),
        false => problem.fact(list_shortly("suites elsewhere", workspace.suites.iter().map(|suite| suite.label.as_str()))),
    }
}

fn all_hidden(workspace: &Workspace, selection: &Selection, hidden: &[Suite]) -> Problem {
    let mut missing = BTreeSet::new();
    let what = match hidden {
        [one] => format!(
            "cargo does not build the suite `{}`: features that it requires are off",
            one.label
        ),
        _ => "cargo builds none of the suites: features that they require are off".to_owned(),
    };
    let mut problem = Problem::usage(what);
    for suite in hidden {
        let features = missing_features(workspace, selection, suite);
        problem = problem.fact(format!(
            "`{}` requires `{}`",
            suite.label,
            features.join("`, `")
        ));
        missing.extend(features);
    }
    let missing: Vec<String> = missing.into_iter().collect();
    problem.hint(format!("add `--features {}`", missing.join(",")))
}
