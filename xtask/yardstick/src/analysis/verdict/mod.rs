//! From a plan and its rounds to answers: pure functions that never fail.
//!
//! The chance that a run shows even one change where there is none is at most the α of its
//! plan, for four reasons. Without a change the two halves of a round may change places, so that
//! the signs of the log ratios are tosses of a fair coin and the test of [`signed_rank`] is
//! exact, drift and heavy tails or not. What is chosen from the data, the statistic, is chosen by
//! a rule that this exchange does not touch (`statistic`). Intervals are formed only at looks
//! that were planned, each at a level of its own (`spending`). And rounds are dropped only for
//! what was recorded around them (`guards`).

mod course;
mod guards;
mod modes;
mod outcome;
mod overall;
mod question;
pub mod signed_rank;
mod spending;
mod statistic;

pub use course::courses;
pub use guards::dropped;
pub use overall::overall;
pub use question::{answer, is_final, without_rounds};
pub use spending::{Extent, Levels, Looks, levels, look_alpha, looks, next_look};
pub use statistic::quantile;

use crate::model::{round::Round, settlement::Plan, verdict::Answer};

/// The answers to all questions of a plan, in its order.
pub fn answers(plan: &Plan, rounds: &[Round], extent: Extent) -> Vec<Answer> {
    plan.questions
        .iter()
        .map(|planned| {
            let own: Vec<&Round> = rounds
                .iter()
                .filter(|round| round.question == planned.question)
                .collect();
            answer(plan, planned, &own, extent)
        })
        .collect()
}

#[cfg(test)]
mod tests;
