//! Each finding: where its rule holds, and where it just does not.

use super::*;
use crate::{
    analysis::{
        difference::differ,
        samples::{key, profile},
    },
    model::{
        comparison::ProfileOutcome,
        difference::{Depth, Difference, Pattern, Recorded},
        layers::Layers,
    },
};

/// Three recordings a side, in which every sample stands for a nanosecond per iteration.
fn compared(before: &[(&str, u64)], after: &[(&str, u64)]) -> Difference {
    of(Sides { before, after }.map(|stacks| {
        let mut recorded = profile("x", stacks);
        let samples = recorded.stacks.total();
        recorded.work.cpu_ns = samples * 1_000;
        recorded.work.wall_ns = samples * 1_000;
        vec![recorded; 3]
    }))
}

fn of(profiles: Sides<Vec<Profile>>) -> Difference {
    let recorded = Recorded {
        key: key("x"),
        profiles,
        end_to_end_ns: None,
    };
    match differ(&recorded, &Layers::default()) {
        ProfileOutcome::Compared(difference) => *difference,
        other => panic!("not compared: {other:?}"),
    }
}

/// Twelve functions with 400 to 1,500 ns, and one more with the given time.
fn twelve_and(name: &str, ns: u64) -> Vec<(String, u64)> {
    let twelve = (0..12).map(|number| (format!("app::main;app::f{number}"), 400 + 100 * number));
    twelve.chain([(name.to_owned(), ns)]).collect()
}

fn find(difference: &Difference, is_it: fn(&Finding) -> bool) -> Option<&Finding> {
    difference.findings.iter().find(|finding| is_it(finding))
}

fn differing(before: &[(String, u64)], after: &[(String, u64)]) -> Difference {
    let before: Vec<(&str, u64)> = before.iter().map(|(s, w)| (s.as_str(), *w)).collect();
    let after: Vec<(&str, u64)> = after.iter().map(|(s, w)| (s.as_str(), *w)).collect();
    compared(&before, &after)
}

#[test]
fn a_factor_that_all_functions_share_is_uniform() {
    let before = twelve_and("app::main", 100);
    let mut profiles = Sides {
        before: 1_u64,
        after: 1,
    }
    .map(|_| {
        let stacks: Vec<(&str, u64)> = before.iter().map(|(s, w)| (s.as_str(), *w)).collect();
        vec![profile("x", &stacks); 6]
    });
    for recorded in &mut profiles.after {
        recorded.work.cpu_ns += recorded.work.cpu_ns / 10;
    }
    let difference = of(profiles);
    let Some(Finding::Uniform { ratio }) = difference.findings.first() else {
        panic!("not uniform: {:?}", difference.findings);
    };
    assert!((ratio - 1.1).abs() < 1e-9, "{ratio}");
}

#[test]
fn what_one_function_did_is_not_uniform() {
    let difference = differing(&twelve_and("app::g", 1_000), &twelve_and("app::g", 2_000));
    assert_eq!(
        find(&difference, |f| matches!(f, Finding::Uniform { .. })),
        None
    );
    assert!(difference.cpu.is_significant());
}

#[test]
fn a_change_of_one_percent_is_not_uniform() {
    let stacks = twelve_and("app::main", 100);
    let stacks: Vec<(&str, u64)> = stacks.iter().map(|(s, w)| (s.as_str(), *w)).collect();
    let side = |cpu_ns| {
        let mut recorded = profile("x", &stacks);
        recorded.work.cpu_ns = cpu_ns;
        vec![recorded; 6]
    };
    let difference = of(Sides {
        before: side(1_000_000),
        after: side(1_010_000),
    });
    assert_eq!(
        find(&difference, |f| matches!(f, Finding::Uniform { .. })),
        None
    );
}

