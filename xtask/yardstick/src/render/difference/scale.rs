//! Times that a reader adds up: all in one unit, with as many digits as the greatest of them can bear.

use crate::render::quantity::ABSENT;

/// From here on, in one unit, the next one is easier to read.
const UNIT_HOLDS: f64 = 10_000.0;

/// The unit of a table or of a list of times.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    ns: f64,
    unit: &'static str,
    decimals: usize,
}

impl Scale {
    /// Fits the greatest of these times in ns, and all smaller ones.
    pub(super) fn of(times_ns: impl IntoIterator<Item = f64>) -> Self {
        let greatest = times_ns
            .into_iter()
            .filter(|ns| ns.is_finite())
            .fold(0.0, |greatest: f64, ns| greatest.max(ns.abs()));
        let units = [(1.0, "ns"), (1e3, "µs"), (1e6, "ms"), (1e9, "s")];
        let fitting = units.iter().find(|(ns, _)| greatest < ns * UNIT_HOLDS);
        let (ns, unit) = *fitting.unwrap_or(&(1e9, "s"));
        let decimals = match greatest / ns {
            size if size >= 1_000.0 => 0,
            size if size >= 100.0 => 1,
            size if size >= 10.0 => 2,
            _ => 3,
        };
        Self { ns, unit, decimals }
    }

    pub(super) fn unit(&self) -> &'static str {
        self.unit
    }

    /// `1,564`; without its sign.
    pub(super) fn digits(&self, ns: f64) -> String {
        grouped(&format!("{:.*}", self.decimals, ns.abs() / self.ns))
    }

    /// `1,564 ns`; without its sign.
    pub(super) fn time(&self, ns: f64) -> String {
        format!("{} {}", self.digits(ns), self.unit)
    }

    /// `400.0 → 1,964 ns`.
    pub(super) fn pair(&self, before_ns: f64, after_ns: f64) -> String {
        format!("{} → {}", self.digits(before_ns), self.time(after_ns))
    }

    /// `1,564 ns more`, `2 ns less`, `no change`, `less than 1 ns more`.
    pub(super) fn change(&self, ns: f64) -> String {
        match self.direction(ns) {
            None => "no change".to_owned(),
            Some(direction) if self.is_too_small(ns) => {
                let least = self.ns / 10_f64.powi(self.decimals as i32);
                format!("less than {} {direction}", self.time(least))
            }
            Some(direction) => format!("{} {direction}", self.time(ns)),
        }
    }

    /// The same without the unit, for a column: `1,564 more`, `2 less`, `same`.
    pub(super) fn change_digits(&self, ns: f64) -> String {
        match self.direction(ns) {
            Some(direction) if !self.is_too_small(ns) => {
                format!("{} {direction}", self.digits(ns))
            }
            _ => "same".to_owned(),
        }
    }

    /// `[+1,424, +1,704]`; a dash where nothing is known of it.
    pub(super) fn interval(&self, lower_ns: f64, upper_ns: f64) -> String {
        if !lower_ns.is_finite() || !upper_ns.is_finite() {
            return ABSENT.to_owned();
        }
        format!("[{}, {}]", self.signed(lower_ns), self.signed(upper_ns))
    }

    fn signed(&self, ns: f64) -> String {
        let sign = match self.direction(ns) {
            _ if self.is_too_small(ns) => "",
            Some("less") => "−",
            Some(_) => "+",
            None => "",
        };
        format!("{sign}{}", self.digits(ns))
    }

    fn direction(&self, ns: f64) -> Option<&'static str> {
        match ns {
            ns if ns > 0.0 => Some("more"),
            ns if ns < 0.0 => Some("less"),
            _ => None,
        }
    }

    /// Whether its digits would all be zero.
    fn is_too_small(&self, ns: f64) -> bool {
        let digits = self.digits(ns);
        digits.bytes().all(|byte| !(b'1'..=b'9').contains(&byte))
    }
}

/// A number with a comma after every third digit from the point: `12,004`.
pub(super) fn grouped(number: &str) -> String {
    let whole = number.find('.').unwrap_or(number.len());
    let mut text = String::with_capacity(number.len() + whole / 3);
    for (at, character) in number.char_indices() {
        if at > 0 && at < whole && (whole - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(character);
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_greatest_time_decides_about_unit_and_digits() {
        for (greatest, ns, text) in [
            (1_700.0, 1_564.2, "1,564 ns"),
            (1_700.0, 2.0, "2 ns"),
            (-38.24, 38.24, "38.24 ns"),
            (12_345.0, 12_345.0, "12.35 µs"),
            (2.5e6, 2.5e6, "2,500 µs"),
            (7e15, 7e15, "7,000,000 s"),
            (0.0, 0.0, "0.000 ns"),
            (f64::NAN, 1.0, "1.000 ns"),
        ] {
            assert_eq!(Scale::of([greatest]).time(ns), text);
        }
    }

    #[test]
    fn the_direction_is_a_word() {
        let scale = Scale::of([1_700.0]);
        assert_eq!(scale.change(1_564.0), "1,564 ns more");
        assert_eq!(scale.change(-2.0), "2 ns less");
        assert_eq!(scale.change(-0.3), "less than 1 ns less");
        assert_eq!(scale.change(0.0), "no change");
        assert_eq!(scale.change_digits(0.3), "same");
        assert_eq!(scale.interval(-3.0, 0.2), "[−3, 0]");
        assert_eq!(scale.interval(f64::NEG_INFINITY, f64::INFINITY), ABSENT);
    }

    proptest! {
        #[test]
        fn a_time_keeps_three_significant_digits_of_the_greatest(ns in 1.0..1e13_f64) {
            let scale = Scale::of([ns]);
            let digits = scale.digits(ns).replace(',', "");
            let read: f64 = digits.parse().expect("a number");
            prop_assert!((read * scale.ns / ns - 1.0).abs() < 1e-3, "{ns}: {digits}");
        }
    }
}
