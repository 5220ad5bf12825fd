//! Numbers with their units, in four significant digits.

use crate::model::units::Unit;

/// What stands for a number that is not there.
pub const ABSENT: &str = "–";

/// A value in the unit that suits its size: `12.35 µs`.
pub fn amount(value: f64, unit: Unit) -> String {
    let (divisor, suffix) = scale(value, unit);
    format!("{}{suffix}", digits(value / divisor))
}

/// A value and its interval in one unit: `12.35 µs [12.20, 12.44]`.
pub fn amount_with_interval(point: f64, lower: f64, upper: f64, unit: Unit) -> String {
    let (divisor, suffix) = scale(point, unit);
    // The interval's digits after the point are the value's.
    let decimals = decimals(point / divisor);
    format!(
        "{:.decimals$}{suffix} [{:.decimals$}, {:.decimals$}]",
        point / divisor,
        lower / divisor,
        upper / divisor
    )
}

/// A time given in ns: `12.35 µs`.
pub fn time(ns: f64) -> String {
    amount(ns, Unit::Nanoseconds)
}

/// A difference of times given in ns, with its sign: `+12.35 µs`, `−3.100 ns`.
pub fn signed_time(ns: f64) -> String {
    let sign = if ns < 0.0 { '−' } else { '+' };
    format!("{sign}{}", time(ns.abs()))
}

/// A number of things per iteration: `12`, `12.35`.
pub fn count(value: f64) -> String {
    if (value - value.round()).abs() < 0.005 && value.abs() < 1e15 {
        format!("{value:.0}")
    } else {
        digits(value)
    }
}

/// After over before: `1.065×`.
pub fn ratio(value: f64) -> String {
    format!("{value:.3}×")
}

fn scale(value: f64, unit: Unit) -> (f64, &'static str) {
    let size = value.abs();
    let steps: &[(f64, &str)] = match unit {
        Unit::Nanoseconds => &[(1e9, " s"), (1e6, " ms"), (1e3, " µs"), (1.0, " ns")],
        Unit::Bytes => &[
            (1024.0 * 1024.0 * 1024.0, " GiB"),
            (1024.0 * 1024.0, " MiB"),
            (1024.0, " KiB"),
            (1.0, " B"),
        ],
        Unit::Percent => &[(1.0, " %")],
    };
    let fitting = steps.iter().find(|(divisor, _)| size >= *divisor);
    *fitting.or(steps.last()).unwrap_or(&(1.0, ""))
}

/// Four significant digits from 0.001 on; a smaller number is 0.000.
fn digits(value: f64) -> String {
    format!("{value:.*}", decimals(value))
}

fn decimals(value: f64) -> usize {
    match value.abs() {
        size if size >= 1000.0 => 0,
        size if size >= 100.0 => 1,
        size if size >= 10.0 => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_come_in_the_unit_of_their_size() {
        let cases = [
            (0.0, "0.000 ns"),
            (0.2604, "0.260 ns"),
            (12.0, "12.00 ns"),
            (999.9, "999.9 ns"),
            (12_345.0, "12.35 µs"),
            (3.2e6, "3.200 ms"),
            (2.5e9, "2.500 s"),
            (2.5e12, "2500 s"),
        ];
        for (ns, expected) in cases {
            assert_eq!(time(ns), expected);
        }
    }

    #[test]
    fn an_interval_shares_the_unit_and_the_digits_of_its_value() {
        assert_eq!(
            amount_with_interval(12_345.0, 9_999.0, 100_200.0, Unit::Nanoseconds),
            "12.35 µs [10.00, 100.20]"
        );
        assert_eq!(
            amount_with_interval(1_536.0, 1_536.0, 1_536.0, Unit::Bytes),
            "1.500 KiB [1.500, 1.500]"
        );
    }

    #[test]
    fn differences_carry_their_sign() {
        assert_eq!(signed_time(-3.1), "−3.100 ns");
        assert_eq!(signed_time(0.0), "+0.000 ns");
    }

    #[test]
    fn counts_are_whole_where_they_are_whole() {
        assert_eq!(count(12.001), "12");
        assert_eq!(count(12.346), "12.35");
        assert_eq!(count(0.0), "0");
    }
}
