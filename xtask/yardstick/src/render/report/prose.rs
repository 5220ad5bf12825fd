//! Sentences of the report as HTML.

use maud::{Markup, html};

/// A sentence in which names stand in backticks: those become code. A backtick that has no partner is one.
pub(super) fn prose(text: &str) -> Markup {
    // A number and its percent sign stay together.
    let text = text.replace(" %", "\u{a0}%");
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return html! { (text) };
    }
    html! {
        @for (position, part) in parts.iter().enumerate() {
            @if position % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

/// A lowercase fragment as a sentence; what begins with a name stays as it is.
pub(super) fn sentence(text: &str) -> Markup {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_uppercase());
    let text: String = first.into_iter().flatten().chain(characters).collect();
    let ends = text.ends_with(['.', '!', '?', ':']);
    html! { (prose(&text)) @if !ends { "." } }
}
