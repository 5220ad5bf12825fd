//! Where the time of a benchmark that never ran went: as many functions as are wanted, in a tree.

use std::collections::BTreeMap;

use yardstick::model::{
    comparison::Sides,
    difference::{
        Delta, Difference, Evidence, Finding, FunctionRow, GroupRow, Grouping, Node, Presence,
        Significance,
    },
    profile::Sampler,
};

const CRATES: [&str; 6] = ["runtime", "tokio", "alloc", "serde_json", "benches", "std"];
const MODULES: [&str; 5] = [
    "mailbox",
    "scheduler",
    "sync::mpsc",
    "workflow::engine",
    "de",
];
const VERBS: [&str; 7] = [
    "push",
    "poll",
    "drop_in_place",
    "try_lock",
    "deserialize_map",
    "next",
    "<impl Future>::poll",
];

/// A benchmark whose CPU time changes, nearly all of it in the first function.
pub(crate) fn difference(before_ns: f64, after_ns: f64, functions: usize) -> Difference {
    let rows: Vec<FunctionRow> = (0..functions)
        .map(|number| row(number, functions, before_ns, after_ns))
        .collect();
    let tree = Node {
        frame: String::new(),
        total: delta(before_ns, after_ns, before_ns * 0.01),
        children: callees(&rows, 0, 1, 1.0, &(before_ns, after_ns)),
    };
    let groups = [
        (Grouping::Module, "mailbox", "engine"),
        (Grouping::Crate, "runtime", "tokio"),
        (Grouping::Layer, "mailbox", "scheduling"),
        (Grouping::Task, "worker", "driver"),
        (Grouping::Thread, "tokio-runtime-worker", "main"),
    ];
    let group = |name: &str, share: f64| GroupRow {
        name: name.to_owned(),
        own: delta(before_ns * share, after_ns * share, before_ns * 0.01),
        total: delta(before_ns * share, after_ns * share, before_ns * 0.01),
    };
    Difference {
        sampler: Sampler::PerfEvent,
        recordings: Sides::from([6, 6]),
        samples: Sides::from([12_004, 11_873]),
        cpu: delta(before_ns, after_ns, before_ns * 0.01),
        wall_ns: Sides::from([before_ns * 1.02, after_ns * 1.02]),
        derived: Sides::from([false, false]),
        end_to_end_ns: Some(Sides::from([before_ns, after_ns])),
        groups: BTreeMap::from(
            groups.map(|(grouping, most, least)| {
                (grouping, vec![group(most, 0.8), group(least, 0.2)])
            }),
        ),
        tree,
        findings: vec![Finding::MessagePassing {
            share: Sides::from([0.11, 0.24]),
        }],
        smallest_visible_ns: before_ns * 0.004,
        functions: rows,
    }
}

fn name(number: usize) -> String {
    let (of, module, verb) = (CRATES[number % 6], MODULES[number % 5], VERBS[number % 7]);
    format!("{of}::{module}::Type{number}<T, S>::{verb}")
}

/// Its share of the time falls with its number; the first one has all of the difference.
fn row(number: usize, functions: usize, before_ns: f64, after_ns: f64) -> FunctionRow {
    let whole: f64 = (1..=functions).map(|rank| 1.0 / rank as f64).sum();
    let before = before_ns / whole / (number + 1) as f64;
    let after = before
        + if number == 0 {
            after_ns - before_ns
        } else {
            0.0
        };
    let presence = match number {
        1 => Presence::Renamed {
            from: "runtime::mailbox::old_push".to_owned(),
            evidence: Evidence::SameContext,
        },
        2 => Presence::New,
        3 => Presence::Gone,
        _ => Presence::Both,
    };
    let own = delta(before, after, before_ns * 0.004);
    FunctionRow {
        function: name(number),
        presence,
        crate_name: CRATES[number % 6].to_owned(),
        own,
        total: delta(before * 2.0, after * 2.0, before_ns * 0.008),
    }
}

/// Three callees a frame, each with a part of what its caller has.
fn callees(
    rows: &[FunctionRow],
    number: usize,
    depth: usize,
    share: f64,
    ns: &(f64, f64),
) -> Vec<Node> {
    if depth > 14 || share < 2e-4 {
        return Vec::new();
    }
    [0.55, 0.25, 0.1]
        .iter()
        .enumerate()
        .map(|(index, part)| {
            let callee = (number * 3 + index + 1) % rows.len();
            let share = share * part;
            Node {
                frame: rows[callee].function.clone(),
                total: delta(ns.0 * share, ns.1 * share, ns.0 * 0.004),
                children: callees(rows, callee, depth + 1, share, ns),
            }
        })
        .collect()
}

fn delta(before_ns: f64, after_ns: f64, half_width_ns: f64) -> Delta {
    let difference_ns = after_ns - before_ns;
    Delta {
        ns: Sides::from([before_ns, after_ns]),
        lower_ns: difference_ns - half_width_ns,
        upper_ns: difference_ns + half_width_ns,
        significance: match difference_ns.abs() > half_width_ns {
            true => Significance::Beyond,
            false => Significance::WithinChance,
        },
    }
}
