//! `bench`: build, run, print a table, store.

use std::collections::BTreeMap;

use anyhow::Result;
use camino::Utf8Path;

use super::{
    Context, captures, counted, kept,
    measure::{self, Effort, Outcome},
    provenance,
    save::Save,
    selection::{Selection, choose},
    suites::{self, BuildVariant, Listed},
};
use crate::{
    analysis, cli,
    model::{
        benchmark::{Benchmark, BenchmarkKey},
        capture::Run,
        revision::Provenance,
        suite::Workspace,
    },
    problem::{ExitCode, Problem},
    render, store,
};

/// What Criterion takes for one benchmark: 3 s of warm-up and 5 s of measurement.
const USUAL_SECONDS: usize = 8;
/// From here on the user is told how long it will take.
const LONG_MINUTES: usize = 10;

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// A suite, or a part of benchmark ids.
    pub filter: Option<String>,
    /// What to do with the benchmarks.
    pub action: Action,
    /// Cargo's own selection.
    pub selection: Selection,
}

/// What to do with the benchmarks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// List them.
    List,
    /// Run each once and time nothing.
    Test,
    /// Measure them.
    Measure {
        /// How long.
        effort: Effort,
        /// Where to store the result.
        save: Option<Save>,
    },
}

impl Default for Action {
    fn default() -> Self {
        Self::Measure {
            effort: Effort::Full,
            save: None,
        }
    }
}

impl From<cli::Bench> for Request {
    fn from(typed: cli::Bench) -> Self {
        let measure = Action::Measure {
            effort: if typed.quick {
                Effort::Quick
            } else {
                Effort::Full
            },
            save: Save::typed(typed.save, typed.overwrite),
        };
        Self {
            filter: typed.filter,
            action: match (typed.list, typed.test) {
                (true, _) => Action::List,
                (_, true) => Action::Test,
                _ => measure,
            },
            selection: typed.cargo.into(),
        }
    }
}

/// Does it.
///
/// # Errors
/// Whatever kept it from being done.
pub fn run(context: &Context<'_>, request: Request) -> Result<()> {
    let workspace = suites::discover(context, &request.selection)?;
    let store = captures::store_folder(context, &workspace);
    if let Action::Measure {
        save: Some(save), ..
    } = &request.action
    {
        // What cannot be stored is better known before the work than after it.
        captures::load_if_there(context, &store, &save.name)?;
    }
    let listed = find(context, &workspace, &request)?;
    match request.action {
        Action::List => context
            .host
            .print(&render::benchmarks::list(&names(&listed))),
        Action::Test => match measure::check(context, &workspace, &listed)? {
            failures if failures.is_empty() => Ok(()),
            failures => Err(all_of(failures).into()),
        },
        Action::Measure { effort, save } => {
            let plan = Plan {
                workspace: &workspace,
                store: &store,
                selection: &request.selection,
                listed: &listed,
            };
            plan.measure(context, effort, save.as_ref())
        }
    }
}

fn find(context: &Context<'_>, workspace: &Workspace, request: &Request) -> Result<Vec<Listed>> {
    let selection = &request.selection;
    let chosen = choose(workspace, selection, request.filter.as_deref())?;
    suites::name_hidden(context, workspace, selection, &chosen);
    let executables = suites::build(
        context,
        workspace,
        selection,
        &chosen.suites,
        &BuildVariant::default(),
    )?;
    suites::list(context, workspace, executables, chosen.id_part.as_deref())
}

fn names(listed: &[Listed]) -> Vec<(&str, Vec<&str>)> {
    listed
        .iter()
        .map(|suite| {
            let ids = suite.ids.iter().map(String::as_str).collect();
            (suite.executable.suite.label.as_str(), ids)
        })
        .collect()
}

/// What a measurement is made from.
struct Plan<'a> {
    workspace: &'a Workspace,
    store: &'a Utf8Path,
    selection: &'a Selection,
    listed: &'a [Listed],
}

