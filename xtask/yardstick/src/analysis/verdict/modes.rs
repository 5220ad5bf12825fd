//! Levels that depend on where the linker put the code, and on nothing else that a round
//! varies.

use super::statistic::{log_ratio, quantile};
use crate::model::{comparison::Sides, question::Margin, verdict::Mode};

/// A cluster with a smaller share of the processes is a tail, not a mode.
const LEAST_SHARE: f64 = 0.1;
/// A cluster of fewer processes is an accident.
const LEAST_PROCESSES: usize = 3;
/// So many times the spread within clusters has to be between them.
const LEAST_GAP: f64 = 4.0;

/// The modes of both sides; `None` where neither side has several.
///
/// A side has several where a gap parts the levels of its processes that is wide against the
/// spread on either side of it, and against the margin. If the machine as a whole was slower
/// for a while, both halves of the rounds of that time were, and their ratio was not touched:
/// such a gap is no mode.
pub(super) fn modes(levels: &[Sides<f64>], margin: &Margin) -> Option<Sides<Vec<Mode>>> {
    let found = Sides {
        before: of_side(levels, |levels| levels.before, margin),
        after: of_side(levels, |levels| levels.after, margin),
    };
    let several = found.before.len() > 1 || found.after.len() > 1;
    several.then_some(found)
}

/// The modes of one side, ascending: one, where nothing parts its levels.
fn of_side(levels: &[Sides<f64>], side: fn(&Sides<f64>) -> f64, margin: &Margin) -> Vec<Mode> {
    let mut ascending: Vec<f64> = levels.iter().map(side).collect();
    ascending.sort_by(f64::total_cmp);
    let least = LEAST_PROCESSES.max((ascending.len() as f64 * LEAST_SHARE).ceil() as usize);
    let mut starts = vec![0];
    starts.extend(gaps(&ascending, 0, least, margin.log_ratio()));
    starts.retain(|start| *start == 0 || by_layout(levels, side, &ascending, *start));
    let ends = starts.iter().skip(1).copied().chain([ascending.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(start, end)| Mode {
            level: quantile(&ascending[*start..end], 0.5),
            share: (end - start) as f64 / ascending.len() as f64,
        })
        .collect()
}

/// Where clusters begin, but for the first one: indexes into all levels, ascending, of which
/// `ascending` are those from `offset` on.
fn gaps(ascending: &[f64], offset: usize, least: usize, margin: f64) -> Vec<usize> {
    let admissible = least..(ascending.len() + 1).saturating_sub(least);
    let gap = |start: usize| distance(ascending[start - 1], ascending[start]);
    let Some(start) = admissible.max_by(|a, b| gap(*a).total_cmp(&gap(*b))) else {
        return Vec::new();
    };
    let (fast, slow) = ascending.split_at(start);
    let between = distance(quantile(fast, 0.9), quantile(slow, 0.1));
    let within = |cluster: &[f64]| distance(quantile(cluster, 0.1), quantile(cluster, 0.9));
    if between <= margin || between < LEAST_GAP * within(fast).max(within(slow)) {
        return Vec::new();
    }
    let mut starts = gaps(fast, offset, least, margin);
    starts.push(offset + start);
    starts.extend(gaps(slow, offset + start, least, margin));
    starts
}

/// Whether the other half of a round took no part in the gap before `ascending[start]`.
fn by_layout(
    levels: &[Sides<f64>],
    side: fn(&Sides<f64>) -> f64,
    ascending: &[f64],
    start: usize,
) -> bool {
    let (slow, fast): (Vec<_>, Vec<_>) = levels
        .iter()
        .partition(|levels| side(levels) >= ascending[start]);
    let mean_ratio = |rounds: &[&Sides<f64>]| {
        let sum: f64 = rounds.iter().map(|levels| log_ratio(**levels)).sum();
        sum / rounds.len() as f64
    };
    let touched = (mean_ratio(&slow) - mean_ratio(&fast)).abs();
    touched > distance(ascending[start - 1], ascending[start]) / 2.0
}

/// The distance between two levels, as a log ratio.
fn distance(low: f64, high: f64) -> f64 {
    log_ratio(Sides {
        before: low,
        after: high,
    })
}
