//! Verdicts whose right answer is known: how honest a machine lets them be.

use std::collections::BTreeMap;

use super::{benchmark::BenchmarkKey, question::Question, revision::Provenance, verdict::Verdict};

/// A self-test: one or more runs of the same suite on the same machine.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selftest {
    /// The runs, in the order they were made.
    pub runs: Vec<Run>,
}

impl Selftest {
    /// All tries of all runs.
    pub fn tries(&self) -> impl Iterator<Item = &Try> {
        self.runs.iter().flat_map(|run| &run.tries)
    }
}

/// One call of the program.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// What it ran, and where.
    pub provenance: Provenance,
    /// What was tried, in the order it was.
    pub tries: Vec<Try>,
}

/// What is compared in a try.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Injection {
    /// δ of the verdicts about the work, as a ratio less one.
    pub margin: f64,
    /// How many percent more work one of the sides has.
    pub percent: u32,
}

/// The side that has more work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slowed {
    /// The side before the change, so that the change is an improvement.
    Before,
    /// The side with the change, so that it is a regression.
    After,
}

/// The whole suite, compared once by us and once by Criterion.
#[derive(Clone, Debug, PartialEq)]
pub struct Try {
    /// What was injected.
    pub injection: Injection,
    /// Into which side. Without a slowdown it says nothing.
    pub slowed: Slowed,
    /// Our verdicts.
    pub ours: Vec<Judged>,
    /// What they took together, in seconds.
    pub ours_seconds: f64,
    /// Criterion's verdicts.
    pub criterion: Vec<CriterionJudged>,
    /// What its warm-ups and measurements took together, in seconds: its analysis is not counted against it.
    pub criterion_seconds: f64,
}

/// One of our verdicts.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The question.
    pub question: Question,
    /// What was claimed.
    pub claim: Claim,
    /// The estimate of the change as a ratio less one; `None` before the first look.
    pub change: Option<f64>,
    /// Half of the interval's width, as a ratio less one.
    pub half_width: Option<f64>,
    /// The rounds that it took.
    pub rounds: u32,
    /// The time that its processes took, in seconds.
    pub process_seconds: f64,
}

/// What a verdict claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Claim {
    /// More time after the change.
    Regressed,
    /// Less time.
    Improved,
    /// A difference of less than the margin.
    Unchanged,
    /// Nothing.
    Undecided,
}

impl From<&Verdict> for Claim {
    fn from(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Regressed => Self::Regressed,
            Verdict::Improved => Self::Improved,
            Verdict::Unchanged => Self::Unchanged,
            Verdict::Undecided(_) => Self::Undecided,
        }
    }
}

/// One of Criterion's verdicts.
#[derive(Clone, Debug, PartialEq)]
pub struct CriterionJudged {
    /// The benchmark.
    pub key: BenchmarkKey,
    /// What Criterion printed.
    pub verdict: CriterionVerdict,
}

/// What Criterion says about a benchmark and its baseline, in its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CriterionVerdict {
    /// "Performance has regressed."
    Regressed,
    /// "Performance has improved."
    Improved,
    /// "Change within noise threshold."
    WithinNoise,
    /// "No change in performance detected."
    NoChange,
}

impl From<CriterionVerdict> for Claim {
    /// Criterion does not tell a change that it rules out from one that it cannot see.
    fn from(verdict: CriterionVerdict) -> Self {
        match verdict {
            CriterionVerdict::Regressed => Self::Regressed,
            CriterionVerdict::Improved => Self::Improved,
            CriterionVerdict::WithinNoise | CriterionVerdict::NoChange => Self::Unchanged,
        }
    }
}

/// All tries of one injection.
#[derive(Clone, Debug, PartialEq)]
pub struct Injected {
    /// The injection.
    pub injection: Injection,
    /// How often the suite was tried.
    pub suites: u32,
    /// How many of these suites had one or more false verdicts.
    pub suites_with_false_verdicts: Pair<u32>,
    /// Seconds that one of our verdicts took: the median over the suites, each divided by its verdicts.
    pub seconds_per_verdict: f64,
    /// All questions about the work together.
    pub work: Pair<Tally>,
    /// Half of the width of our intervals on the work, the median, as a ratio less one.
    pub half_width: Option<f64>,
    /// Question by question.
    pub questions: BTreeMap<Question, Pair<Tally>>,
}

/// What belongs to us, and what to Criterion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pair<T> {
    /// Of our verdicts.
    pub ours: T,
    /// Of Criterion's.
    pub criterion: T,
}

/// How often what was claimed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// There is a change, and its direction is this one.
    pub found: u32,
    /// A change where there is none, or the wrong direction.
    pub wrong: u32,
    /// No change that matters.
    pub unchanged: u32,
    /// Nothing.
    pub undecided: u32,
}

impl Tally {
    /// All verdicts.
    pub fn total(&self) -> u32 {
        self.found + self.wrong + self.unchanged + self.undecided
    }

    /// Adds another count to this one.
    pub fn add(&mut self, other: Self) {
        self.found += other.found;
        self.wrong += other.wrong;
        self.unchanged += other.unchanged;
        self.undecided += other.undecided;
    }
}
