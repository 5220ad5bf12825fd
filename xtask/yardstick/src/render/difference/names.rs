//! Names that are short in a sentence and still stand for one function.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::difference::{FunctionRow, Presence};

/// How many parts of a path are kept at least: the type or module, and the function's own name.
const PARTS: usize = 2;

/// How many are kept before a name is rather written as a whole.
const MOST_PARTS: usize = 4;

/// The short names of the functions of one difference.
pub(super) struct Names {
    functions: BTreeMap<String, usize>,
}

impl Names {
    pub(super) fn of(functions: &[FunctionRow]) -> Self {
        let mut names: BTreeSet<&str> = BTreeSet::new();
        for row in functions {
            names.insert(&row.function);
            if let Presence::Renamed { from, .. } = &row.presence {
                names.insert(from);
            }
        }
        let mut counts = BTreeMap::new();
        for name in names {
            let mut ends: Vec<String> = (PARTS..=MOST_PARTS).map(|kept| end(name, kept)).collect();
            ends.dedup();
            for end in ends {
                *counts.entry(end).or_default() += 1;
            }
        }
        Self { functions: counts }
    }

    /// The shortest end of the path that no other function's path has; all of it where that is not short.
    pub(super) fn short(&self, function: &str) -> String {
        (PARTS..=MOST_PARTS)
            .map(|kept| end(function, kept))
            .find(|end| matches!(self.functions.get(end), None | Some(1)))
            .unwrap_or_else(|| function.to_owned())
    }

    /// Two names of one function, as different as they are: `old::name` and `new::name`.
    pub(super) fn both(&self, from: &str, to: &str) -> (String, String) {
        let short = (self.short(from), self.short(to));
        match short.0 == short.1 {
            true => (from.to_owned(), to.to_owned()),
            false => short,
        }
    }
}

/// The last parts of a path.
fn end(function: &str, most: usize) -> String {
    let parts = parts(function);
    let mut kept = 0;
    let mut start = parts.len();
    while start > 0 && kept < most {
        start -= 1;
        // A closure is told apart by the function that it is in.
        kept += usize::from(!parts[start].starts_with('{'));
    }
    let kept: Vec<String> = parts[start..].iter().map(|part| bare(part)).collect();
    kept.join("::")
}

/// `<a::B as c::D>` without its paths: `<B as D>`.
fn bare(part: &str) -> String {
    let Some(inner) = part
        .strip_prefix('<')
        .and_then(|part| part.strip_suffix('>'))
    else {
        return part.to_owned();
    };
    let last = |path: &str| parts(path).last().copied().unwrap_or_default().to_owned();
    match inner.split_once(" as ") {
        Some((of, interface)) => format!("<{} as {}>", last(of), last(interface)),
        None => last(inner),
    }
}

/// What `::` separates outside of any bracket.
fn parts(path: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut depth = 0_usize;
    let mut start = 0;
    let bytes = path.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        let previous = at.checked_sub(1).map(|at| bytes[at]);
        match byte {
            b'<' | b'(' | b'[' | b'{' => depth += 1,
            // The arrow of a function's type closes nothing.
            b'>' if previous == Some(b'-') => {}
            b'>' | b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b':' if depth == 0 && previous == Some(b':') && start < at => {
                parts.push(&path[start..at - 1]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&path[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::sample::difference;
    use super::*;

    fn named(functions: &[&str]) -> Names {
        let row = difference().functions.remove(0);
        let rows: Vec<FunctionRow> = functions
            .iter()
            .map(|function| FunctionRow {
                function: (*function).to_owned(),
                ..row.clone()
            })
            .collect();
        Names::of(&rows)
    }

    #[test]
    fn the_end_of_a_path_is_enough_where_it_is_the_only_one() {
        let names = named(&["a::mailbox::push", "a::b::x::f", "a::c::x::f"]);
        assert_eq!(names.short("a::mailbox::push"), "mailbox::push");
        assert_eq!(names.short("a::b::x::f"), "b::x::f");
    }

    #[test]
    fn closures_methods_of_traits_and_foreign_functions_stay_recognisable() {
        for (full, short) in [
            ("a::b::run::{closure}", "b::run::{closure}"),
            (
                "<a::b::Inbox as core::iter::Iterator>::next",
                "<Inbox as Iterator>::next",
            ),
            (
                "<a::B<c::D> as e::F>::g::{closure}",
                "<B<c::D> as F>::g::{closure}",
            ),
            ("malloc", "malloc"),
            ("[task]", "[task]"),
            ("alloc::raw_vec::RawVec::grow", "RawVec::grow"),
            ("<fn(a::A) -> b::B as c::C>::call", "<B as C>::call"),
        ] {
            assert_eq!(named(&[full]).short(full), short);
        }
    }

    #[test]
    fn a_function_that_moved_keeps_the_part_that_differs() {
        let names = named(&["new::x::f"]);
        assert_eq!(
            names.both("old::x::f", "new::x::f"),
            ("old::x::f".to_owned(), "new::x::f".to_owned())
        );
    }

    proptest! {
        #[test]
        fn different_functions_never_share_a_name(
            functions in proptest::collection::btree_set("(<?[ab]::)?[ab]( as [ab]::[ab]>)?(::[ab]|::\\{c\\}){0,3}", 1..8),
        ) {
            let functions: Vec<&str> = functions.iter().map(String::as_str).collect();
            let names = named(&functions);
            let mut short: Vec<String> = functions.iter().map(|one| names.short(one)).collect();
            short.sort();
            short.dedup();
            prop_assert_eq!(short.len(), functions.len());
        }

        #[test]
        fn any_text_has_a_name(text in "\\PC{0,40}") {
            prop_assert!(end(&text, PARTS).len() <= text.len());
        }
    }
}
