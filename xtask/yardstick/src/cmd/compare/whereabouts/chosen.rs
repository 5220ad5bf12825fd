//! Which benchmarks are recorded.

use std::collections::{BTreeMap, BTreeSet};

use super::super::request::Where;
use crate::{
    cmd::{Context, counted, did_you_mean::list_shortly},
    model::{
        benchmark::BenchmarkKey,
        comparison::Sides,
        question::{Aspect, Planned, Question},
        settlement::Settlement,
        units::Unit,
        verdict::{Answer, Ground, Verdict},
    },
};

/// So many changed benchmarks are recorded without being asked for: beyond that it takes longer than the rounds did.
const MOST_UNASKED: usize = 8;

/// A benchmark to be recorded.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Subject {
    /// How it runs. Of two questions about it the one that changed, and of two that changed the one about its work.
    pub(super) question: Question,
    /// Its key before the change, where it was renamed since.
    pub(super) renamed_from: Option<BenchmarkKey>,
    /// The CPU that its processes run on.
    pub(super) cpu: Option<u32>,
    /// What one of its processes takes besides what it measures, in seconds.
    pub(super) set_up_seconds: f64,
    /// What the rounds measured: the time of one iteration, in ns.
    pub(super) times_ns: Option<Sides<f64>>,
}

impl Subject {
    /// The benchmark as each side knows it.
    pub(super) fn keys(&self) -> Sides<&BenchmarkKey> {
        let after = &self.question.key;
        Sides {
            before: self.renamed_from.as_ref().unwrap_or(after),
            after,
        }
    }
}

/// What is to be recorded.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Chosen {
    /// The benchmarks, in key order.
    pub(super) subjects: Vec<Subject>,
    /// Benchmarks that changed and are left out, because there are so many.
    pub(super) left_out: Vec<BenchmarkKey>,
}

/// Chooses among the benchmarks that were asked about.
pub(super) fn choose(asked: &Where, settlement: &Settlement) -> Chosen {
    let mut subjects = subjects(settlement);
    match asked {
        Where::Nowhere => subjects.clear(),
        Where::Changed => return most_changed(settlement, subjects),
        Where::All => {}
        Where::Matching(suite) if is_suite(settlement, suite) => {
            subjects.retain(|subject| subject.question.key.suite == *suite);
        }
        Where::Matching(part) => subjects.retain(|subject| subject.question.key.id.contains(part)),
    }
    Chosen {
        subjects,
        left_out: Vec::new(),
    }
}

/// Says what is left out, and what means nothing.
pub(super) fn say(context: &Context<'_>, asked: &Where, settlement: &Settlement, chosen: &Chosen) {
    if let [first, ..] = chosen.left_out.as_slice() {
        context.host.note(&format!(
            "of {} that changed the {MOST_UNASKED} with the largest changes are recorded; record others by `--more --where {}`, or `--where all`\n",
            counted(chosen.left_out.len() + chosen.subjects.len(), "benchmark"),
            first.id
        ));
    }
    if let (Where::Matching(filter), true) = (asked, chosen.subjects.is_empty()) {
        let questions = settlement.plan.questions.iter();
        let ids: BTreeSet<&str> = questions.map(|one| one.question.key.id.as_str()).collect();
        context.warn(&format!(
            "`--where {filter}` means none of the benchmarks that were compared; {}",
            list_shortly("compared", ids)
        ));
    }
}

fn is_suite(settlement: &Settlement, filter: &str) -> bool {
    let mut questions = settlement.plan.questions.iter();
    questions.any(|planned| planned.question.key.suite == *filter)
}

/// All benchmarks that were asked about, in key order.
fn subjects(settlement: &Settlement) -> Vec<Subject> {
    let mut best: BTreeMap<&BenchmarkKey, (&Planned, Option<&Answer>)> = BTreeMap::new();
    for planned in &settlement.plan.questions {
        let answer = answer(settlement, &planned.question);
        let rank = |planned: &Planned, answer: Option<&Answer>| {
            let is_work = planned.question.aspect == Aspect::Work;
            (answer.is_some_and(has_changed), is_work)
        };
        let new = rank(planned, answer);
        let best = best
            .entry(&planned.question.key)
            .or_insert((planned, answer));
        if new > rank(best.0, best.1) {
            *best = (planned, answer);
        }
    }
    let subject = |(planned, answer): (&Planned, Option<&Answer>)| Subject {
        question: planned.question.clone(),
        renamed_from: planned.renamed_from.clone(),
        cpu: planned.cpu,
        set_up_seconds: planned.process_seconds,
        times_ns: answer
            .and_then(|answer| answer.levels)
            .filter(|_| planned.unit == Unit::Nanoseconds),
    };
    best.into_values().map(subject).collect()
}

fn answer<'a>(settlement: &'a Settlement, question: &Question) -> Option<&'a Answer> {
    let mut answers = settlement.answers.iter();
    answers.find(|answer| answer.question == *question)
}

fn has_changed(answer: &Answer) -> bool {
    matches!(answer.verdict, Verdict::Regressed | Verdict::Improved)
}

fn most_changed(settlement: &Settlement, subjects: Vec<Subject>) -> Chosen {
    let change = |subject: Subject| {
        let answer = answer(settlement, &subject.question)?;
        has_changed(answer).then(|| (log_change(answer), subject))
    };
    let mut changed: Vec<(f64, Subject)> = subjects.into_iter().filter_map(change).collect();
    changed.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let left_out = changed.split_off(changed.len().min(MOST_UNASKED));
    let mut subjects: Vec<Subject> = changed.into_iter().map(|(_, subject)| subject).collect();
    subjects.sort_by(|a, b| a.question.cmp(&b.question));
    let key = |(_, subject): (f64, Subject)| subject.question.key;
    Chosen {
        subjects,
        left_out: left_out.into_iter().map(key).collect(),
    }
}

/// The size of a change: |ln(after/before)| by what made the verdict.
fn log_change(answer: &Answer) -> f64 {
    let intervals = match answer.ground {
        Some(Ground::Tail) => answer.tail.as_slice(),
        Some(Ground::Typical) => answer.typical.as_slice(),
        Some(Ground::Floor) | None => answer.floor.as_slice(),
    };
    let sizes = intervals.iter().map(|interval| interval.estimate.abs());
    sizes.fold(0.0, f64::max)
}

#[cfg(test)]
mod tests;
