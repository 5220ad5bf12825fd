//! What the samples of each recording stand for in time, and how far that time itself differs.

use crate::model::{
    comparison::Sides,
    difference::{Delta, Significance},
    profile::Profile,
};

use super::student;

/// The level of every interval.
const LEVEL: f64 = 0.95;

/// From how many pairs on the differences within pairs tell their own spread.
const FEWEST_PAIRS: usize = 3;

/// One recording as far as time goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    /// CPU time of the routine, in ns per iteration.
    pub(super) cpu_ns: f64,
    /// How many samples it holds.
    pub(super) samples: f64,
}

/// A variance with the number of independent pieces of information behind it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Variance {
    pub(super) value: f64,
    pub(super) freedom: f64,
}

/// The readings of both sides.
///
/// The CPU time per iteration is counted, not sampled; yet it differs from recording to recording, by the layout of
/// the executable and by the drift of the machine. That part is common to all functions: a slow hour makes each of
/// them slower by one factor. So it is told apart from how the samples fall ([`Clock::common`]), and where both sides have as
/// many recordings, taken in turn, only the differences within pairs count: what drifts slower than a pair is in
/// both of its halves. One recording a side says nothing about it.
pub(super) struct Clock {
    pub(super) readings: Sides<Vec<Reading>>,
}

impl Clock {
    pub(super) fn new(profiles: &Sides<Vec<Profile>>) -> Self {
        let reading = |profile: &Profile| Reading {
            cpu_ns: profile.routine_ns_per_iteration().unwrap_or(0.0),
            samples: profile.stacks.total() as f64,
        };
        Self {
            readings: profiles
                .as_ref()
                .map(|side| side.iter().map(reading).collect()),
        }
    }

    /// CPU time of the routine per iteration on each side: the mean over its recordings.
    pub(super) fn cpu_ns(&self) -> Sides<f64> {
        self.readings
            .as_ref()
            .map(|side| mean(side.iter().map(|reading| reading.cpu_ns)))
    }

    /// The samples of each recording: those before, then those after.
    pub(super) fn samples(&self) -> Vec<u64> {
        let all = self.readings.before.iter().chain(&self.readings.after);
        all.map(|reading| reading.samples as u64).collect()
    }

    /// The variance of the difference of the CPU times; `None` where a side has one recording.
    pub(super) fn common(&self) -> Option<Variance> {
        let Sides { before, after } = &self.readings;
        if before.len() == after.len() && before.len() >= FEWEST_PAIRS {
            let pairs = before.iter().zip(after);
            let differences: Vec<f64> = pairs.map(|(b, a)| a.cpu_ns - b.cpu_ns).collect();
            return Some(Variance {
                value: variance(&differences)? / differences.len() as f64,
                freedom: (differences.len() - 1) as f64,
            });
        }
        let of_mean = |side: &[Reading]| {
            let times: Vec<f64> = side.iter().map(|reading| reading.cpu_ns).collect();
            variance(&times).map(|value| value / times.len() as f64)
        };
        Some(Variance {
            value: of_mean(before)? + of_mean(after)?,
            freedom: self.freedom(),
        })
    }

    /// How many independent pieces of information the recordings hold on a spread within sides.
    pub(super) fn freedom(&self) -> f64 {
        let Sides { before, after } = self.readings.as_ref().map(Vec::len);
        (before + after) as f64 - 2.0
    }

    /// The time that `counts`, of each recording, stand for: its mean over the recordings of each side, in ns per iteration.
    pub(super) fn nanoseconds(&self, counts: &[u64]) -> Sides<f64> {
        let (before, after) = counts.split_at(self.readings.before.len());
        let of = |side: &[Reading], counts: &[u64]| {
            let recordings = side.iter().zip(counts);
            mean(
                recordings.map(|(reading, &count)| reading.cpu_ns * count as f64 / reading.samples),
            )
        };
        Sides {
            before: of(&self.readings.before, before),
            after: of(&self.readings.after, after),
        }
    }

    /// The difference of the CPU times, by Student's t. Of one recording a side nothing is known but the difference.
    pub(super) fn cpu(&self) -> Delta {
        let ns = self.cpu_ns();
        match self.common() {
            Some(variance) => delta(ns, variance),
            None => Delta {
                ns,
                lower_ns: f64::NEG_INFINITY,
                upper_ns: f64::INFINITY,
                significance: Significance::WithinChance,
            },
        }
    }
}

/// A difference with its interval, significant where that does not hold 0: a question of its own.
fn delta(ns: Sides<f64>, variance: Variance) -> Delta {
    let half = student::half_width(LEVEL, variance.freedom) * variance.value.sqrt();
    let difference = ns.difference();
    Delta {
        ns,
        lower_ns: difference - half,
        upper_ns: difference + half,
        significance: match difference.abs() > half {
            true => Significance::Beyond,
            false => Significance::WithinChance,
        },
    }
}

/// The mean; 0 of nothing.
pub(super) fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len().max(1) as f64;
    values.sum::<f64>() / count
}

/// The sample variance; `None` of fewer than two values.
pub(super) fn variance(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    let mean = mean(values.iter().copied());
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    Some(squares / (values.len() - 1) as f64)
}
