//! Latencies of single operations, for percentiles.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use crate::run;
use crate::settings::settings;
use crate::wire::measured::{LatencyHistogram, LatencyUnit};

/// Collects the latency of single operations of the running benchmark, when the toolkit asks for it.
///
/// ```no_run
/// # fn operation() {}
/// let latencies = yardstick_probe::Latencies::new();
/// # let iterations = 9;
/// for _ in 0..iterations {
///     let started = latencies.start();
///     operation();
///     latencies.record(started);
/// }
/// ```
///
/// When nobody asks, no clock is read and an operation costs two tests of a flag in a register.
#[derive(Debug)]
pub struct Latencies {
    /// Present if the toolkit asked. The lock is taken once per operation by one task, so it is never contended.
    histogram: Option<Mutex<Histogram<u64>>>,
}

/// When an operation started, if latencies are collected.
#[derive(Clone, Copy, Debug)]
#[must_use = "an operation is recorded when it ends"]
pub struct OperationStart(Option<Instant>);

impl Latencies {
    /// A collector for one batch of operations; dropping it hands them over.
    #[must_use]
    pub fn new() -> Self {
        let asked = settings().is_some_and(|settings| settings.latencies);
        Self {
            histogram: asked.then(|| Mutex::new(empty_histogram())),
        }
    }

    /// Marks the start of an operation.
    #[inline]
    pub fn start(&self) -> OperationStart {
        OperationStart(self.histogram.is_some().then(Instant::now))
    }

    /// Records the operation that began at `start` as ending now.
    #[inline]
    pub fn record(&self, start: OperationStart) {
        if let Some(started) = start.0 {
            self.record_duration(started.elapsed());
        }
    }

    /// Records an operation whose latency the bench knows, such as one measured from its intended start time.
    #[inline]
    pub fn record_duration(&self, latency: Duration) {
        if let Some(histogram) = &self.histogram {
            record(&mut lock(histogram), latency);
        }
    }
}

impl Default for Latencies {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Latencies {
    fn drop(&mut self) {
        if let Some(histogram) = &self.histogram {
            run::add_latencies(&lock(histogram));
        }
    }
}

/// Three significant digits, resizing by itself.
pub(crate) fn empty_histogram() -> Histogram<u64> {
    Histogram::new(3).expect("3 significant digits are allowed")
}

pub(crate) fn to_wire(histogram: &Histogram<u64>) -> LatencyHistogram {
    LatencyHistogram {
        unit: LatencyUnit::Nanoseconds,
        operations: histogram.len(),
        min: histogram.min(),
        max: histogram.max(),
        buckets: histogram
            .iter_recorded()
            .map(|bucket| (bucket.value_iterated_to(), bucket.count_at_value()))
            .collect(),
    }
}

fn record(histogram: &mut Histogram<u64>, latency: Duration) {
    let latency_ns = u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX);
    histogram
        .record(latency_ns)
        .expect("the histogram grows to any value");
}

fn lock(histogram: &Mutex<Histogram<u64>>) -> std::sync::MutexGuard<'_, Histogram<u64>> {
    histogram
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exported_histogram_has_every_operation_and_the_quantiles_of_the_original() {
        let mut histogram = empty_histogram();
        for latency_ns in 1..=20_000u64 {
            histogram.record(latency_ns).expect("the histogram resizes");
        }
        let wire = to_wire(&histogram);
        assert_eq!(wire.operations, 20_000);
        assert_eq!(
            wire.buckets.iter().map(|bucket| bucket.1).sum::<u64>(),
            20_000
        );
        for quantile in [0.5, 0.95, 0.99, 0.999] {
            assert_eq!(
                wire.quantile(quantile),
                Some(histogram.value_at_quantile(quantile)),
                "at {quantile}"
            );
        }
    }

    #[test]
    fn latencies_from_nanoseconds_to_hours_keep_three_digits() {
        for latency in [
            Duration::ZERO,
            Duration::from_nanos(37),
            Duration::from_micros(250),
            Duration::from_secs(3),
            Duration::from_secs(7_200),
        ] {
            let mut histogram = empty_histogram();
            record(&mut histogram, latency);
            let (expected, found) = (latency.as_nanos() as f64, to_wire(&histogram).max as f64);
            assert!(
                (found - expected).abs() <= expected / 1_000.0,
                "{found} ns instead of {latency:?}"
            );
        }
        let mut histogram = empty_histogram();
        record(&mut histogram, Duration::MAX);
        assert_eq!(histogram.len(), 1);
    }

    #[test]
    fn no_clock_is_read_when_nobody_asked() {
        let latencies = Latencies::new();
        assert!(latencies.start().0.is_none());
    }
}
