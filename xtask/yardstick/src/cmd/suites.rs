//! From a command line to executables and the benchmarks in them; `bench` and `profile` begin so.

use std::collections::BTreeMap;

use anyhow::Result;
use camino::Utf8PathBuf;

use super::{
    Context,
    did_you_mean::{list_shortly, nearest},
    selection::{Chosen, Selection, missing_features},
};
use crate::{
    config,
    host::{BenchPlan, BenchRun, BuildPlan, MetadataRequest, OnFailure},
    model::{
        suite::{BenchExecutable, Suite, Workspace},
        target::Target,
    },
    parse,
    problem::Problem,
};

/// How long an executable may take to list its benchmarks before it counts as hung, in seconds, where nobody says it.
pub const LISTING_LIMIT_SECONDS: f64 = 60.0;

/// A suite with the benchmarks that are meant in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The suite, built.
    pub executable: BenchExecutable,
    /// All ids that it has, in its own order.
    pub all_ids: Vec<String>,
    /// Those of them that are meant.
    pub ids: Vec<String>,
}

/// What makes a build differ from that of `cargo bench`.
#[derive(Clone, Debug, Default)]
pub struct BuildVariant {
    /// The Cargo profile, where the user names none.
    pub cargo_profile: Option<String>,
    /// `--config` values.
    pub config: Vec<String>,
    /// Flags for rustc besides the user's.
    pub added_rustflags: Vec<String>,
    /// The target folder, where it is not cargo's own.
    pub target_directory: Option<Utf8PathBuf>,
}

/// Reads the workspace around the working directory, or of `--manifest-path`.
///
/// # Errors
/// If there is none, or a manifest of it is wrong.
pub fn discover(context: &Context<'_>, selection: &Selection) -> Result<Workspace> {
    let request = MetadataRequest {
        manifest_path: context.manifest_path.clone(),
        offline: selection.offline,
        locked: selection.locked,
    };
    config::workspace(&context.host.cargo_metadata(&request)?)
}

/// Builds the chosen suites.
///
/// # Errors
/// If cargo cannot build them: its messages go to stderr as they are, and the problem names what failed.
pub fn build(
    context: &Context<'_>,
    workspace: &Workspace,
    selection: &Selection,
    suites: &[Suite],
    variant: &BuildVariant,
) -> Result<Vec<BenchExecutable>> {
    let plan = build_plan(context, workspace, selection, suites, variant)?;
    let messages = messages_of(context, &plan, &|| match suites {
        [one] => format!("the suite `{}` of package `{}`", one.name, one.package),
        _ => "the suites".to_owned(),
    })?;
    parse::cargo::executables(&messages, workspace, suites)
}

/// Builds another target than suites; `None` where cargo made no executable of it.
///
/// # Errors
/// If cargo cannot build it.
pub fn build_target(
    context: &Context<'_>,
    workspace: &Workspace,
    selection: &Selection,
    target: &Target,
    variant: &BuildVariant,
) -> Result<Option<parse::cargo::Program>> {
    let package = workspace.packages.get(&target.package);
    let plan = BuildPlan {
        packages: package
            .map(|package| package.id.clone())
            .into_iter()
            .collect(),
        target: Some(target.clone()),
        ..build_plan(context, workspace, selection, &[], variant)?
    };
    let messages = messages_of(context, &plan, &|| {
        let noun = target.kind.noun();
        format!(
            "the {noun} `{}` of package `{}`",
            target.name, target.package
        )
    })?;
    parse::cargo::program(&messages, workspace, target)
}

/// The JSON messages of a build; `what` says what is built, where cargo does not say what failed.
fn messages_of(
    context: &Context<'_>,
    plan: &BuildPlan,
    what: &dyn Fn() -> String,
) -> Result<Vec<u8>> {
    let progress = context.host.progress("building", 0);
    let built = context.host.build(plan, &mut |line| {
        progress.say(anstream::adapter::strip_str(line).to_string().trim());
    })?;
    drop(progress);
    if !built.exit.is_success() {
        let diagnostics = String::from_utf8_lossy(&built.diagnostics);
        context
            .host
            .note(&format!("{}\n\n", diagnostics.trim_end()));
        let plain = anstream::adapter::strip_str(&diagnostics).to_string();
        let what = parse::cargo::failed_unit(&plain).unwrap_or_else(what);
        return Err(Problem::failure(format!("cannot build {what}"))
            .fact("cargo's messages are above")
            .into());
    }
    Ok(built.messages)
}

