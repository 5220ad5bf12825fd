//! Student's t, and the derivatives of ln Γ that the moderation of variances needs.

use statrs::{
    distribution::{Continuous as _, ContinuousCDF as _, Normal, StudentsT},
    function::gamma::digamma as exact_digamma,
};

/// From so many degrees of freedom on, t is the normal distribution to all digits that matter.
const NORMAL_FROM: f64 = 2_000.0;

/// The probability of a value at least `t` away from 0, to either side.
pub(super) fn two_sided(t: f64, freedom: f64) -> f64 {
    (2.0 * upper_tail(t.abs(), freedom)).min(1.0)
}

/// How many standard errors on each side of a value hold `level` of the distribution.
pub(super) fn half_width(level: f64, freedom: f64) -> f64 {
    quantile(0.5 + level / 2.0, freedom)
}

/// The value that a share of more than a half lies below: by Newton's steps from the expansion of Cornish and Fisher
/// (Abramowitz and Stegun 1964, 26.7.5), each of which may halve or double the value at most.
pub(super) fn quantile(share: f64, freedom: f64) -> f64 {
    let normal = Normal::standard().inverse_cdf(share);
    if freedom >= NORMAL_FROM {
        return normal;
    }
    let Ok(distribution) = StudentsT::new(0.0, 1.0, freedom) else {
        return f64::INFINITY;
    };
    let tail = 1.0 - share;
    let square = normal * normal;
    let first = normal * (square + 1.0) / 4.0;
    let second = normal * (5.0 * square * square + 16.0 * square + 3.0) / 96.0;
    let mut t = normal + first / freedom + second / (freedom * freedom);
    for _ in 0..50 {
        let step = (distribution.sf(t) - tail) / distribution.pdf(t);
        t = (t + step).clamp(0.5 * t, 2.0 * t);
        if step.abs() < 1e-9 * t {
            break;
        }
    }
    t
}

/// The value that 95 % of a χ² distribution lie below (Wilson and Hilferty 1931): within 1 % from two degrees of freedom on.
pub(super) fn chi_square_95(freedom: f64) -> f64 {
    const NORMAL_95: f64 = 1.644_853_626_951;
    let spread = 2.0 / (9.0 * freedom);
    freedom * (1.0 - spread + NORMAL_95 * spread.sqrt()).powi(3)
}

fn upper_tail(t: f64, freedom: f64) -> f64 {
    if t.is_nan() || freedom.is_nan() {
        return 1.0;
    }
    let exact = match freedom < NORMAL_FROM {
        true => StudentsT::new(0.0, 1.0, freedom)
            .ok()
            .map(|distribution| distribution.sf(t)),
        false => None,
    };
    exact.unwrap_or_else(|| Normal::standard().sf(t))
}

/// The first derivative of ln Γ, for positive `x`.
pub(super) fn digamma(x: f64) -> f64 {
    exact_digamma(x)
}

/// The second derivative of ln Γ, for positive `x`: by its recurrence up to 10, and from there by the
/// asymptotic series (Abramowitz and Stegun 1964, 6.4.6 and 6.4.12).
pub(super) fn trigamma(mut x: f64) -> f64 {
    let mut sum = 0.0;
    while x < 10.0 {
        sum += 1.0 / (x * x);
        x += 1.0;
    }
    let square = 1.0 / (x * x);
    let series = 1.0 / 6.0 - square * (1.0 / 30.0 - square * (1.0 / 42.0 - square / 30.0));
    sum + 1.0 / x + square / 2.0 + square / x * series
}

/// The `x` whose [`trigamma`] is `value`, by bisection of its logarithm: it falls from ∞ at 0 to 0 at ∞.
pub(super) fn trigamma_inverse(value: f64) -> f64 {
    let (mut low, mut high) = (1e-8_f64.ln(), 1e8_f64.ln());
    for _ in 0..80 {
        let middle = 0.5 * (low + high);
        match trigamma(middle.exp()) > value {
            true => low = middle,
            false => high = middle,
        }
    }
    (0.5 * (low + high)).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        for (freedom, table) in [
            (1.0, 12.706),
            (5.0, 2.571),
            (10.0, 2.228),
            (30.0, 2.042),
            (f64::INFINITY, 1.960),
        ] {
            let found = half_width(0.95, freedom);
            assert!((found - table).abs() < 1e-3, "{freedom}: {found}");
            assert!((two_sided(found, freedom) - 0.05).abs() < 1e-9);
        }
    }

    #[test]
    fn chi_square_is_that_of_the_tables() {
        for (freedom, table) in [(4.0, 9.488), (10.0, 18.307), (30.0, 43.773)] {
            let found = chi_square_95(freedom);
            assert!((found / table - 1.0).abs() < 0.01, "{freedom}: {found}");
        }
    }

    #[test]
    fn trigamma_is_that_of_the_tables_and_has_an_inverse() {
        for (x, table) in [
            (0.5, std::f64::consts::PI.powi(2) / 2.0),
            (1.0, std::f64::consts::PI.powi(2) / 6.0),
            (5.0, 0.221_322_955_7),
        ] {
            assert!((trigamma(x) - table).abs() < 1e-9, "{x}: {}", trigamma(x));
            assert!((trigamma_inverse(trigamma(x)) / x - 1.0).abs() < 1e-9);
        }
    }
}
