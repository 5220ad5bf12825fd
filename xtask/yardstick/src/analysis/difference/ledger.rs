//! Every recording of both sides, with names as numbers, and what was counted in them.

use std::collections::BTreeMap;

use crate::model::{
    comparison::Sides,
    profile::{Origin, Profile},
};

/// A frame's name, as its place in [`Ledger::names`].
pub(super) type Name = usize;

/// How many samples of each recording saw something: the recordings before, then those after.
pub(super) type Counts = Vec<u64>;

/// A stack, root first, with how often each recording saw it.
pub(super) struct Line {
    pub(super) stack: Vec<Name>,
    pub(super) counts: Counts,
}

/// All stacks of all recordings.
pub(super) struct Ledger<'r> {
    /// The names, in order.
    pub(super) names: Vec<&'r str>,
    /// Where each name comes from; `None` for a bracketed frame that no profile says anything about.
    pub(super) origins: Vec<Option<&'r Origin>>,
    /// Every distinct stack.
    pub(super) lines: Vec<Line>,
    /// How many recordings each side has.
    pub(super) recordings: Sides<usize>,
}

impl<'r> Ledger<'r> {
    /// Puts all recordings into one ledger. A name before the change that `renamed` holds counts as the one after it.
    pub(super) fn new(
        profiles: &'r Sides<Vec<Profile>>,
        renamed: &'r BTreeMap<String, String>,
    ) -> Self {
        let new_name = |name: &'r String| renamed.get(name).unwrap_or(name).as_str();
        let same = |name: &'r String| name.as_str();
        let mut origins: BTreeMap<&str, Option<&Origin>> = BTreeMap::new();
        for profile in &profiles.before {
            collect(profile, new_name, &mut origins);
        }
        // What a function is after the change counts.
        for profile in &profiles.after {
            collect(profile, same, &mut origins);
        }
        let names: Vec<&str> = origins.keys().copied().collect();
        let numbers: BTreeMap<&str, Name> = names.iter().copied().zip(0..).collect();
        let recordings = profiles.as_ref().map(Vec::len);
        let all = recordings.before + recordings.after;

        let mut lines: BTreeMap<Vec<Name>, Counts> = BTreeMap::new();
        let mut add =
            |place: usize, profile: &'r Profile, named: &dyn Fn(&'r String) -> &'r str| {
                for (stack, weight) in &profile.stacks.0 {
                    let stack = stack.iter().map(|frame| numbers[named(frame)]).collect();
                    lines.entry(stack).or_insert_with(|| vec![0; all])[place] += weight;
                }
            };
        for (place, profile) in profiles.before.iter().enumerate() {
            add(place, profile, &new_name);
        }
        for (place, profile) in profiles.after.iter().enumerate() {
            add(recordings.before + place, profile, &same);
        }
        Self {
            origins: origins.into_values().collect(),
            lines: lines
                .into_iter()
                .map(|(stack, counts)| Line { stack, counts })
                .collect(),
            names,
            recordings,
        }
    }

    /// Nothing counted in any recording.
    pub(super) fn none(&self) -> Counts {
        vec![0; self.recordings.before + self.recordings.after]
    }

    /// How often stacks for which `holds` is true were seen.
    pub(super) fn count(&self, holds: impl Fn(&[Name]) -> bool) -> Counts {
        let mut counts = self.none();
        for line in self.lines.iter().filter(|line| holds(&line.stack)) {
            add(&mut counts, &line.counts);
        }
        counts
    }

    /// The samples of each side among `counts`.
    pub(super) fn samples(&self, counts: &[u64]) -> Sides<u64> {
        let (before, after) = counts.split_at(self.recordings.before);
        Sides {
            before: before.iter().sum(),
            after: after.iter().sum(),
        }
    }
}

/// Adds what each recording saw.
pub(super) fn add(counts: &mut [u64], more: &[u64]) {
    for (count, more) in counts.iter_mut().zip(more) {
        *count += more;
    }
}

fn collect<'r>(
    profile: &'r Profile,
    named: impl Fn(&'r String) -> &'r str,
    origins: &mut BTreeMap<&'r str, Option<&'r Origin>>,
) {
    for frame in profile.stacks.0.keys().flatten() {
        let origin = profile.origins.get(frame);
        let known = origins.entry(named(frame)).or_default();
        *known = origin.or(*known);
    }
}
