//! The answer to a question, and what it rests on.

use super::{
    comparison::Sides,
    question::{Margin, Question},
    round::Failure,
};

/// What can be said with the stated error rate.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// More time (or bytes) after the change, by at least the margin.
    Regressed,
    /// Less of it, by at least the margin.
    Improved,
    /// Shown to differ by less than the margin: never a lack of evidence.
    Unchanged,
    /// None of these could be shown.
    Undecided(Reason),
}

/// Why nothing could be shown.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// The rounds scatter so much that the interval is wider than two margins.
    Noise,
    /// The interval is narrow enough, but the edge of the margin lies in it.
    StraddlesMargin,
    /// Others had the machine: too few rounds are left after those that were dropped.
    Starved {
        /// How many rounds were dropped.
        dropped: u32,
    },
    /// The benchmark has modes that depend on the layout, so that no single number describes it.
    LayoutSensitive,
    /// Too few rounds for the first look: time was up, or a signal came.
    TooFewRounds {
        /// The rounds that count.
        rounds: u32,
        /// The rounds of the first look.
        needed: u32,
    },
    /// A side fails where the other one runs, or both do.
    Failed(Sides<Option<Failure>>),
}

/// The number that stands for a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Statistic {
    /// The smallest of its measurements.
    Minimum,
    /// Their lower quartile.
    LowerQuartile,
    /// Their median.
    Median,
    /// The 95th percentile of its single operations.
    P95,
    /// The 99th.
    P99,
}

/// What is said about the ratio after/before by one statistic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// What stands for a process.
    pub statistic: Statistic,
    /// Hodges–Lehmann estimate of ln(after/before).
    pub estimate: f64,
    /// The exact signed-rank interval's lower end, ln(after/before).
    pub lower: f64,
    /// Its upper end.
    pub upper: f64,
    /// The two-sided error rate that the interval was asked for: 1 − confidence.
    pub alpha: f64,
}

impl Interval {
    /// The estimate as a change: 0.03 is 3 % more after than before.
    pub fn change(&self) -> f64 {
        self.estimate.exp_m1()
    }

    /// The interval's ends as changes.
    pub fn change_bounds(&self) -> (f64, f64) {
        (self.lower.exp_m1(), self.upper.exp_m1())
    }

    /// Half of its width, as a change: what could have been told from no change.
    pub fn smallest_visible_change(&self) -> f64 {
        ((self.upper - self.lower) / 2.0).exp_m1()
    }
}

/// Which of its statistics made a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// The one with the narrowest spread.
    Floor,
    /// The median: a typical iteration.
    Typical,
    /// A high percentile of single operations.
    Tail,
}

/// A cluster of levels that a benchmark's processes fall into, depending on the layout.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mode {
    /// The median level of its processes, in the benchmark's unit.
    pub level: f64,
    /// The share of processes in it, 0 to 1.
    pub share: f64,
}

/// How bad a regression is by the levels of its margin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// No regression, or one below both levels.
    Pass,
    /// At least the level of a warning.
    Warn,
    /// At least the level that fails a gate.
    Fail,
}

/// The answer to one question.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The question.
    pub question: Question,
    /// Its margin.
    pub margin: Margin,
    /// The verdict.
    pub verdict: Verdict,
    /// Which statistic made it; `None` where it is undecided, or the executables are the same.
    pub ground: Option<Ground>,
    /// How bad it is.
    pub grade: Grade,
    /// The interval by the statistic with the narrowest spread; `None` before the first look.
    pub floor: Option<Interval>,
    /// The interval by the median.
    pub typical: Option<Interval>,
    /// The intervals by high percentiles of single operations, p95 before p99.
    pub tail: Vec<Interval>,
    /// The median over the rounds of the floor's statistic, in the benchmark's unit.
    pub levels: Option<Sides<f64>>,
    /// The median over the rounds of the statistic that made the verdict, or else of the floor's; by a high percentile these are
    /// levels of single operations.
    pub decisive_levels: Option<Sides<f64>>,
    /// Its modes, where it has several on a side.
    pub modes: Option<Sides<Vec<Mode>>>,
    /// Rounds that the answer rests on: those that count, up to its look; before the first look, all that count.
    pub rounds: u32,
    /// Rounds that were dropped for what was recorded around them, failed ones included.
    pub dropped: u32,
    /// After how many rounds that count it would probably be decided; `None` where it is, or where no sensible number
    /// does it.
    pub rounds_to_decide: Option<u32>,
}

impl Answer {
    /// The interval that the verdict stands on; that of the floor, where there is no verdict.
    pub fn decisive(&self) -> Option<&Interval> {
        match self.ground {
            Some(Ground::Typical) => self.typical.as_ref(),
            Some(Ground::Tail) => self.decisive_tail(),
            Some(Ground::Floor) | None => self.floor.as_ref(),
        }
    }

    /// Of several percentiles, the one whose change is largest in the direction of the verdict.
    fn decisive_tail(&self) -> Option<&Interval> {
        let towards = match self.verdict {
            Verdict::Improved => -1.0,
            _ => 1.0,
        };
        let further = |a: &&Interval, b: &&Interval| {
            (towards * a.estimate).total_cmp(&(towards * b.estimate))
        };
        self.tail.iter().max_by(further)
    }
}
