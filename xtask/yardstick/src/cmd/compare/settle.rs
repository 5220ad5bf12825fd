//! `compare` by fresh rounds: from two words to a stored settlement, and from a stored one further.

use std::collections::BTreeMap;

use anyhow::Result;

use super::{
    planning::{
        self, Terms,
        calibrate::{self, Calibrated, Subject, calibrate, first_limit_seconds},
        fates::{fates, renamed_from, unbuilt},
        forecast::{foretell, predict, refuse_what_takes_too_long},
        margins::warn_of_unknown,
    },
    request::{
        Identical, LayoutChoice, Request, Rounds, Way, default_budget_seconds, enough_for_a_look,
    },
    rounds::{
        self,
        executor::Linking,
        ground::{Ground, Settled},
        journal::Journal,
        preflight,
    },
    sides::{Prepared, SidesRequest, prepare, runnable::Runnable},
};
use crate::{
    Invocation,
    analysis::verdict::Extent,
    cli::Verb,
    cmd::{
        self, Context, captures, provenance,
        selection::Selection,
        suites::{self, LISTING_LIMIT_SECONDS},
    },
    model::{
        benchmark::BenchmarkKey,
        comparison::Sides,
        layers::Layers,
        round::Failure,
        settlement::{Fate, Layouts, Settlement},
        suite::Suite,
    },
    problem::Problem,
};

/// A settlement with what it takes to find out more about it.
#[derive(Debug)]
pub struct Compared {
    /// The settlement, stored.
    pub settled: Settled,
    /// Both sides, as long as they are ours.
    pub sides: Sides<Prepared>,
    /// What parts of the program are called here, whatever the sides call them.
    pub layers: Layers,
}

/// How the verb is typed.
const VERB: &str = "compare";

/// Builds both sides, plans, and runs rounds until every benchmark has its verdict or the time is up.
///
/// # Errors
/// If a side cannot be had, or a signal ends it before there is a plan to go on with.
pub fn fresh(context: &Context<'_>, names: &Sides<String>, request: &Rounds) -> Result<Compared> {
    let here = suites::discover(context, &request.selection)?;
    let store = captures::store_folder(context, &here);
    let sides = prepare_sides(context, names, request)?;
    let begun = context.host.elapsed_seconds();
    let spent_seconds = || context.host.elapsed_seconds() - begun;
    let asked = ask(context, names, request, &sides)?;
    let margins = request.margins(&here.margins);
    warn_of_unknown(context, &margins, sides.as_ref(), request);
    let suites = suites_of(&sides.after);
    let terms = Terms {
        seed: request.seed.unwrap_or_else(|| context.host.random_seed()),
        margins: &margins,
        suites: &suites,
        cpus: &context.host.allowed_cpus(),
        tolerated_loss: request.tolerated_loss.unwrap_or(planning::TOLERATED_LOSS),
    };
    let plan = planning::plan(&asked.benchmarks, terms);
    let cost = predict(&asked.benchmarks, &plan);
    let budget_seconds = request.budget_seconds.unwrap_or_else(|| {
        enough_for_a_look(
            asked.budget_seconds,
            spent_seconds() + cost.first_look_seconds,
        )
    });
    foretell(context, &asked.benchmarks, cost, budget_seconds);
    let (linking, layouts) = linking(request.layouts, &sides);
    let mut settlement = Settlement {
        sides: sides.as_ref().map(|side| side.side.clone()),
        machine: provenance::machine(context),
        begun_at: context.host.now_utc(),
        commands: vec![context.typed.clone()],
        plan,
        layouts,
        fates: asked.fates,
        unbuilt: unbuilt(sides.as_ref()),
        rounds: Vec::new(),
        preflight: Vec::new(),
        answers: Vec::new(),
        second_opinions: BTreeMap::new(),
        warnings: Vec::new(),
        spent_seconds: spent_seconds(),
    };
    let journal = Journal::begin(context, &store, &settlement)?;
    let ground = Ground {
        context,
        sides: runnables(&sides),
        suites: &suites,
        linking,
    };
    let noisiest = preflight::plan(&settlement.plan, budget_seconds, |planned| {
        noise(&asked.benchmarks, &planned.question.key)
    });
    let preflight = ground.preflight(&noisiest);
    settlement.spent_seconds = spent_seconds();
    match preflight {
        Ok(preflight) => settlement.preflight = preflight,
        Err(error) if rounds::is_signal(&error) => {
            let settled = ground.conclude(settlement, journal, Extent::FirstRun, Some(error))?;
            return Ok(Compared {
                settled,
                sides,
                layers: here.layers,
            });
        }
        Err(error) => return Err(error),
    }
    let rest_seconds = budget_seconds - settlement.spent_seconds;
    let settled = ground.go(settlement, journal, Extent::FirstRun, rest_seconds)?;
    Ok(Compared {
        settled,
        sides,
        layers: here.layers,
    })
}

