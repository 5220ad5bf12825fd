//! From two words that were typed to executables that can be run in rounds.

mod assembly;
pub mod builds;
mod meaning;
pub mod runnable;
mod sources;

use std::collections::BTreeSet;

use anyhow::Result;

use self::{
    assembly::Assembly,
    builds::Order,
    meaning::{Meaning, resolve},
    runnable::Runnable,
    sources::open,
};
use crate::{
    cmd::{
        Context, captures,
        selection::{Chosen, Selection, choose},
        suites::{self, BuildVariant},
    },
    model::{
        benchmark::BenchmarkKey,
        comparison::Sides,
        settlement::Side,
        suite::{Suite, Workspace},
    },
    problem::Problem,
};

pub(super) use sources::Batch;

/// What is to be compared.
#[derive(Clone, Debug)]
pub struct SidesRequest {
    /// The words: `pre`, `main`, `HEAD~3`, `.`.
    pub names: Sides<String>,
    /// A suite, or a part of benchmark ids; everything without it.
    pub filter: Option<String>,
    /// How to build revisions and the working tree, and which suites of all sides are meant.
    pub selection: Selection,
    /// How long an executable may take to list its benchmarks before it counts as hung, in seconds.
    pub limit_seconds: f64,
}

/// A side whose executables are there.
#[derive(Debug)]
pub struct Prepared {
    /// What it is.
    pub side: Side,
    /// Its suites, ready to be run.
    pub runnables: Vec<Runnable>,
    /// The suites that could not be built or do not list their benchmarks, with why.
    pub unbuilt: Vec<(Suite, Problem)>,
    /// The suites that cargo does not build, because they need features that are off.
    pub hidden: Vec<Suite>,
    /// Benchmarks that its executables have and that are no part of it: what a capture does not hold.
    pub not_held: BTreeSet<BenchmarkKey>,
    /// The workspace at its sources.
    pub workspace: Workspace,
    /// Why not all executables can be linked again.
    pub as_linked: Option<String>,
    /// What is left of the filter: a part of benchmark ids.
    pub id_part: Option<String>,
    /// Its sources. Their folders are ours as long as the side is in use.
    pub(super) batches: Vec<Batch>,
}

/// Builds both sides and asks their executables for their benchmarks.
///
/// # Errors
/// If a word means nothing, sources cannot be had, or nothing of a side can be built.
pub fn prepare(context: &Context<'_>, request: &SidesRequest) -> Result<Sides<Prepared>> {
    let here = suites::discover(context, &request.selection)?;
    let store = captures::store_folder(context, &here);
    let names = &request.names;
    let meanings = Sides {
        before: resolve(context, &here, &store, &names.before)?,
        after: resolve(context, &here, &store, &names.after)?,
    };
    let batches = open(context, &here, &request.selection, names, &meanings)?;
    let (choices, id_part) = choose_on_both(request, &batches)?;
    let mut orders = orders(&names.before, &batches.before, &choices.before);
    orders.extend(self::orders(&names.after, &batches.after, &choices.after));
    let mut made = builds::build_all(context, &orders)?.into_iter();
    let mut finish = |name: &str, meaning: &Meaning, batches: Vec<Batch>, chosen: Vec<Chosen>| {
        let is_built = batches.iter().map(|batch| batch.folder.is_some());
        let made = is_built
            .map(|built| built.then(|| made.next()).flatten())
            .collect();
        Assembly {
            context,
            name,
            id_part: id_part.clone(),
            limit_seconds: request.limit_seconds,
        }
        .assemble(meaning, batches, chosen, made)
    };
    Ok(Sides {
        before: finish(
            &names.before,
            &meanings.before,
            batches.before,
            choices.before,
        )?,
        after: finish(&names.after, &meanings.after, batches.after, choices.after)?,
    })
}

/// What the filter and the selection mean on each side. A side may lack a suite or a package that the other has.
fn choose_on_both(
    request: &SidesRequest,
    batches: &Sides<Vec<Batch>>,
) -> Result<(Sides<Vec<Chosen>>, Option<String>)> {
    let filter = request.filter.as_deref();
    let choose_one = |batch: &Batch| choose(&batch.workspace, &batch.selection, filter);
    let tried = batches
        .as_ref()
        .map(|side| side.iter().map(choose_one).collect::<Vec<_>>());
    let all = || tried.before.iter().chain(&tried.after).flatten();
    let is_suite = filter.is_some() && all().any(|chosen| chosen.id_part.is_none());
    if all().next().is_none() {
        let failed = tried.after.into_iter().chain(tried.before);
        return Err(failed.filter_map(Result::err).next().unwrap_or_else(|| {
            Problem::usage("there is nothing to compare: the captures hold no benchmarks").into()
        }));
    }
    let side = |tried: Vec<Result<Chosen>>, batches: &[Batch]| {
        let choices = tried.into_iter().zip(batches);
        choices
            .map(|(chosen, batch)| restrict(chosen, batch, is_suite))
            .collect()
    };
    let choices = Sides {
        before: side(tried.before, &batches.before),
        after: side(tried.after, &batches.after),
    };
    let id_part = filter.filter(|_| !is_suite).map(str::to_owned);
    Ok((choices, id_part))
}

/// The suites of a batch that are meant. What is the name of a suite on the other side is no part of ids here.
fn restrict(chosen: Result<Chosen>, batch: &Batch, filter_is_suite: bool) -> Chosen {
    let none = Chosen {
        suites: Vec::new(),
        hidden: Vec::new(),
        id_part: None,
    };
    let mut chosen = chosen.unwrap_or_else(|_| none.clone());
    if filter_is_suite && chosen.id_part.is_some() {
        return none;
    }
    if let Some(held) = &batch.held {
        let is_held = |suite: &Suite| {
            let mut held = held.iter();
            held.any(|key| key.package == suite.package && key.suite == suite.name)
        };
        chosen.suites.retain(is_held);
        chosen.hidden.retain(is_held);
    }
    chosen
}

fn orders(name: &str, batches: &[Batch], choices: &[Chosen]) -> Vec<Order> {
    let order = |(batch, chosen): (&Batch, &Chosen)| {
        let folder = batch.folder.as_ref()?;
        Some(Order {
            name: name.to_owned(),
            workspace: batch.workspace.clone(),
            source: batch.root.clone(),
            suites: chosen.suites.clone(),
            selection: batch.selection.clone(),
            variant: BuildVariant::default(),
            folder: folder.path().to_owned(),
        })
    };
    batches.iter().zip(choices).filter_map(order).collect()
}