#[test]
fn what_one_function_lost_and_another_gained_moved() {
    let before: &[(&str, u64)] = &[("app::a", 3_000), ("app::b", 1_000), ("app::c", 6_000)];
    let moved: &[(&str, u64)] = &[("app::a", 1_000), ("app::b", 3_000), ("app::c", 6_000)];
    let difference = compared(before, moved);
    assert!(difference.findings.contains(&Finding::Moved {
        from: "app::a".to_owned(),
        to: "app::b".to_owned(),
        ns: 2_000.0,
    }));
    // Half of what one lost the other gained: that is no move.
    let other: &[(&str, u64)] = &[("app::a", 1_000), ("app::b", 2_000), ("app::c", 6_000)];
    let difference = compared(before, other);
    assert_eq!(
        find(&difference, |f| matches!(f, Finding::Moved { .. })),
        None
    );
}

#[test]
fn what_any_of_several_functions_may_have_gained_did_not_move() {
    let before: &[(&str, u64)] = &[
        ("app::a", 3_000),
        ("app::b", 1_000),
        ("app::c", 1_000),
        ("app::d", 6_000),
    ];
    let after: &[(&str, u64)] = &[
        ("app::a", 1_000),
        ("app::b", 3_000),
        ("app::c", 3_000),
        ("app::d", 6_000),
    ];
    let difference = compared(before, after);
    assert_eq!(
        find(&difference, |f| matches!(f, Finding::Moved { .. })),
        None
    );
}

#[test]
fn a_function_that_becomes_hot_is_a_new_hot_path() {
    let difference = differing(&twelve_and("app::g", 100), &twelve_and("app::g", 1_800));
    let hot = find(&difference, |f| matches!(f, Finding::NewHotPath { .. }));
    let Some(Finding::NewHotPath { function, share }) = hot else {
        panic!("{:?}", difference.findings);
    };
    assert_eq!(function, "app::g");
    assert!(share.before < 0.01 && share.after > 0.13, "{share:?}");
}

#[test]
fn a_function_that_was_hot_or_is_not_among_the_five_hottest_is_no_new_hot_path() {
    for (before, after) in [(1_600, 2_200), (100, 900)] {
        let difference = differing(&twelve_and("app::g", before), &twelve_and("app::g", after));
        let hot = find(&difference, |f| matches!(f, Finding::NewHotPath { .. }));
        assert_eq!(hot, None, "{before}, {after}");
    }
}

#[test]
fn more_time_in_slow_paths_of_locks_the_allocator_and_clones_is_told() {
    let is = |kind: &str, finding: &Finding| match kind {
        "contention" => matches!(finding, Finding::MoreContention(_)),
        "allocation" => matches!(finding, Finding::MoreAllocation(_)),
        _ => matches!(finding, Finding::MoreCloning(_)),
    };
    for (stack, kind) in [
        (
            "app::f;std::sys::sync::mutex::futex::Mutex::lock;std::sys::sync::mutex::futex::Mutex::lock_contended",
            "contention",
        ),
        (
            "app::f;parking_lot::raw_mutex::RawMutex::lock_slow;parking_lot_core::parking_lot::park",
            "contention",
        ),
        ("app::f;__lll_lock_wait", "contention"),
        (
            "app::f;alloc::raw_vec::RawVecInner::finish_grow;realloc",
            "allocation",
        ),
        ("app::f;malloc;_int_malloc", "allocation"),
        ("app::f;<app::S as core::clone::Clone>::clone", "cloning"),
        ("app::f;alloc::slice::to_vec;memcpy", "cloning"),
    ] {
        let rest = ("app::f;app::g", 8_000);
        let more = compared(&[(stack, 1_000), rest], &[(stack, 2_000), rest]);
        assert!(more.findings.iter().any(|f| is(kind, f)), "{stack}");
        let less = compared(&[(stack, 2_000), rest], &[(stack, 1_000), rest]);
        assert!(!less.findings.iter().any(|f| is(kind, f)), "{stack}");
    }
}

