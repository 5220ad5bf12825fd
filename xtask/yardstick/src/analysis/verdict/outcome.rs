//! From intervals to a verdict.

use crate::model::{
    question::Margin,
    verdict::{Grade, Ground, Interval, Reason, Verdict},
};

/// A verdict with what made it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Outcome {
    pub(super) verdict: Verdict,
    pub(super) ground: Option<Ground>,
    pub(super) grade: Grade,
}

impl Outcome {
    /// Nothing could be shown.
    pub(super) fn undecided(reason: Reason) -> Self {
        Self {
            verdict: Verdict::Undecided(reason),
            ground: None,
            grade: Grade::Pass,
        }
    }
}

/// The verdict of one look, from its intervals with their grounds, the floor first.
///
/// The floor makes it, unless it shows no regression while the median or a percentile does:
/// that is one as well, and says on which ground.
pub(super) fn outcome(intervals: &[(Ground, Interval)], margin: &Margin) -> Outcome {
    let regression = intervals
        .iter()
        .find(|(_, interval)| shown(interval, margin) == Verdict::Regressed);
    if let Some((ground, interval)) = regression {
        return Outcome {
            verdict: Verdict::Regressed,
            ground: Some(*ground),
            grade: grade(interval, margin),
        };
    }
    let floor = intervals
        .iter()
        .find(|(ground, _)| *ground == Ground::Floor);
    match floor.map(|(_, interval)| shown(interval, margin)) {
        None => Outcome::undecided(Reason::Noise),
        Some(Verdict::Undecided(reason)) => Outcome::undecided(reason),
        Some(verdict) => Outcome {
            verdict,
            ground: Some(Ground::Floor),
            grade: Grade::Pass,
        },
    }
}

/// What one interval shows.
fn shown(interval: &Interval, margin: &Margin) -> Verdict {
    let d = margin.log_ratio();
    let Interval {
        estimate,
        lower,
        upper,
        ..
    } = *interval;
    if lower > 0.0 && estimate >= d {
        Verdict::Regressed
    } else if upper < 0.0 && estimate <= -d {
        Verdict::Improved
    } else if -d < lower && upper < d {
        Verdict::Unchanged
    } else if upper - lower > 2.0 * d {
        Verdict::Undecided(Reason::Noise)
    } else {
        Verdict::Undecided(Reason::StraddlesMargin)
    }
}

/// How bad a regression of this size is.
fn grade(interval: &Interval, margin: &Margin) -> Grade {
    if interval.estimate >= margin.fail.ln_1p() {
        Grade::Fail
    } else if interval.estimate >= margin.warn.ln_1p() {
        Grade::Warn
    } else {
        Grade::Pass
    }
}

/// The look at which an undecided question would probably be decided, if the estimate stayed
/// where it is and the width shrank with the square root of the rounds (early on it shrinks
/// faster, as an interval of few rounds reaches nearly as far as they do). `None` where that is
/// beyond the last look of the plan.
pub(super) fn rounds_to_decide(
    floor: &Interval,
    margin: &Margin,
    rounds: u32,
    looks: &[u32],
) -> Option<u32> {
    let distance = floor.estimate.abs();
    let d = margin.log_ratio();
    // Beyond the margin 0 has to leave the interval, within it the margin's edge.
    let room = if distance >= d {
        distance
    } else {
        d - distance
    };
    let half_width = (floor.upper - floor.lower) / 2.0;
    let needed = f64::from(rounds) * (half_width / room).powi(2);
    looks
        .iter()
        .copied()
        .find(|look| *look > rounds && f64::from(*look) >= needed)
}
