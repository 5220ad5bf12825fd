//! Which names are taken for one function.

use super::*;
use crate::{
    analysis::{
        difference::differ,
        samples::{key, profile},
    },
    model::{
        comparison::ProfileOutcome,
        difference::{Difference, Presence, Recorded},
        layers::Layers,
    },
};

/// A server with a parser, a store and some functions that everything calls.
const SERVER: &[(&str, u64)] = &[
    ("app::main;app::parse::Parser::run", 300),
    (
        "app::main;app::parse::Parser::run;app::parse::Parser::token",
        700,
    ),
    (
        "app::main;app::parse::Parser::run;app::parse::Parser::token;malloc",
        200,
    ),
    ("app::main;app::parse::Parser::run;app::parse::number", 400),
    ("app::main;app::store::get", 500),
    ("app::main;app::store::get;app::store::hash", 600),
    ("app::main;app::store::get;app::store::hash;memcpy", 150),
    (
        "app::main;app::store::get;app::store::probe::{closure}",
        900,
    ),
    (
        "app::main;app::store::get;<app::store::Row as core::clone::Clone>::clone;malloc",
        250,
    ),
    ("app::main;app::log;app::store::hash", 100),
];

fn renamed(stacks: &[(&str, u64)], from: &str, to: &str) -> Vec<(String, u64)> {
    let stacks = stacks.iter();
    stacks
        .map(|(stack, weight)| (stack.replace(from, to), *weight))
        .collect()
}

fn borrowed(stacks: &[(String, u64)]) -> Vec<(&str, u64)> {
    stacks
        .iter()
        .map(|(stack, weight)| (stack.as_str(), *weight))
        .collect()
}

fn compared(before: &[(&str, u64)], after: &[(&str, u64)]) -> Difference {
    let recorded = Recorded {
        key: key("x"),
        profiles: Sides { before, after }.map(|stacks| {
            let mut recorded = profile("x", stacks);
            for (name, origin) in &mut recorded.origins {
                if !name.contains("app::") {
                    origin.kind = OriginKind::Native;
                }
            }
            vec![recorded; 3]
        }),
        end_to_end_ns: None,
    };
    match differ(&recorded, &Layers::default()) {
        ProfileOutcome::Compared(difference) => *difference,
        other => panic!("not compared: {other:?}"),
    }
}

/// What is called otherwise after the change: from, to, why.
fn found(difference: &Difference) -> Vec<(&str, &str, Evidence)> {
    let rows = difference.functions.iter();
    let mut found: Vec<(&str, &str, Evidence)> = rows
        .filter_map(|row| match &row.presence {
            Presence::Renamed { from, evidence } => {
                Some((from.as_str(), row.function.as_str(), *evidence))
            }
            _ => None,
        })
        .collect();
    found.sort_unstable();
    found
}

/// A rename of what is called `from` to `to`, and nothing else, is told as such with no significant difference.
fn is_a_pure_rename(from: &str, to: &str, count: usize) -> Difference {
    let after = renamed(SERVER, from, to);
    let difference = compared(SERVER, &borrowed(&after));
    let pairs = found(&difference);
    assert_eq!(pairs.len(), count, "{pairs:?}");
    for (old, new, _) in pairs {
        assert_eq!(old.replace(from, to), new);
    }
    for row in &difference.functions {
        assert!(
            !row.own.is_significant() && !row.total.is_significant(),
            "{row:?}"
        );
        assert!(row.own.difference_ns().abs() < 1e-9, "{row:?}");
        assert!(
            !matches!(row.presence, Presence::New | Presence::Gone),
            "{row:?}"
        );
    }
    difference
}

#[test]
fn a_renamed_function_is_one_row_and_one_node() {
    let difference = is_a_pure_rename("app::store::get", "app::store::fetch", 1);
    let main = &difference.tree.children[0];
    let below: Vec<&str> = main
        .children
        .iter()
        .map(|node| node.frame.as_str())
        .collect();
    assert_eq!(
        below,
        ["app::log", "app::parse::Parser::run", "app::store::fetch"]
    );
}

#[test]
fn a_renamed_module_takes_its_functions_along() {
    let difference = is_a_pure_rename("app::store::", "app::table::", 4);
    assert!(
        found(&difference)
            .iter()
            .all(|pair| pair.2 == Evidence::SameName)
    );
}

