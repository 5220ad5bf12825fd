//! Findings as sentences: what it is, and what it means or what to do.

use crate::{
    model::{
        comparison::Sides,
        difference::{Delta, Depth, Difference, Finding, Pattern},
    },
    render::quantity::time,
};

use super::{Quote, names::Names};

/// All of them: lowercase sentences without their full stops, most important first.
pub(super) fn sentences(difference: &Difference, quote: Quote) -> Vec<String> {
    let names = Names::of(&difference.functions);
    let findings = difference.findings.iter();
    findings
        .map(|finding| sentence(finding, &|name| quote(&names.short(name))))
        .collect()
}

/// One of them; `name` writes the name of a function.
pub(super) fn sentence(finding: &Finding, name: &dyn Fn(&str) -> String) -> String {
    match finding {
        Finding::Uniform { ratio } => uniform(*ratio),
        Finding::Moved { from, to, ns } => format!(
            "{} lost about as much self time as {} gained, {}: probably the same work in another place, and no loss by itself",
            name(from),
            name(to),
            time(ns.abs())
        ),
        Finding::NewHotPath { function, share } => format!(
            "{} is a hot path now: {} of the time in itself, {} before; look there first",
            name(function),
            percent(share.after),
            percent(share.before)
        ),
        Finding::MoreContention(delta) => format!(
            "{}: threads wait for each other more; hold locks for less long, or share less",
            more("the slow paths of locks", delta)
        ),
        Finding::MoreAllocation(delta) => format!(
            "{}: look at who allocates above it, and reuse or pre-size what is allocated there",
            more("the allocator", delta)
        ),
        Finding::MoreCloning(delta) => format!(
            "{}: pass references, move instead, or share with `Arc`",
            more("cloning", delta)
        ),
        Finding::MessagePassing { share } => format!(
            "passing messages is {} of the time ({} before): fewer or larger messages would show, faster handlers hardly",
            percent(share.after),
            percent(share.before)
        ),
        Finding::Recursion { function, depth } => recursion(&name(function), *depth),
        Finding::MostlyWaits { utilisation } => format!(
            "it mostly waits: a CPU is busy for {} of the time ({} before), so CPU time says little about how long it takes; look at what it waits for: timers, locks, other tasks, input and output",
            percent(utilisation.after),
            percent(utilisation.before)
        ),
        Finding::Shape { pattern } => shape(*pattern),
    }
}

fn uniform(ratio: f64) -> String {
    let takes = match ratio >= 1.0 {
        true => "longer",
        false => "less long",
    };
    format!(
        "everything takes {takes} by about the same factor ({ratio:.3}×), so no function did it: look for what is common to all, such as compiler flags, the clock of the CPU, or memory and caches that others use"
    )
}

/// `the allocator takes 38.00 ns more per iteration (12.00 → 50.00 ns)`, `… less …`.
fn more(what: &str, delta: &Delta) -> String {
    let direction = match delta.difference_ns() >= 0.0 {
        true => "more",
        false => "less",
    };
    format!(
        "{what} takes {} {direction} per iteration ({} → {})",
        time(delta.difference_ns().abs()),
        time(delta.ns.before),
        time(delta.ns.after)
    )
}

fn recursion(function: &str, depth: Sides<Depth>) -> String {
    let of = |depth: Depth| match depth.most {
        0 | 1 => "not at all".to_owned(),
        most => format!("{} deep in the typical stack, {most} at most", depth.median),
    };
    match depth.before == depth.after {
        true => format!(
            "{function} calls itself, {}, as before: its total time counts each stack once",
            of(depth.after)
        ),
        false => format!(
            "{function} calls itself: {}; before, {}",
            of(depth.after),
            of(depth.before)
        ),
    }
}

