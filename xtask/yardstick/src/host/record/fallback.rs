//! `--sampler auto`: our perf-event recorder, and where the kernel refuses it the sampler in the probe.

use super::{Failure, KeepGoing, Plan, Recorded, in_process, perf_event};
use crate::model::profile::Sampler;

pub(super) fn record(plan: &Plan, keep_going: KeepGoing<'_>) -> anyhow::Result<Recorded> {
    let refusal = match perf_event::record(plan, keep_going) {
        Ok(notices) => return Ok(Recorded::by(Sampler::PerfEvent, notices)),
        Err(Failure::Other(error)) => return Err(error),
        Err(Failure::Refused(refusal)) => refusal,
    };
    let rates = match in_process::record(plan, keep_going) {
        Ok(rates) => rates,
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
            "{refusal}; recorded with the in-process sampler instead, at {rates}"
        )),
        ..Recorded::by(Sampler::InProcess, Vec::new())
    })
}
