//! The differential flame graph, opened in a browser as a file: what its script makes of the picture.
//!
//! Where there is no Chromium these tests say so and test nothing; `.ci/run` installs one.

#![allow(clippy::disallowed_methods, reason = "tests meet the machine itself")]

#[path = "report/browser.rs"]
#[allow(dead_code, reason = "the report asks more of it")]
mod browser;

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write},
};

use browser::Browser;
use yardstick::{
    model::{
        comparison::Sides,
        difference::{Delta, Difference, Node, Significance},
        profile::Sampler,
    },
    render::flame,
};

fn node(frame: &str, before: f64, after: f64, children: Vec<Node>) -> Node {
    let significance = match (after - before).abs() >= 20.0 {
        true => Significance::Beyond,
        false => Significance::WithinChance,
    };
    Node {
        frame: frame.to_owned(),
        total: Delta {
            ns: Sides { before, after },
            lower_ns: after - before - 5.0,
            upper_ns: after - before + 5.0,
            significance,
        },
        children,
    }
}

/// `main` calls what is as it was, what is gone, what is new and what got slower.
fn difference() -> Difference {
    let deep = node("app::deep", 90.0, 190.0, Vec::new());
    let calls = vec![
        node(
            "<app::Store as Drop>::drop & \"more\"",
            100.0,
            100.0,
            Vec::new(),
        ),
        node("app::gone", 200.0, 0.0, Vec::new()),
        node("app::new", 0.0, 100.0, Vec::new()),
        node("app::slower", 100.0, 200.0, vec![deep]),
    ];
    let tree = node("", 400.0, 400.0, vec![node("main", 400.0, 400.0, calls)]);
    let one = Sides {
        before: 1,
        after: 1,
    };
    Difference {
        sampler: Sampler::PerfEvent,
        recordings: one,
        samples: Sides {
            before: 1_000,
            after: 1_000,
        },
        cpu: tree.total,
        wall_ns: tree.total.ns,
        derived: Sides::default(),
        end_to_end_ns: None,
        functions: Vec::new(),
        groups: BTreeMap::new(),
        tree,
        findings: Vec::new(),
        smallest_visible_ns: 10.0,
    }
}

/// The names of the frames that are drawn, in order, with their widths in percent of the picture.
const FRAMES: &str = "[...document.querySelectorAll('.flame-picture [role=treeitem]')].map((frame) => `${frame.getAttribute('aria-label')} ${Math.round(100 * (Number(frame.getAttribute('width')) + 1) / document.querySelector('.flame-picture').clientWidth)}`).sort().join(', ')";
const DETAIL: &str = "document.querySelector('.flame-detail').textContent";
const MATCHED: &str = "document.querySelector('.flame-matched').textContent";
const FOCUSED: &str = "document.activeElement.getAttribute('aria-label')";
const AFTER: &str = "<app::Store as Drop>::drop & \"more\" 25, app::deep 48, app::new 25, app::slower 50, everything 100, main 100";

/// Opens the picture and does something with it; then nothing may have gone wrong.
fn with(act: impl FnOnce(&mut Browser)) {
    let Some(program) = browser::installed() else {
        // Not by a macro: what those write is shown only for tests that fail.
        let _ = writeln!(
            io::stderr(),
            "NOT TESTED: there is no Chromium here, so that nobody opened the flame graph"
        );
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("difference.svg");
    fs::write(&file, flame::draw("e2e/linear", &difference())).expect("writable");
    let mut browser = Browser::start(&program);
    browser.resize(1280, 900);
    browser.open(&file, "");
    act(&mut browser);
    let complaints = browser.complaints();
    assert!(complaints.is_empty(), "{complaints:#?}");
}

#[test]
fn a_flame_graph_shows_what_is_new_in_the_widths_after_and_what_is_gone_in_those_before() {
    with(|browser| {
        assert_eq!(browser.text(FRAMES), AFTER);
        browser.value("document.querySelector('[data-view=before]').click()");
        assert_eq!(
            browser.text(FRAMES),
            "<app::Store as Drop>::drop & \"more\" 25, app::deep 23, app::gone 50, app::slower 25, everything 100, main 100"
        );
        let words = "[...document.querySelectorAll('.flame-labels text')].map((text) => text.textContent).join('|')";
        assert!(
            browser
                .text(words)
                .contains("|gone · app::gone|▲ app::slower|")
        );
    });
}

#[test]
fn a_flame_graph_is_walked_and_zoomed_by_keys() {
    with(|browser| {
        browser.value("document.querySelector('.flame-picture [tabindex=\"0\"]').focus()");
        assert_eq!(browser.text(FOCUSED), "everything");
        browser.press(&["ArrowDown", "ArrowDown"]);
        assert_eq!(browser.text(FOCUSED), "app::slower", "the widest callee");
        browser.press(&["ArrowLeft"]);
        assert_eq!(
            browser.text(DETAIL),
            "app::new  ·  0.000 ns → 100.0 ns per iteration (0.0 % → 25.0 %)  ·  +100.0 ns [+95.00 ns, +105.0 ns]  ·  new: not there before"
        );
        browser.press(&["ArrowRight", "Enter"]);
        assert_eq!(
            browser.text(FRAMES),
            "app::deep 95, app::slower 100, everything 100, main 100"
        );
        browser.press(&["ArrowUp"]);
        assert_eq!(browser.text(FOCUSED), "main");
        browser.press(&["Escape"]);
        assert_eq!(browser.text(FRAMES), AFTER);
    });
}

#[test]
fn a_flame_graph_is_searched_and_says_what_part_of_the_time_was_found() {
    with(|browser| {
        browser.press(&["/", "a", "p", "p", ":", ":", "S", "t"]);
        assert_eq!(
            browser.text(MATCHED),
            "1 frame: 25.0 % → 25.0 % of the time"
        );
        browser.press(&["Escape", "/", "s", "l", "o", "w"]);
        assert_eq!(
            browser.text(MATCHED),
            "1 frame: 25.0 % → 50.0 % of the time"
        );
        let found = "document.querySelectorAll('.flame-found').length";
        assert_eq!(browser.value(found), 1);
        browser.press(&["Escape"]);
        assert_eq!(browser.value(found), 0);
    });
}
