//! Even scales with round numbers on them.

/// From numbers to places between two ends.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Linear {
    lower: f64,
    upper: f64,
    start: f64,
    end: f64,
}

impl Linear {
    /// A scale that holds these values, with some room, and lays them between `start` and `end`. Where they are all one
    /// value, or none, there is still a scale.
    pub(in super::super) fn over(values: impl Iterator<Item = f64>, start: f64, end: f64) -> Self {
        let (mut lower, mut upper) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.filter(|value| value.is_finite()) {
            lower = lower.min(value);
            upper = upper.max(value);
        }
        if lower > upper {
            (lower, upper) = (0.0, 1.0);
        }
        let size = lower.abs().max(upper.abs()).max(1e-9);
        let room = ((upper - lower) * 0.06).max(size * 1e-3);
        Self {
            lower: lower - room,
            upper: upper + room,
            start,
            end,
        }
    }

    /// Where a value is; what lies beyond is at the border.
    pub(in super::super) fn place(&self, value: f64) -> f64 {
        let share = (value - self.lower) / (self.upper - self.lower);
        self.start + share.clamp(0.0, 1.0) * (self.end - self.start)
    }

    /// The greatest value on the scale.
    pub(in super::super) fn upper(&self) -> f64 {
        self.upper
    }

    /// Round numbers on the scale, at most so many: multiples of 1, 2 or 5 times a power of ten.
    pub(in super::super) fn ticks(&self, most: usize) -> Vec<f64> {
        self.ticks_of(1.0, most)
    }

    /// The same in a unit of this size.
    pub(in super::super) fn ticks_of(&self, unit: f64, most: usize) -> Vec<f64> {
        let (lower, upper) = (self.lower / unit, self.upper / unit);
        let rough = (upper - lower) / most.max(1) as f64;
        let power = 10_f64.powf(rough.log10().floor());
        let steps = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power);
        let step = steps
            .into_iter()
            .find(|step| *step >= rough)
            .unwrap_or(power);
        let first = (lower / step).ceil() as i64;
        let last = (upper / step).floor() as i64;
        (first..=last)
            .map(|number| number as f64 * step * unit)
            .collect()
    }
}

/// A scale for ln(after/before), labelled with changes.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Changes {
    places: Linear,
    changes: Linear,
}

impl Changes {
    /// As [`Linear::over`].
    pub(in super::super) fn over(
        log_ratios: impl Iterator<Item = f64> + Clone,
        start: f64,
        end: f64,
    ) -> Self {
        let places = Linear::over(log_ratios, start, end);
        let ends = [places.lower.exp_m1(), places.upper.exp_m1()];
        Self {
            places,
            changes: Linear {
                lower: ends[0],
                upper: ends[1],
                ..places
            },
        }
    }

    /// Where it is.
    pub(in super::super) fn place(&self, log_ratio: f64) -> f64 {
        self.places.place(log_ratio)
    }

    /// Round changes with their places, at most so many, none nearer to the one before than `apart`.
    pub(in super::super) fn ticks(&self, most: usize, apart: f64) -> Vec<(f64, f64)> {
        let mut ticks: Vec<(f64, f64)> = Vec::new();
        for change in self.changes.ticks(most) {
            let place = self.place(change.ln_1p());
            let is_free = ticks
                .last()
                .is_none_or(|(_, last)| (place - last).abs() >= apart);
            if change > -1.0 && is_free {
                ticks.push((change, place));
            }
        }
        ticks
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_value_and_no_value_have_a_scale() {
        let one = Linear::over([5.0].into_iter(), 0.0, 100.0);
        assert!((one.place(5.0) - 50.0).abs() < 1e-6);
        let none = Linear::over([f64::NAN].into_iter(), 0.0, 100.0);
        assert!(none.place(0.5) > 0.0 && !none.ticks(4).is_empty());
    }

    proptest! {
        #[test]
        fn ticks_are_few_and_on_the_scale(a in -1e6..1e6_f64, width in 1e-3..1e6_f64, most in 4..9_usize) {
            let scale = Linear::over([a, a + width].into_iter(), 0.0, 1.0);
            let ticks = scale.ticks(most);
            prop_assert!(!ticks.is_empty() && ticks.len() <= most + 1, "{ticks:?}");
            prop_assert!(ticks.iter().all(|tick| (-1e-9..=1.0 + 1e-9).contains(&scale.place(*tick))));
            prop_assert!(scale.place(a) < scale.place(a + width));
        }
    }
}
