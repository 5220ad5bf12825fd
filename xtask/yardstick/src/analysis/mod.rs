//! From two captures to a comparison: pure functions that never fail. What they cannot
//! say they leave out, and a warning tells why.

mod benchmarks;
mod circumstances;
pub mod difference;
pub mod expectations;
mod machines;
pub mod opinions;
mod profiles;
pub mod readiness;
#[cfg(test)]
mod samples;
pub mod selftest;
pub mod verdict;

pub use machines::disagreements;

use crate::model::{
    capture::Capture,
    comparison::{Comparison, Sides, Source},
    layers::Layers,
    revision::Provenance,
};

/// Puts two captures side by side.
///
/// Whether their times may be compared at all is a question of its own: ask
/// [`disagreements`] first.
///
/// `layers` are those that the manifest names.
pub fn compare(captures: Sides<&Capture>, layers: &Layers) -> Comparison {
    let (profiles, profile_warnings) = profiles::rows(captures, layers);
    let mut warnings = circumstances::warnings(captures);
    warnings.extend(benchmarks::warnings(captures));
    warnings.extend(profile_warnings);
    warnings.sort();
    warnings.dedup();
    Comparison {
        sources: captures.map(source),
        machine: machines::machine(captures),
        benchmarks: benchmarks::rows(captures),
        profiles,
        warnings,
    }
}

fn source(capture: &Capture) -> Source {
    let mut revisions = Vec::new();
    let mut features = Vec::new();
    for part in parts(capture) {
        if let Some(revision) = &part.revision
            && !revisions.contains(revision)
        {
            revisions.push(revision.clone());
        }
        if !features.contains(&part.build.features) {
            features.push(part.build.features.clone());
        }
    }
    Source {
        name: capture.name.clone(),
        revisions,
        features,
        measured_at: parts(capture).map(|part| part.measured_at.clone()).min(),
    }
}

/// The provenance of everything a capture holds.
fn parts(capture: &Capture) -> impl Iterator<Item = &Provenance> {
    run_parts(capture).chain(profile_parts(capture))
}

fn run_parts(capture: &Capture) -> impl Iterator<Item = &Provenance> {
    capture.runs.iter().map(|run| &run.provenance)
}

fn profile_parts(capture: &Capture) -> impl Iterator<Item = &Provenance> {
    capture.profiles.values().map(|profile| &profile.provenance)
}
