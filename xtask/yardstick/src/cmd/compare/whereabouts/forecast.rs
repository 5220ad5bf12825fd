//! What recording will take, told before it takes it.

use std::collections::BTreeSet;

use super::{PAIRS, Recorded, chosen::Subject, recorder};
use crate::{
    cmd::{Context, counted},
    model::profile::Sampler,
};

/// What it takes to name what one recording holds, in seconds.
const NAMING_SECONDS: f64 = 0.7;
/// What a pair of links with debug information takes, in seconds.
const LINK_SECONDS: f64 = 1.5;

/// Says what is recorded, and what it will take.
pub(super) fn foretell(
    context: &Context<'_>,
    subjects: &[Subject],
    known: &Recorded,
    sampler: Sampler,
) {
    let mut seconds = 0.0;
    let mut suites = BTreeSet::new();
    for subject in subjects {
        let key = &subject.question.key;
        let there = known.get(key).map_or(0, |known| known.pairs());
        let one = recorder::duration_seconds(sampler) + subject.set_up_seconds + NAMING_SECONDS;
        seconds += 2.0 * one * (PAIRS - there) as f64;
        suites.insert((&key.package, &key.suite));
    }
    seconds += LINK_SECONDS * (PAIRS * suites.len()) as f64;
    context.host.note(&format!(
        "where did the time go? building both sides of {} once more, with debug information; then recording {} takes about {}\n",
        counted(suites.len(), "suite"),
        counted(subjects.len(), "benchmark"),
        duration(seconds)
    ));
}

fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 99.5 => format!("{s:.0} s"),
        s => format!("{:.0} min", (s / 60.0).ceil()),
    }
}
