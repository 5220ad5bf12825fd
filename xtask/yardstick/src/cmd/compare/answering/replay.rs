//! `compare --replay`: a stored settlement again, and whether its answers follow from its rounds.

use anyhow::Result;

use super::report;
use crate::{
    analysis::verdict::{self, Extent},
    cmd::{
        Context, captures,
        compare::{request::Request, rounds::journal::Journal},
        selection::Selection,
        suites,
    },
    model::settlement::Settlement,
    problem::{ExitCode, Problem},
    store,
};

/// Shows the last settlement of the two sides, or the one with this number. Nothing is run.
///
/// # Errors
/// If there is none, it is damaged, or its answers do not follow from its rounds.
pub fn run(context: &Context<'_>, request: &Request, number: Option<u32>) -> Result<ExitCode> {
    let workspace = suites::discover(context, &Selection::default())?;
    let store = captures::store_folder(context, &workspace);
    let names = request.names.as_ref().map(String::as_str);
    let (journal, mut settlement) = Journal::open(context, &store, names, number)?;
    let again = answered_again(&settlement);
    if settlement.answers.is_empty() {
        if !settlement.plan.questions.is_empty() {
            context.warn("this run was ended by force; its answers are those of the rounds that it had finished");
        }
        settlement = again;
    } else if !is_same(&settlement, &again) {
        let shown = context.shown(journal.folder());
        return Err(Problem::failure(format!(
            "the answers of the comparison `{shown}` do not follow from its rounds"
        ))
        .fact("they were stored by another release, or the file was changed and sealed again")
        .into());
    }
    report::verdicts(context, request, &settlement, &journal)?;
    report::whereabouts(context, request, &settlement, &journal, &workspace.layers)
}

/// The same plan and rounds, with the answers that follow from them.
pub fn answered_again(settlement: &Settlement) -> Settlement {
    Settlement {
        answers: verdict::answers(&settlement.plan, &settlement.rounds, extent(settlement)),
        ..settlement.clone()
    }
}

/// The looks that a settlement has had: those for continuing it only where it was.
pub fn extent(settlement: &Settlement) -> Extent {
    match settlement.commands.len() {
        0 | 1 => Extent::FirstRun,
        _ => Extent::Continued,
    }
}

/// To the last bit: no number is equal to another one here because both are none.
fn is_same(settlement: &Settlement, again: &Settlement) -> bool {
    store::settlement::encode(settlement) == store::settlement::encode(again)
}