fn build_plan(
    context: &Context<'_>,
    workspace: &Workspace,
    selection: &Selection,
    suites: &[Suite],
    variant: &BuildVariant,
) -> Result<BuildPlan> {
    let mut packages: Vec<String> = suites
        .iter()
        .filter_map(|suite| Some(workspace.packages.get(&suite.package)?.id.clone()))
        .collect();
    packages.dedup();
    let rustflags = match variant.added_rustflags.as_slice() {
        [] => None,
        added => {
            let mut flags = rustflags(context, workspace)?;
            flags.extend(added.iter().cloned());
            Some(flags)
        }
    };
    Ok(BuildPlan {
        workspace_root: workspace.root.clone(),
        packages,
        suites: suites.iter().map(|suite| suite.name.clone()).collect(),
        target: None,
        features: selection.features.clone(),
        cargo_profile: selection
            .cargo_profile
            .clone()
            .or_else(|| variant.cargo_profile.clone()),
        config: variant.config.clone(),
        rustflags,
        target_directory: variant.target_directory.clone(),
        environment: BTreeMap::new(),
        on_failure: OnFailure::Stop,
        offline: selection.offline,
        locked: selection.locked,
    })
}

/// The flags for rustc that the user's environment and cargo configuration ask for.
///
/// # Errors
/// If the compiler cannot be asked or a configuration file is not TOML.
pub fn rustflags(context: &Context<'_>, workspace: &Workspace) -> Result<Vec<String>> {
    let facts = context.host.toolchain(&workspace.root)?;
    let texts: Vec<&str> = facts
        .config_files
        .iter()
        .map(|(_, text)| text.as_str())
        .collect();
    parse::flags::rustflags(parse::flags::Sources {
        environment: &facts.environment,
        config_files: &texts,
        rustc: &facts.rustc,
        cfg: &facts.cfg,
    })
}

/// Asks every executable for its benchmarks, and keeps the meant ones.
///
/// Executables that are no Criterion suites are named on stderr and left alone.
///
/// # Errors
/// If an executable crashes or hangs, or the filter matches nothing.
pub fn list(
    context: &Context<'_>,
    workspace: &Workspace,
    executables: Vec<BenchExecutable>,
    id_part: Option<&str>,
) -> Result<Vec<Listed>> {
    let mut listed = Vec::new();
    for executable in executables {
        match ask(context, workspace, &executable, LISTING_LIMIT_SECONDS)? {
            Answered::Ids(all_ids) => listed.push(Listed {
                ids: all_ids
                    .iter()
                    .filter(|id| id_part.is_none_or(|part| id.contains(part)))
                    .cloned()
                    .collect(),
                all_ids,
                executable,
            }),
            Answered::OtherHarness(harness) => context.warn(&format!(
                "the suite `{}` has {harness}, so it is left alone",
                executable.suite.label
            )),
            Answered::Failed(problem) => return Err(problem.into()),
        }
    }
    if listed.is_empty() {
        return Err(Problem::usage("none of the suites is a Criterion suite")
            .hint("a Criterion suite has `harness = false` in its `[[bench]]` table and ends with `criterion_main!`")
            .into());
    }
    let found = std::mem::take(&mut listed);
    let (meant, others): (Vec<Listed>, Vec<Listed>) =
        found.into_iter().partition(|suite| !suite.ids.is_empty());
    match (meant.is_empty(), id_part) {
        (true, Some(part)) => Err(nothing_matches(part, &others).into()),
        (true, None) => Err(Problem::usage("the suites hold no benchmarks").into()),
        _ => Ok(meant),
    }
}

/// What an executable says when it is asked for its benchmarks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answered {
    /// Its ids, in its own order.
    Ids(Vec<String>),
    /// That it is no Criterion suite; which harness it has instead.
    OtherHarness(&'static str),
    /// Nothing that can be used: it crashed, or was killed because it hung.
    Failed(Problem),
}

/// Asks an executable for its benchmarks, and kills it after so many seconds.
///
/// # Errors
/// If it cannot be started, or a signal asked us to end.
pub fn ask(
    context: &Context<'_>,
    workspace: &Workspace,
    executable: &BenchExecutable,
    limit_seconds: f64,
) -> Result<Answered> {
    let plan = bench_plan(workspace, executable, vec!["--list".to_owned()]);
    let run = context.host.bench_within(&plan, limit_seconds)?;
    let suite = &executable.suite;
    Ok(match run {
        Some(run) => answered(suite, &run),
        None => {
            let what = format!("the suite `{}` does not list its benchmarks", suite.label);
            let fact = format!("it was still running after {limit_seconds:.0} s and was killed");
            Answered::Failed(Problem::failure(what).fact(fact))
        }
    })
}

