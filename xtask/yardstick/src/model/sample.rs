//! Raw measurements of one benchmark.

/// How Criterion chose the iteration counts of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SamplingMode {
    /// Counts that grow linearly; the slope is the estimate.
    Linear,
    /// The same count every time; the mean is the estimate.
    Flat,
}

/// The *set* of measurements of one benchmark in one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// How the iteration counts were chosen.
    pub mode: SamplingMode,
    /// Iterations of each measurement; as long as `totals`.
    pub iterations: Vec<f64>,
    /// The measured total of each measurement, in the benchmark's unit.
    pub totals: Vec<f64>,
}

impl Sample {
    /// The measurements per iteration, in the order they were taken.
    pub fn per_iteration(&self) -> impl Iterator<Item = f64> + '_ {
        self.totals
            .iter()
            .zip(&self.iterations)
            .map(|(total, n)| total / n)
    }
}

/// A histogram of single operations: `(latency in ns, operations)`, ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Latencies(pub Vec<(u64, u64)>);

impl Latencies {
    /// How many operations were recorded.
    pub fn operations(&self) -> u64 {
        let counts = self.0.iter().map(|(_, count)| *count);
        counts.fold(0, u64::saturating_add)
    }

    /// The latency that a share `quantile` (0 to 1) of the operations did not exceed, in ns.
    ///
    /// `None` where the tail beyond it would rest on fewer than ten operations:
    /// 1,000 operations for p99, 10,000 for p99.9.
    pub fn quantile_ns(&self, quantile: f64) -> Option<u64> {
        let operations = self.operations();
        // The small term keeps 1 − 0.99 from asking for 1,001 operations.
        if (1.0 - quantile) * operations as f64 + 1e-6 < 10.0 {
            return None;
        }
        let rank = (quantile * operations as f64).ceil() as u64;
        let mut seen = 0_u64;
        self.0.iter().find_map(|&(latency_ns, count)| {
            seen = seen.saturating_add(count);
            (seen >= rank).then_some(latency_ns)
        })
    }
}
