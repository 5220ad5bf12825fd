//! What recordings say about the change.

use super::Recorded;
use crate::{
    analysis::difference::differ,
    model::{
        comparison::{ProfileOutcome, ProfileRow, Sides},
        difference,
        layers::Layers,
        question::Question,
        settlement::Settlement,
        units::Unit,
        whereabouts::Whereabouts,
    },
};

/// Where the time went in all that was recorded, in key order. What has not a pair of recordings yet says nothing.
pub fn rows(settlement: &Settlement, recorded: Recorded, layers: &Layers) -> Vec<ProfileRow> {
    let row = |whereabouts: Whereabouts| {
        let key = whereabouts.key.clone();
        let outcome = match (whereabouts.obstacles.is_empty(), whereabouts.pairs()) {
            (false, _) => ProfileOutcome::NotComparable(whereabouts.obstacles),
            (true, 0) => return None,
            (true, _) => {
                let recorded = difference::Recorded {
                    end_to_end_ns: end_to_end_ns(settlement, &whereabouts),
                    key: whereabouts.key,
                    profiles: whereabouts.profiles,
                };
                differ(&recorded, layers)
            }
        };
        Some(ProfileRow { key, outcome })
    };
    recorded.into_values().filter_map(row).collect()
}

/// What the rounds say about the time of one iteration, in ns, for processes that run as the recorded ones did.
fn end_to_end_ns(settlement: &Settlement, whereabouts: &Whereabouts) -> Option<Sides<f64>> {
    let question = Question {
        key: whereabouts.key.clone(),
        aspect: whereabouts.aspect,
    };
    let mut questions = settlement.plan.questions.iter();
    let planned = questions.find(|planned| planned.question == question)?;
    let mut answers = settlement.answers.iter();
    let answer = answers.find(|answer| answer.question == question)?;
    answer.levels.filter(|_| planned.unit == Unit::Nanoseconds)
}
