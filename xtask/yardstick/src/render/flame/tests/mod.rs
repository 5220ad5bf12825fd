mod colours;
mod trees;

use std::collections::BTreeMap;

use roxmltree::{Document, ParsingOptions};

use super::{
    LEGEND, SCRIPT, STYLE, data, draw,
    layout::{self, Mark},
};
use crate::model::{
    comparison::Sides,
    difference::{Delta, Difference, Node, Significance},
    profile::Sampler,
};

/// The golden file. `UPDATE_GOLDEN=1` writes what is drawn now.
const GOLDEN: &str = include_str!("small.svg");

fn delta(before: f64, after: f64, significance: Significance) -> Delta {
    Delta {
        ns: Sides { before, after },
        lower_ns: after - before - 5.0,
        upper_ns: after - before + 5.0,
        significance,
    }
}

/// A stack with its own time on both sides, in ns.
type Line<'s> = (Vec<&'s str>, f64, f64);

/// The tree of stacks with their own times, and with differences from 20 ns on beyond chance.
fn tree(stacks: &[(&str, f64, f64)]) -> Node {
    fn node(frame: &str, stacks: &[Line<'_>]) -> Node {
        let mut below: BTreeMap<&str, Vec<Line<'_>>> = BTreeMap::new();
        for (stack, before, after) in stacks {
            if let Some((first, rest)) = stack.split_first() {
                let calls = below.entry(first).or_default();
                calls.push((rest.to_vec(), *before, *after));
            }
        }
        let before = stacks.iter().map(|(_, before, _)| before).sum();
        let after = stacks.iter().map(|(_, _, after)| after).sum();
        Node {
            frame: frame.to_owned(),
            total: delta(before, after, beyond(after - before)),
            children: below
                .iter()
                .map(|(frame, stacks)| node(frame, stacks))
                .collect(),
        }
    }
    fn beyond(difference: f64) -> Significance {
        match difference.abs() >= 20.0 {
            true => Significance::Beyond,
            false => Significance::WithinChance,
        }
    }
    let stacks: Vec<_> = stacks
        .iter()
        .map(|(stack, before, after)| (stack.split(';').collect(), *before, *after))
        .collect();
    node("", &stacks)
}

fn difference(tree: Node) -> Difference {
    Difference {
        sampler: Sampler::PerfEvent,
        recordings: Sides {
            before: 3,
            after: 3,
        },
        samples: Sides {
            before: 1_490,
            after: 1_510,
        },
        cpu: tree.total,
        wall_ns: tree.total.ns,
        derived: Sides::default(),
        end_to_end_ns: None,
        functions: Vec::new(),
        groups: BTreeMap::new(),
        tree,
        findings: Vec::new(),
        smallest_visible_ns: 1.0,
    }
}

fn small() -> Difference {
    difference(tree(&[
        ("main;<app::Store as core::ops::Drop>::drop", 100.0, 105.0),
        ("main;app::old", 200.0, 0.0),
        ("main;app::old;app::detail::gone_too", 5.0, 0.0),
        ("main;app::new", 0.0, 150.0),
        ("main;app::new;app::detail::rare", 0.0, 5.0),
        ("main;app::slower", 300.0, 500.0),
        ("main;app::slower;app::narrow", 0.4, 0.4),
    ]))
}

/// The frames of a picture: name, left end and width in px, class.
fn drawn(svg: &str) -> Vec<(String, f64, f64, String)> {
    let document = parse(svg);
    let frames = document.descendants().filter(|node| {
        let class = node.attribute("class").unwrap_or_default();
        class.starts_with("flame-frame")
    });
    frames
        .map(|frame| {
            let child = |name| frame.children().find(|child| child.has_tag_name(name));
            let title = child("title")
                .and_then(|title| title.text())
                .unwrap_or_default();
            let transform = frame.attribute("transform").unwrap_or_default();
            let x = transform.trim_start_matches("translate(").split(' ').next();
            let width = child("rect").and_then(|rect| rect.attribute("width"));
            let number = |text: Option<&str>| text.and_then(|text| text.parse().ok());
            (
                title.lines().next().unwrap_or_default().to_owned(),
                number(x).expect("a left end"),
                number(width).expect("a width"),
                frame.attribute("class").unwrap_or_default().to_owned(),
            )
        })
        .collect()
}

fn parse(svg: &str) -> Document<'_> {
    Document::parse_with_options(svg, ParsingOptions::default()).expect("well-formed XML")
}

fn class_of(svg: &str, name: &str) -> String {
    let frames = drawn(svg);
    let frame = frames.into_iter().find(|(frame, ..)| frame == name);
    frame.map(|(.., class)| class).unwrap_or_default()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "tests meet the machine itself")]
