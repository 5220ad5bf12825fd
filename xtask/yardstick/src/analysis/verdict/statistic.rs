//! What stands for a process, and which of it has the narrowest spread.

use crate::model::{comparison::Sides, verdict::Statistic};

/// The statistics that the floor is chosen from. Where two are as good, the earlier one is.
pub(super) const FLOOR_CANDIDATES: [Statistic; 3] = [
    Statistic::Minimum,
    Statistic::LowerQuartile,
    Statistic::Median,
];

/// A ratio beyond a million to one counts as a million to one, so that a benchmark that went
/// from no bytes to some has an answer in finite numbers.
const GREATEST_RATIO: f64 = 1e6;

/// The quantile of ascending values, interpolated between the two nearest ranks: type 7 of
/// Hyndman and Fan (1996), which R and NumPy use as well. `ascending` is not empty.
pub fn quantile(ascending: &[f64], share: f64) -> f64 {
    let position = share * (ascending.len() - 1) as f64;
    let below = position.floor();
    let (low, high) = (
        ascending[below as usize],
        ascending[position.ceil() as usize],
    );
    low + (high - low) * (position - below)
}

/// The levels of one process by each of [`FLOOR_CANDIDATES`]; it has at least one measurement.
pub(super) fn levels(per_iteration: &[f64]) -> [f64; 3] {
    let mut ascending: Vec<f64> = per_iteration
        .iter()
        .copied()
        .filter(is_measurement)
        .collect();
    ascending.sort_by(f64::total_cmp);
    [0.0, 0.25, 0.5].map(|share| quantile(&ascending, share))
}

/// Whether a value can have been measured: a bench that times itself may divide by zero.
pub(super) fn is_measurement(value: &f64) -> bool {
    value.is_finite() && *value >= 0.0
}

/// ln(after/before).
///
/// Written as a difference, it changes its sign and nothing else when the sides change places,
/// to the last bit. Two equal levels differ by nothing, also where both are 0.
pub(super) fn log_ratio(levels: Sides<f64>) -> f64 {
    if levels.before == levels.after {
        return 0.0;
    }
    let greatest = GREATEST_RATIO.ln();
    (levels.after.ln() - levels.before.ln()).clamp(-greatest, greatest)
}

/// How widely log ratios spread, by a rule that their signs have no part in: the mean
/// difference (Gini 1912) of their magnitudes, times n² / 2.
///
/// Without a change, a pair of processes is as likely to come out one way round as the other,
/// so that given the magnitudes all patterns of signs are equally likely; that is what makes the
/// signed-rank test exact. A choice by the magnitudes alone leaves it so, however often one
/// looks for the best statistic; a choice by, say, the deviations from the median picks the
/// statistic whose signs fell most unevenly. Of the rules that were simulated, those for the
/// size of magnitudes prefer the statistic that a change shows in least; those for their spread
/// do not, and of these this one minds the tails and yet does not hang on the farthest value.
fn spread(log_ratios: &[f64]) -> f64 {
    let mut magnitudes: Vec<f64> = log_ratios.iter().map(|y| y.abs()).collect();
    magnitudes.sort_by(f64::total_cmp);
    let n = magnitudes.len() as f64;
    let weighted = magnitudes
        .iter()
        .enumerate()
        .map(|(index, magnitude)| (2.0 * index as f64 + 1.0 - n) * magnitude);
    weighted.sum()
}

/// Which of the floor's candidates has the narrowest spread.
pub(super) fn narrowest(candidates: &[Vec<f64>; 3]) -> usize {
    let spreads = candidates.each_ref().map(|y| spread(y));
    let mut best = 0;
    for candidate in 1..spreads.len() {
        if spreads[candidate] < spreads[best] {
            best = candidate;
        }
    }
    best
}

#[cfg(test)]
mod tests;