/// What is asked about, and what becomes of the rest.
struct Asked {
    benchmarks: Vec<Calibrated>,
    fates: BTreeMap<BenchmarkKey, Fate>,
    budget_seconds: f64,
}

/// Finds out which benchmarks both sides have and can run.
fn ask(
    context: &Context<'_>,
    names: &Sides<String>,
    request: &Rounds,
    sides: &Sides<Prepared>,
) -> Result<Asked> {
    let mut fates = fates(sides.as_ref(), &request.renamed);
    if request.identical == Identical::Asked {
        ask_about_identical(&mut fates);
    }
    let subjects = subjects(&fates);
    let budget_seconds = request
        .budget_seconds
        .unwrap_or_else(|| default_budget_seconds(subjects.len()));
    refuse_what_takes_too_long(subjects.len(), budget_seconds)?;
    let limit_seconds = request
        .limit_seconds
        .unwrap_or_else(|| first_limit_seconds(budget_seconds));
    let request = calibrate::Request {
        sides: runnables(sides),
        subjects: &subjects,
        workspace: &sides.after.workspace,
        limit_seconds,
    };
    let calibrated = calibrate(context, &request)?;
    let (benchmarks, failed): (Vec<_>, Vec<_>) = calibrated.into_iter().partition(Calibrated::runs);
    for benchmark in failed {
        let why = why_not(names, &benchmark);
        fates.insert(benchmark.key, Fate::Unasked(why));
    }
    Ok(Asked {
        benchmarks,
        fates,
        budget_seconds,
    })
}

fn noise(benchmarks: &[Calibrated], key: &BenchmarkKey) -> f64 {
    let own = benchmarks.iter().find(|benchmark| benchmark.key == *key);
    own.map_or(0.0, Calibrated::noise)
}

/// Goes on with the last stored settlement of two sides: the same plan, the same executables, further rounds.
///
/// # Errors
/// If there is none, or one of the sides is not what it was.
pub fn more(
    context: &Context<'_>,
    names: &Sides<String>,
    budget_seconds: Option<f64>,
) -> Result<Compared> {
    let here = suites::discover(context, &Selection::default())?;
    let store = captures::store_folder(context, &here);
    let names_shown = names.as_ref().map(String::as_str);
    let (journal, mut settlement) = Journal::resume(context, &store, names_shown)?;
    let request = first_request(&settlement)?;
    let sides = prepare_sides(context, names, &request)?;
    refuse_other_executables(&settlement, &sides)?;
    settlement.commands.push(context.typed.clone());
    // Whoever reads the rounds to come, should we be killed, must know that they are a continuation.
    journal.finish(context, &settlement)?;
    let questions = settlement.plan.questions.len();
    let budget_seconds = budget_seconds.unwrap_or_else(|| default_budget_seconds(questions));
    let linking = match settlement.layouts {
        Layouts::FreshEachRound => Linking::Fresh,
        Layouts::AsLinked(_) => Linking::AsLinked,
    };
    let ground = Ground {
        context,
        sides: runnables(&sides),
        suites: &suites_of(&sides.after),
        linking,
    };
    let settled = ground.go(settlement, journal, Extent::Continued, budget_seconds)?;
    Ok(Compared {
        settled,
        sides,
        layers: here.layers,
    })
}

fn prepare_sides(
    context: &Context<'_>,
    names: &Sides<String>,
    request: &Rounds,
) -> Result<Sides<Prepared>> {
    prepare(
        context,
        &SidesRequest {
            names: names.clone(),
            filter: request.filter.clone(),
            selection: request.selection.clone(),
            limit_seconds: request.limit_seconds.unwrap_or(LISTING_LIMIT_SECONDS),
        },
    )
}