impl Plan<'_> {
    fn measure(&self, context: &Context<'_>, effort: Effort, save: Option<&Save>) -> Result<()> {
        refuse_unoptimised(self.listed)?;
        if let Some(save) = save {
            let stored = captures::load_if_there(context, self.store, &save.name)?;
            let held = stored
                .iter()
                .flat_map(|stored| stored.capture.benchmarks())
                .map(|one| &one.key);
            save.refuse_to_replace("benchmarks", held.filter(|key| self.holds(key)))?;
        }
        let executables: Vec<_> = self.listed.iter().map(|suite| &suite.executable).collect();
        let provenance = provenance::gather(
            context,
            self.workspace,
            self.selection,
            &BuildVariant::default(),
            &executables,
        )?;
        self.predict(context, effort);
        let outcome = measure::measure(context, self.workspace, self.listed, effort)?;
        self.show(context, &outcome.benchmarks)?;
        self.conclude(context, outcome, provenance, save)
    }

    /// Says so before work that is longer than most people expect.
    fn predict(&self, context: &Context<'_>, effort: Effort) {
        let count: usize = self.listed.iter().map(|suite| suite.ids.len()).sum();
        let minutes = count * USUAL_SECONDS / 60;
        if effort == Effort::Full && minutes >= LONG_MINUTES {
            context.host.note(&format!(
                "measuring {count} benchmarks; at Criterion's usual {USUAL_SECONDS} s each that takes about {minutes} min. \
                 A filter or `--quick` makes it shorter.\n"
            ));
        }
    }

    fn holds(&self, key: &BenchmarkKey) -> bool {
        self.listed.iter().any(|suite| {
            let of = &suite.executable.suite;
            of.package == key.package && of.name == key.suite && suite.ids.contains(&key.id)
        })
    }

    fn show(&self, context: &Context<'_>, benchmarks: &[Benchmark]) -> Result<()> {
        if benchmarks.is_empty() {
            return Ok(());
        }
        let labels = self.listed.iter().map(|suite| &suite.executable.suite);
        let table = render::benchmarks::table(
            benchmarks,
            &labels.collect::<Vec<_>>(),
            context.host.terminal().width.columns(),
        );
        context.host.print(&table)?;
        let broken = analysis::expectations::broken(self.workspace.packages.values(), benchmarks);
        context
            .host
            .print(&render::benchmarks::broken_expectations(&broken))
    }

    fn conclude(
        &self,
        context: &Context<'_>,
        outcome: Outcome,
        provenance: Provenance,
        save: Option<&Save>,
    ) -> Result<()> {
        if !outcome.failures.is_empty() {
            let problem = all_of(outcome.failures);
            return Err(match save {
                Some(save) => problem.fact(format!("nothing was saved as `{}`", save.name)),
                None => problem,
            }
            .into());
        }
        let Some(save) = save else {
            return Ok(());
        };
        let run = Run {
            provenance,
            benchmarks: outcome
                .benchmarks
                .into_iter()
                .map(|one| (one.key.clone(), one))
                .collect(),
        };
        self.save(context, save, run)
    }

    fn save(&self, context: &Context<'_>, save: &Save, run: Run) -> Result<()> {
        let count = counted(run.benchmarks.len(), "benchmark");
        captures::update(
            context,
            self.store,
            &save.name,
            &BTreeMap::new(),
            &mut |stored: &mut store::Stored| {
                // Somebody else may have saved meanwhile.
                let held = stored.capture.benchmarks().map(|one| &one.key);
                save.refuse_to_replace(
                    "benchmarks",
                    held.filter(|key| run.benchmarks.contains_key(key)),
                )?;
                stored.capture.add(run.clone());
                Ok(())
            },
        )?;
        let executables = self.listed.iter().map(|suite| &suite.executable);
        kept::keep(context, self.workspace, &run.provenance, executables);
        let folder = context.shown(&self.store.join(&save.name));
        // Criterion knows one store only, and what is in it is not a scratch store's to change.
        let beside = match &context.store {
            Some(_) => String::new(),
            None => {
                let capture = captures::load(context, self.store, &save.name)?.capture;
                let home = captures::install_baseline(context, self.workspace, &capture)?;
                format!(
                    ", and as Criterion's baseline `{}` in `{}`",
                    save.name,
                    context.shown(&home)
                )
            }
        };
        context
            .host
            .note(&format!("saved {count} in `{folder}`{beside}\n"));
        Ok(())
    }
}

fn refuse_unoptimised(listed: &[Listed]) -> Result<()> {
    match listed.iter().find(|suite| !suite.executable.optimised) {
        None => Ok(()),
        Some(suite) => Err(Problem::usage(format!(
            "the suite `{}` is built without optimisation or with debug assertions, so its times mean nothing",
            suite.executable.suite.label
        ))
        .hint("leave out `--cargo-profile`, or let that Cargo profile inherit from `release`: `inherits = \"release\"`")
        .into()),
    }
}

/// One error for all failures: each is told, none twice.
fn all_of(mut failures: Vec<Problem>) -> Problem {
    if failures.len() == 1 {
        return failures.remove(0);
    }
    let problem = Problem::failure(format!("{} runs of benchmarks failed", failures.len()));
    debug_assert!(
        failures
            .iter()
            .all(|failure| failure.exit_code() == ExitCode::Failure)
    );
    failures.iter().fold(problem, |problem, failure| {
        problem.fact(failure.to_string())
    })
}
