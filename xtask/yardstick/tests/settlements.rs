//! Stored comparisons by fresh rounds, shown again: what they print, to the letter, and how the program ends.
//!
//! Each file below `settlements/` is a command with its exit code, stdout and stderr. A missing file fails;
//! `UPDATE_GOLDEN=1` writes what is printed now.

#![allow(clippy::disallowed_methods, reason = "tests meet the machine itself")]

#[path = "golden/fixtures.rs"]
mod captures;
#[path = "settlements/fixture.rs"]
mod fixture;
#[path = "settlements/page.rs"]
mod page;

use std::{collections::BTreeMap, fmt::Write, fs, path::Path};

use camino::Utf8Path;
use fixture::{Course, crashes, disturbed, everything, settlement};
use yardstick::{
    Invocation,
    cmd::{self, Context, compare::rounds::journal::Journal},
    host::{Host, Width, replay::Replay},
    model::{
        comparison::Sides,
        settlement::{Settlement, Unbuilt},
    },
    store::settlement as store,
};

const STORE: &str = "/workspace/profiles";

fn machine() -> Replay {
    Replay::new(include_str!("replayed/machine.json")).expect("a recording")
}

fn context(machine: &Replay) -> Context<'_> {
    Context {
        host: machine,
        invocation: Invocation::Xtask,
        manifest_path: None,
        store: None,
        typed: Vec::new(),
    }
}

/// A machine that has run this comparison.
fn having_run(settlement: &Settlement) -> Replay {
    let machine = machine();
    run_through(&machine, settlement);
    machine
}

