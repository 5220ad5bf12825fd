//! Everything takes longer, or less long, by one factor.

use crate::model::{comparison::Sides, difference::Finding};

use super::View;
use crate::analysis::difference::student;

/// A smaller change of the CPU time is no slowdown of everything, but noise of everything.
const LEAST_CHANGE: f64 = 0.02;
/// The part of the time from which on a function has a say.
const BIG: f64 = 0.02;
/// So many functions, with so much of the time, are everything.
const FEWEST: usize = 5;
const MOST_OF_THE_TIME: f64 = 0.5;

/// The CPU time differs beyond chance and by 2 % at least, and among the functions with 2 % of the time or more, of which there must be
/// five with a half of it, the ratio after/before is the same but for chance: Σ (after − ratio × before)² / error² is below the 95 % quantile of χ²
/// with one degree of freedom less than there are functions. That alone would also hold where nothing is known well; so each
/// of them must be known so well that one which made half of the difference by itself would lie two standard errors off.
pub(super) fn uniform(view: &View<'_>) -> Option<Finding> {
    let ratio = view.cpu.ns.ratio()?;
    if !view.cpu.is_significant() || (ratio - 1.0).abs() < LEAST_CHANGE {
        return None;
    }
    let half = 0.5 * view.cpu.difference_ns().abs();
    let (mut count, mut share, mut squares) = (0, 0.0, 0.0);
    for found in &view.functions.own_found {
        let Sides { before, after } = view.share(found.delta.ns);
        let of_time = 0.5 * (before + after);
        if of_time < BIG {
            continue;
        }
        let ns = found.delta.ns;
        // The error is that of after − before; a longer time has a longer error.
        let error = found.own_error_ns * ratio.max(1.0);
        if 2.0 * error > half {
            return None;
        }
        squares += ((ns.after - ratio * ns.before) / error).powi(2);
        share += of_time;
        count += 1;
    }
    let everything = count >= FEWEST && share >= MOST_OF_THE_TIME;
    (everything && squares <= student::chi_square_95((count - 1) as f64))
        .then_some(Finding::Uniform { ratio })
}
