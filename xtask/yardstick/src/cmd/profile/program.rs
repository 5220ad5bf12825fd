//! `profile --test`, `--lib`, `--bin` and `--example`: programs that are no benches.

use anyhow::Result;

use super::{
    super::{
        Context,
        did_you_mean::{list_shortly, nearest},
        recording::{self, ProgramTake, Taken},
        selection::Selection,
        suites::{self, BuildVariant, Listed},
    },
    source::Source,
};
use crate::{
    host::{MetadataRequest, ProgramPlan},
    model::{
        suite::{BenchExecutable, Suite, Workspace},
        target::{Target, TargetKind},
    },
    parse::{self, cargo::Program},
    problem::Problem,
    symbolize::{Harness, Member},
};

/// A program that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What it is.
    pub kind: TargetKind,
    /// Its name; a package has one library, which needs none.
    pub name: Option<String>,
    /// A part of the names of tests.
    pub filter: Option<String>,
    /// What it is given besides.
    pub arguments: Vec<String>,
}

/// A program, built, with what is to be run of it.
pub(super) struct Found {
    /// The program as a suite with one benchmark: the whole run.
    pub(super) listed: Listed,
    plan: ProgramPlan,
    harness: Harness,
}

/// Finds and builds the program.
///
/// # Errors
/// If there is none of the name, it cannot be built, or its filter matches no test.
pub(super) fn find(
    context: &Context<'_>,
    workspace: &Workspace,
    asked: &Asked,
    selection: &Selection,
    variant: &BuildVariant,
) -> Result<Found> {
    let target = target(context, workspace, asked, selection)?;
    let built = suites::build_target(context, workspace, selection, &target, variant)?;
    let built = built.ok_or_else(|| not_built(&target))?;
    if !built.optimised {
        return Err(unoptimised(&target).into());
    }
    let tests = match target.kind.is_tests() {
        true => list(context, asked, &built),
        false => None,
    };
    let mut arguments = Vec::new();
    if let (Some(filter), Some(tests)) = (&asked.filter, &tests) {
        require_match(filter, tests, &target)?;
        if tests.contains(filter) {
            arguments.push("--exact".to_owned());
        }
    }
    arguments.extend(asked.filter.clone());
    arguments.extend(asked.arguments.iter().cloned());
    let (package_root, environment) = suites::as_cargo_runs(workspace, &target.package);
    Ok(Found {
        plan: ProgramPlan {
            executable: built.path.clone(),
            arguments,
            // As cargo does: tests run in the folder of their package, programs where the user is.
            working_directory: match target.kind.is_tests() {
                true => package_root,
                false => context.host.working_directory()?,
            },
            environment,
            library_folders: built.library_folders.clone(),
        },
        harness: match tests {
            Some(_) => Harness::Libtest,
            None => Harness::None,
        },
        listed: listed(asked, target, built),
    })
}

impl Found {
    /// Records one run, or reads what somebody else recorded.
    pub(super) fn record(&self, context: &Context<'_>, source: &Source, id: &str) -> Result<Taken> {
        match source {
            Source::Imported { file } => {
                Ok(recording::imported(context, file)?.of_program(self.harness))
            }
            Source::Recorded {
                sampler, rate_hz, ..
            } => recording::take_program(
                context,
                &ProgramTake {
                    program: &self.plan,
                    id,
                    harness: self.harness,
                    sampler: *sampler,
                    rate_hz: *rate_hz,
                },
            ),
        }
    }

    /// Makes the target's crate known as the workspace's.
    pub(super) fn name_crate(&self, members: &mut [Member]) {
        let suite = &self.listed.executable.suite;
        for member in members.iter_mut().filter(|it| it.package == suite.package) {
            member.crates.push(suite.name.clone());
        }
    }
}

fn target(
    context: &Context<'_>,
    workspace: &Workspace,
    asked: &Asked,
    selection: &Selection,
) -> Result<Target> {
    if !selection.suites.is_empty() {
        return Err(
            Problem::usage("`--bench` names a suite, and another target is asked for").into(),
        );
    }
    let metadata = context.host.cargo_metadata(&MetadataRequest {
        manifest_path: context.manifest_path.clone(),
        offline: selection.offline,
        locked: selection.locked,
    })?;
    let mut targets = parse::cargo::targets(&metadata)?;
    require_packages(workspace, selection)?;
    targets.retain(|target| {
        target.kind == asked.kind
            && (selection.packages.is_empty() || selection.packages.contains(&target.package))
    });
    Ok(the_one(targets, asked)?)
}

/// The one target that is meant.
fn the_one(targets: Vec<Target>, asked: &Asked) -> Result<Target, Problem> {
    let noun = asked.kind.noun();
    let (mut meant, others): (Vec<Target>, Vec<Target>) = targets
        .into_iter()
        .partition(|target| asked.name.as_ref().is_none_or(|name| *name == target.name));
    if meant.len() > 1 {
        let packages = meant.iter().map(|target| target.package.as_str());
        let what = match &asked.name {
            Some(name) => format!("several packages have the {noun} `{name}`"),
            None => format!("several packages have a {noun}"),
        };
        return Err(Problem::usage(what)
            .fact(list_shortly("packages", packages))
            .hint("add `--package NAME`"));
    }
    meant.pop().ok_or_else(|| {
        let names = || others.iter().map(|target| target.name.as_str());
        let plural = match asked.kind {
            TargetKind::Test => "integration tests",
            TargetKind::Lib => "libraries with tests",
            TargetKind::Bin => "binaries",
            TargetKind::Example => "examples",
        };
        let name = asked.name.as_deref().unwrap_or_default();
        let problem = match &asked.name {
            Some(name) => Problem::usage(format!("no {noun} `{name}` in what is selected"))
                .fact(list_shortly(plural, names())),
            None => Problem::usage(format!("no {noun} with tests in what is selected")),
        };
        match nearest(name, names()) {
            Some(near) => problem.hint(format!("did you mean `{near}`?")),
            None => problem,
        }
    })
}

