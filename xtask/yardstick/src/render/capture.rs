//! Stored captures in words.

use super::grid::{
    Align::{Left, Right},
    Grid,
};
use crate::model::{
    capture::Capture,
    revision::{Features, Provenance, Revision},
};

/// One capture of a list.
#[derive(Clone, Debug, PartialEq)]
pub enum Line {
    /// One that is in order.
    Whole(Capture),
    /// The name of one that cannot be read, and why.
    Unreadable(String, String),
}

/// A table of captures; empty where there are none.
pub fn list(lines: &[Line]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let mut grid = Grid::new([
        ("capture", Left),
        ("benchmarks", Right),
        ("profiles", Right),
        ("measured", Left),
        ("commit", Left),
    ]);
    let mut problems = String::new();
    for line in lines {
        match line {
            Line::Whole(capture) => {
                let newest = provenances(capture).max_by_key(|one| one.measured_at.clone());
                let commit = newest
                    .and_then(|one| one.revision.as_ref())
                    .map(short)
                    .unwrap_or_default();
                grid.row([
                    capture.name.clone(),
                    capture.benchmarks().count().to_string(),
                    capture.profiles.len().to_string(),
                    newest
                        .map(|one| one.measured_at.clone())
                        .unwrap_or_default(),
                    commit,
                ]);
            }
            Line::Unreadable(name, why) => {
                problems.push_str(&format!("\n`{name}` cannot be read: {why}\n"))
            }
        }
    }
    grid.terminal() + &problems
}

/// What a capture holds and where it comes from.
pub fn show(capture: &Capture) -> String {
    let mut text = format!("capture `{}`\n", capture.name);
    for run in &capture.runs {
        text.push_str(&format!("\nmeasured {}\n", run.provenance.measured_at));
        text.push_str(&facts(&run.provenance));
        text.push_str(&format!("  benchmarks  {}\n", run.benchmarks.len()));
        for key in run.benchmarks.keys() {
            text.push_str(&format!("    {key}\n"));
        }
    }
    for profile in capture.profiles.values() {
        text.push_str(&format!("\nprofile of {}\n", profile.key));
        text.push_str(&format!(
            "  recorded    {} samples with {} at {:.0} Hz\n",
            profile.quality.samples, profile.facts.sampler, profile.facts.real_rate_hz
        ));
        text.push_str(&facts(&profile.provenance));
    }
    text
}

fn provenances(capture: &Capture) -> impl Iterator<Item = &Provenance> {
    let of_profiles = capture.profiles.values().map(|profile| &profile.provenance);
    capture
        .runs
        .iter()
        .map(|run| &run.provenance)
        .chain(of_profiles)
}

/// The commit, cut as git does, and whether it is what was built.
fn short(revision: &Revision) -> String {
    let commit: String = revision.commit.chars().take(9).collect();
    match &revision.dirty_tree {
        None => commit,
        Some(_) => format!("{commit} + changes"),
    }
}

fn facts(provenance: &Provenance) -> String {
    let (build, machine) = (&provenance.build, &provenance.machine);
    let mut lines = vec![("command", provenance.command.join(" "))];
    if let Some(revision) = &provenance.revision {
        let branch = revision
            .branch
            .as_ref()
            .map(|name| format!(" on {name}"))
            .unwrap_or_default();
        let tree = revision
            .dirty_tree
            .as_ref()
            .map(|tree| format!(", with changes: tree {tree}"))
            .unwrap_or_default();
        lines.push(("commit", format!("{}{branch}{tree}", revision.commit)));
    }
    lines.push(("compiler", build.rustc.first().cloned().unwrap_or_default()));
    lines.push((
        "profile",
        format!("{}{}", build.cargo_profile, features(&build.features)),
    ));
    if !build.rustflags.is_empty() {
        lines.push(("rustflags", build.rustflags.join(" ")));
    }
    lines.push((
        "machine",
        format!(
            "{} ({} cores, {})",
            machine.identity.cpu_model, machine.identity.cores, machine.identity.architecture
        ),
    ));
    lines.push(("while", circumstance(provenance)));
    lines
        .iter()
        .map(|(name, value)| format!("  {name:<10}  {value}\n"))
        .collect()
}

fn features(features: &Features) -> String {
    let mut words = Vec::new();
    if features.no_default {
        words.push("no default features".to_owned());
    }
    if features.all {
        words.push("all features".to_owned());
    }
    if !features.named.is_empty() {
        words.push(format!("features {}", features.named.join(",")));
    }
    match words.is_empty() {
        true => String::new(),
        false => format!(", {}", words.join(", ")),
    }
}

fn circumstance(provenance: &Provenance) -> String {
    let at = &provenance.machine.circumstance;
    let mut words = vec![
        format!("kernel {}", at.kernel),
        format!("load {:.2}", at.load_1min),
    ];
    words.extend(
        at.governor
            .as_ref()
            .map(|governor| format!("governor {governor}")),
    );
    words.extend(
        at.turbo
            .map(|on| format!("turbo {}", if on { "on" } else { "off" })),
    );
    words.extend(
        at.hypervisor
            .as_ref()
            .map(|name| format!("virtual machine ({name})")),
    );
    words.extend(
        at.on_battery
            .filter(|on| *on)
            .map(|_| "on battery".to_owned()),
    );
    words.join(", ")
}
