//! The variance of each function over the recordings, steadied by what all functions together show.
//!
//! Six recordings a side tell a variance to within a factor of two either way, and of two hundred functions some come out far too
//! small by chance; those would be the ones called significant. So the variance of each one is drawn towards what
//! is expected of a function of its size (Smyth 2004, Linear models and empirical Bayes methods for assessing
//! differential expression in microarray experiments; limma's `squeezeVar` and `fitFDist`):
//!
//! s̃² = (d₀·s₀² + d·s²) / (d₀ + d), with d₀ + d degrees of freedom, and never below the binomial variance.
//!
//! What is expected is s₀² = φ·(b + θ²·m²·(1−p)²). b is the binomial variance. θ is what layouts do to a function of m ns by a factor of its
//! own; since shares of a recording sum to 1, a function of share p shows 1−p of it. θ² is the
//! value at which half of the functions, weighted by their time, lie above the median of their distribution; φ and d₀ follow from the
//! mean and the variance of ln(s²/s₀²).

use super::{
    clock::Variance,
    student::{digamma, trigamma, trigamma_inverse},
};

/// With fewer samples per recording, counts are too coarse to tell a variance by.
const FEWEST_SAMPLES: f64 = 5.0;

/// With fewer functions the spread of their variances says nothing.
const FEWEST_FUNCTIONS: usize = 4;

/// What recordings say about one function; variances are those of the difference of the sides' means.
#[derive(Clone, Copy, Debug)]
pub(super) struct Observed {
    /// s²: from the spread over the recordings.
    pub(super) variance: f64,
    /// b: of the number of samples alone.
    pub(super) binomial: f64,
    /// m²(1−p)², over the number of recordings like the variances.
    pub(super) leverage: f64,
    /// p: the share of the time.
    pub(super) share: f64,
    /// Samples per recording that tell it from all and from nothing.
    pub(super) samples: f64,
}

/// What all functions together say about the variance of one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Prior {
    /// θ²: the variance of the factor by which layouts change a function.
    pub(super) layout: f64,
    /// φ: how much larger variances are than expected.
    pub(super) scale: f64,
    /// d₀: how many degrees of freedom the expectation is worth; infinite where variances differ no more than by chance.
    pub(super) freedom: f64,
}

impl Prior {
    /// Where too few functions are there to expect anything: every variance is what it is.
    pub(super) const NONE: Self = Self {
        layout: 0.0,
        scale: 1.0,
        freedom: 0.0,
    };

    /// Fits it to functions whose variances have `freedom` degrees of freedom each.
    pub(super) fn fit(functions: &[Observed], freedom: f64) -> Self {
        let counted: Vec<&Observed> = functions
            .iter()
            .filter(|f| f.samples >= FEWEST_SAMPLES && f.binomial > 0.0)
            .collect();
        if counted.len() < FEWEST_FUNCTIONS {
            return Self::NONE;
        }
        let layout = layout(&counted, freedom);
        let ratios: Vec<f64> = counted
            .iter()
            .map(|f| f.variance / (f.binomial + layout * f.leverage))
            .collect();
        let (scale, freedom) = scale_and_freedom(&ratios, freedom);
        Self {
            layout,
            scale,
            freedom,
        }
    }

    /// s₀² of a function.
    pub(super) fn expected(&self, function: &Observed) -> f64 {
        self.scale * (function.binomial + self.layout * function.leverage)
    }

    /// s̃², from a variance with `freedom` degrees of freedom.
    pub(super) fn moderate(&self, function: &Observed, freedom: f64) -> Variance {
        let expected = self.expected(function);
        let moderated = match self.freedom.is_finite() {
            true => {
                (self.freedom * expected + freedom * function.variance) / (self.freedom + freedom)
            }
            false => expected,
        };
        Variance {
            value: moderated.max(function.binomial),
            freedom: self.freedom + freedom,
        }
    }
}

/// The θ² that sets the weighted median of s²/(b + θ²·leverage) to the median of χ²/d.
fn layout(functions: &[&Observed], freedom: f64) -> f64 {
    // Wilson and Hilferty (1931).
    let median = (1.0 - 2.0 / (9.0 * freedom)).powi(3);
    let mut roots: Vec<(f64, f64)> = functions
        .iter()
        .filter(|f| f.leverage > 0.0)
        .map(|f| ((f.variance / median - f.binomial) / f.leverage, f.share))
        .collect();
    roots.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = 0.5 * roots.iter().map(|root| root.1).sum::<f64>();
    let mut below = 0.0;
    for (root, weight) in roots {
        below += weight;
        if below >= half {
            return root.max(0.0);
        }
    }
    0.0
}

/// φ and d₀ from the moments of the logarithms (Smyth 2004, section 6.2).
fn scale_and_freedom(ratios: &[f64], freedom: f64) -> (f64, f64) {
    let mut ascending = ratios.to_vec();
    ascending.sort_by(f64::total_cmp);
    // No spread at all is a coarse count, and has no logarithm.
    let floor = (1e-5 * ascending[ascending.len() / 2]).max(f64::MIN_POSITIVE);
    let count = ratios.len() as f64;
    let logs: Vec<f64> = ratios
        .iter()
        .map(|ratio| ratio.max(floor).ln() - digamma(freedom / 2.0) + (freedom / 2.0).ln())
        .collect();
    let mean = logs.iter().sum::<f64>() / count;
    let spread = logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>() / (count - 1.0);
    let beyond_chance = spread - trigamma(freedom / 2.0);
    if beyond_chance <= 0.0 {
        return (ratios.iter().sum::<f64>() / count, f64::INFINITY);
    }
    let prior = 2.0 * trigamma_inverse(beyond_chance);
    let scale = (mean + digamma(prior / 2.0) - (prior / 2.0).ln()).exp();
    (scale, prior)
}
