//! The executables of a side: each side has a target folder of its own, and every link is kept.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use camino::{Utf8Path, Utf8PathBuf};

use crate::{
    cmd::{
        Context,
        selection::Selection,
        suites::{self, BuildVariant},
    },
    host::{BuildPlan, Built, OnFailure, linker},
    model::{
        digest::sha256,
        revision::Build,
        suite::{BenchExecutable, Suite, Workspace},
    },
    parse,
    problem::Problem,
};

/// Every function begins at a multiple of 64 bytes, which takes much of the chance out of what lies where.
const ALIGNED: &str = "-Cllvm-args=-align-all-functions=6";

/// Where executables believe that they were built: identical sources then give identical executables.
pub const SOURCE_PLACE: &str = "/yardstick/source";
const TARGET_PLACE: &str = "/yardstick/target";

/// Of the compiler's errors, how many lines are quoted.
const QUOTED_LINES: usize = 20;

/// What to build.
#[derive(Clone, Debug)]
pub struct Order {
    /// What the side is called.
    pub name: String,
    /// The workspace at the side's sources.
    pub workspace: Workspace,
    /// The root of the sources: that of the repository, or of the workspace outside of one.
    pub source: Utf8PathBuf,
    /// The suites.
    pub suites: Vec<Suite>,
    /// Features and Cargo profile.
    pub selection: Selection,
    /// What differs from how the rounds' executables are built, its target folder excepted.
    pub variant: BuildVariant,
    /// The folder for target folders.
    pub folder: Utf8PathBuf,
}

/// What became of it.
#[derive(Clone, Debug)]
pub struct Made {
    /// The executables, in suite order.
    pub executables: Vec<BenchExecutable>,
    /// The suites that could not be built, with why.
    pub unbuilt: Vec<(Suite, Problem)>,
    /// How they were built.
    pub build: Build,
}

/// Builds all orders side by side, each in a target folder of its own.
///
/// # Errors
/// If cargo cannot be started, or gives an executable of another target folder.
pub fn build_all(context: &Context<'_>, orders: &[Order]) -> Result<Vec<Made>> {
    let mut targets = BTreeSet::new();
    let mut plans = Vec::new();
    let mut builds = Vec::new();
    for order in orders {
        let (plan, build) = plan(context, order, &mut targets)?;
        plans.push(plan);
        builds.push(build);
    }
    // Without a single suite cargo would build all that there is.
    let wanted: Vec<usize> = (0..orders.len())
        .filter(|at| !orders[*at].suites.is_empty())
        .collect();
    let mut built = build_plans(context, orders, &plans, &wanted)?.into_iter();
    let mut made = Vec::new();
    for (at, build) in builds.into_iter().enumerate() {
        made.push(match wanted.contains(&at) {
            true => {
                let built = built.next().context("a build has no result")?;
                result(&orders[at], &plans[at], build, &built)?
            }
            false => Made {
                executables: Vec::new(),
                unbuilt: Vec::new(),
                build,
            },
        });
    }
    Ok(made)
}

fn build_plans(
    context: &Context<'_>,
    orders: &[Order],
    plans: &[BuildPlan],
    wanted: &[usize],
) -> Result<Vec<Built>> {
    let plans: Vec<BuildPlan> = wanted.iter().map(|at| plans[*at].clone()).collect();
    let names: Vec<String> = wanted
        .iter()
        .map(|at| format!("`{}`", orders[*at].name))
        .collect();
    let title = format!("building {}", names.join(" and "));
    let progress = context.host.progress(&title, 0);
    context.host.build_all(&plans, &mut |position, line| {
        let line = anstream::adapter::strip_str(line).to_string();
        progress.say(&format!("{}: {}", names[position], line.trim()));
    })
}

