//! Which rounds do not count, for what was recorded around them.

use super::statistic::is_measurement;
use crate::model::{
    comparison::Sides,
    round::{Dropped, Failure, Guards, Half, Round},
    settlement::Plan,
};

/// Why a round does not count; `None` where it does.
///
/// The halves are dropped together, and which of them was disturbed makes no difference: else
/// dropping could favour a side. What they measured is not looked at. For a question that runs
/// on all CPUs, the share that others used is one of all CPUs' time.
pub fn dropped(plan: &Plan, round: &Round) -> Option<Dropped> {
    let Sides { before, after } = round.halves.as_ref();
    let worst = |share: fn(&Guards) -> f64| share(&before.guards).max(share(&after.guards));
    let foreign = worst(|guards| guards.foreign_share);
    let stolen = worst(|guards| guards.steal_share);
    let throttled = |half: &Half| half.guards.throttled == Some(true);
    if failure(before).is_some() || failure(after).is_some() {
        Some(Dropped::Failed)
    } else if throttled(before) || throttled(after) {
        Some(Dropped::Throttled)
    } else if stolen > plan.tolerated_loss {
        Some(Dropped::Stolen { share: stolen })
    } else if foreign > plan.tolerated_loss {
        Some(Dropped::ForeignWork { share: foreign })
    } else {
        None
    }
}

/// Why a process has no level. One without a single possible value measured nothing.
pub(super) fn failure(half: &Half) -> Option<Failure> {
    match &half.result {
        Err(failure) => Some(failure.clone()),
        Ok(observation) => {
            let measured = observation.per_iteration.iter().any(is_measurement);
            (!measured).then_some(Failure::NotMeasured)
        }
    }
}
