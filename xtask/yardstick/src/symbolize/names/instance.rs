//! The types that a generic function is used with, as far as they tell its uses apart.
//!
//! Debug information writes them behind a function's name: `{async_fn#0}<a::Counter, a::start::{closure_env#0}>`. What
//! a reader needs of them is short: closures, lifetimes and allocators go, and paths lose their modules.

/// Types nest deeper than this only in names that nobody can read.
const MAX_DEPTH: u32 = 6;

/// `Counter, Worker` of `f<a::Counter, b::Worker<'_>, a::f::{closure_env#0}>`; `None` where nothing is left.
pub fn type_arguments(stated_name: &str) -> Option<String> {
    let (_, arguments) = split(stated_name)?;
    let text = short_list(arguments?, 0)?;
    // It becomes a part of a frame's name.
    (!text.is_empty()).then(|| super::printable(&text))
}

/// A path and what its last segment is applied to: `a::f<T>` is `a::f` and `T`.
fn split(name: &str) -> Option<(&str, Option<&str>)> {
    let Some(inner) = name.strip_suffix('>').filter(|inner| !inner.ends_with('-')) else {
        return Some((name, None));
    };
    let open = matching(inner)?;
    let path = inner[..open].trim_end_matches("::");
    Some((path, Some(&inner[open + 1..])))
}

/// Where the bracket opens that closes behind `inner`.
fn matching(inner: &str) -> Option<usize> {
    let mut depth = 1_u32;
    let bytes = inner.as_bytes();
    for (at, &byte) in bytes.iter().enumerate().rev() {
        match byte {
            // The `>` of an arrow closes nothing.
            b'>' if at == 0 || bytes[at - 1] != b'-' => depth += 1,
            b'<' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// What is between the commas that no bracket encloses.
fn arguments(list: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut start, mut depth, mut previous) = (0, 0_u32, '\0');
    for (at, c) in list.char_indices() {
        match c {
            '<' | '(' | '[' | '{' => depth += 1,
            '>' if previous == '-' => {}
            '>' | ')' | ']' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                found.push(list[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
        previous = c;
    }
    found.push(list[start..].trim());
    found
}

fn short_list(list: &str, depth: u32) -> Option<String> {
    let short: Option<Vec<String>> = arguments(list)
        .into_iter()
        .filter(|argument| !says_nothing(argument))
        .map(|argument| short_type(argument, depth + 1))
        .collect();
    Some(short?.join(", "))
}

/// Closures have no names, and who allocates is not what a task is known by.
fn says_nothing(argument: &str) -> bool {
    let path = split(argument).map_or(argument, |(path, _)| path);
    argument.is_empty()
        || argument.starts_with('\'')
        || path == "alloc::alloc::Global"
        || path
            .rsplit("::")
            .next()
            .is_some_and(|last| last.starts_with("{closure"))
}

fn short_type(text: &str, depth: u32) -> Option<String> {
    if depth > MAX_DEPTH {
        return None;
    }
    for sigil in ["&mut ", "&", "*const ", "*mut ", "dyn "] {
        if let Some(rest) = text.strip_prefix(sigil) {
            return Some(format!("{sigil}{}", short_type(rest, depth + 1)?));
        }
    }
    if text.starts_with('[') {
        return Some("[_]".to_owned());
    }
    if text.starts_with("fn(") || text.contains(" fn(") {
        return Some("fn".to_owned());
    }
    if let Some((_, rest)) = text
        .strip_prefix('\'')
        .and_then(|rest| rest.split_once(' '))
    {
        return short_type(rest, depth + 1);
    }
    // `Output=()` of a trait: the name of an associated type is the trait's.
    if let Some((name, of)) = text.split_once('=')
        && name.chars().all(|c| c.is_alphanumeric() || c == '_')
    {
        return short_type(of, depth + 1);
    }
    if let Some(inner) = text
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'))
    {
        return Some(format!("({})", short_list(inner, depth)?));
    }
    // Of `dyn Trait + Send` the trait tells.
    let text = text.split(" + ").next().unwrap_or(text);
    let (path, of) = split(text)?;
    let segments = path.rsplit("::");
    // The body of an async function is called by the function.
    let name = segments
        .map(str::trim)
        .find(|segment| !segment.starts_with('{'))?;
    let of = of.map_or(Some(String::new()), |list| short_list(list, depth))?;
    Some(match of.as_str() {
        "" => name.to_owned(),
        of => format!("{name}<{of}>"),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(stated: &str, wanted: Option<&str>) {
        assert_eq!(type_arguments(stated).as_deref(), wanted, "{stated}");
    }

    #[test]
    fn the_types_that_tell_uses_apart_are_left() {
        check("poll", None);
        check("{closure#0}", None);
        check("f<()>", Some("()"));
        check("{async_fn#0}<a::counter::Counter>", Some("Counter"));
        check(
            "{async_fn#0}<a::b::Counter, a::start::{async_fn#0}::{closure_env#1}<u8>>",
            Some("Counter"),
        );
        check(
            "run<a::Pool<b::Worker, alloc::alloc::Global>, 3>",
            Some("Pool<Worker>, 3"),
        );
        check("f<fn(a::B, c::D) -> e::G>", Some("fn"));
        check(
            "f<&mut dyn a::T<X=u8> + core::marker::Send>",
            Some("&mut dyn T<u8>"),
        );
    }

    #[test]
    fn the_body_of_an_async_function_is_called_by_the_function() {
        check(
            "poll<a::incarnation::live::{async_fn_env#0}<a::Counter>, alloc::sync::Arc<x::Handle>>",
            Some("live<Counter>, Arc<Handle>"),
        );
        check("f<a::{impl#0}::go::{async_block_env#1}>", Some("go"));
    }

    #[test]
    fn lengths_and_lifetimes_do_not_reach_the_separators_of_folded_stacks() {
        check("f<[u8; 4], &'a str>", Some("[_], &str"));
    }

    proptest! {
        #[test]
        fn any_text_gives_a_part_of_a_frames_name_or_nothing(text in "[a-c:<>,(){}\\[\\];&' #>\n-]{0,40}") {
            if let Some(arguments) = type_arguments(&text) {
                prop_assert!(!arguments.is_empty());
                prop_assert!(!arguments.contains([';', '\n']), "{arguments}");
            }
        }
    }
}
