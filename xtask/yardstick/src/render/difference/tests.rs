use super::sample::{difference, within_chance};
use super::*;

#[test]
fn the_answer_comes_before_the_tables() {
    let text = terminal("e2e/linear", &difference(), None);
    let first = text.lines().next().expect("a first line");
    assert!(
        first.starts_with("Where `e2e/linear` lost 1,710 ns per iteration"),
        "{text}"
    );
    let at = |what: &str| {
        text.find(what)
            .unwrap_or_else(|| panic!("no {what}: {text}"))
    };
    assert!(at("1,564 ns more") < at("is a hot path now"), "{text}");
    assert!(
        at("is a hot path now") < at("Functions, ns of CPU time"),
        "{text}"
    );
    assert!(at("Functions, ns of CPU time") < at("By layer"), "{text}");
}

#[test]
fn text_fits_the_terminal_and_says_the_same() {
    for columns in [60, 80, 100] {
        let text = terminal("e2e/linear", &difference(), Some(columns));
        let numbers = text.lines().filter(|line| !line.contains("::"));
        for line in numbers {
            assert!(line.chars().count() <= columns, "{columns}: {line}");
        }
        for word in [
            "mailbox::push",
            "1,564 ns more",
            "92 %",
            "6 other functions",
        ] {
            assert!(text.contains(word), "{columns}, {word}: {text}");
        }
    }
}

#[test]
fn one_recording_a_side_brings_the_word_about_drift() {
    let drift = "drift between two sittings";
    let text = terminal("x", &within_chance(), None);
    let words: Vec<&str> = text.split_whitespace().collect();
    assert!(words.join(" ").contains(drift), "{text}");
    assert!(markdown("x", &within_chance()).contains(drift));
    assert!(!markdown("x", &difference()).contains(drift));
}

#[test]
fn markdown_has_names_as_code_and_a_table_for_the_answer() {
    let text = markdown("e2e/linear", &difference());
    assert!(
        text.contains(
            "| `mailbox::push` | 1,564 ns more | [+1,424, +1,704] | 92 % of the slowdown |"
        ),
        "{text}"
    );
    assert!(
        text.contains("- `mailbox::push` is a hot path now"),
        "{text}"
    );
    assert!(
        text.contains("`runtime::workflow::plan` (was `runtime::engine::plan`)"),
        "{text}"
    );
}

#[test]
fn cpu_wall_and_utilisation_are_told_per_iteration() {
    let text = markdown("x", &difference());
    assert!(
        text.contains("took 3.570 µs → 5.270 µs of CPU time and 3.640 µs → 5.380 µs on the wall: 0.98 → 0.98 CPUs busy"),
        "{text}"
    );
}

#[test]
fn nothing_at_all_is_said_without_a_panic() {
    let mut empty = within_chance();
    empty.functions.clear();
    empty.groups.clear();
    empty.cpu = crate::model::difference::Delta::default();
    empty.wall_ns = Default::default();
    empty.smallest_visible_ns = f64::INFINITY;
    assert!(terminal("x", &empty, Some(40)).contains("does not differ"));
    assert!(markdown("x", &empty).contains("no change"));
}
