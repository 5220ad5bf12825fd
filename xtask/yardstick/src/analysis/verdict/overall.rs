//! All answers in one number, which is a summary and no verdict.

use std::collections::BTreeMap;

use crate::model::{
    question::Aspect,
    settlement::{MeanRatio, Overall},
    verdict::{Answer, Verdict},
};

/// The geometric mean of after/before over the benchmarks that both sides have and that were
/// measured; `None` where there are none.
///
/// Every benchmark counts once, by its pinned runs. One with the same executable on both sides
/// counts as the ratio 1 that it is. No interval: the benchmarks are not a random choice of
/// anything, and those of one suite share much of their code.
pub fn overall(answers: &[Answer]) -> Option<Overall> {
    let mut all = LogRatios::default();
    let mut suites: BTreeMap<(String, String), LogRatios> = BTreeMap::new();
    let work = |answer: &&Answer| answer.question.aspect == Aspect::Work;
    for answer in answers.iter().filter(work) {
        let Some(log_ratio) = log_ratio(answer) else {
            continue;
        };
        let key = &answer.question.key;
        let suite = (key.package.clone(), key.suite.clone());
        all.add(log_ratio);
        suites.entry(suite).or_default().add(log_ratio);
    }
    Some(Overall {
        all: all.mean()?,
        suites: suites
            .into_iter()
            .filter_map(|(suite, log_ratios)| Some((suite, log_ratios.mean()?)))
            .collect(),
    })
}

/// The estimate of an answer; 0 where both sides are the same executable.
fn log_ratio(answer: &Answer) -> Option<f64> {
    match (&answer.floor, &answer.verdict) {
        (Some(floor), _) => Some(floor.estimate),
        (None, Verdict::Unchanged) => Some(0.0),
        (None, _) => None,
    }
}

#[derive(Default)]
struct LogRatios {
    sum: f64,
    benchmarks: usize,
}

impl LogRatios {
    fn add(&mut self, log_ratio: f64) {
        self.sum += log_ratio;
        self.benchmarks += 1;
    }

    fn mean(&self) -> Option<MeanRatio> {
        (self.benchmarks > 0).then(|| MeanRatio {
            ratio: (self.sum / self.benchmarks as f64).exp(),
            benchmarks: self.benchmarks,
        })
    }
}

#[cfg(test)]
mod tests;
