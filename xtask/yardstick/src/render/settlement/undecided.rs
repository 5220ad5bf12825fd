//! What could not be decided, why, and what would.

use crate::model::{
    question::Aspect,
    settlement::Settlement,
    verdict::{Answer, Reason, Verdict},
};

use super::{
    Quote, Report,
    words::{self, duration, percent},
};

/// Benchmarks without a look that are told one by one; of more of them the rest is told in one sentence.
const LISTED: usize = 6;

/// One sentence for each of them.
pub(super) fn undecided(report: &Report<'_>, quote: Quote) -> Vec<String> {
    let settlement = report.settlement;
    let mut items = Vec::new();
    let unlooked = unlooked_at(settlement);
    for answer in &settlement.answers {
        let Verdict::Undecided(reason) = &answer.verdict else {
            continue;
        };
        if unlooked.len() > LISTED && is_unlooked_at(answer) {
            continue;
        }
        items.push(format!(
            "{}: {}",
            subject(answer, quote),
            why(settlement, answer, reason, quote)
        ));
    }
    if unlooked.len() > LISTED {
        items.push(in_one_sentence(settlement, &unlooked, quote));
    }
    items
}

/// Why it is undecided, what could have been seen, and what would decide it.
pub(in crate::render) fn why(
    settlement: &Settlement,
    answer: &Answer,
    reason: &Reason,
    quote: Quote,
) -> String {
    let names = settlement.sides.as_ref().map(|side| side.name.as_str());
    let mut sentence = words::reason(reason, names, quote);
    if let Some(floor) = &answer.floor {
        sentence.push_str(&format!(
            "; a change of less than {} could not have been seen",
            percent(floor.smallest_visible_change())
        ));
    }
    if let Some((rounds, seconds)) = to_decide(settlement, answer) {
        sentence.push_str(&format!(
            "; about {} more ({}) would probably decide it",
            words::rounds(rounds),
            duration(seconds)
        ));
    } else if answer.floor.is_some() {
        sentence.push_str("; no sensible number of rounds would decide it");
    }
    sentence
}

/// The answers that had no look yet.
fn unlooked_at(settlement: &Settlement) -> Vec<&Answer> {
    let answers = settlement.answers.iter();
    answers.filter(|answer| is_unlooked_at(answer)).collect()
}

fn is_unlooked_at(answer: &Answer) -> bool {
    matches!(
        answer.verdict,
        Verdict::Undecided(Reason::TooFewRounds { .. })
    )
}

/// What many benchmarks that had no look have in common.
fn in_one_sentence(settlement: &Settlement, unlooked: &[&Answer], quote: Quote) -> String {
    let shown: Vec<String> = unlooked
        .iter()
        .take(LISTED)
        .map(|answer| subject(answer, quote))
        .collect();
    let rounds = unlooked.iter().map(|answer| answer.rounds);
    let seconds = unlooked
        .iter()
        .filter_map(|answer| to_decide(settlement, answer));
    format!(
        "{} and {} more: at most {} of the {} that a first look needs; about {} more would probably decide them",
        shown.join(", "),
        unlooked.len() - LISTED,
        words::rounds(rounds.max().unwrap_or_default()),
        settlement.plan.looks.first().copied().unwrap_or_default(),
        duration(seconds.map(|(_, seconds)| seconds).sum())
    )
}

/// The benchmark of an answer, and how it was run where that is not obvious.
pub(super) fn subject(answer: &Answer, quote: Quote) -> String {
    let id = quote(&answer.question.key.id);
    match answer.question.aspect {
        Aspect::Work => id,
        Aspect::Parallel => format!("{id} (parallel)"),
    }
}

/// How many more rounds an answer probably needs, and what they take in seconds.
pub fn to_decide(settlement: &Settlement, answer: &Answer) -> Option<(u32, f64)> {
    let planned = words::planned(settlement, answer)?;
    let counting = answer.rounds_to_decide?.saturating_sub(answer.rounds);
    // As many in a hundred will be dropped as so far.
    let run = f64::from(answer.rounds + answer.dropped) / f64::from(answer.rounds.max(1));
    let rounds = (f64::from(counting) * run.clamp(1.0, 2.0)).ceil();
    Some((rounds as u32, rounds * 2.0 * planned.process_seconds))
}

/// What all that is undecided and can be decided takes, in seconds.
pub fn seconds_to_decide(settlement: &Settlement) -> Option<f64> {
    let costs: Vec<f64> = settlement
        .answers
        .iter()
        .filter_map(|answer| to_decide(settlement, answer))
        .map(|(_, seconds)| seconds)
        .collect();
    (!costs.is_empty()).then(|| costs.iter().sum())
}

/// A budget that leaves room for what was underestimated, as it is typed: `90s`, `10m`.
pub(super) fn budget(seconds: f64) -> String {
    let ample = (seconds * 1.3).max(30.0);
    match ample <= 90.0 {
        true => format!("{:.0}s", (ample / 30.0).ceil() * 30.0),
        false => format!("{:.0}m", (ample / 60.0).ceil()),
    }
}
