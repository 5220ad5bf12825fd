//! What the answers rest on, and how to have them again.

use crate::model::{
    comparison::Sides,
    round::{Dropped, Guards},
    settlement::{Layouts, Settlement},
    verdict::Verdict,
};

use super::{
    Quote, Report,
    undecided::{budget, seconds_to_decide},
    words::{self, counted, duration, percent},
};

/// Rounds, layouts, and what was going on around them.
pub(super) fn basis(report: &Report<'_>, quote: Quote) -> Vec<String> {
    let settlement = report.settlement;
    let mut items = Vec::new();
    if !settlement.rounds.is_empty() {
        items.push(rounds(report));
        items.push(match &settlement.layouts {
            Layouts::FreshEachRound => {
                "every round had fresh layouts of both sides: the verdicts are on the code".to_owned()
            }
            Layouts::AsLinked(why) => format!(
                "the verdicts are on these two executables and hold for the code only as far as its layout does not matter, because {why}"
            ),
        });
        items.push(guards(settlement));
    }
    for preflight in &settlement.preflight {
        let id = quote(&preflight.key.id);
        let rounds = words::rounds(preflight.answer.rounds);
        items.push(match (&preflight.answer.verdict, &preflight.answer.floor) {
            (Verdict::Regressed | Verdict::Improved, _) => format!(
                "{id} compared with itself in {rounds} showed a change that is not there: this machine cannot be trusted now"
            ),
            (_, Some(floor)) => format!(
                "{id} compared with itself in {rounds}: no change, and one of {} would have been seen",
                percent(floor.smallest_visible_change())
            ),
            (_, None) => format!("{id} compared with itself in {rounds}: too few to say anything"),
        });
    }
    items
}

fn rounds(report: &Report<'_>) -> String {
    let settlement = report.settlement;
    let dropped = &report.dropped;
    let count = |wanted: fn(&Dropped) -> bool| dropped.iter().filter(|why| wanted(why)).count();
    let mut reasons = Vec::new();
    for (count, why) in [
        (
            count(|why| matches!(why, Dropped::ForeignWork { .. })),
            "others used its CPU",
        ),
        (
            count(|why| matches!(why, Dropped::Stolen { .. })),
            "the hypervisor took its CPU away",
        ),
        (
            count(|why| matches!(why, Dropped::Throttled)),
            "a CPU was throttled",
        ),
        (
            count(|why| matches!(why, Dropped::Failed)),
            "a process failed",
        ),
    ] {
        if count > 0 {
            reasons.push(format!("{count} because {why}"));
        }
    }
    let mut text = format!(
        "{} in {}",
        counted(settlement.rounds.len(), "round"),
        duration(settlement.spent_seconds)
    );
    match reasons.is_empty() {
        true => text.push_str(", none dropped"),
        false => text.push_str(&format!(
            ", of which {} dropped: {}",
            dropped.len(),
            reasons.join(", ")
        )),
    }
    text
}

fn guards(settlement: &Settlement) -> String {
    let share = |of: fn(&Guards) -> f64| {
        let halves = settlement.rounds.iter();
        let halves = halves.flat_map(|round| [&round.halves.before, &round.halves.after]);
        let mut shares: Vec<f64> = halves.map(|half| of(&half.guards)).collect();
        shares.sort_by(f64::total_cmp);
        let at = |position: usize| shares.get(position).copied().unwrap_or_default();
        match (at(shares.len() / 2), at(shares.len().saturating_sub(1))) {
            (_, 0.0) => "nothing".to_owned(),
            (typical, most) => format!("{} (at most {})", percent(typical), percent(most)),
        }
    };
    format!(
        "around the typical process, others used {} of its CPU and {} of the other CPUs, and the hypervisor took {} away",
        share(|guards| guards.foreign_share),
        share(|guards| guards.elsewhere_share),
        share(|guards| guards.steal_share)
    )
}

/// The plan and the commands.
pub(super) fn commands(report: &Report<'_>, quote: Quote) -> Vec<String> {
    let settlement = report.settlement;
    let program = report.program;
    let Sides { before, after } = settlement.sides.as_ref().map(|side| side.name.as_str());
    let plan = &settlement.plan;
    let looks = |looks: &[u32]| {
        let looks: Vec<String> = looks.iter().map(u32::to_string).collect();
        looks.join(", ")
    };
    let (first, later) = plan
        .looks
        .split_at(plan.first_run_looks.min(plan.looks.len()));
    let mut items = vec![format!(
        "plan: seed {}, an error rate of {} shared by {}, looks after {} rounds{}",
        plan.seed,
        words::level(plan.alpha),
        counted(plan.shares, "question"),
        looks(first),
        match later.is_empty() {
            true => String::new(),
            false => format!(", and {} when it is continued", looks(later)),
        }
    )];
    for command in &settlement.commands {
        let mut typed = command.join(" ");
        if !command
            .iter()
            .any(|word| word.starts_with("--seed") || word == "--more")
        {
            typed.push_str(&format!(" --seed {}", plan.seed));
        }
        items.push(format!("run by {}", quote(&typed)));
    }
    let (number, folder) = &report.stored;
    items.push(format!(
        "stored as run {number} in {}; shown again, and checked, by {}",
        quote(folder),
        quote(&format!(
            "{program} compare {before} {after} --replay={number}"
        ))
    ));
    if let Some(seconds) = seconds_to_decide(settlement) {
        items.push(format!(
            "what is undecided would probably be settled by {}",
            quote(&format!(
                "{program} compare {before} {after} --more --budget {}",
                budget(seconds)
            ))
        ));
    }
    items
}
