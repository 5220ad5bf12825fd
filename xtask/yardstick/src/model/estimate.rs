//! Point estimates with their confidence intervals.

/// One statistic, with the interval Criterion bootstrapped for it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The value, in the benchmark's unit.
    pub point: f64,
    /// The interval's lower end.
    pub lower: f64,
    /// The interval's upper end.
    pub upper: f64,
    /// The interval's confidence level, e.g. 0.95.
    pub confidence_level: f64,
    /// The standard error of `point`.
    pub standard_error: f64,
}

/// Criterion's estimates of one sample, per iteration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimates {
    /// The mean of the measurements.
    pub mean: Estimate,
    /// Their median.
    pub median: Estimate,
    /// Their median absolute deviation.
    pub median_abs_dev: Estimate,
    /// Their standard deviation.
    pub std_dev: Estimate,
    /// The slope of the regression; only linear sampling has one.
    pub slope: Option<Estimate>,
}

impl Estimates {
    /// The estimate that Criterion prints: the slope, else the mean.
    pub fn typical(&self) -> Estimate {
        self.slope.unwrap_or(self.mean)
    }
}
