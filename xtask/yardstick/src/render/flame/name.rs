//! Names of functions in the forms that fit.

/// The whole name, then without module paths, then the function alone; each form once, longest first.
pub(super) fn forms(name: &str) -> Vec<String> {
    let mut forms = vec![name.to_owned()];
    for shorter in [short(name), shortest(name)] {
        let last = forms.last().map_or(0, |form| form.chars().count());
        if !shorter.is_empty() && shorter.chars().count() < last {
            forms.push(shorter);
        }
    }
    forms
}

/// Every path without what leads to its type, or to the module of its function:
/// `<std::vec::Vec as core::ops::drop::Drop>::drop` → `<Vec as Drop>::drop`.
fn short(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    let mut path = String::new();
    for letter in name.chars() {
        if letter.is_alphanumeric() || "_:{}#".contains(letter) {
            path.push(letter);
        } else {
            text.push_str(without_modules(&path));
            path.clear();
            text.push(letter);
        }
    }
    text.push_str(without_modules(&path));
    text
}

fn without_modules(path: &str) -> &str {
    // What follows a bracket is the rest of a path.
    if path.starts_with("::") {
        return path;
    }
    let segments = segments(path);
    let is_type = |segment: &&(usize, &str)| segment.1.starts_with(char::is_uppercase);
    let first_type = segments.iter().find(is_type).map(|(at, _)| *at);
    let named: Vec<usize> = segments
        .iter()
        .filter(|(_, segment)| !segment.starts_with('{'))
        .map(|(at, _)| *at)
        .collect();
    let module_of_function = named.len().checked_sub(2).map(|from| named[from]);
    let from = first_type.or(module_of_function).unwrap_or(0);
    path.get(from..).unwrap_or(path)
}

/// The last part of the name that is no closure: `a::B::f::{closure}` → `f`.
fn shortest(name: &str) -> String {
    let tail = name.rsplit('>').next().unwrap_or(name);
    let segments = segments(tail);
    let named = segments
        .iter()
        .rev()
        .find(|(_, segment)| !segment.is_empty() && !segment.starts_with('{'));
    named.map_or_else(|| name.to_owned(), |(_, segment)| (*segment).to_owned())
}

/// The parts of a path with where each starts, in bytes.
fn segments(path: &str) -> Vec<(usize, &str)> {
    let mut at = 0;
    path.split("::")
        .map(|segment| {
            let start = at;
            at += segment.len() + 2;
            (start, segment)
        })
        .collect()
}

/// The longest form that fits into `room` columns, with the mark before it where there is room for both. Where none
/// fits, the beginning of the shortest; `None` where even that would say nothing.
pub(super) fn label(forms: &[String], mark: &str, room: usize) -> Option<String> {
    let marked = forms.iter().map(|form| format!("{mark}{form}"));
    if let Some(label) = marked
        .chain(forms.iter().cloned())
        .find(|l| columns(l) <= room)
    {
        return Some(label);
    }
    let mut start = forms.last().filter(|_| room >= 4)?.clone();
    while columns(&start) >= room {
        start.pop();
    }
    Some(format!("{start}…"))
}

/// Columns of a fixed pitch. Letters outside of Latin and its neighbours may be twice as wide.
fn columns(text: &str) -> usize {
    let wide = |letter: char| letter >= '\u{1100}' && !"…▲▼".contains(letter);
    text.chars()
        .map(|letter| 1 + usize::from(wide(letter)))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_gets_shorter_by_what_says_least() {
        let cases = [
            (
                "<core::future::poll_fn::PollFn as core::future::future::Future>::poll",
                &["<PollFn as Future>::poll", "poll"][..],
            ),
            (
                "runtime::incarnation::Shift::serve::{closure}",
                &["Shift::serve::{closure}", "serve"],
            ),
            (
                "runtime::incarnation::live::{closure}::{closure}",
                &["incarnation::live::{closure}::{closure}", "live"],
            ),
            (
                "core::ptr::drop_in_place",
                &["ptr::drop_in_place", "drop_in_place"],
            ),
            ("[runtime]", &[]),
            ("malloc", &[]),
            ("", &[]),
        ];
        for (name, shorter) in cases {
            assert_eq!(forms(name)[0], name);
            assert_eq!(forms(name)[1..], *shorter, "{name}");
        }
    }

    #[test]
    fn a_label_is_never_wider_than_its_room() {
        let names = [
            "a::b::C::long_enough",
            "日本::関数::呼び出し",
            "<A as B>::{closure}",
        ];
        for name in names {
            for room in 0..40 {
                for mark in ["", "new · "] {
                    let label = label(&forms(name), mark, room);
                    assert!(label.is_none_or(|label| columns(&label) <= room.max(4)));
                }
            }
        }
    }

    #[test]
    fn a_mark_gives_way_to_the_name() {
        let forms = forms("a::B::f");
        assert_eq!(label(&forms, "new · ", 10).as_deref(), Some("new · B::f"));
        assert_eq!(label(&forms, "new · ", 6).as_deref(), Some("B::f"));
    }
}
