//! An A/A before the first round: benchmarks that differ in nothing but the layout. What it finds is the machine's doing.

use crate::model::{
    question::{Aspect, Planned},
    settlement::Plan,
};

/// Rounds of each of its benchmarks.
const ROUNDS: u32 = 10;

/// One benchmark of so many is looked at, and at least one.
const ONE_OF: usize = 20;

/// The chance that it finds something on a machine that is fit.
const ALPHA: f64 = 0.05;

/// Of the time that the rounds may take, the share that each of its benchmarks may.
const SHARE_OF_BUDGET: f64 = 0.03;

/// What each of them may take in any case, in seconds.
const SECONDS_IN_ANY_CASE: f64 = 4.0;

/// A plan of the noisiest questions of `plan` that are cheap enough; `noise` says how noisy each is.
pub fn plan(plan: &Plan, budget_seconds: f64, noise: impl Fn(&Planned) -> f64) -> Plan {
    let most_seconds = SECONDS_IN_ANY_CASE.max(budget_seconds * SHARE_OF_BUDGET);
    let seconds = |planned: &Planned| f64::from(2 * ROUNDS) * planned.process_seconds;
    let pinned = plan.questions.iter().filter(|planned| {
        planned.question.aspect == Aspect::Work && seconds(planned) <= most_seconds
    });
    let mut questions: Vec<Planned> = pinned.cloned().collect();
    questions.sort_by(|a, b| noise(b).total_cmp(&noise(a)));
    questions.truncate(plan.questions.len().div_ceil(ONE_OF));
    for planned in &mut questions {
        if let Some(before) = planned.renamed_from.take() {
            planned.question.key = before;
        }
        planned.arguments.after = planned.arguments.before.clone();
    }
    Plan {
        // The rounds to come shall have other layouts.
        seed: !plan.seed,
        alpha: ALPHA,
        looks: vec![ROUNDS],
        first_run_looks: 1,
        shares: questions.len(),
        questions,
        tolerated_loss: plan.tolerated_loss,
    }
}
