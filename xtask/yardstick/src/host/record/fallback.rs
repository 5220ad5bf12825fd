//! `--sampler auto`: our perf-event recorder, and where the kernel refuses it the sampler in the probe.

use super::{Failure, KeepGoing, Plan, Recorded, Subject, in_process, perf_event};

pub(super) fn record(plan: &Plan, keep_going: KeepGoing<'_>) -> anyhow::Result<Recorded> {
    let refusal = match (perf_event::record(plan, keep_going), plan.subject) {
        (Ok(recorded), _) => return Ok(recorded),
        (Err(Failure::Refused(refusal)), Subject::Bench) => refusal,
        (Err(failure), subject) => return Err(failure.into_error(subject)),
    };
    let (recorded, rates) = match in_process::record(plan, keep_going) {
        Ok(recorded) => recorded,
        // The sampler that was wanted first is the one to repair, so its remedy is told as well.
        Err(error) => {
            return Err(match error.downcast::<in_process::NotLinked>() {
                Ok(not_linked) => not_linked.after(&refusal).into(),
                Err(error) => error,
            });
        }
    };
    Ok(Recorded {
        fell_back: Some(format!(
            "{refusal}; recorded with the in-process sampler instead, at {rates}; processes that the bench starts are not in the profile"
        )),
        ..recorded
    })
}