fn shape(pattern: Sides<Option<Pattern>>) -> String {
    let advice = |pattern: Pattern| match pattern {
        Pattern::WideFlat => {
            "few functions have most of the time in themselves, so making these faster pays"
        }
        Pattern::Deep => {
            "most of the time is far from the root, so fewer layers of calls or less recursion pays"
        }
        Pattern::Fragmented => {
            "the time is spread over many small functions, so no single one will help much"
        }
    };
    match (pattern.before, pattern.after) {
        (before, Some(after)) if before == Some(after) => {
            format!("shape: {}; it was like that before", advice(after))
        }
        (Some(before), Some(after)) => {
            format!("shape: {}; before, {}", advice(after), advice(before))
        }
        (None, Some(after)) => format!("shape: {}; it was not like that before", advice(after)),
        (Some(before), None) => format!("shape: no longer that {}", advice(before)),
        (None, None) => "shape: none that says what to do".to_owned(),
    }
}

/// A share of 0 to 1: `37.3 %`.
pub(super) fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

#[cfg(test)]
mod tests {
    use super::super::sample::{delta, sides};
    use super::*;

    fn said(finding: &Finding) -> String {
        sentence(finding, &|name| format!("`{name}`"))
    }

    fn all() -> Vec<Finding> {
        let delta = delta(5.0, 35.0, 3.0);
        vec![
            Finding::Uniform { ratio: 1.062 },
            Finding::Moved {
                from: "a".to_owned(),
                to: "b".to_owned(),
                ns: 38.0,
            },
            Finding::NewHotPath {
                function: "f".to_owned(),
                share: sides(0.01, 0.12),
            },
            Finding::MoreContention(delta),
            Finding::MoreAllocation(delta),
            Finding::MoreCloning(delta),
            Finding::MessagePassing {
                share: sides(0.08, 0.12),
            },
            Finding::Recursion {
                function: "f".to_owned(),
                depth: sides(Depth::default(), Depth { median: 4, most: 9 }),
            },
            Finding::MostlyWaits {
                utilisation: sides(0.15, 0.12),
            },
            Finding::Shape {
                pattern: sides(None, Some(Pattern::Fragmented)),
            },
        ]
    }

    #[test]
    fn every_finding_is_a_lowercase_sentence_that_goes_on_to_say_what_follows() {
        for finding in all() {
            let text = said(&finding);
            let first = text.chars().next();
            assert!(
                first.is_some_and(|c| c.is_lowercase() || c == '`' || c.is_ascii_digit()),
                "{text}"
            );
            assert!(!text.ends_with('.'), "{text}");
            assert!(text.contains([':', ';']), "{text}");
        }
    }

    #[test]
    fn a_uniform_change_has_its_direction_in_words() {
        let of = |ratio| said(&Finding::Uniform { ratio });
        assert!(of(1.062).starts_with("everything takes longer by about the same factor (1.062×)"));
        assert!(of(0.95).starts_with("everything takes less long"));
    }

    #[test]
    fn time_in_the_allocator_is_told_per_iteration_and_on_both_sides() {
        assert!(
            said(&Finding::MoreAllocation(delta(5.0, 35.0, 3.0))).starts_with(
                "the allocator takes 30.00 ns more per iteration (5.000 ns → 35.00 ns): "
            )
        );
    }

    #[test]
    fn recursion_tells_both_depths_unless_they_are_the_same() {
        let depth = Depth { median: 4, most: 9 };
        let of = |before| {
            said(&Finding::Recursion {
                function: "f".to_owned(),
                depth: sides(before, depth),
            })
        };
        assert_eq!(
            of(Depth::default()),
            "`f` calls itself: 4 deep in the typical stack, 9 at most; before, not at all"
        );
        assert!(of(depth).contains("as before"), "{}", of(depth));
    }

    #[test]
    fn a_shape_says_what_it_was() {
        let of = |before, after| {
            said(&Finding::Shape {
                pattern: sides(before, after),
            })
        };
        let (deep, flat) = (Some(Pattern::Deep), Some(Pattern::WideFlat));
        assert!(of(deep, flat).contains("; before, most of the time is far from the root"));
        assert!(of(flat, flat).ends_with("it was like that before"));
        assert!(of(flat, None).starts_with("shape: no longer that few functions"));
    }
}
