//! How long the processes of a benchmark measure.

use crate::parse;

/// From this length of an iteration on, in seconds, a process takes the fewest measurements that Criterion allows.
const SLOW_ITERATION_SECONDS: f64 = 1e-3;

/// What Criterion is told to do.
///
/// The time to measure is the same for all benchmarks. Where ten iterations take longer than it, Criterion takes one per
/// measurement and complains on stderr; with a time that all ten fit into it would take two, and twice as long.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timing {
    /// How many measurements it takes.
    pub samples: u32,
    /// For how long it warms up, in seconds.
    pub warm_up_seconds: f64,
    /// For how long it measures, in seconds.
    pub measurement_seconds: f64,
}

impl Timing {
    /// The fewest measurements that Criterion takes: for a first look, and for slow iterations.
    pub const SHORT: Self = Self {
        samples: 10,
        warm_up_seconds: 0.02,
        measurement_seconds: 0.04,
    };

    /// Of a process of a round, where iterations are not slow.
    pub const USUAL: Self = Self {
        samples: 30,
        ..Self::SHORT
    };

    /// What fits iterations of this length.
    pub fn of(iteration_seconds: f64) -> Self {
        match iteration_seconds >= SLOW_ITERATION_SECONDS {
            true => Self::SHORT,
            false => Self::USUAL,
        }
    }

    /// The arguments of a process that measures these ids, after `--bench --noplot`.
    pub fn arguments<'a>(self, ids: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        let settings = [
            ("--warm-up-time", self.warm_up_seconds.to_string()),
            ("--measurement-time", self.measurement_seconds.to_string()),
            ("--sample-size", self.samples.to_string()),
            // Criterion's own statistics are not read; this is the least that it does not complain about.
            ("--nresamples", "1001".to_owned()),
        ];
        settings
            .into_iter()
            .flat_map(|(name, value)| [name.to_owned(), value])
            .chain([parse::criterion::exactly(ids)])
            .collect()
    }

    /// The shortest time in which a process warms up and measures.
    pub fn seconds(self) -> f64 {
        self.warm_up_seconds + self.measurement_seconds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_iterations_are_measured_less_often() {
        assert_eq!(Timing::of(0.9e-3).samples, 30);
        assert_eq!(Timing::of(1e-3).samples, 10);
        assert_eq!(Timing::of(2.0).samples, 10);
    }

    #[test]
    fn arguments_select_exactly_the_ids() {
        assert_eq!(
            Timing::USUAL.arguments(["a/b", "c.d"]).join(" "),
            "--warm-up-time 0.02 --measurement-time 0.04 --sample-size 30 --nresamples 1001 ^(a/b|c\\.d)$"
        );
    }
}
