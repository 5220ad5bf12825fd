//! Dots for rounds: one path for all of a kind, which is a tenth of the size of as many circles.

use maud::{Markup, html};

use super::at;
use crate::model::course::Standing;

/// Half of the size of a cross.
const CROSS: f64 = 2.6;

/// Places of rounds, by how they stand.
#[derive(Default)]
pub(super) struct Dots {
    counts: String,
    dropped: String,
    later: String,
}

impl Dots {
    pub(super) fn of(places: impl Iterator<Item = (Standing, f64, f64)>) -> Self {
        let mut dots = Self::default();
        for (standing, x, y) in places {
            match standing {
                Standing::Counts => dots.counts.push_str(&dot(x, y)),
                Standing::Later => dots.later.push_str(&dot(x, y)),
                Standing::Dropped(_) => dots.dropped.push_str(&cross(x, y)),
            }
        }
        dots
    }

    /// The paths; `class` colours those that count.
    pub(super) fn drawn(&self, class: &str) -> Markup {
        html! {
            @if !self.later.is_empty() { path.dots.later d=(self.later) {} }
            @if !self.counts.is_empty() { path class={ "dots " (class) } d=(self.counts) {} }
            @if !self.dropped.is_empty() { path.crosses d=(self.dropped) {} }
        }
    }

    /// What is not simply a round that counts.
    pub(super) fn legend(&self) -> String {
        let mut said = Vec::new();
        if !self.dropped.is_empty() {
            said.push("× was dropped for what was recorded around it");
        }
        if !self.later.is_empty() {
            said.push("Pale dots came after the look that the answer rests on");
        }
        match said.is_empty() {
            true => String::new(),
            false => format!("{}.", said.join(". ")),
        }
    }
}

fn dot(x: f64, y: f64) -> String {
    format!("M{} {}h0", at(x), at(y))
}

fn cross(x: f64, y: f64) -> String {
    let (size, back) = (2.0 * CROSS, -2.0 * CROSS);
    format!(
        "M{} {}l{size} {size}m{back} 0l{size} {back}",
        at(x - CROSS),
        at(y - CROSS)
    )
}