fn require_packages(workspace: &Workspace, selection: &Selection) -> Result<(), Problem> {
    let known = || workspace.packages.keys().map(String::as_str);
    for package in &selection.packages {
        if !workspace.packages.contains_key(package) {
            let problem = Problem::usage(format!("no package `{package}` in the workspace"))
                .fact(list_shortly("packages", known()));
            return Err(match nearest(package, known()) {
                Some(near) => problem.hint(format!("did you mean `{near}`?")),
                None => problem,
            });
        }
    }
    Ok(())
}

/// The tests that the executable has and that its other arguments mean; `None` where it has another harness, or none.
fn list(context: &Context<'_>, asked: &Asked, built: &Program) -> Option<Vec<String>> {
    let mut command = vec![built.path.as_str()];
    command.extend(asked.arguments.iter().map(String::as_str));
    command.extend(["--list", "--format", "terse"]);
    parse::libtest::listed_tests(&context.host.answer(&command)?)
}

fn require_match(filter: &str, tests: &[String], target: &Target) -> Result<(), Problem> {
    if tests.iter().any(|test| test.contains(filter)) {
        return Ok(());
    }
    let names = || tests.iter().map(String::as_str);
    let noun = target.kind.noun();
    let problem = Problem::usage(format!(
        "no test of the {noun} `{}` matches `{filter}`",
        target.name
    ))
    .fact(list_shortly("tests", names()));
    let last_parts = names().map(|name| name.rsplit("::").next().unwrap_or(name));
    Err(match nearest(filter, names().chain(last_parts)) {
        Some(near) => problem.hint(format!("did you mean `{near}`?")),
        None => problem,
    })
}

fn listed(asked: &Asked, target: Target, built: Program) -> Listed {
    let id = id(asked, &target);
    Listed {
        executable: BenchExecutable {
            suite: Suite {
                label: target.name.clone(),
                package: target.package,
                name: target.name,
                required_features: Vec::new(),
            },
            path: built.path,
            optimised: built.optimised,
            library_folders: built.library_folders,
        },
        all_ids: vec![id.clone()],
        ids: vec![id],
    }
}

/// What the profile is called: the words that mean it, so that it is no benchmark's id and tells what was given.
fn id(asked: &Asked, target: &Target) -> String {
    let words = [target.kind.word(), &target.name].into_iter();
    let rest = asked.filter.iter().chain(&asked.arguments);
    let words: Vec<&str> = words.chain(rest.map(String::as_str)).collect();
    words.join(" ")
}

fn not_built(target: &Target) -> Problem {
    Problem::failure(format!(
        "cargo made no executable of the {} `{}`",
        target.kind.noun(),
        target.name
    ))
    .hint("features that it requires may be off: add `--features NAMES`")
}

fn unoptimised(target: &Target) -> Problem {
    Problem::usage(format!(
        "the {} `{}` is built without optimisation or with debug assertions: its profile would not be that of the program",
        target.kind.noun(),
        target.name
    ))
    .hint("leave `--cargo-profile` out")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(package: &str, name: &str) -> Target {
        Target {
            package: package.to_owned(),
            kind: TargetKind::Test,
            name: name.to_owned(),
        }
    }

    fn asked(name: &str) -> Asked {
        Asked {
            kind: TargetKind::Test,
            name: Some(name.to_owned()),
            filter: None,
            arguments: Vec::new(),
        }
    }

    #[test]
    fn an_unknown_target_is_told_with_those_there_are() {
        let targets = vec![target("a", "engine"), target("a", "store")];
        let problem = the_one(targets, &asked("engin")).expect_err("there is none");
        assert_eq!(
            problem.to_string(),
            "no integration test `engin` in what is selected\n  integration tests: `engine`, `store`\n\n\
             hint: did you mean `engine`?"
        );
    }

    #[test]
    fn a_name_in_two_packages_asks_for_the_package() {
        let targets = vec![target("a", "e2e"), target("b", "e2e")];
        let problem = the_one(targets, &asked("e2e")).expect_err("there are two");
        assert_eq!(
            problem.to_string(),
            "several packages have the integration test `e2e`\n  packages: `a`, `b`\n\nhint: add `--package NAME`"
        );
    }

    #[test]
    fn a_filter_that_matches_no_test_is_told_with_those_there_are() {
        let tests = ["engine::runs".to_owned(), "stops".to_owned()];
        assert!(require_match("run", &tests, &target("a", "e2e")).is_ok());
        let problem = require_match("rums", &tests, &target("a", "e2e")).expect_err("none");
        assert_eq!(
            problem.to_string(),
            "no test of the integration test `e2e` matches `rums`\n  tests: `engine::runs`, `stops`\n\n\
             hint: did you mean `runs`?"
        );
    }

    #[test]
    fn what_was_given_is_in_the_id() {
        let mut asked = asked("e2e");
        asked.filter = Some("runs".to_owned());
        asked.arguments = vec!["--nocapture".to_owned()];
        assert_eq!(id(&asked, &target("a", "e2e")), "test e2e runs --nocapture");
    }
}
