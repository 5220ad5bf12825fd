//! A Criterion measurement for workloads that read a percentage themselves.

use criterion::measurement::{Measurement, ValueFormatter};
use yardstick_probe::CpuPercent;

/// A percentage that the workload returns, the sum over its iterations.
#[derive(Debug, Default)]
pub struct Share {
    /// Lends its way of writing percentages.
    cpu: CpuPercent,
}

impl Share {
    /// The measurement.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Measurement for Share {
    type Intermediate = ();
    type Value = f64;

    /// # Panics
    /// Always: only the workload knows what to read, so `iter_custom` is the only way.
    fn start(&self) {
        panic!("a share is returned by `iter_custom`");
    }

    fn end(&self, (): ()) -> f64 {
        panic!("a share is returned by `iter_custom`");
    }

    fn add(&self, v1: &f64, v2: &f64) -> f64 {
        v1 + v2
    }

    fn zero(&self) -> f64 {
        0.0
    }

    fn to_f64(&self, value: &f64) -> f64 {
        *value
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        self.cpu.formatter()
    }
}
