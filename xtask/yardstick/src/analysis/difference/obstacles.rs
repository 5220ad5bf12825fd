//! Why recordings cannot be put side by side.

use crate::model::{
    comparison::Sides,
    profile::{Profile, RecordingFacts},
};

/// Every reason, once; none where the recordings can be compared.
pub(super) fn obstacles(profiles: &Sides<Vec<Profile>>) -> Vec<String> {
    let mut obstacles = recorded_differently(profiles);
    for (side, profiles) in [("before", &profiles.before), ("after", &profiles.after)] {
        if profiles
            .iter()
            .any(|profile| profile.work.cpu_ns_per_iteration().is_none())
        {
            obstacles.push(format!(
                "the iterations {side} are unknown, so its weights are no times: link the probe, or store the benchmark's time in the same capture"
            ));
        } else if profiles.iter().any(|profile| profile.work.cpu_ns == 0) {
            obstacles.push(format!(
                "the CPU time {side} is unknown, so its weights are no times"
            ));
        }
        if profiles.iter().any(|profile| profile.stacks.total() == 0) {
            obstacles.push(format!("the profile {side} holds no stack"));
        }
    }
    obstacles
}

/// Recordings made differently see different things: a difference between them says nothing about the program.
fn recorded_differently(profiles: &Sides<Vec<Profile>>) -> Vec<String> {
    type Fact = fn(&RecordingFacts) -> String;
    let facts: [(&str, Fact); 4] = [
        ("sampler", |facts| facts.sampler.to_string()),
        ("event", |facts| facts.event.clone()),
        ("rate asked for", |facts| {
            format!("{} Hz", facts.asked_rate_hz)
        }),
        ("kernel share", |facts| {
            match facts.kernel_included {
                true => "included",
                false => "excluded",
            }
            .to_owned()
        }),
    ];
    let mut obstacles = Vec::new();
    for (what, fact) in facts {
        let found = profiles.as_ref().map(|side| {
            let mut values: Vec<String> = side.iter().map(|p| fact(&p.facts)).collect();
            values.sort();
            values.dedup();
            values.join(" and ")
        });
        let is_mixed = |side: &[Profile]| {
            let mut values = side.iter().map(|profile| fact(&profile.facts));
            values
                .next()
                .is_some_and(|first| values.any(|other| other != first))
        };
        if found.before != found.after || is_mixed(&profiles.before) {
            obstacles.push(format!(
                "the {what} differs: {} before, {} after",
                found.before, found.after
            ));
        }
    }
    obstacles
}
