//! A scale for changes of very different sizes: even around zero, logarithmic farther out.

use crate::model::{question::Margin, verdict::Interval};

/// Up to about this change the scale is even.
const EVEN_UP_TO: f64 = 0.02;

/// Changes that are marked where they are on the scale.
const TICKS: [f64; 17] = [
    -0.99, -0.9, -0.75, -0.5, -0.25, -0.1, -0.05, -0.02, 0.0, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 9.0,
    99.0,
];

/// Of those the ones that are labelled first where there is no room for all.
const IMPORTANT: [f64; 9] = [0.0, 0.1, -0.1, 0.5, -0.5, 0.02, -0.02, 9.0, -0.9];

/// From ln(after/before) to a place from 0 to 1.
pub(in super::super) struct Compressed {
    lower: f64,
    upper: f64,
}

impl Compressed {
    /// One that holds all intervals, their margins on both sides of zero, and some room.
    pub(in super::super) fn over<'a>(
        intervals: impl Iterator<Item = (&'a Interval, Margin)>,
    ) -> Self {
        let start = squeezed(EVEN_UP_TO.ln_1p() * 1.5);
        let (mut lower, mut upper) = (-start, start);
        for (interval, margin) in intervals {
            let margin = margin.log_ratio() * 1.3;
            lower = lower.min(squeezed(interval.lower.min(-margin)));
            upper = upper.max(squeezed(interval.upper.max(margin)));
        }
        let room = (upper - lower) * 0.04;
        Self {
            lower: lower - room,
            upper: upper + room,
        }
    }

    /// Where it is; what lies beyond is at the border.
    pub(super) fn place(&self, log_ratio: f64) -> f64 {
        ((squeezed(log_ratio) - self.lower) / (self.upper - self.lower)).clamp(0.0, 1.0)
    }

    /// Changes to label with their places, ascending; no two nearer than `apart`.
    pub(super) fn ticks(&self, apart: f64) -> Vec<(f64, f64)> {
        let mut chosen: Vec<(f64, f64)> = Vec::new();
        for change in IMPORTANT.iter().chain(&TICKS) {
            let log_ratio = f64::ln_1p(*change);
            let place = self.place(log_ratio);
            let inside = place > apart / 2.0 && place < 1.0 - apart / 2.0;
            let is_free = chosen
                .iter()
                .all(|(_, other)| (other - place).abs() >= apart);
            if inside && is_free {
                chosen.push((*change, place));
            }
        }
        chosen.sort_by(|a, b| a.1.total_cmp(&b.1));
        chosen
    }
}

fn squeezed(log_ratio: f64) -> f64 {
    (log_ratio / EVEN_UP_TO.ln_1p()).asinh()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::verdict::Statistic;

    fn interval(lower: f64, upper: f64) -> Interval {
        Interval {
            statistic: Statistic::Minimum,
            estimate: f64::midpoint(lower, upper),
            lower,
            upper,
            alpha: 0.05,
        }
    }

    proptest! {
        #[test]
        fn order_is_kept_and_nothing_is_outside(a in -13.8..13.8_f64, b in -13.8..13.8_f64) {
            let (low, high) = if a < b { (a, b) } else { (b, a) };
            let wide = interval(low, high);
            let scale = Compressed::over([(&wide, Margin::of(0.02))].into_iter());
            prop_assert!(scale.place(low) <= scale.place(high));
            prop_assert!(scale.place(low) > 0.0 && scale.place(high) < 1.0);
            let ticks = scale.ticks(0.15);
            prop_assert!(ticks.windows(2).all(|pair| pair[1].1 - pair[0].1 >= 0.15));
            prop_assert!(ticks.windows(2).all(|pair| pair[0].0 < pair[1].0));
        }
    }
}
