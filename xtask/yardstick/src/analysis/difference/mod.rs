//! Where the time of one benchmark went, before and after: from recordings to a difference.
//!
//! Everything is a sum of stack samples, each of which stands for CPU time of the recording it is from. So all
//! tables are sums of the same numbers: the own times of the functions, of the groups of each grouping and of the tree's
//! nodes each give the CPU time of the routine, to rounding.

mod clock;
mod discovery;
mod family;
mod findings;
mod functions;
mod groups;
mod ledger;
mod moderation;
mod obstacles;
mod renames;
mod student;
mod tree;

use std::collections::BTreeMap;

use crate::model::{
    comparison::ProfileOutcome,
    difference::{Delta, Difference, Recorded},
    layers::Layers,
    profile::{Iterations, Profile},
};

use clock::{Clock, mean};
use findings::{View, findings};
use functions::Functions;
use groups::LayerOf;
use ledger::Ledger;

/// The difference between the recordings of both sides. Where they cannot be put side by side, the outcome says why.
pub fn differ(recorded: &Recorded, layers: &Layers) -> ProfileOutcome {
    let profiles = &recorded.profiles;
    match (profiles.before.is_empty(), profiles.after.is_empty()) {
        (true, true) => {
            return ProfileOutcome::NotComparable(vec!["neither side was recorded".to_owned()]);
        }
        (true, false) => return ProfileOutcome::Added,
        (false, true) => return ProfileOutcome::Removed,
        (false, false) => {}
    }
    let obstacles = obstacles::obstacles(profiles);
    if obstacles.is_empty() {
        ProfileOutcome::Compared(Box::new(difference(recorded, layers)))
    } else {
        ProfileOutcome::NotComparable(obstacles)
    }
}

fn difference(recorded: &Recorded, layers: &Layers) -> Difference {
    let profiles = &recorded.profiles;
    let renames = renames::renames(profiles);
    let new_names: BTreeMap<String, String> = renames
        .iter()
        .map(|(from, (to, _))| (from.clone(), to.clone()))
        .collect();
    let old_names = renames
        .iter()
        .map(|(from, (to, evidence))| (to.as_str(), (from.as_str(), *evidence)))
        .collect();
    let ledger = Ledger::new(profiles, &new_names);
    let clock = Clock::new(profiles);
    let functions = Functions::new(&ledger, &clock);
    let cpu = clock.cpu();
    let layer_of = LayerOf::new(&ledger, layers);
    let findings = findings(&View {
        profiles,
        ledger: &ledger,
        clock: &clock,
        functions: &functions,
        layers: &layer_of,
        cpu,
    });
    Difference {
        sampler: profiles.after[0].facts.sampler,
        recordings: profiles.as_ref().map(Vec::len),
        samples: profiles
            .as_ref()
            .map(|side| side.iter().map(|profile| profile.stacks.total()).sum()),
        cpu,
        wall_ns: profiles.as_ref().map(|side| wall_ns(side)),
        derived: profiles.as_ref().map(|side| side.iter().any(is_derived)),
        end_to_end_ns: recorded.end_to_end_ns,
        functions: functions.rows(&ledger, &old_names),
        groups: groups::groups(&ledger, &clock, &layer_of),
        tree: tree::tree(&ledger, &clock, cpu),
        findings,
        smallest_visible_ns: family::smallest_visible_ns(&clock, &functions.own),
    }
}

fn wall_ns(side: &[Profile]) -> f64 {
    let times = side.iter();
    mean(times.map(|profile| profile.work.wall_ns_per_iteration().unwrap_or(0.0)))
}

fn is_derived(profile: &Profile) -> bool {
    matches!(profile.work.iterations, Iterations::Derived(_))
}

/// What is beyond chance first, then by falling size of the difference.
fn by_difference(a: &Delta, b: &Delta) -> std::cmp::Ordering {
    let size = |delta: &Delta| delta.difference_ns().abs();
    let is_beyond = |delta: &Delta| delta.is_significant();
    is_beyond(b)
        .cmp(&is_beyond(a))
        .then(size(b).total_cmp(&size(a)))
}

#[cfg(test)]
mod tests;
