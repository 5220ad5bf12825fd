//! Which parts of the program the time of a profile went to: its layers, and its tasks.

use crate::{
    analysis::difference::differ,
    model::{
        comparison::{ProfileOutcome, Sides},
        difference::{Grouping, Recorded},
        layers::Layers,
        profile::Profile,
    },
    render,
};

/// Tables for a terminal of so many columns: by layer where the manifest names some, by task where the program has tasks.
/// Nothing where no time per iteration is known.
pub(super) fn terminal(profile: &Profile, layers: &Layers, columns: Option<usize>) -> String {
    // The groups of a comparison, of a profile with itself: every layer means the same here and there.
    let recorded = Recorded {
        key: profile.key.clone(),
        profiles: Sides {
            before: vec![profile.clone()],
            after: vec![profile.clone()],
        },
        end_to_end_ns: None,
    };
    let ProfileOutcome::Compared(compared) = differ(&recorded, layers) else {
        return String::new();
    };
    let table = |grouping, title| match compared.groups.get(&grouping) {
        Some(rows) => render::hot_paths::groups_of(profile, rows, title, columns),
        None => String::new(),
    };
    let mut text = String::new();
    if !layers.names().is_empty() {
        text.push_str(&table(Grouping::Layer, "layer"));
    }
    let tasks = compared.groups.get(&Grouping::Task);
    if tasks.is_some_and(|rows| rows.len() > 1) {
        text.push_str(&table(Grouping::Task, "task"));
    }
    text
}
