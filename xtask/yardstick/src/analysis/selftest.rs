//! From tries to how often a verdict was right.

use std::collections::BTreeMap;

use crate::model::{
    question::{Aspect, Question},
    selftest::{Claim, Injected, Injection, Pair, Slowed, Tally, Try},
};

/// Counts the claims of all tries, by margin and then by change.
pub fn summarise<'t>(tries: impl Iterator<Item = &'t Try>) -> Vec<Injected> {
    let mut groups: BTreeMap<(u64, u32), Vec<&Try>> = BTreeMap::new();
    for one in tries {
        let Injection { margin, percent } = one.injection;
        // The bits of positive numbers are in the numbers' order; larger margins come first.
        let group = (!margin.to_bits(), percent);
        groups.entry(group).or_default().push(one);
    }
    let summaries = groups.values().filter_map(|tries| injected(tries));
    summaries.collect()
}

fn injected(tries: &[&Try]) -> Option<Injected> {
    let injection = tries.first()?.injection;
    let mut summary = Injected {
        injection,
        suites: tries.len() as u32,
        suites_with_false_verdicts: Pair::default(),
        seconds_per_verdict: 0.0,
        work: Pair::default(),
        half_width: None,
        questions: BTreeMap::new(),
    };
    let mut half_widths = Vec::new();
    let mut seconds = Vec::new();
    for one in tries {
        let mut is_false = Pair::<bool>::default();
        for judged in &one.ours {
            let tally = tally(one, judged.claim);
            is_false.ours |= tally.wrong > 0;
            let of_question = summary.questions.entry(judged.question.clone());
            of_question.or_default().ours.add(tally);
            if judged.question.aspect == Aspect::Work {
                summary.work.ours.add(tally);
                half_widths.extend(judged.half_width);
            }
        }
        for judged in &one.criterion {
            let tally = tally(one, judged.verdict.into());
            is_false.criterion |= tally.wrong > 0;
            let question = Question {
                key: judged.key.clone(),
                aspect: Aspect::Work,
            };
            let of_question = summary.questions.entry(question);
            of_question.or_default().criterion.add(tally);
            summary.work.criterion.add(tally);
        }
        summary.suites_with_false_verdicts.ours += u32::from(is_false.ours);
        summary.suites_with_false_verdicts.criterion += u32::from(is_false.criterion);
        seconds.push(one.ours_seconds / one.ours.len().max(1) as f64);
    }
    summary.half_width = median(&mut half_widths);
    summary.seconds_per_verdict = median(&mut seconds).unwrap_or_default();
    Some(summary)
}

/// A claim, held against what was injected.
fn tally(one: &Try, claim: Claim) -> Tally {
    let truth = match (one.injection.percent, one.slowed) {
        (0, _) => None,
        (_, Slowed::After) => Some(Claim::Regressed),
        (_, Slowed::Before) => Some(Claim::Improved),
    };
    let mut tally = Tally::default();
    match claim {
        Claim::Undecided => tally.undecided = 1,
        Claim::Unchanged => tally.unchanged = 1,
        Claim::Regressed | Claim::Improved if truth == Some(claim) => tally.found = 1,
        Claim::Regressed | Claim::Improved => tally.wrong = 1,
    }
    tally
}

fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = values.get(values.len() / 2)?;
    let lower = values.get((values.len() - 1) / 2)?;
    Some(f64::midpoint(*lower, *upper))
}

#[cfg(test)]
mod tests;
