//! Whole commands on a machine that answers from a recording: what they print, to the letter, and
//! what they store.
//!
//! Each file below `replayed/` is a command with its exit code, stdout and stderr. A missing
//! file fails; `UPDATE_GOLDEN=1` writes what is printed now.

#![allow(clippy::disallowed_methods, reason = "tests meet the machine itself")]

use std::{fmt::Write, fs, path::Path};

use camino::Utf8Path;
use yardstick::{
    Invocation, cmd,
    host::{Host, Width, replay::Replay},
    store,
};

fn machine() -> Replay {
    Replay::new(include_str!("replayed/machine.json")).expect("a recording")
}

/// Runs `cargo xtask ARGUMENTS`, split at spaces, and tells everything that it said.
fn run(machine: &mut Replay, arguments: &str) -> String {
    let words: Vec<&str> = arguments.split_whitespace().collect();
    machine.type_in(&words);
    let typed = std::iter::once("cargo xtask").chain(words);
    let cli = cmd::parse(Invocation::Xtask, typed.map(Into::into)).expect("it can be typed");
    let code = cmd::execute(machine, Invocation::Xtask, cli) as u8;
    let mut text = format!("$ cargo xtask {arguments}\nexit code: {code}\n");
    for (name, printed) in [
        ("stdout", machine.take_stdout()),
        ("stderr", machine.take_stderr()),
    ] {
        let _ = write!(text, "──── {name}\n{printed}");
    }
    text
}

fn check(case: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/replayed/{case}.txt"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, text).expect("the golden file is writable");
        return;
    }
    let golden = fs::read_to_string(&path)
        .unwrap_or_else(|_| panic!("no golden file {case}.txt; UPDATE_GOLDEN=1 writes it"));
    assert!(
        golden == text,
        "{case}.txt differs; UPDATE_GOLDEN=1 takes over what is printed. Printed now:\n{text}"
    );
}

#[test]
fn bench_prints_one_row_per_benchmark_and_what_is_inconsistent() {
    check("bench", &run(&mut machine(), "bench --quick"));
}

#[test]
fn a_narrow_terminal_gets_the_columns_that_matter_most() {
    for columns in [72, 40] {
        let mut machine = machine();
        machine.widen_to(Width::Columns(columns));
        let text = run(&mut machine, "bench --quick");
        let table = text.lines().skip(3).take_while(|line| !line.is_empty());
        let widest = table
            .map(|line| line.chars().count())
            .max()
            .expect("a table");
        assert!(
            widest <= columns,
            "{widest} columns in a terminal of {columns}:\n{text}"
        );
        check(&format!("bench_in_{columns}_columns"), &text);
    }
}

#[test]
fn list_and_test_print_no_times() {
    check("bench_list", &run(&mut machine(), "bench --list"));
    check("bench_test", &run(&mut machine(), "bench --test"));
}

#[test]
fn a_filter_that_matches_nothing_says_what_there_is() {
    check(
        "bench_unknown",
        &run(&mut machine(), "bench --quick sum/fald"),
    );
}

#[test]
fn a_benchmark_that_asserts_is_quoted_and_nothing_is_saved() {
    let mut machine = machine();
    check(
        "bench_failed",
        &run(&mut machine, "bench --quick sum/fold --save pre"),
    );
    assert_eq!(
        machine
            .capture_names(Utf8Path::new("/workspace/profiles"))
            .expect("readable"),
        [""; 0]
    );
}

#[test]
fn a_saved_capture_holds_what_was_printed_and_is_a_baseline_of_criterions() {
    let mut machine = machine();
    check(
        "bench_saved",
        &run(&mut machine, "bench --quick --save pre"),
    );
    let files = machine
        .read_capture(Utf8Path::new("/workspace/profiles"), "pre")
        .expect("readable");
    let capture = store::decode("pre", &files.expect("it was saved"))
        .expect("it is whole")
        .capture;
    let counted: Vec<(&str, Option<u64>)> = capture
        .benchmarks()
        .map(|one| {
            (
                one.key.id.as_str(),
                one.counted.as_ref().and_then(|counted| counted.allocations),
            )
        })
        .collect();
    assert_eq!(
        counted,
        [
            ("fast", Some(0)),
            ("fast #2", None),
            ("sum/fold", Some(2500)),
            ("sum/iter", Some(0))
        ]
    );
    let baseline = Utf8Path::new("/workspace/target/criterion/sum/fold/pre/sample.json");
    assert!(
        machine.written().iter().any(|path| path == baseline),
        "{:?}",
        machine.written()
    );

    check(
        "bench_saved_twice",
        &run(&mut machine, "bench --quick --save pre"),
    );
    check("capture_list", &run(&mut machine, "capture list"));
    check("capture_show", &run(&mut machine, "capture show pre"));
    check(
        "capture_remove_misspelt",
        &run(&mut machine, "capture remove per"),
    );
    check("capture_remove", &run(&mut machine, "capture remove pre"));
    check("capture_list_empty", &run(&mut machine, "capture list"));
}

#[test]
fn a_tour_needs_a_workspace_that_says_what_to_show() {
    check("tour_unsaid", &run(&mut machine(), "tour"));
}