fn answered(suite: &Suite, run: &BenchRun) -> Answered {
    const NOT_CRITERION: &str = "a harness that is not Criterion";
    if run.exit.is_success() {
        return match parse::criterion::listed_ids(&run.stdout) {
            Some(ids) => Answered::Ids(ids),
            None => Answered::OtherHarness(NOT_CRITERION),
        };
    }
    if run.stderr.contains("Unrecognized option") {
        return Answered::OtherHarness("the libtest harness");
    }
    if run.stderr.contains("unexpected argument") {
        return Answered::OtherHarness(NOT_CRITERION);
    }
    Answered::Failed(crashed(suite, "cannot list its benchmarks", run))
}

/// The problem with an executable that ended badly: what it ran, and what it wrote last, quoted.
pub fn crashed(suite: &Suite, what: &str, run: &BenchRun) -> Problem {
    const QUOTED_LINES: usize = 20;
    let output = match run.stderr.trim().is_empty() {
        true => &run.stdout,
        false => &run.stderr,
    };
    let running = output.lines().rev().find_map(parse::criterion::running);
    let lines: Vec<&str> = output
        .lines()
        .filter(|line| !line.trim().is_empty() && parse::criterion::running(line).is_none())
        .collect();
    let tail = &lines[lines.len().saturating_sub(QUOTED_LINES)..];
    let mut problem =
        Problem::failure(format!("the suite `{}` {what} ({})", suite.label, run.exit));
    if let Some(id) = running {
        problem = problem.fact(format!("it was running `{id}`"));
    }
    for line in tail {
        problem = problem.fact(format!("{}: {line}", suite.name));
    }
    problem
}

fn nothing_matches(part: &str, listed: &[Listed]) -> Problem {
    let suites: Vec<&str> = listed
        .iter()
        .map(|suite| suite.executable.suite.label.as_str())
        .collect();
    let ids: Vec<&str> = listed
        .iter()
        .flat_map(|suite| &suite.all_ids)
        .map(String::as_str)
        .collect();
    let problem = Problem::usage(format!("no suite and no benchmark id matches `{part}`"))
        .fact(list_shortly("suites", suites.iter().copied()))
        .fact(list_shortly("benchmark ids", ids.iter().copied()));
    let names = listed
        .iter()
        .map(|suite| suite.executable.suite.name.as_str());
    match nearest(part, suites.into_iter().chain(names).chain(ids)) {
        Some(near) => problem.hint(format!("did you mean `{near}`?")),
        None => problem,
    }
}

/// How to run an executable as cargo would.
pub fn bench_plan(
    workspace: &Workspace,
    executable: &BenchExecutable,
    arguments: Vec<String>,
) -> BenchPlan {
    let (root, environment) = as_cargo_runs(workspace, &executable.suite.package);
    BenchPlan {
        executable: executable.path.clone(),
        environment,
        package_root: root,
        library_folders: executable.library_folders.clone(),
        arguments,
        criterion_home: None,
        probe: None,
    }
}

/// The folder of a package, and what cargo sets for its programs.
pub fn as_cargo_runs(
    workspace: &Workspace,
    package: &str,
) -> (Utf8PathBuf, BTreeMap<String, String>) {
    let found = workspace.packages.get(package);
    let root = found.map(|found| found.root.clone()).unwrap_or_default();
    let version = found.map(|found| found.version.clone()).unwrap_or_default();
    let environment = BTreeMap::from([
        ("CARGO_MANIFEST_DIR".to_owned(), root.to_string()),
        (
            "CARGO_MANIFEST_PATH".to_owned(),
            root.join("Cargo.toml").to_string(),
        ),
        ("CARGO_PKG_NAME".to_owned(), package.to_owned()),
        ("CARGO_PKG_VERSION".to_owned(), version),
    ]);
    (root, environment)
}

/// Says which suites cargo does not build, and what they need. The suite of the self-test is meant to be left out, so
/// nothing is said of it.
pub fn name_hidden(
    context: &Context<'_>,
    workspace: &Workspace,
    selection: &Selection,
    chosen: &Chosen,
) {
    let of_selftest = workspace.selftest.as_ref().map(|settings| &settings.suite);
    for suite in &chosen.hidden {
        if of_selftest == Some(&suite.label) {
            continue;
        }
        let features = missing_features(workspace, selection, suite).join(",");
        context.warn(&format!(
            "the suite `{}` is left out: it needs `--features {features}`",
            suite.label
        ));
    }
}