fn a_small_picture_is_the_golden_one() {
    let svg = draw("e2e/linear: pre → post", &small());
    let (head, rest) = svg.split_once("<style>").expect("a style");
    let (_, rest) = rest.split_once("</style>").expect("a style");
    let (still, _) = rest.split_once("<script>").expect("a script");
    let now = format!("{head}{still}</svg>\n");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/src/render/flame/tests/small.svg"
        );
        std::fs::write(path, &now).expect("a golden file can be written");
        return;
    }
    assert_eq!(now, GOLDEN, "UPDATE_GOLDEN=1 takes over what is drawn");
}

#[test]
fn the_same_difference_draws_the_same_bytes() {
    assert_eq!(draw("x", &small()), draw("x", &small()));
    assert_eq!(data(&small()), data(&small()));
}

#[test]
fn only_what_is_beyond_chance_has_a_colour_and_its_direction_is_told() {
    let svg = draw("x", &small());
    assert_eq!(
        class_of(&svg, "<app::Store as core::ops::Drop>::drop"),
        "flame-frame flame-chance"
    );
    assert_eq!(class_of(&svg, "app::slower"), "flame-frame flame-more-4");
    let faster = difference(tree(&[("main;a", 500.0, 400.0), ("main;b", 500.0, 500.0)]));
    let svg = draw("x", &faster);
    assert_eq!(class_of(&svg, "a"), "flame-frame flame-less-4");
    assert_eq!(class_of(&svg, "b"), "flame-frame flame-chance");
}

#[test]
fn what_is_new_shows_in_the_widths_after_and_what_is_gone_in_those_before() {
    let small = small();
    let frames = layout::frames(&small.tree);
    let marked = |mark| {
        let frames = frames.iter().filter(move |frame| frame.mark == mark);
        frames.map(|frame| frame.name()).collect::<Vec<_>>()
    };
    // What is called from there is as new, or as gone, however little of it was seen.
    assert_eq!(marked(Mark::New), ["app::new", "app::detail::rare"]);
    assert_eq!(marked(Mark::Gone), ["app::old", "app::detail::gone_too"]);
    let svg = draw("x", &small);
    let names: Vec<String> = drawn(&svg).into_iter().map(|(name, ..)| name).collect();
    assert!(names.contains(&"app::new".to_owned()) && !names.contains(&"app::old".to_owned()));
    assert!(svg.contains("new · app::new") && svg.contains("new: not there before"));
    let gone = difference(tree(&[("main;a", 500.0, 0.0)]));
    assert!(
        draw("x", &gone).contains("gone · main"),
        "the widths before"
    );
}

#[test]
fn no_time_at_all_still_draws() {
    for tree in [Node::default(), tree(&[("a", f64::NAN, 0.0)])] {
        let difference = difference(tree);
        parse(&draw("x", &difference));
        serde_json::from_str::<serde_json::Value>(&data(&difference)).expect("JSON");
    }
}

#[test]
fn the_script_is_in_the_file_and_finds_what_it_takes() {
    let svg = draw("x", &small());
    let document = parse(&svg);
    let scripts: Vec<&str> = document
        .descendants()
        .filter(|node| node.has_tag_name("script"))
        .filter_map(|node| node.text())
        .collect();
    assert_eq!(scripts.len(), 2);
    assert_eq!(scripts[0], data(&small()));
    assert!(scripts[1].contains("function mountFlame("));
    let still = document
        .descendants()
        .find(|node| node.attribute("id") == Some("still"))
        .expect("what the script takes the place of");
    assert!(still.has_attribute("data-top") && still.has_attribute("data-margin"));
}

#[test]
fn the_parts_can_be_embedded_as_they_are() {
    for part in [SCRIPT, STYLE, LEGEND] {
        assert!(!part.contains("]]>") && !part.contains("</script") && !part.contains("</style"));
    }
    let nasty = difference(tree(&[("</script><!--]]>&\"\\\u{2028}\u{1}", 1.0, 1.0)]));
    let data = data(&nasty);
    assert!(!data.contains(['<', '>', '&', '\u{1}']));
    let value: serde_json::Value = serde_json::from_str(&data).expect("JSON");
    assert!(
        value["names"].to_string().contains("</script><!--]]>&"),
        "{data}"
    );
}

#[test]
fn where_nothing_is_known_of_the_spread_no_interval_is_shown() {
    let mut single = small();
    single.cpu.lower_ns = f64::NEG_INFINITY;
    single.cpu.upper_ns = f64::INFINITY;
    single.cpu.significance = Significance::WithinChance;
    single.tree.total = single.cpu;
    let svg = draw("x", &single);
    assert!(svg.contains("+155.0 ns, without an interval, within chance"));
    assert!(!svg.contains("inf s"));
    assert!(data(&single).contains(",605.4,760.4,null,null,0,0]"));
}
