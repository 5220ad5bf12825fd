//! `tour`: the whole job, before and after a real change, in a scratch store.
//!
//! Every step is a command that a user would type: it is shown, and what is shown is what runs.

use anstyle::Style;
use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use super::{Context, dispatch, parse, selection::Selection, suites};
use crate::{
    cli,
    model::{
        revision::Features,
        suite::{TourSettings, Workspace},
    },
    problem::Problem,
};

/// The captures of a tour.
const BEFORE: &str = "pre";
const AFTER: &str = "post";

/// Seconds to record each benchmark: a tour is to be over in minutes.
const RECORDED_SECONDS: &str = "2";

/// What the rounds of the comparison may take.
const SETTLED_IN: &str = "60s";

const COMMAND: Style = Style::new().bold();

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// Where to put the scratch store; below the target folder without it.
    pub store: Option<Utf8PathBuf>,
}

impl From<cli::Tour> for Request {
    fn from(typed: cli::Tour) -> Self {
        Self { store: typed.store }
    }
}

/// Does it.
///
/// # Errors
/// If the workspace names no tour, or a step of it fails.
pub fn run(context: &Context<'_>, request: Request) -> Result<()> {
    let workspace = suites::discover(context, &Selection::default())?;
    let Some(tour) = &workspace.tour else {
        return Err(no_tour(&workspace).into());
    };
    let store = scratch_store(context, &workspace, request.store)?;
    say(context, &introduction(tour, &context.shown(&store)));
    let mut scratch = context.clone();
    scratch.store = Some(store.clone());
    for step in steps(tour) {
        say(context, &format!("\n{}", step.why));
        scratch.typed = step.arguments;
        if let Some(path) = &context.manifest_path {
            scratch
                .typed
                .extend(["--manifest-path".to_owned(), path.to_string()]);
        }
        let command = format!("{} {}", context.program(), scratch.typed.join(" "));
        context
            .host
            .note(&format!("{COMMAND}$ {command}{COMMAND:#}\n"));
        let name = std::iter::once(context.program());
        let arguments = name.chain(scratch.typed.iter().map(String::as_str));
        let cli = parse(crate::Invocation::Xtask, arguments.map(Into::into))?;
        dispatch(&scratch, cli.verb)?;
    }
    conclude(context, &store)
}

/// One command of the tour.
struct Step {
    why: String,
    arguments: Vec<String>,
}

fn steps(tour: &TourSettings) -> Vec<Step> {
    let suite = tour.suite.as_str();
    let mut steps = Vec::new();
    for (name, features, when) in [
        (BEFORE, &tour.before, "before the change"),
        (AFTER, &tour.after, "after it"),
    ] {
        let step = |why: String, typed: &[&str]| Step {
            why,
            arguments: typed
                .iter()
                .map(|word| (*word).to_owned())
                .chain(feature_options(features))
                .collect(),
        };
        steps.push(step(
            format!("How fast is `{suite}` {when}? (--quick: a look; leave it out for a baseline)"),
            &["bench", suite, "--quick", "--save", name],
        ));
        steps.push(step(
            format!("Where does its time go {when}?"),
            &[
                "profile",
                suite,
                "--duration",
                RECORDED_SECONDS,
                "--save",
                name,
            ],
        ));
    }
    steps.push(Step {
        why: "What did the change do?".to_owned(),
        // The captures hold profiles, and recording again would take as long as all the rest.
        arguments: [
            "compare",
            BEFORE,
            AFTER,
            "--budget",
            SETTLED_IN,
            "--no-where",
        ]
        .map(str::to_owned)
        .into(),
    });
    steps
}

fn feature_options(features: &Features) -> Vec<String> {
    let mut options = Vec::new();
    if !features.named.is_empty() {
        options.extend(["--features".to_owned(), features.named.join(",")]);
    }
    if features.all {
        options.push("--all-features".to_owned());
    }
    if features.no_default {
        options.push("--no-default-features".to_owned());
    }
    options
}

fn introduction(tour: &TourSettings, store: &str) -> String {
    format!(
        "The whole job on the suite `{}`: measure and profile it before and after a change, then compare.\n\
         The captures go to `{store}`; nothing that you have stored is touched. It takes a few minutes.",
        tour.suite
    )
}

/// A store of our own is emptied; one that the user names is left to the steps, which replace nothing.
fn scratch_store(
    context: &Context<'_>,
    workspace: &Workspace,
    named: Option<Utf8PathBuf>,
) -> Result<Utf8PathBuf> {
    if let Some(named) = named {
        return Ok(context.host.working_directory()?.join(named));
    }
    let store = workspace.target_directory.join("yardstick/tour");
    for name in [BEFORE, AFTER] {
        context.host.remove_capture(&store, name)?;
    }
    Ok(store)
}

fn conclude(context: &Context<'_>, store: &Utf8Path) -> Result<()> {
    let mut pictures = Vec::new();
    for name in [BEFORE, AFTER] {
        let files = context.host.read_capture(store, name)?.unwrap_or_default();
        // The picture nearest the root shows all benchmarks of the suite.
        let whole = files
            .keys()
            .filter(|path| path.ends_with(".svg"))
            .min_by_key(|path| path.matches('/').count());
        pictures.extend(whole.map(|path| context.shown(&store.join(name).join(path))));
    }
    if !pictures.is_empty() {
        let list: String = pictures.iter().map(|path| format!("  {path}\n")).collect();
        say(
            context,
            &format!(
                "\nOpen these in a browser, and the differential flame graphs named above:\n{}",
                list.trim_end()
            ),
        );
    }
    let program = context.program();
    say(
        context,
        &format!(
            "\nYour own turn: `{program} bench --save {BEFORE}`, change the code, `{program} bench --save {AFTER}`, `{program} compare {BEFORE} {AFTER}`."
        ),
    );
    Ok(())
}

fn no_tour(workspace: &Workspace) -> Problem {
    let suite = workspace
        .suites
        .first()
        .map_or("NAME", |suite| suite.label.as_str());
    Problem::usage("this workspace does not say what a tour would show")
        .fact("a tour measures one suite, built in two ways that differ by features")
        .hint(format!(
            "add to `{}`:\n\n[workspace.metadata.yardstick.tour]\nsuite = \"{suite}\"\nbefore = {{ features = [] }}\nafter = {{ features = [\"the-change\"] }}",
            workspace.root.join("Cargo.toml")
        ))
}

fn say(context: &Context<'_>, text: &str) {
    context.host.note(&format!("{text}\n"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_are_commands_that_can_be_typed() {
        let tour = TourSettings {
            suite: "e2e".to_owned(),
            before: Features::default(),
            after: Features {
                named: vec!["a".to_owned(), "b".to_owned()],
                all: false,
                no_default: true,
            },
        };
        let typed: Vec<String> = steps(&tour)
            .iter()
            .map(|step| step.arguments.join(" "))
            .collect();
        assert_eq!(
            typed,
            [
                "bench e2e --quick --save pre",
                "profile e2e --duration 2 --save pre",
                "bench e2e --quick --save post --features a,b --no-default-features",
                "profile e2e --duration 2 --save post --features a,b --no-default-features",
                "compare pre post --budget 60s --no-where",
            ]
        );
        for line in typed {
            let words = std::iter::once("cargo xtask").chain(line.split(' '));
            assert!(
                parse(crate::Invocation::Xtask, words.map(Into::into)).is_ok(),
                "{line}"
            );
        }
    }
}
