//! A question of a settlement with its answer.

use serde::Serialize;

use super::{Key, key};
use crate::{
    model::{
        question::{Aspect, Planned},
        round::Failure,
        settlement::Settlement,
        units::Unit,
        verdict::{self, Answer, Grade, Ground, Reason, Verdict},
    },
    render::settlement::{planned, reason_in_words, statistic, to_decide},
};

#[derive(Serialize)]
pub(super) struct Question<'s> {
    #[serde(flatten)]
    key: Key<'s>,
    /// `work`: pinned to one CPU; `parallel`: on all.
    aspect: &'static str,
    /// `regressed`, `improved`, `unchanged` or `undecided`.
    verdict: &'static str,
    /// Why nothing could be shown.
    reason: Option<ReasonGiven>,
    /// `pass`, `warn` or `fail`.
    grade: &'static str,
    /// `floor`, `typical` or `tail`.
    ground: Option<&'static str>,
    margin: Margin,
    /// `ns`, `bytes` or `percent`.
    unit: Option<&'static str>,
    before: Option<f64>,
    after: Option<f64>,
    floor: Option<Interval>,
    typical: Option<Interval>,
    tail: Vec<Interval>,
    modes: Option<Sides<Vec<Mode>>>,
    rounds: u32,
    dropped: u32,
    more_rounds_to_decide: Option<u32>,
    seconds_to_decide: Option<f64>,
}

#[derive(Serialize)]
struct ReasonGiven {
    /// `noise`, `straddles-margin`, `starved`, `layout-sensitive`, `too-few-rounds` or `failed`.
    kind: &'static str,
    text: String,
    /// What failed where: `crashed`, `hung` or `not-measured`.
    failed: Option<Sides<Option<&'static str>>>,
}

#[derive(Serialize)]
struct Margin {
    relevant: f64,
    warn: f64,
    fail: f64,
}

#[derive(Serialize)]
struct Interval {
    /// `minimum`, `lower quartile`, `median`, `p95` or `p99`.
    statistic: &'static str,
    change: f64,
    lower: f64,
    upper: f64,
    alpha: f64,
    smallest_visible_change: f64,
}

#[derive(Serialize)]
struct Mode {
    level: f64,
    share: f64,
}

#[derive(Serialize)]
pub(super) struct Sides<T> {
    pub(super) before: T,
    pub(super) after: T,
}

pub(super) fn of<'s>(settlement: &'s Settlement, answer: &'s Answer) -> Question<'s> {
    let planned = planned(settlement, answer);
    let more = to_decide(settlement, answer);
    Question {
        key: key(&answer.question.key),
        aspect: match answer.question.aspect {
            Aspect::Work => "work",
            Aspect::Parallel => "parallel",
        },
        verdict: match answer.verdict {
            Verdict::Regressed => "regressed",
            Verdict::Improved => "improved",
            Verdict::Unchanged => "unchanged",
            Verdict::Undecided(_) => "undecided",
        },
        reason: match &answer.verdict {
            Verdict::Undecided(reason) => Some(reason_given(settlement, reason)),
            _ => None,
        },
        grade: match answer.grade {
            Grade::Pass => "pass",
            Grade::Warn => "warn",
            Grade::Fail => "fail",
        },
        ground: answer.ground.map(|ground| match ground {
            Ground::Floor => "floor",
            Ground::Typical => "typical",
            Ground::Tail => "tail",
        }),
        margin: Margin {
            relevant: answer.margin.relevant,
            warn: answer.margin.warn,
            fail: answer.margin.fail,
        },
        unit: planned.map(|Planned { unit, .. }| match unit {
            Unit::Nanoseconds => "ns",
            Unit::Bytes => "bytes",
            Unit::Percent => "percent",
        }),
        before: answer.decisive_levels.map(|levels| levels.before),
        after: answer.decisive_levels.map(|levels| levels.after),
        floor: answer.floor.as_ref().map(interval),
        typical: answer.typical.as_ref().map(interval),
        tail: answer.tail.iter().map(interval).collect(),
        modes: answer.modes.as_ref().map(|sides| Sides {
            before: modes(&sides.before),
            after: modes(&sides.after),
        }),
        rounds: answer.rounds,
        dropped: answer.dropped,
        more_rounds_to_decide: more.map(|(rounds, _)| rounds),
        seconds_to_decide: more.map(|(_, seconds)| seconds),
    }
}

fn reason_given(settlement: &Settlement, reason: &Reason) -> ReasonGiven {
    let failure = |failure: &Option<Failure>| {
        failure.as_ref().map(|failure| match failure {
            Failure::Crashed { .. } => "crashed",
            Failure::Hung { .. } => "hung",
            Failure::NotMeasured => "not-measured",
        })
    };
    ReasonGiven {
        kind: match reason {
            Reason::Noise => "noise",
            Reason::StraddlesMargin => "straddles-margin",
            Reason::Starved { .. } => "starved",
            Reason::LayoutSensitive => "layout-sensitive",
            Reason::TooFewRounds { .. } => "too-few-rounds",
            Reason::Failed(_) => "failed",
        },
        text: reason_in_words(settlement, reason),
        failed: match reason {
            Reason::Failed(sides) => Some(Sides {
                before: failure(&sides.before),
                after: failure(&sides.after),
            }),
            _ => None,
        },
    }
}

fn interval(interval: &verdict::Interval) -> Interval {
    let (lower, upper) = interval.change_bounds();
    Interval {
        statistic: statistic(interval.statistic),
        change: interval.change(),
        lower,
        upper,
        alpha: interval.alpha,
        smallest_visible_change: interval.smallest_visible_change(),
    }
}

fn modes(modes: &[verdict::Mode]) -> Vec<Mode> {
    let modes = modes.iter();
    modes
        .map(|mode| Mode {
            level: mode.level,
            share: mode.share,
        })
        .collect()
}
