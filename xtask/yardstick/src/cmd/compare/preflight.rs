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

/// A plan of the noisiest questions of `plan`; `noise` says how noisy each is.
pub fn plan(plan: &Plan, noise: impl Fn(&Planned) -> f64) -> Plan {
    let pinned = plan
        .questions
        .iter()
        .filter(|planned| planned.question.aspect == Aspect::Work);
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