fn plan(
    context: &Context<'_>,
    order: &Order,
    targets: &mut BTreeSet<Utf8PathBuf>,
) -> Result<(BuildPlan, Build)> {
    let root = &order.workspace.root;
    let facts = context.host.toolchain(root)?;
    let host = parse::flags::host_triple(&facts.rustc).unwrap_or_default();
    let mut rustflags = suites::rustflags(context, &order.workspace)?;
    let users_linker = parse::users_linker::linker(parse::users_linker::Sources {
        rustflags: &rustflags,
        variable: context
            .host
            .variable(&parse::users_linker::variable(host))
            .as_deref(),
        config_files: &facts.config_files,
        host,
        cfg: &facts.cfg,
    })?;
    rustflags.push(ALIGNED.to_owned());
    rustflags.extend(order.variant.added_rustflags.iter().cloned());
    let lockfile = context.host.read_file(&root.join("Cargo.lock"))?;
    let typed = order.selection.cargo_profile.as_ref();
    let cargo_profile = typed.or(order.variant.cargo_profile.as_ref()).cloned();
    let build = Build {
        rustc: facts.rustc.lines().map(str::to_owned).collect(),
        cargo_profile: cargo_profile.clone().unwrap_or_else(|| "bench".to_owned()),
        features: order.selection.features.clone(),
        rustflags: rustflags.clone(),
        lockfile_sha256: lockfile.map(|bytes| sha256(&bytes)),
    };
    let target = free_target(&order.folder, &build, targets);
    rustflags.extend([
        format!("-Clinker={}", context.host.linker(&users_linker)?),
        format!("--remap-path-prefix={}={SOURCE_PLACE}", order.source),
        format!("--remap-path-prefix={target}={TARGET_PLACE}"),
    ]);
    let mut packages: Vec<String> = order
        .suites
        .iter()
        .filter_map(|suite| Some(order.workspace.packages.get(&suite.package)?.id.clone()))
        .collect();
    packages.dedup();
    let plan = BuildPlan {
        workspace_root: root.clone(),
        packages,
        suites: order
            .suites
            .iter()
            .map(|suite| suite.name.clone())
            .collect(),
        target: None,
        features: order.selection.features.clone(),
        cargo_profile,
        rustflags: Some(rustflags),
        environment: BTreeMap::from([
            (linker::USERS_LINKER.to_owned(), users_linker),
            // Configuration may move what is built out of the target folder, to where sides would meet.
            ("CARGO_BUILD_BUILD_DIR".to_owned(), target.to_string()),
        ]),
        target_directory: Some(target),
        on_failure: OnFailure::KeepGoing,
        offline: order.selection.offline,
        locked: order.selection.locked,
        config: order.variant.config.clone(),
    };
    Ok((plan, build))
}

/// The target folder of a build: its own among those of this source, and of this run.
fn free_target(folder: &Utf8Path, build: &Build, taken: &mut BTreeSet<Utf8PathBuf>) -> Utf8PathBuf {
    let mut twin = 0;
    loop {
        let target = folder.join(build_key(build, twin));
        if taken.insert(target.clone()) {
            return target;
        }
        twin += 1;
    }
}

/// The name of the target folder: all that decides what comes out of the same sources, in a fixed length, so that
/// paths of both sides are equally long.
fn build_key(build: &Build, twin: u32) -> String {
    let parts = [
        format!("{:?}", build.rustc),
        build.cargo_profile.clone(),
        format!("{:?}", build.features),
        format!("{:?}", build.rustflags),
        twin.to_string(),
    ];
    sha256(parts.join("\0").as_bytes())[..16].to_owned()
}

fn result(order: &Order, plan: &BuildPlan, build: Build, built: &Built) -> Result<Made> {
    let messages = &built.messages;
    let executables = parse::cargo::executables(messages, &order.workspace, &order.suites)?;
    refuse_foreign(order, plan, &executables)?;
    let errors = parse::cargo::compile_errors(messages)?;
    let missing = order.suites.iter().filter(|suite| {
        let mut there = executables.iter();
        !there.any(|executable| executable.suite == **suite)
    });
    let unbuilt = missing
        .map(|suite| (suite.clone(), why_unbuilt(order, suite, &errors, built)))
        .collect();
    Ok(Made {
        executables,
        unbuilt,
        build,
    })
}

