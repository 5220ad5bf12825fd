//! Where there are no perf events.

use super::{Failure, KeepGoing, Plan, Recorded, Refusal};

pub(super) fn record(_: &Plan, _: KeepGoing<'_>) -> Result<Recorded, Failure> {
    Err(Failure::Refused(refusal()))
}

pub(super) fn obstacle() -> Option<Refusal> {
    Some(refusal())
}

fn refusal() -> Refusal {
    Refusal {
        what: format!(
            "perf events exist on Linux on x86-64 and AArch64 only, this is {} on {}",
            std::env::consts::OS,
            std::env::consts::ARCH
        ),
        fact: None,
        remedy: Some("import a recording with `--import FILE`"),
    }
}