/// Stores a settlement as a comparison does while it runs: the plan, then round after round, then the answers.
fn run_through(machine: &Replay, settlement: &Settlement) -> Journal {
    let begun = Settlement {
        rounds: Vec::new(),
        answers: Vec::new(),
        ..settlement.clone()
    };
    let context = context(machine);
    let journal = Journal::begin(&context, Utf8Path::new(STORE), &begun).expect("writable");
    for round in &settlement.rounds {
        journal.add(&context, round).expect("writable");
    }
    journal.finish(&context, settlement).expect("writable");
    journal
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
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/settlements/{case}.txt"));
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

/// The exit code under `--gate`.
fn gate(settlement: &Settlement) -> u8 {
    let text = run(
        &mut having_run(settlement),
        "compare pre post --replay --gate",
    );
    let code = text
        .lines()
        .nth(1)
        .and_then(|line| line.strip_prefix("exit code: "));
    code.and_then(|code| code.parse().ok())
        .expect("an exit code")
}

#[test]
fn the_answer_in_words_comes_first_and_the_rest_supports_it() {
    let mut machine = having_run(&everything());
    check("terminal", &run(&mut machine, "compare pre post --replay"));
    check(
        "markdown",
        &run(&mut machine, "compare pre post --replay --format markdown"),
    );
}

#[test]
fn the_profiles_of_captures_follow_as_context() {
    let mut machine = having_run(&settlement(&[Course::new("e2e", "e2e/linear")]));
    for capture in [captures::before(), captures::after()] {
        let name = capture.name.clone();
        let stored = yardstick::store::Stored {
            capture,
            pictures: BTreeMap::new(),
        };
        let files = yardstick::store::encode(&stored);
        machine
            .update_capture(Utf8Path::new(STORE), &name, &BTreeMap::new(), &mut |_| {
                Ok(files.clone())
            })
            .expect("writable");
    }
    check(
        "with_profiles",
        &run(&mut machine, "compare pre post --replay"),
    );
    let markdown = run(&mut machine, "compare pre post --replay --format markdown");
    assert!(
        markdown.contains("### Profile of `e2e/linear`"),
        "{markdown}"
    );
    assert!(
        !markdown.contains("e2e/diamond"),
        "nobody asked about it: {markdown}"
    );
    let json = run(&mut machine, "compare pre post --replay --format json");
    assert!(!json.contains("Profile of"), "{json}");
}

#[test]
fn the_json_document_names_its_version_and_carries_every_answer() {
    let settlement = everything();
    let mut machine = having_run(&settlement);
    let text = run(&mut machine, "compare pre post --replay --format json");
    check("json", &text);
    let start = text.find('{').expect("an object");
    let end = text.rfind("──── stderr").expect("both streams");
    let document: serde_json::Value = serde_json::from_str(&text[start..end]).expect("JSON");
    assert_eq!(document["format"], "yardstick-settlement");
    assert_eq!(document["version"], 1);
    let questions = document["questions"].as_array().expect("questions");
    assert_eq!(questions.len(), settlement.answers.len());
}

#[test]
fn a_narrow_terminal_gets_lines_that_fit() {
    for columns in [100, 72, 40] {
        let mut machine = having_run(&everything());
        machine.widen_to(Width::Columns(columns));
        let text = run(&mut machine, "compare pre post --replay");
        let table = text.lines().skip(3).take_while(|line| *line != "Undecided");
        let widest = table
            .map(|line| line.chars().count())
            .max()
            .expect("a table");
        assert!(
            widest <= columns,
            "{widest} columns in a terminal of {columns}:\n{text}"
        );
        check(&format!("terminal_in_{columns}_columns"), &text);
    }
}

#[test]
fn an_answer_is_as_sure_as_what_it_rests_on() {
    let same = settlement(&[Course::new("s", "a"), Course::new("s", "b")]);
    check(
        "unchanged",
        &run(&mut having_run(&same), "compare pre post --replay"),
    );
    let faster = settlement(&[Course::new("s", "a").changes(100.0, 0.5)]);
    check(
        "improved",
        &run(&mut having_run(&faster), "compare pre post --replay"),
    );
    let unknown = settlement(&[Course::new("s", "a").scatters(0.1)]);
    check(
        "undecided",
        &run(&mut having_run(&unknown), "compare pre post --replay"),
    );
    check(
        "nothing",
        &run(
            &mut having_run(&settlement(&[])),
            "compare pre post --replay",
        ),
    );
}

/// A comparison in which one suite builds on neither side, and another one on the first only.
fn with_unbuilt() -> Settlement {
    let why = |side: &str, said: &[&str]| -> Vec<String> {
        let sentence = format!("cannot build the suite of `{side}`");
        let said = said.iter().map(|line| (*line).to_owned());
        std::iter::once(sentence).chain(said).collect()
    };
    let broken = [
        "rustc: error[E0425]: cannot find value `oops`",
        "rustc:  --> a.rs:1:1",
    ];
    let mut settlement = settlement(&[Course::new("s", "a")]);
    settlement.unbuilt = vec![
        Unbuilt {
            package: "benches".to_owned(),
            suite: "broken".to_owned(),
            why: Sides {
                before: why("pre", &broken),
                after: why("post", &broken),
            },
        },
        Unbuilt {
            package: "benches".to_owned(),
            suite: "changed".to_owned(),
            why: Sides {
                before: Vec::new(),
                after: why("post", &["cargo: no such package"]),
            },
        },
    ];
    settlement
}

#[test]
fn a_suite_that_does_not_build_is_told_with_what_the_compiler_said_and_passes_no_gate() {
    let settlement = with_unbuilt();
    assert_eq!(gate(&settlement), 11);
    let mut machine = having_run(&settlement);
    check("unbuilt", &run(&mut machine, "compare pre post --replay"));
    let markdown = run(&mut machine, "compare pre post --replay --format markdown");
    check("unbuilt_markdown", &markdown);
    let json = run(&mut machine, "compare pre post --replay --format json");
    assert!(
        json.contains("\"rustc: error[E0425]: cannot find value `oops`\""),
        "{json}"
    );
}

#[test]
fn a_gate_passes_only_what_was_shown() {
    let unchanged = || Course::new("s", "a");
    assert_eq!(gate(&settlement(&[unchanged()])), 0);
    let slower = |ratio| settlement(&[unchanged(), Course::new("s", "b").changes(100.0, ratio)]);
    assert_eq!(gate(&slower(1.12)), 0, "a warning does not fail");
    assert_eq!(gate(&slower(1.3)), 10);
    let noisy = || Course::new("s", "noisy").scatters(0.1);
    assert_eq!(gate(&settlement(&[unchanged(), noisy()])), 11);
    let both = settlement(&[noisy(), Course::new("s", "b").changes(100.0, 1.3)]);
    assert_eq!(gate(&both), 10, "a regression is one whatever else is open");
    assert_eq!(
        gate(&settlement(&[
            unchanged(),
            Course::new("s", "b").but(crashes)
        ])),
        11
    );
    assert_eq!(gate(&settlement(&[])), 11, "nothing was measured");
    let mut unasked = settlement(&[unchanged()]);
    let fate = yardstick::model::settlement::Fate::Unasked("it does not build".to_owned());
    unasked.fates.insert(fixture::key("t", "c"), fate);
    assert_eq!(gate(&unasked), 11);
    let mut untrustworthy = settlement(&[unchanged()]);
    untrustworthy.preflight = vec![yardstick::model::settlement::Preflight {
        key: fixture::key("s", "b"),
        answer: slower(1.3).answers.remove(1),
    }];
    assert_eq!(gate(&untrustworthy), 11);
}

#[test]
fn answers_that_do_not_follow_from_the_rounds_are_refused() {
    let mut settlement = settlement(&[Course::new("s", "a")]);
    let floor = settlement.answers[0]
        .floor
        .as_mut()
        .expect("it was answered");
    floor.upper = f64::from_bits(floor.upper.to_bits() + 1);
    check(
        "does_not_follow",
        &run(&mut having_run(&settlement), "compare pre post --replay"),
    );
}

#[test]
fn a_run_that_was_killed_is_answered_from_the_rounds_it_finished() {
    let whole = settlement(&[Course::new("s", "a").changes(100.0, 1.3).but(disturbed)]);
    let mut machine = machine();
    let begun = Settlement {
        rounds: Vec::new(),
        answers: Vec::new(),
        ..whole.clone()
    };
    let journal =
        Journal::begin(&context(&machine), Utf8Path::new(STORE), &begun).expect("writable");
    let path = journal.folder().join(store::ROUNDS);
    for round in &whole.rounds[..30] {
        journal.add(&context(&machine), round).expect("writable");
    }
    // The 31st was being written.
    let line = store::encode_round(&whole.rounds[30]);
    machine
        .append(&path, &line[..line.len() / 2])
        .expect("writable");
    let text = run(&mut machine, "compare pre post --replay");
    assert!(
        text.contains("ended by force") && text.contains("30 rounds in"),
        "{text}"
    );
    assert!(text.contains("regressed (fails)"), "{text}");
    // Whoever goes on does not write behind the half line.
    let names = Sides::from(["pre", "post"]);
    drop(journal);
    let (journal, _) =
        Journal::resume(&context(&machine), Utf8Path::new(STORE), names).expect("readable");
    for round in &whole.rounds[30..] {
        journal.add(&context(&machine), round).expect("writable");
    }
    let (_, read) =
        Journal::open(&context(&machine), Utf8Path::new(STORE), names, None).expect("readable");
    assert_eq!(read.rounds, whole.rounds);
}

#[test]
fn every_run_of_the_same_sides_is_kept() {
    let mut machine = having_run(&settlement(&[Course::new("s", "a").changes(100.0, 1.3)]));
    let second = run_through(&machine, &settlement(&[Course::new("s", "a")]));
    assert_eq!(second.number(), 2);
    let last = run(&mut machine, "compare pre post --replay");
    assert!(
        last.contains("run 2") && last.contains("1 is unchanged"),
        "{last}"
    );
    let first = run(&mut machine, "compare pre post --replay=1");
    assert!(
        first.contains("run 1") && first.contains("1 regressed"),
        "{first}"
    );
    check(
        "no_such_run",
        &run(&mut machine, "compare pre post --replay=3"),
    );
    check(
        "no_such_sides",
        &run(&mut machine, "compare post pre --replay"),
    );
    let listed = run(&mut machine, "capture list");
    assert!(!listed.contains("comparisons"), "{listed}");
}

#[test]
fn a_damaged_comparison_names_the_file() {
    let mut machine = having_run(&settlement(&[Course::new("s", "a")]));
    let path = Utf8Path::new(STORE)
        .join("comparisons/pre..post/1")
        .join(store::ROUNDS);
    machine
        .append(&path, b"{\"check\":\"0\"}\n")
        .expect("writable");
    check("damaged", &run(&mut machine, "compare pre post --replay"));
}