#[test]
fn a_renamed_type_takes_its_methods_along() {
    let difference = is_a_pure_rename("Parser", "Reader", 2);
    assert!(
        found(&difference)
            .iter()
            .all(|pair| pair.2 == Evidence::SameName)
    );
}

#[test]
fn everything_may_move_to_another_crate() {
    is_a_pure_rename("app::", "service::app::", 9);
}

#[test]
fn a_function_that_moves_with_its_name_is_found_by_it() {
    let difference = is_a_pure_rename("app::store::hash", "app::hashing::hash", 1);
    assert_eq!(found(&difference)[0].2, Evidence::SameName);
}

#[test]
fn a_function_with_a_similar_name_in_its_place_is_found_by_it() {
    let difference = is_a_pure_rename("app::parse::number", "app::parse::numbers", 1);
    assert_eq!(found(&difference)[0].2, Evidence::SimilarName);
}

#[test]
fn a_function_that_takes_as_long_in_the_place_of_the_only_one_that_is_gone_is_the_same() {
    let difference = is_a_pure_rename("app::parse::number", "app::parse::quantity", 1);
    assert_eq!(found(&difference)[0].2, Evidence::SameContext);
}

#[test]
fn closures_follow_their_function() {
    is_a_pure_rename("app::store::probe", "app::store::search", 1);
}

#[test]
fn a_renamed_function_may_take_another_time() {
    let mut after = renamed(SERVER, "app::store::hash", "app::store::hash_key");
    for (stack, weight) in &mut after {
        if stack.ends_with("hash_key") {
            *weight *= 3;
        }
    }
    let difference = compared(SERVER, &borrowed(&after));
    assert_eq!(
        found(&difference),
        [(
            "app::store::hash",
            "app::store::hash_key",
            Evidence::SimilarName
        )]
    );
    assert_eq!(difference.functions[0].function, "app::store::hash_key");
    assert!(difference.functions[0].own.is_significant());
}

#[test]
fn what_is_gone_and_what_is_new_are_two_things_where_nothing_speaks_for_one() {
    for (gone, new) in [
        // Another algorithm in the same place, with another time.
        (
            ("app::main;app::store::get;app::store::linear_search", 900),
            ("app::main;app::store::get;app::store::hash_lookup", 90),
        ),
        // The same name, but nothing around it is the same.
        (
            ("app::main;app::parse::Parser::new;malloc", 300),
            ("app::log;app::cache::Cache::new;app::cache::fill", 300),
        ),
        (
            ("app::main;app::parse::Error::new;malloc", 300),
            ("app::log;app::cache::Error::new;app::cache::fill", 300),
        ),
        // A similar name elsewhere.
        (
            ("app::main;app::parse::Parser::run;app::parse::step", 300),
            ("app::log;app::store::steps", 300),
        ),
        // The same callers and callees, but everybody has them, and the time is another.
        (
            ("app::main;app::index;malloc", 400),
            ("app::main;app::flush;malloc", 100),
        ),
    ] {
        let before: Vec<_> = SERVER.iter().copied().chain([gone]).collect();
        let after: Vec<_> = SERVER.iter().copied().chain([new]).collect();
        let difference = compared(&before, &after);
        assert_eq!(found(&difference), [], "{gone:?}, {new:?}");
        let leaf = |stack: &str| {
            stack
                .rsplit(';')
                .find(|f| f.contains("app"))
                .map(str::to_owned)
        };
        for (stack, presence) in [(gone.0, Presence::Gone), (new.0, Presence::New)] {
            let mut rows = difference.functions.iter();
            let row = rows.find(|row| Some(&row.function) == leaf(stack).as_ref());
            assert_eq!(
                row.map(|row| row.presence.clone()),
                Some(presence),
                "{stack}"
            );
        }
    }
}

#[test]
fn functions_of_dependencies_are_not_renamed() {
    let before = [("app::main;map::insert", 300), ("app::main", 100)];
    let after = [("app::main;map::inserted", 300), ("app::main", 100)];
    assert_eq!(found(&compared(&before, &after)), []);
}

#[test]
fn the_pairs_are_the_same_whatever_the_order() {
    let stacks = renamed(SERVER, "Parser", "Reader");
    let there = compared(SERVER, &borrowed(&stacks));
    let back = compared(&borrowed(&stacks), SERVER);
    let turned: Vec<_> = found(&back)
        .into_iter()
        .map(|(a, b, why)| (b, a, why))
        .collect();
    assert_eq!(found(&there), turned);
}
