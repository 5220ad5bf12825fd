//! What holds for every tree.

use proptest::prelude::*;

use super::{difference, drawn, parse, tree};
use crate::{
    model::difference::Node,
    render::flame::{
        data, draw,
        layout::{self, AFTER, BEFORE, NARROWEST},
    },
};

fn any_stacks() -> impl Strategy<Value = Vec<(String, f64, f64)>> {
    let frame = prop_oneof!["[abc]::[fgh]", "\\PC{0,30}", "<[a-c] as &\"']>"];
    let frames = proptest::collection::vec(frame, 1..7).prop_map(|frames| frames.join(";"));
    let ns = prop_oneof![Just(0.0), 0.0..2.0_f64, 0.0..1e6_f64];
    proptest::collection::vec((frames, ns.clone(), ns), 1..40)
}

fn borrowed(stacks: &[(String, f64, f64)]) -> Vec<(&str, f64, f64)> {
    let stacks = stacks.iter();
    stacks
        .map(|(stack, before, after)| (stack.as_str(), *before, *after))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn callees_lie_within_their_caller_and_beside_each_other(stacks in any_stacks()) {
        let tree = tree(&borrowed(&stacks));
        let frames = layout::frames(&tree);
        for side in [BEFORE, AFTER] {
            let places = layout::places(&frames, side);
            let mut filled: Vec<f64> = places.iter().map(|place| place.start).collect();
            for (at, frame) in frames.iter().enumerate() {
                let place = places[at];
                prop_assert!(place.width >= 0.0);
                let Some(parent) = frame.parent else { continue };
                prop_assert_eq!(place.start, filled[parent]);
                filled[parent] += place.width;
                let end = places[parent].start + places[parent].width;
                prop_assert!(filled[parent] <= end + 1e-9);
            }
        }
    }

    #[test]
    fn a_width_is_the_share_of_the_time_and_nothing_above_the_cut_is_missing(stacks in any_stacks()) {
        let tree = tree(&borrowed(&stacks));
        let frames = layout::frames(&tree);
        for (side, places) in [BEFORE, AFTER].map(|side| (side, layout::places(&frames, side))) {
            let whole = side(&tree.total.ns);
            let wide = |node: &Node| whole > 0.0 && side(&node.total.ns) / whole >= NARROWEST;
            let mut waiting = vec![&tree];
            let mut wanted = 0;
            while let Some(node) = waiting.pop() {
                wanted += usize::from(wide(node));
                waiting.extend(&node.children);
            }
            let mut found = 0;
            for (frame, place) in frames.iter().zip(&places) {
                let ns = side(&frame.node.total.ns);
                found += usize::from(wide(frame.node));
                prop_assert!((place.width * whole - ns).abs() <= 1e-9 * whole);
            }
            prop_assert_eq!(found, wanted);
        }
    }

    #[test]
    fn any_names_and_times_give_well_formed_files(title in "\\PC*", stacks in any_stacks()) {
        let difference = difference(tree(&borrowed(&stacks)));
        let svg = draw(&title, &difference);
        parse(&svg);
        for (name, x, width, _) in drawn(&svg) {
            prop_assert!(x >= 0.0 && x + width <= 1_200.0, "{name}: {x} {width}");
        }
    }

    #[test]
    fn the_component_reads_the_tree_that_was_drawn(stacks in any_stacks()) {
        let difference = difference(tree(&borrowed(&stacks)));
        let value: serde_json::Value = serde_json::from_str(&data(&difference)).expect("JSON");
        let frames = layout::frames(&difference.tree);
        let nodes = value["nodes"].as_array().expect("nodes");
        prop_assert_eq!(nodes.len(), frames.len());
        for (node, frame) in nodes.iter().zip(&frames) {
            let number = |at: usize| node[at].as_f64().expect("a number");
            prop_assert_eq!(number(0), frame.depth as f64);
            let name = &value["names"][number(1) as usize][0];
            prop_assert_eq!(name.as_str(), Some(frame.name()));
            for (at, ns) in [(2, frame.node.total.ns.before), (3, frame.node.total.ns.after)] {
                prop_assert!((number(at) - ns).abs() <= 1e-5 * ns);
            }
            prop_assert_eq!(number(6), f64::from(frame.tint));
        }
    }
}
