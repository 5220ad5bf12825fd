//! Whatever was recorded, every table gives the whole difference.

use proptest::prelude::*;

use super::*;
use crate::model::difference::Node;

type Written = Vec<(Vec<(String, u64)>, u64)>;

/// Recordings of one side: stacks with samples, and the CPU time of the recording in ns.
fn any_recordings() -> impl Strategy<Value = Written> {
    let frames = proptest::collection::vec("[abc]::[fgh]|\\[task\\]|\\[runtime\\]|malloc", 1..6);
    let stacks = proptest::collection::vec((frames.prop_map(|f| f.join(";")), 1..1_000_u64), 1..20);
    proptest::collection::vec((stacks, 1..10_000_000_u64), 1..5)
}

fn recordings(written: &Written) -> Vec<Profile> {
    let recording = |(stacks, cpu_ns): &(Vec<(String, u64)>, u64)| {
        let stacks: Vec<(&str, u64)> = stacks.iter().map(|(s, w)| (s.as_str(), *w)).collect();
        let mut recorded = profile("x", &stacks);
        recorded.work.cpu_ns = *cpu_ns;
        recorded
    };
    written.iter().map(recording).collect()
}

/// The time that ends in each node of the tree, added up.
fn own_of_all(node: &Node) -> f64 {
    let called: f64 = node.children.iter().map(|c| c.total.difference_ns()).sum();
    let below: f64 = node.children.iter().map(own_of_all).sum();
    node.total.difference_ns() - called + below
}

proptest! {
    #[test]
    fn functions_groups_and_tree_each_sum_to_the_cpu_time(
        before in any_recordings(),
        after in any_recordings(),
        end_to_end in proptest::option::of((1.0..1e6_f64, 1.0..1e6_f64)),
    ) {
        let recorded = Recorded {
            key: key("x"),
            profiles: Sides { before: &before, after: &after }.map(recordings),
            end_to_end_ns: end_to_end.map(|(before, after)| Sides { before, after }),
        };
        let ProfileOutcome::Compared(found) = differ(&recorded, &Layers::default()) else {
            panic!("not compared");
        };
        let whole = found.cpu.difference_ns();
        let functions: f64 = found.functions.iter().map(|row| row.own.difference_ns()).sum();
        let near = |sum: f64| (sum - whole).abs() < 1e-6;
        prop_assert!(near(functions), "{functions} is not {whole}");
        for (grouping, rows) in &found.groups {
            let sum: f64 = rows.iter().map(|row| row.own.difference_ns()).sum();
            prop_assert!(near(sum), "{grouping:?}: {sum} is not {whole}");
        }
        let tree = own_of_all(&found.tree);
        prop_assert!(near(tree), "{tree} is not {whole}");
        prop_assert!(near(found.tree.total.difference_ns()));
        let end_to_end = functions + found.beyond_functions_ns();
        prop_assert!((end_to_end - found.end_to_end_difference_ns()).abs() < 1e-6);
    }

    #[test]
    fn own_time_is_part_of_total_time_and_that_of_the_cpu_time(
        before in any_recordings(),
        after in any_recordings(),
    ) {
        let found = of_profiles(Sides { before: &before, after: &after }.map(recordings));
        let rows = found.functions.iter().map(|row| (row.own, row.total));
        let groups = found.groups.values().flatten().map(|row| (row.own, row.total));
        for (own, total) in rows.chain(groups) {
            prop_assert!(own.ns.before <= total.ns.before + 1e-6);
            prop_assert!(own.ns.after <= total.ns.after + 1e-6);
            prop_assert!(total.ns.before <= found.cpu.ns.before + 1e-6);
            prop_assert!(total.ns.after <= found.cpu.ns.after + 1e-6);
        }
    }

    #[test]
    fn an_interval_holds_its_difference_and_changes_sign_with_the_sides(
        before in any_recordings(),
        after in any_recordings(),
    ) {
        let there = of_profiles(Sides { before: &before, after: &after }.map(recordings));
        let back = of_profiles(Sides { before: &after, after: &before }.map(recordings));
        for forth in &there.functions {
            prop_assert!(forth.own.lower_ns <= forth.own.difference_ns());
            prop_assert!(forth.own.difference_ns() <= forth.own.upper_ns);
            // A name may count as another one's in one direction only.
            if let Some(other) = back.functions.iter().find(|row| row.function == forth.function)
                && forth.presence == Presence::Both
            {
                prop_assert!((forth.own.lower_ns + other.own.upper_ns).abs() < 1e-6);
                prop_assert_eq!(forth.own.significance, other.own.significance);
            }
        }
    }
}
