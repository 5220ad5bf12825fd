//! What the exit code says under `--gate`.

use crate::{
    model::{
        settlement::{Fate, Settlement},
        verdict::{Grade, Verdict},
    },
    problem::ExitCode,
};

/// 10 if a benchmark regressed by as much as fails; else 11 if a benchmark is undecided or could not be asked about, a side does
/// not run a suite, nothing was compared, or the machine showed changes that were not there; else 0.
///
/// A gate says "passed" only of what was shown.
pub fn exit_code(settlement: &Settlement) -> ExitCode {
    let answers = || settlement.answers.iter();
    if answers().any(|answer| answer.grade == Grade::Fail) {
        return ExitCode::Regressed;
    }
    let is_open = answers().any(|answer| matches!(answer.verdict, Verdict::Undecided(_)))
        || !settlement.unbuilt.is_empty()
        || settlement
            .fates
            .values()
            .any(|fate| matches!(fate, Fate::Unasked(_)));
    let same = |fate: &Fate| *fate == Fate::SameExecutable;
    let is_empty = settlement.answers.is_empty() && !settlement.fates.values().any(same);
    let is_untrustworthy = settlement.preflight.iter().any(|preflight| {
        matches!(
            preflight.answer.verdict,
            Verdict::Regressed | Verdict::Improved
        )
    });
    match is_open || is_empty || is_untrustworthy {
        true => ExitCode::Undecided,
        false => ExitCode::Success,
    }
}
