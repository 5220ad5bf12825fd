//! What the probe measured about one benchmark: one JSON file per benchmark and process.

use serde::{Deserialize, Serialize};

/// The end of the file name of every record.
pub const FILE_SUFFIX: &str = ".measured.json";

/// What the probe measured while one benchmark ran.
///
/// Two spans matter. The *timed part* is what lies between the start and the end of the regions that the bench marks; iterations,
/// allocations, `cpu_ns` and `wall_ns` belong to it, so that each divided by `iterations` is a figure of one iteration.
/// The *window* is the whole run of the benchmark, set-up and Criterion's own work included; a recorder needs it to cut a recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// [`Measured::VERSION`] of the writer.
    pub version: u32,
    /// The full id of the benchmark; absent when neither Criterion nor the environment told it.
    pub benchmark_id: Option<String>,
    /// Iterations in the timed part; 0 if the bench marks no region.
    pub iterations: u64,
    /// Allocations of all threads in the timed part; absent unless asked for and counted.
    pub allocations: Option<u64>,
    /// Bytes requested by these allocations.
    pub allocated_bytes: Option<u64>,
    /// CPU time of the process in the timed part, all threads.
    pub cpu_ns: u64,
    /// Wall time of the timed part.
    pub wall_ns: u64,
    /// The whole run of the benchmark.
    pub window: Window,
    /// Latencies of single operations, if the bench exports them and was asked to.
    pub latencies: Option<LatencyHistogram>,
    /// The in-process sampler, if it was asked for.
    pub sampler: Option<SamplerFacts>,
}

impl Measured {
    /// The version this code writes and the only one it reads.
    pub const VERSION: u32 = 1;

    /// Reads a record.
    ///
    /// # Errors
    /// If the text is not a record of this version; the message says what was found.
    pub fn from_json(text: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct VersionOnly {
            version: u32,
        }
        let VersionOnly { version } = serde_json::from_str(text)
            .map_err(|error| format!("not a record of the probe: {error}"))?;
        if version != Self::VERSION {
            return Err(format!(
                "the record of the probe has another version\n  found:  version {version}\n  wanted: version {}",
                Self::VERSION
            ));
        }
        serde_json::from_str(text)
            .map_err(|error| format!("the record of the probe is damaged: {error}"))
    }

    /// The record as one JSON object.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("numbers, strings and lists are always JSON")
    }
}

/// A span on `CLOCK_MONOTONIC`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// When it began.
    pub start_ns: u64,
    /// When it ended.
    pub end_ns: u64,
    /// CPU time of the process in between, all threads.
    pub cpu_ns: u64,
}

/// Latencies of single operations as a histogram with three significant digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LatencyHistogram {
    /// The unit of all values.
    pub unit: LatencyUnit,
    /// The number of operations, which decides the percentiles that may be published.
    pub operations: u64,
    /// The smallest value.
    pub min: u64,
    /// The greatest value.
    pub max: u64,
    /// Value and count of every bucket that is not empty, in ascending order.
    pub buckets: Vec<(u64, u64)>,
}

impl LatencyHistogram {
    /// Operations without which no p99 is published.
    pub const OPERATIONS_FOR_P99: u64 = 1_000;
    /// Operations without which no p99.9 is published.
    pub const OPERATIONS_FOR_P999: u64 = 10_000;

    /// The value below or at which the `quantile` (0 to 1) of all operations lies.
    ///
    /// None, never a guess, where too few operations were measured: above 0.95 it takes 1,000, above 0.99 it takes 10,000.
    #[must_use]
    pub fn quantile(&self, quantile: f64) -> Option<u64> {
        let wanted_operations = if quantile > 0.99 {
            Self::OPERATIONS_FOR_P999
        } else if quantile > 0.95 {
            Self::OPERATIONS_FOR_P99
        } else {
            1
        };
        if self.operations < wanted_operations || !(0.0..=1.0).contains(&quantile) {
            return None;
        }
        let rank = ((quantile * self.operations as f64).ceil() as u64).max(1);
        let mut seen = 0u64;
        self.buckets.iter().find_map(|&(value, count)| {
            seen = seen.saturating_add(count);
            (seen >= rank).then_some(value)
        })
    }
}

/// The unit of a histogram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LatencyUnit {
    /// Nanoseconds.
    #[serde(rename = "ns")]
    Nanoseconds,
}

/// What became of the in-process sampler.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum SamplerFacts {
    /// It ran.
    Recorded {
        /// The file beside the record, a [`Recording`](super::Recording).
        recording: String,
        /// What was counted.
        event: String,
        /// Samples per second of CPU time asked for.
        requested_rate_hz: u32,
        /// Samples per second of CPU time that the kernel gave; absent if no CPU time passed.
        real_rate_hz: Option<f64>,
        /// Samples written.
        samples: u64,
        /// Samples lost because the ring was full.
        lost: u64,
    },
    /// It could not run.
    Failed {
        /// Why, as one fragment.
        reason: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured() -> Measured {
        Measured {
            version: Measured::VERSION,
            benchmark_id: Some("message/tell".to_owned()),
            iterations: 1_000,
            allocations: Some(20),
            allocated_bytes: Some(1_280),
            cpu_ns: 5,
            wall_ns: 6,
            window: Window {
                start_ns: 1,
                end_ns: 9,
                cpu_ns: 8,
            },
            latencies: Some(histogram(&[(100, 9), (200, 1)])),
            sampler: Some(SamplerFacts::Recorded {
                recording: "1-2.stacks".to_owned(),
                event: "SIGPROF".to_owned(),
                requested_rate_hz: 997,
                real_rate_hz: Some(250.0),
                samples: 10,
                lost: 0,
            }),
        }
    }

    fn histogram(buckets: &[(u64, u64)]) -> LatencyHistogram {
        LatencyHistogram {
            unit: LatencyUnit::Nanoseconds,
            operations: buckets.iter().map(|bucket| bucket.1).sum(),
            min: buckets[0].0,
            max: buckets[buckets.len() - 1].0,
            buckets: buckets.to_vec(),
        }
    }

    #[test]
    fn a_record_is_read_back_as_it_was_written() {
        assert_eq!(Measured::from_json(&measured().to_json()), Ok(measured()));
    }

    #[test]
    fn a_record_of_another_version_is_refused_with_both_versions() {
        let text = measured()
            .to_json()
            .replace("\"version\": 1", "\"version\": 8");
        let error = Measured::from_json(&text).expect_err("version 8 does not exist");
        assert!(
            error.contains("found:  version 8\n  wanted: version 1"),
            "{error}"
        );
    }

    #[test]
    fn a_damaged_record_is_an_error() {
        for text in ["", "{", "[]", "{\"version\": 1}", "{\"version\": -1}"] {
            assert!(Measured::from_json(text).is_err(), "{text:?} was accepted");
        }
    }

    #[test]
    fn a_percentile_is_given_only_where_enough_operations_were_measured() {
        let few = histogram(&[(1, 500), (2, 499)]);
        assert_eq!((few.quantile(0.5), few.quantile(0.99)), (Some(1), None));
        let many = histogram(&[(1, 9_000), (2, 999)]);
        assert_eq!((many.quantile(0.99), many.quantile(0.999)), (Some(2), None));
        let most = histogram(&[(1, 9_980), (7, 20)]);
        assert_eq!(
            (most.quantile(0.99), most.quantile(0.999)),
            (Some(1), Some(7))
        );
    }
}
