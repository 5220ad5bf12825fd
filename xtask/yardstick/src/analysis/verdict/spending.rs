//! How the chance of a false verdict, stated for the whole run, is spent: on questions, on
//! looks, and on the statistics of one question.
//!
//! With m questions, K looks in the first run and a reserve r for continuing it, a look of the
//! first run may err with `α (1 − r) / (m K)`, and each look beyond spends half of what is left
//! of `α r / m`. By Bonferroni's inequality all of it together is below α, whatever depends on
//! whatever.

use crate::model::{question::Tail, settlement::Plan};

/// The looks of a first run.
const FIRST_RUN_LOOKS: usize = 6;
/// The share of α that is kept for continuing a run that is over.
const RESERVE: f64 = 0.1;
/// Each look comes after so many times the rounds of the one before.
const GROWTH: f64 = 1.4;
/// No look comes before so many rounds, however few questions there are.
const FEWEST_ROUNDS: u32 = 10;
/// No look for continuing a run comes after more rounds than these.
const MOST_ROUNDS: u32 = 300;
/// The share of a look's error rate that the floor may spend. It makes nearly all verdicts; as
/// an interval's width grows only slowly with confidence, the quarter it goes without costs it
/// little: at most one round before it can decide at all.
const FLOOR_SHARE: f64 = 0.75;

/// Whether a run may use the looks that were kept for continuing it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// The looks of the first run only.
    FirstRun,
    /// All of them.
    Continued,
}

/// When intervals are formed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looks {
    /// After how many rounds that count, ascending.
    pub rounds: Vec<u32>,
    /// How many of them belong to the first run.
    pub first_run: usize,
}

/// The looks of a plan in which `shares` questions share `alpha`.
///
/// The first one comes where the floor can show something at its own level (all of n signs
/// alike has a two-sided chance of 2^(1−n), so n ≥ log2(2/α) is needed) with a round to spare,
/// so that one stray round does not undo it, and where the median and, if any question has one
/// (`tail`), the high percentiles can as well: a floor that holds still must not close a
/// question whose tail was never looked at.
pub fn looks(shares: usize, alpha: f64, tail: Tail) -> Looks {
    let levels = levels(first_run_alpha(shares, alpha, FIRST_RUN_LOOKS), tail);
    let needed = |level: f64| (2.0 / level).log2().ceil() as u32;
    let first = (needed(levels.floor) + 1)
        .max(needed(levels.typical))
        .max(match tail {
            Tail::Unknown => 0,
            Tail::Exported => needed(levels.tail),
        })
        .max(FEWEST_ROUNDS);
    let all = std::iter::successors(Some(first), |rounds| {
        Some((f64::from(*rounds) * GROWTH).ceil() as u32)
    });
    Looks {
        rounds: all
            .enumerate()
            .take_while(|(index, rounds)| *index < FIRST_RUN_LOOKS || *rounds <= MOST_ROUNDS)
            .map(|(_, rounds)| rounds)
            .collect(),
        first_run: FIRST_RUN_LOOKS,
    }
}

/// The first look after more than `counted` rounds; `None` where the run is over.
pub fn next_look(plan: &Plan, counted: u32, extent: Extent) -> Option<u32> {
    within(plan, extent)
        .iter()
        .copied()
        .find(|rounds| *rounds > counted)
}

/// The looks of a plan that a run of this extent has.
pub(super) fn within(plan: &Plan, extent: Extent) -> &[u32] {
    match extent {
        Extent::FirstRun => &plan.looks[..plan.first_run_looks.min(plan.looks.len())],
        Extent::Continued => &plan.looks,
    }
}

/// What one question may spend at the look of this index.
pub fn look_alpha(plan: &Plan, look: usize) -> f64 {
    match look.checked_sub(plan.first_run_looks) {
        None => first_run_alpha(plan.shares, plan.alpha, plan.first_run_looks),
        Some(further) => {
            let halvings = i32::try_from(further).unwrap_or(i32::MAX).saturating_add(1);
            plan.alpha * RESERVE / shared_by(plan.shares) * 0.5_f64.powi(halvings)
        }
    }
}

fn first_run_alpha(shares: usize, alpha: f64, looks: usize) -> f64 {
    alpha * (1.0 - RESERVE) / shared_by(shares) / looks as f64
}

/// No question shares with itself.
fn shared_by(shares: usize) -> f64 {
    shares.max(1) as f64
}

/// The levels of the intervals of one look at one question.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Levels {
    /// Of the statistic with the narrowest spread.
    pub floor: f64,
    /// Of the median.
    pub typical: f64,
    /// Of each high percentile, p95 and p99; 0 where there is none.
    pub tail: f64,
}

/// Splits what a question may spend at a look between its statistics: three quarters to the
/// floor; the rest to the median, or half each to the median and to the two percentiles.
pub fn levels(look_alpha: f64, tail: Tail) -> Levels {
    let floor = look_alpha * FLOOR_SHARE;
    let rest = look_alpha - floor;
    match tail {
        Tail::Unknown => Levels {
            floor,
            typical: rest,
            tail: 0.0,
        },
        Tail::Exported => Levels {
            floor,
            typical: rest / 2.0,
            tail: rest / 4.0,
        },
    }
}
