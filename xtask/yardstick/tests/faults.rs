//! What `compare` says when benchmarks, sides or the user's patience fail, with real builds and processes: each fault has
//! an outcome of its own, and the other benchmarks still get their verdicts.

#![allow(clippy::disallowed_methods, reason = "tests meet the machine itself")]

#[path = "faults/repository.rs"]
mod repository;

use repository::Repository;

/// Verdicts by benchmark id, and what becomes of benchmarks that nothing is asked about.
fn verdict(report: &serde_json::Value, id: &str) -> String {
    let questions = report["questions"].as_array().expect("questions");
    let question = questions.iter().find(|question| question["id"] == id);
    match question {
        Some(question) => question["verdict"].as_str().expect("a verdict").to_owned(),
        None => "unasked".to_owned(),
    }
}

#[test]
fn a_benchmark_that_crashes_on_one_side_keeps_no_other_from_its_verdict() {
    let repository = Repository::new();
    repository.commit_change("crash");
    let ended = repository.compare(&["HEAD~1", "HEAD", "--format", "json"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let report = ended.json();
    assert_eq!(verdict(&report, "slower"), "regressed", "{report:#}");
    assert_eq!(verdict(&report, "steady"), "unchanged", "{report:#}");
    assert_eq!(verdict(&report, "overrides"), "unchanged", "{report:#}");
    assert_eq!(verdict(&report, "fails"), "unasked", "{report:#}");
    assert!(
        ended.stdout.contains("the result is wrong"),
        "{}",
        ended.stdout
    );
}

#[test]
fn a_benchmark_that_hangs_on_one_side_is_killed_and_keeps_no_other_from_its_verdict() {
    let repository = Repository::new();
    repository.commit_change("hang");
    let ended = repository.compare(&["HEAD~1", "HEAD", "--limit", "2s", "--format", "json"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let report = ended.json();
    assert_eq!(verdict(&report, "slower"), "regressed", "{report:#}");
    assert_eq!(verdict(&report, "steady"), "unchanged", "{report:#}");
    assert_eq!(verdict(&report, "fails"), "unasked", "{report:#}");
    assert!(
        ended
            .stdout
            .contains("`HEAD` was still running after 2 s (`--limit`) and was killed"),
        "{}",
        ended.stdout
    );
}

#[test]
fn a_gate_that_measured_nothing_does_not_pass() {
    let repository = Repository::new();
    repository.commit_change("crash");
    let ended = repository.compare(&["HEAD~1", "HEAD", "fails", "--gate"]);
    assert_eq!(ended.code, Some(11), "{ended:?}");
}

#[test]
fn a_gate_fails_for_a_regression_beside_a_crash() {
    let repository = Repository::new();
    repository.commit_change("crash");
    let ended = repository.compare(&["HEAD~1", "HEAD", "--gate"]);
    assert_eq!(ended.code, Some(10), "{ended:?}");
}

#[test]
fn a_revision_that_does_not_build_is_told_with_the_compilers_words() {
    let repository = Repository::new();
    repository.write("src/lib.rs", "this is no Rust");
    repository.commit("Break it");
    let ended = repository.compare(&["HEAD~1", "HEAD"]);
    assert_ne!(ended.code, Some(0), "{ended:?}");
    let told = format!("{}{}", ended.stdout, ended.stderr);
    assert!(
        told.contains("`HEAD`") && told.contains("rustc: "),
        "{told}"
    );
}

#[test]
fn a_suite_that_builds_on_neither_side_is_told_and_passes_no_gate() {
    let repository = Repository::new();
    repository.add_suite("broken", "fn main() { oops }");
    repository.commit("Add a suite that was never tried");
    repository.change("crash");
    let ended = repository.compare(&["HEAD", ".", "steady", "--gate", "--format", "json"]);
    assert_eq!(ended.code, Some(11), "{ended:?}");
    let report = ended.json();
    assert_eq!(verdict(&report, "steady"), "unchanged", "{report:#}");
    let broken = &report["unbuilt"][0];
    assert_eq!(broken["suite"], "broken", "{report:#}");
    for side in ["before", "after"] {
        let why = broken["why"][side].to_string();
        assert!(why.contains("cannot find value `oops`"), "{why}");
    }
    for form in ["terminal", "markdown"] {
        let shown = repository.compare(&["HEAD", ".", "--replay", "--format", form]);
        let text = &shown.stdout;
        assert!(text.contains("1 suite could not be measured"), "{text}");
        assert!(text.contains("cannot find value `oops`"), "{text}");
    }
}

#[test]
fn a_suite_that_hangs_while_it_lists_its_benchmarks_is_killed_and_the_others_go_on() {
    let repository = Repository::new();
    repository.add_suite(
        "sleeper",
        "fn main() { std::thread::sleep(std::time::Duration::from_secs(1_000)) }",
    );
    repository.commit("Add a suite that never answers");
    repository.change("crash");
    let ended = repository.compare(&["HEAD", ".", "steady", "--limit", "2s", "--format", "json"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let report = ended.json();
    assert_eq!(verdict(&report, "steady"), "unchanged", "{report:#}");
    let sleeper = &report["unbuilt"][0];
    assert_eq!(sleeper["suite"], "sleeper", "{report:#}");
    let why = sleeper["why"]["after"].to_string();
    assert!(why.contains("does not list its benchmarks"), "{why}");
    assert!(why.contains("still running after 2 s"), "{why}");
}

#[test]
fn uncommitted_changes_are_what_the_working_tree_is() {
    let repository = Repository::new();
    repository.change("crash");
    let ended = repository.compare(&["HEAD", ".", "slower", "--format", "json"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let report = ended.json();
    assert_eq!(verdict(&report, "slower"), "regressed", "{report:#}");
    assert_eq!(report["after"]["origin"], "working-tree", "{report:#}");
}

#[test]
fn two_processes_never_add_rounds_to_one_run() {
    let repository = Repository::new();
    repository.commit_change("crash");
    let names = ["HEAD~1", "HEAD"];
    let mut second = None;
    let first = repository.interrupt_after_rounds(2, &[&names[..], &["slower"]].concat(), || {
        second = Some(repository.compare(&[&names[..], &["--more"]].concat()));
    });
    let second = second.expect("it was tried");
    assert_eq!(second.code, Some(1), "{second:?}");
    assert!(
        second
            .stderr
            .contains("run 1 of `compare HEAD~1 HEAD` is not over yet"),
        "{second:?}"
    );
    assert_eq!(first.code, Some(130), "{first:?}");
    let shown = repository.compare(&[&names[..], &["--replay"]].concat());
    assert_eq!(shown.code, Some(0), "{shown:?}");
}

#[test]
fn ctrl_c_keeps_the_rounds_and_more_goes_on_from_there() {
    let repository = Repository::new();
    repository.commit_change("crash");
    let ended = repository.interrupt_after_rounds(4, &["HEAD~1", "HEAD", "slower"], || ());
    assert_eq!(ended.code, Some(130), "{ended:?}");
    let kept = repository.rounds();
    assert!(kept >= 4, "{kept} rounds are kept");
    let ended = repository.compare(&["HEAD~1", "HEAD", "--more", "--format", "json"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let report = ended.json();
    assert_eq!(verdict(&report, "slower"), "regressed", "{report:#}");
    assert!(repository.rounds() > kept);
    assert_eq!(report["run"], 1, "{report:#}");
}
