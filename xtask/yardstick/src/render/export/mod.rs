//! Profiles in the forms that other tools open.
//!
//! A profile is a set of stacks with weights, without an order in time. Forms that want one get the stacks one after the
//! other, each as long as the CPU time that it stands for.

mod firefox;
mod folded;
mod pprof;
mod speedscope;

use std::collections::BTreeMap;

use crate::model::{profile::Profile, stack::Stack};

/// What a profile can be written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The Firefox Profiler's processed profile: JSON.
    Firefox,
    /// speedscope's own file format: JSON.
    Speedscope,
    /// pprof's `profile.proto`, compressed.
    Pprof,
    /// Collapsed stacks: text, one stack a line.
    Folded,
}

impl Form {
    /// How the name of such a file ends, as the tools that open it expect.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Firefox => "firefox.json",
            Self::Speedscope => "speedscope.json",
            Self::Pprof => "pb.gz",
            Self::Folded => "folded",
        }
    }
}

/// The bytes of a file of that form with the profile in it.
pub fn export(profile: &Profile, form: Form) -> Vec<u8> {
    match form {
        Form::Firefox => firefox::bytes(profile),
        Form::Speedscope => speedscope::bytes(profile),
        Form::Pprof => pprof::bytes(profile),
        Form::Folded => folded::bytes(profile),
    }
}

/// Every function once, by name, with its number.
struct Functions<'p> {
    numbers: BTreeMap<&'p str, usize>,
}

impl<'p> Functions<'p> {
    fn of(profile: &'p Profile) -> Self {
        let frames = profile.stacks.0.keys().flatten();
        let mut numbers: BTreeMap<&str, usize> = frames.map(|frame| (frame.as_str(), 0)).collect();
        for (position, number) in numbers.values_mut().enumerate() {
            *number = position;
        }
        Self { numbers }
    }

    /// In the order of their numbers, from 0.
    fn names(&self) -> impl Iterator<Item = &'p str> {
        self.numbers.keys().copied()
    }

    /// The numbers of a stack's frames, root first.
    fn numbers<'s>(&'s self, stack: &'s Stack) -> impl DoubleEndedIterator<Item = usize> + 's {
        stack
            .iter()
            .filter_map(|frame| self.numbers.get(frame.as_str()).copied())
    }
}

/// The crate that defines a function; nothing for what stands for no function.
fn crate_of<'p>(profile: &'p Profile, function: &str) -> &'p str {
    let origin = profile.origins.get(function);
    origin.map_or("", |origin| origin.crate_name.as_str())
}

/// CPU time of the routine over all iterations, in ns; `None` where it is not known.
fn routine_ns(profile: &Profile) -> Option<u64> {
    let share = 1.0 - profile.quality.trimmed_share.clamp(0.0, 1.0);
    let ns = (profile.work.cpu_ns as f64 * share).round() as u64;
    (ns > 0).then_some(ns)
}

/// The CPU time of every stack in the order of the stacks, in whole ns that sum to the routine's; `None` where it is not
/// known.
fn stack_ns(profile: &Profile) -> Option<Vec<u64>> {
    let total_ns = u128::from(routine_ns(profile)?);
    let weights = profile.stacks.0.values().map(|weight| u128::from(*weight));
    let total: u128 = weights.clone().sum();
    let mut seen = 0;
    let mut given_ns = 0;
    // What is rounded away from one stack falls to the next.
    let ns = weights.map(|weight| {
        seen += weight;
        let due_ns = total_ns * seen / total.max(1);
        let ns = due_ns - given_ns;
        given_ns = due_ns;
        u64::try_from(ns).unwrap_or(u64::MAX)
    });
    Some(ns.collect())
}

/// What the file is about, for the tools that show it.
fn title(profile: &Profile) -> String {
    let Profile { key, .. } = profile;
    format!("{} ({}/{})", key.id, key.package, key.suite)
}

#[cfg(test)]
mod tests;
