//! `compare`: two states of the program, and which of them is slower.

pub mod answering;
pub mod planning;
pub mod request;
pub mod rounds;
pub mod settle;
pub mod sides;
pub mod whereabouts;

use anyhow::Result;

use super::Context;
use crate::{model::comparison::Sides, problem::ExitCode};

use answering::{replay, report, stored};
use rounds::ground::Settled;
use settle::Compared;

pub use request::{Format, Request, Way};

/// Compares the two sides in the way that is asked for.
///
/// # Errors
/// If a side is not there, cannot be built or is damaged, or a signal ends the run.
pub fn run(context: &Context<'_>, request: &Request) -> Result<ExitCode> {
    let Compared {
        settled,
        sides,
        layers,
    } = match &request.way {
        Way::Stored(filter) => {
            stored::run(context, request, filter.as_deref())?;
            return Ok(ExitCode::Success);
        }
        Way::Replay(number) => return replay::run(context, request, *number),
        Way::Rounds(rounds) => settle::fresh(context, &request.names, rounds)?,
        Way::More { budget_seconds } => settle::more(context, &request.names, *budget_seconds)?,
    };
    let Settled {
        settlement,
        journal,
        interrupted,
    } = settled;
    report::verdicts(context, request, &settlement, &journal)?;
    let asked = &request.whereabouts;
    let (kept, interrupted) = match interrupted {
        Some(signal) => ("rounds", Some(signal)),
        None => {
            let recorded = whereabouts::record(context, asked, &sides, &settlement, &journal);
            ("verdicts and the recordings", recorded.err())
        }
    };
    if interrupted.is_some() {
        let Sides { before, after } = &request.names;
        context.host.note(&format!(
            "the {kept} so far are kept; go on with `{} compare {before} {after} --more`\n",
            context.program()
        ));
    }
    let exit_code = report::whereabouts(context, request, &settlement, &journal, &layers)?;
    interrupted.map_or(Ok(exit_code), Err)
}
