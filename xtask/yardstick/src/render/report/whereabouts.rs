//! Where the time of one benchmark went: in words here; the flame graph and the functions are made by the page's script.

use maud::{Markup, PreEscaped, html};

use super::{
    data::{self, Names},
    prose::{prose, sentence},
};
use crate::{
    model::{
        benchmark::BenchmarkKey,
        comparison::{ProfileOutcome, ProfileRow},
        difference::Difference,
    },
    render::{difference, flame},
};

/// The section of a benchmark; nothing where nothing was recorded.
pub(super) fn section(profiles: &[ProfileRow], key: &BenchmarkKey, names: &mut Names) -> Markup {
    let Some(row) = profiles.iter().find(|row| row.key == *key) else {
        return html! {};
    };
    html! {
        section.where {
            h3 { "Where the time went" }
            @match &row.outcome {
                ProfileOutcome::Compared(difference) => (compared(key, difference, names)),
                ProfileOutcome::NotComparable(reasons) => {
                    p { "The recordings of the two sides cannot be put side by side:" }
                    ul { @for reason in reasons { li { (sentence(reason)) } } }
                }
                ProfileOutcome::Removed => p { "Only the side before the change was recorded." },
                ProfileOutcome::Added => p { "Only the side with the change was recorded." },
            }
        }
    }
}

fn compared(key: &BenchmarkKey, difference: &Difference, names: &mut Names) -> Markup {
    let said = difference::sentences(difference, difference::in_backticks);
    html! {
        p.lead { (prose(&difference::headline(&key.id, difference))) "." }
        ul.findings { @for finding in &said { li { (sentence(finding)) } } }
        div.pictured.scripted {
            h4 { "Flame graphs" }
            div.flame data-label={ "Call tree of " (key.id) } {}
            div.flame.legend { (PreEscaped(flame::LEGEND)) }
            script type="application/json" class="tree" { (PreEscaped(data::tree(difference, names))) }
        }
        div.functions.scripted {
            h4 { "Functions" }
            script type="application/json" class="rows" { (PreEscaped(data::functions(difference, names))) }
        }
    }
}
