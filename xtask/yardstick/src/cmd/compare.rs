//! `compare`: two states of the program, and which of them is slower.

pub mod answering;
pub mod planning;
pub mod request;
pub mod rounds;
pub mod settle;
pub mod sides;

use anyhow::Result;

use super::Context;
use crate::problem::ExitCode;

use answering::{replay, report, stored};
pub use request::{Format, Request, Way};

/// Compares the two sides in the way that is asked for.
///
/// # Errors
/// If a side is not there, cannot be built or is damaged, or a signal ends the run.
pub fn run(context: &Context<'_>, request: &Request) -> Result<ExitCode> {
    let settled = match &request.way {
        Way::Stored(filter) => {
            stored::run(context, request, filter.as_deref())?;
            return Ok(ExitCode::Success);
        }
        Way::Replay(number) => return replay::run(context, request, *number),
        Way::Rounds(rounds) => settle::fresh(context, &request.names, rounds)?,
        Way::More { budget_seconds } => settle::more(context, &request.names, *budget_seconds)?,
    };
    let exit_code = report::show(context, request, &settled.settlement, &settled.journal)?;
    match settled.interrupted {
        None => Ok(exit_code),
        Some(signal) => {
            let names = &request.names;
            context.host.note(&format!(
                "the rounds so far are kept; go on with `{} compare {} {} --more`\n",
                context.program(),
                names.before,
                names.after
            ));
            Err(signal)
        }
    }
}