/// The request that a stored settlement came from: its command is stored as it was typed.
fn first_request(settlement: &Settlement) -> Result<Rounds> {
    let typed = settlement.commands.first().map_or(&[][..], Vec::as_slice);
    let verb = typed.iter().position(|word| word == VERB);
    let words = typed.get(verb.unwrap_or_default()..).unwrap_or_default();
    let arguments = std::iter::once("yardstick").chain(words.iter().map(String::as_str));
    let parsed = cmd::parse(Invocation::Xtask, arguments.map(Into::into));
    let way = parsed.ok().and_then(|cli| match cli.verb {
        Verb::Compare(compare) => Some(Request::from(compare).way),
        _ => None,
    });
    match way {
        Some(Way::Rounds(request)) => Ok(*request),
        _ => Err(
            Problem::failure("the stored comparison does not say how it was begun")
                .fact(format!("found: `{}`", typed.join(" ")))
                .hint("compare again without `--more`")
                .into(),
        ),
    }
}

fn ask_about_identical(fates: &mut BTreeMap<BenchmarkKey, Fate>) {
    let same = fates
        .values_mut()
        .filter(|fate| **fate == Fate::SameExecutable);
    same.for_each(|fate| *fate = Fate::Asked);
}

/// The benchmarks that are asked about.
fn subjects(fates: &BTreeMap<BenchmarkKey, Fate>) -> Vec<Subject> {
    let mut renamed = renamed_from(fates);
    let asked = fates.iter().filter(|(_, fate)| **fate == Fate::Asked);
    let subject = |(key, _): (&BenchmarkKey, &Fate)| Subject {
        key: key.clone(),
        renamed_from: renamed.remove(key),
    };
    asked.map(subject).collect()
}

fn runnables(sides: &Sides<Prepared>) -> Sides<&[Runnable]> {
    sides.as_ref().map(|side| side.runnables.as_slice())
}

fn suites_of(side: &Prepared) -> Vec<Suite> {
    let suites = side.runnables.iter();
    suites.map(|runnable| runnable.suite.clone()).collect()
}

/// Why a benchmark cannot be asked about, in words.
fn why_not(names: &Sides<String>, benchmark: &Calibrated) -> String {
    let said = |name: &str, failure: &Failure| match failure {
        Failure::Crashed { exit, output } => {
            let last = output.lines().last().unwrap_or_default();
            format!("`{name}` crashed ({exit}): {last}")
        }
        Failure::Hung { limit_seconds } => {
            format!(
                "`{name}` was still running after {limit_seconds:.0} s (`--limit`) and was killed"
            )
        }
        Failure::NotMeasured => format!("`{name}` ran and measured nothing"),
    };
    let before = benchmark.sides.before.as_ref().err();
    let after = benchmark.sides.after.as_ref().err();
    let before = before.map(|failure| said(&names.before, failure));
    let after = after.map(|failure| said(&names.after, failure));
    before
        .into_iter()
        .chain(after)
        .collect::<Vec<_>>()
        .join("; ")
}

/// How the executables get their layouts, and how that is told.
fn linking(choice: LayoutChoice, sides: &Sides<Prepared>) -> (Linking, Layouts) {
    let unlinkable = sides
        .after
        .as_linked
        .as_ref()
        .or(sides.before.as_linked.as_ref());
    match (choice, unlinkable) {
        (LayoutChoice::Fresh, None) => (Linking::Fresh, Layouts::FreshEachRound),
        (LayoutChoice::Fresh, Some(why)) => (Linking::AsLinked, Layouts::AsLinked(why.clone())),
        (LayoutChoice::AsLinked, _) => (
            Linking::AsLinked,
            Layouts::AsLinked("`--layouts as-linked` asks for it".to_owned()),
        ),
    }
}

/// Rounds of other executables would answer another question.
fn refuse_other_executables(settlement: &Settlement, sides: &Sides<Prepared>) -> Result<()> {
    for (stored, now) in [
        (&settlement.sides.before, &sides.before.side),
        (&settlement.sides.after, &sides.after.side),
    ] {
        let other = stored
            .executables
            .iter()
            .find(|executable| !now.executables.contains(executable));
        if let Some(executable) = other {
            return Err(Problem::failure(format!(
                "`{}` is not what it was when the comparison was begun",
                stored.name
            ))
            .fact(format!(
                "its suite `{}` is another executable now than that of the stored rounds",
                executable.suite
            ))
            .hint("compare again without `--more`: the stored comparison stays as it is")
            .into());
        }
    }
    Ok(())
}