#[test]
fn a_lock_that_is_free_and_a_thread_that_waits_for_work_are_no_contention() {
    for stack in [
        "app::f;std::sys::sync::mutex::futex::Mutex::lock",
        "app::f;std::sys::sync::condvar::futex::Condvar::wait;std::sys::pal::unix::futex::futex_wait",
    ] {
        let rest = ("app::f", 8_000);
        let difference = compared(&[(stack, 1_000), rest], &[(stack, 2_000), rest]);
        let found = find(&difference, |f| matches!(f, Finding::MoreContention(_)));
        assert_eq!(found, None, "{stack}");
    }
}

#[test]
fn passing_messages_is_told_beyond_a_twentieth_of_the_time() {
    let stack = "app::f;tokio::sync::mpsc::bounded::Sender::send;memcpy";
    let messages = |count| {
        let stacks: &[(&str, u64)] = &[(stack, count), ("app::f", 10_000 - count)];
        let difference = compared(stacks, stacks);
        let found = find(&difference, |f| matches!(f, Finding::MessagePassing { .. }));
        found.cloned()
    };
    assert_eq!(messages(500), None);
    let share = Sides {
        before: 0.06,
        after: 0.06,
    };
    assert_eq!(messages(600), Some(Finding::MessagePassing { share }));
}

#[test]
fn recursion_is_told_with_its_depth() {
    let before: &[(&str, u64)] = &[("app::main;app::walk", 600), ("app::main", 400)];
    let after: &[(&str, u64)] = &[
        ("app::main;app::walk", 100),
        ("app::main;app::walk;app::walk;app::walk", 300),
        ("app::main;app::walk;app::visit;app::walk", 200),
        ("app::main", 400),
    ];
    let difference = compared(before, after);
    let recursions: Vec<&Finding> = difference
        .findings
        .iter()
        .filter(|f| matches!(f, Finding::Recursion { .. }))
        .collect();
    let depth = |median, most| Depth { median, most };
    assert_eq!(
        recursions,
        [&Finding::Recursion {
            function: "app::walk".to_owned(),
            depth: Sides {
                before: depth(1, 1),
                after: depth(2, 3),
            },
        }]
    );
}

#[test]
fn a_benchmark_that_is_off_the_cpu_more_than_half_of_the_time_mostly_waits() {
    let waits = |wall_ns| {
        let mut recorded = profile("x", &[("app::f", 100)]);
        recorded.work.wall_ns = wall_ns;
        let difference = of(Sides {
            before: vec![recorded.clone()],
            after: vec![recorded],
        });
        matches!(
            difference.findings.first(),
            Some(Finding::MostlyWaits { .. })
        )
    };
    // 1 ms of CPU time.
    assert!(waits(2_100_000));
    assert!(!waits(2_000_000));
}

#[test]
fn shapes_are_told_apart() {
    let shape = |stacks: &[(String, u64)]| {
        let difference = differing(stacks, stacks);
        let found = find(&difference, |f| matches!(f, Finding::Shape { .. }));
        match found {
            Some(Finding::Shape { pattern }) => pattern.after,
            _ => None,
        }
    };
    let flat: Vec<(String, u64)> = (0..5).map(|n| (format!("app::f{n}"), 100)).collect();
    assert_eq!(shape(&flat), Some(Pattern::WideFlat));
    let many: Vec<(String, u64)> = (0..50).map(|n| (format!("app::f{n}"), 100)).collect();
    assert_eq!(shape(&many), Some(Pattern::Fragmented));
    let frames: Vec<String> = (0..45).map(|n| format!("app::g{n}")).collect();
    let below = |n| format!("{};app::f{n}", frames.join(";"));
    let deep: Vec<(String, u64)> = (0..12).map(|n| (below(n), 100)).collect();
    assert_eq!(shape(&deep), Some(Pattern::Deep));
    let usual: Vec<(String, u64)> = (0..12).map(|n| (format!("app::f{n}"), 100)).collect();
    assert_eq!(shape(&usual), None);
}