/// What cargo hands over must come from this side's own folder: an executable of another side would have us compare
/// that side with itself, and certify any change.
fn refuse_foreign(order: &Order, plan: &BuildPlan, executables: &[BenchExecutable]) -> Result<()> {
    let own = plan.target_directory.as_deref();
    let foreign = executables
        .iter()
        .find(|executable| own.is_none_or(|own| !executable.path.starts_with(own)));
    match foreign {
        None => Ok(()),
        Some(executable) => Err(Problem::failure(format!(
            "cargo built the suite `{}` of `{}` outside of the side's own target folder",
            executable.suite.label, order.name
        ))
        .fact(format!("found: `{}`", executable.path))
        .fact(format!(
            "wanted: below `{}`",
            own.map_or("", Utf8Path::as_str)
        ))
        .hint("remove `build.build-dir` from cargo's configuration for this run")
        .into()),
    }
}

fn why_unbuilt(
    order: &Order,
    suite: &Suite,
    errors: &[parse::cargo::CompileError],
    built: &Built,
) -> Problem {
    let package = order.workspace.packages.get(&suite.package);
    let own = errors.iter().find(|error| {
        error.of_bench
            && error.target == suite.name
            && package.is_some_and(|package| package.root == error.package_root)
    });
    let problem = Problem::failure(format!(
        "cannot build the suite `{}` of `{}`",
        suite.label, order.name
    ));
    // What it depends on may have failed, and then it was not even tried.
    let first = own.or_else(|| errors.iter().find(|error| !error.of_bench));
    let diagnostics = anstream::adapter::strip_bytes(&built.diagnostics).into_vec();
    let diagnostics = String::from_utf8_lossy(&diagnostics).into_owned();
    match first {
        Some(error) => quoted(problem, "rustc", error.text.lines()),
        None => quoted(problem, "cargo", complaints(&diagnostics)),
    }
}

/// Cargo's own lines without those of its progress.
fn complaints(diagnostics: &str) -> impl Iterator<Item = &str> {
    let progress = [
        "Compiling",
        "Blocking",
        "Downloading",
        "Downloaded",
        "Updating",
        "Locking",
        "Adding",
        "Fresh",
    ];
    diagnostics.lines().filter(move |line| {
        let word = line.split_whitespace().next().unwrap_or_default();
        !progress.contains(&word)
    })
}

fn quoted<'a>(problem: Problem, program: &str, lines: impl Iterator<Item = &'a str>) -> Problem {
    lines
        .filter(|line| !line.trim().is_empty())
        .take(QUOTED_LINES)
        .fold(problem, |problem, line| {
            problem.fact(format!("{program}: {line}"))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::revision::Features;

    fn build() -> Build {
        Build {
            rustc: vec!["rustc 1.95.0".to_owned()],
            cargo_profile: "bench".to_owned(),
            features: Features::default(),
            rustflags: vec![ALIGNED.to_owned()],
            lockfile_sha256: None,
        }
    }

    #[test]
    fn whatever_changes_the_code_changes_the_target_folder_and_not_its_length() {
        let other_features = Features {
            named: vec!["fast".to_owned()],
            ..Features::default()
        };
        let others = [
            Build {
                rustc: vec!["rustc 1.96.0".to_owned()],
                ..build()
            },
            Build {
                cargo_profile: "release".to_owned(),
                ..build()
            },
            Build {
                features: other_features,
                ..build()
            },
            Build {
                rustflags: Vec::new(),
                ..build()
            },
        ];
        let mut keys: BTreeSet<String> = others.iter().map(|other| build_key(other, 0)).collect();
        keys.insert(build_key(&build(), 0));
        keys.insert(build_key(&build(), 1));
        assert_eq!(keys.len(), others.len() + 2, "{keys:?}");
        assert!(keys.iter().all(|key| key.len() == 16), "{keys:?}");
        assert_eq!(build_key(&build(), 0), build_key(&build(), 0));
    }

    #[test]
    fn two_sides_never_share_a_target_folder() {
        let mut taken = BTreeSet::new();
        let first = free_target("/c".into(), &build(), &mut taken);
        let second = free_target("/c".into(), &build(), &mut taken);
        assert_ne!(first, second);
        assert_eq!(first.as_str().len(), second.as_str().len());
    }

    #[test]
    fn of_what_cargo_says_its_progress_is_left_out() {
        let said = "    Updating index\nerror: no matching package named `x`\n   Compiling a v1.0.0\nlocation searched: here\n";
        let left: Vec<&str> = complaints(said).collect();
        assert_eq!(
            left,
            [
                "error: no matching package named `x`",
                "location searched: here"
            ]
        );
    }
}
