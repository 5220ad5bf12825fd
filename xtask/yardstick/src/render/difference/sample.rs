//! A difference for tests: a benchmark that lost 1.7 µs, nearly all of it in one function.

use std::collections::BTreeMap;

use crate::model::{
    comparison::Sides,
    difference::{
        Delta, Difference, Evidence, Finding, FunctionRow, GroupRow, Grouping, Node, Presence,
        Significance,
    },
    profile::Sampler,
};

/// Six recordings a side of a benchmark whose CPU time went from 3,570 to 5,270 ns: one function is slower, one is new, one
/// has another name, one is gone, and the others are as they were.
pub(crate) fn difference() -> Difference {
    Difference {
        sampler: Sampler::PerfEvent,
        recordings: sides(6, 6),
        samples: sides(12_004, 11_873),
        cpu: delta(3_570.0, 5_270.0, 90.0),
        wall_ns: sides(3_640.0, 5_380.0),
        derived: sides(false, false),
        end_to_end_ns: Some(sides(3_600.0, 5_310.0)),
        functions: functions(),
        groups: groups(),
        tree: tree(),
        findings: vec![
            Finding::NewHotPath {
                function: "runtime::mailbox::push".to_owned(),
                share: sides(0.112, 0.373),
            },
            Finding::MessagePassing {
                share: sides(0.11, 0.4),
            },
        ],
        smallest_visible_ns: 41.0,
    }
}

/// The same from one recording a side, without a verdict and with no function beyond chance.
pub(crate) fn within_chance() -> Difference {
    let mut difference = difference();
    difference.recordings = sides(1, 1);
    difference.end_to_end_ns = None;
    difference.cpu.significance = Significance::WithinChance;
    for row in &mut difference.functions {
        row.own.significance = Significance::WithinChance;
        row.total.significance = Significance::WithinChance;
    }
    difference.findings.clear();
    difference
}

/// Both sides of something.
pub(crate) fn sides<T>(before: T, after: T) -> Sides<T> {
    Sides { before, after }
}

/// A time with an interval of so many ns to either side, beyond chance where that leaves nothing out.
pub(crate) fn delta(before: f64, after: f64, half_width_ns: f64) -> Delta {
    let difference = after - before;
    Delta {
        ns: sides(before, after),
        lower_ns: difference - half_width_ns,
        upper_ns: difference + half_width_ns,
        significance: match difference.abs() > half_width_ns {
            true => Significance::Beyond,
            false => Significance::WithinChance,
        },
    }
}

fn functions() -> Vec<FunctionRow> {
    let row = |function: &str, presence, own: (f64, f64), total: (f64, f64), half_width_ns| {
        let crate_name = match function.split_once("::") {
            Some(("alloc" | "<core", _)) => "std",
            Some((first, _)) => first,
            None => "libc.so.6",
        };
        FunctionRow {
            function: function.to_owned(),
            presence,
            crate_name: crate_name.to_owned(),
            own: delta(own.0, own.1, half_width_ns),
            total: delta(total.0, total.1, half_width_ns * 1.5),
        }
    };
    let renamed = Presence::Renamed {
        from: "runtime::engine::plan".to_owned(),
        evidence: Evidence::SameName,
    };
    vec![
        row(
            "runtime::mailbox::push",
            Presence::Both,
            (400.0, 1_964.0),
            (700.0, 2_264.0),
            140.0,
        ),
        row(
            "runtime::broker::route",
            Presence::New,
            (0.0, 142.0),
            (0.0, 142.0),
            38.0,
        ),
        row(
            "runtime::ask::old_reply",
            Presence::Gone,
            (12.0, 0.0),
            (12.0, 0.0),
            15.0,
        ),
        row(
            "runtime::workflow::plan",
            renamed,
            (500.0, 502.0),
            (1_858.0, 1_864.0),
            60.0,
        ),
        row(
            "alloc::raw_vec::RawVec::grow_one",
            Presence::Both,
            (158.0, 160.0),
            (158.0, 160.0),
            30.0,
        ),
        row(
            "<core::vec::IntoIter as core::iter::Iterator>::next",
            Presence::Both,
            (1_200.0, 1_202.0),
            (1_200.0, 1_202.0),
            80.0,
        ),
        row(
            "malloc",
            Presence::Both,
            (300.0, 300.0),
            (300.0, 300.0),
            40.0,
        ),
        row(
            "runtime::run",
            Presence::Both,
            (1_000.0, 1_000.0),
            (3_570.0, 5_270.0),
            75.0,
        ),
    ]
}

fn groups() -> BTreeMap<Grouping, Vec<GroupRow>> {
    let row = |name: &str, before: f64, after: f64| GroupRow {
        name: name.to_owned(),
        own: delta(before, after, 60.0),
        total: delta(before, after, 90.0),
    };
    BTreeMap::from([
        (
            Grouping::Crate,
            vec![
                row("runtime", 1_912.0, 3_608.0),
                row("std", 1_358.0, 1_362.0),
                row("libc.so.6", 300.0, 300.0),
            ],
        ),
        (
            Grouping::Layer,
            vec![
                row("mailbox", 400.0, 1_964.0),
                row("broker", 0.0, 142.0),
                row("workflow", 512.0, 502.0),
                row("allocation", 458.0, 460.0),
                row("other", 2_200.0, 2_202.0),
            ],
        ),
        (Grouping::Task, vec![row("Stage", 3_570.0, 5_270.0)]),
    ])
}

fn tree() -> Node {
    let node = |frame: &str, before: f64, after: f64, children: Vec<Node>| Node {
        frame: frame.to_owned(),
        total: delta(before, after, 90.0),
        children,
    };
    let next = "<core::vec::IntoIter as core::iter::Iterator>::next";
    let run = node(
        "runtime::run",
        3_570.0,
        5_270.0,
        vec![
            node("runtime::ask::old_reply", 12.0, 0.0, Vec::new()),
            node("runtime::broker::route", 0.0, 142.0, Vec::new()),
            node(
                "runtime::mailbox::push",
                700.0,
                2_264.0,
                vec![node("malloc", 300.0, 300.0, Vec::new())],
            ),
            node(
                "runtime::workflow::plan",
                1_858.0,
                1_864.0,
                vec![
                    node(next, 1_200.0, 1_202.0, Vec::new()),
                    node("alloc::raw_vec::RawVec::grow_one", 158.0, 160.0, Vec::new()),
                ],
            ),
        ],
    );
    let task = node("[task]", 3_570.0, 5_270.0, vec![run]);
    node("", 3_570.0, 5_270.0, vec![task])
}

#[test]
fn the_sample_adds_up_like_any_difference() {
    let found = difference();
    let sum = |own: &mut dyn Iterator<Item = &Delta>| {
        own.fold(sides(0.0, 0.0), |sum, own| {
            sides(sum.before + own.ns.before, sum.after + own.ns.after)
        })
    };
    assert_eq!(
        sum(&mut found.functions.iter().map(|row| &row.own)),
        found.cpu.ns
    );
    for rows in found.groups.values() {
        assert_eq!(sum(&mut rows.iter().map(|row| &row.own)), found.cpu.ns);
    }
    assert_eq!(found.tree.total.ns, found.cpu.ns);
}
