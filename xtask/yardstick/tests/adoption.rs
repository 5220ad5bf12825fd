//! A workspace that has never heard of this one takes the toolkit up: as `cargo yardstick`,
//! and as a library under its own `cargo xtask`.
//!
//! The workspace lies below the target folder, so that its second build is quick.

#![allow(clippy::disallowed_methods, reason = "tests meet the machine itself")]

#[path = "adoption/foreign.rs"]
mod foreign;

use foreign::Foreign;

#[test]
fn its_suites_and_benchmarks_are_listed_and_a_libtest_bench_is_left_alone() {
    let foreign = Foreign::new();
    let listed = foreign.yardstick("bench --list");
    listed.succeeds();
    for id in ["sum/10", "sum/1000"] {
        assert!(listed.stdout.contains(id), "{listed:?}");
    }
    // It is told to whoever reads the messages, and is not in the data.
    assert!(!listed.stdout.contains("plain"), "{listed:?}");
    assert!(listed.stderr.contains("plain"), "{listed:?}");
}

#[test]
fn two_captures_are_measured_and_compared() {
    let foreign = Foreign::new();
    foreign.yardstick("bench --quick --save a").succeeds();
    foreign.write_function("(0..n).map(|i| i.wrapping_mul(31)).sum()");
    foreign.yardstick("bench --quick --save b").succeeds();
    let compared = foreign.yardstick("compare a b --stored");
    compared.succeeds();
    let row = |id: &str| {
        let found = compared.stdout.lines().find(|line| line.contains(id));
        found.unwrap_or_else(|| panic!("no row of {id}: {compared:?}"))
    };
    for id in ["sum/10", "sum/1000"] {
        assert!(row(id).contains('×'), "{compared:?}");
    }
    assert!(compared.stderr.contains("--quick"), "{compared:?}");
    assert!(
        foreign.has("target/criterion/sum/10/a/estimates.json"),
        "Criterion has no baseline of that name"
    );
}

#[test]
fn what_is_stored_is_not_overwritten_unless_asked_for() {
    let foreign = Foreign::new();
    foreign
        .yardstick("bench sum/1000 --quick --save a")
        .succeeds();
    let refused = foreign.yardstick("bench sum/1000 --quick --save a");
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.stderr.contains("--overwrite"), "{refused:?}");
    foreign
        .yardstick("bench sum/1000 --quick --save a --overwrite")
        .succeeds();
}

#[test]
fn its_own_xtask_is_a_few_lines_over_the_library() {
    let foreign = Foreign::new();
    let listed = foreign.cargo("app", "xtask bench --list");
    listed.succeeds();
    assert!(listed.stdout.contains("sum/1000"), "{listed:?}");
    let missing = foreign.cargo("app", "xtask compare a b --stored");
    assert_eq!(missing.code, Some(2), "{missing:?}");
    assert!(missing.stderr.contains("cargo xtask bench"), "{missing:?}");
}

#[test]
fn a_suite_is_profiled_and_its_own_function_is_on_top() {
    let foreign = Foreign::new();
    foreign.write_function("(0..n).map(|i| std::hint::black_box(i) * 3).sum()");
    let profiled = foreign.yardstick("profile sum/1000 --duration 1 --save a");
    // Where the kernel refuses perf events, a bench that does not link the probe has no
    // second sampler, and that is what has to be said.
    if profiled.code != Some(0) {
        assert_eq!(profiled.code, Some(1), "{profiled:?}");
        assert!(profiled.stderr.contains("perf event"), "{profiled:?}");
        return;
    }
    assert!(profiled.stdout.contains("app::sum"), "{profiled:?}");
    assert!(
        foreign.has("profiles/a/profiles/app/speed/sum.1000/stacks.folded"),
        "no folded stacks are stored"
    );
}
