//! `compare`: two states of the program, and which of them is slower.

pub mod builds;
pub mod calibrate;
pub mod executor;
pub mod fates;
pub mod journal;
pub mod margins;
pub mod observe;
pub mod plan;
pub mod preflight;
pub mod request;
pub mod rounds;
pub mod runnable;
pub mod schedule;
pub mod sides;
pub mod stored;

use anyhow::Result;

use super::Context;
use crate::problem::ExitCode;

pub use request::{Format, Request, Way};

/// Compares the two sides in the way that is asked for.
///
/// # Errors
/// If a side is not there, cannot be built or is damaged, or a signal ends the run.
pub fn run(context: &Context<'_>, request: &Request) -> Result<ExitCode> {
    let filter = match &request.way {
        Way::Stored(filter) => filter.as_deref(),
        Way::Replay(_) | Way::Rounds(_) | Way::More { .. } => None,
    };
    stored::run(context, request, filter)?;
    Ok(ExitCode::Success)
}
