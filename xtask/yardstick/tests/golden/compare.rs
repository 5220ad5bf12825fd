//! `compare` on captures of a fixture.

use super::{
    check::Workspace,
    fixtures::{after, before},
};

fn both() -> Workspace {
    let workspace = Workspace::new();
    workspace.store(before()).store(after());
    workspace
}

#[test]
fn two_captures_as_tables() {
    both().check("compare_terminal", "compare pre post --stored");
}

#[test]
fn two_captures_as_markdown() {
    both().check(
        "compare_markdown",
        "compare pre post --stored --format markdown",
    );
}

#[test]
fn two_captures_as_json() {
    both().check("compare_json", "compare pre post --stored --format json");
}

#[test]
fn a_filter_means_a_suite_or_a_part_of_ids() {
    let workspace = both();
    for (filter, rows) in [("memory", 1), ("_way", 3), ("e2e", 7)] {
        let output = workspace.run(&format!("compare pre post {filter} --stored --format json"));
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(text.matches("\"id\":").count(), rows, "{filter}: {text}");
    }
    workspace.check(
        "compare_nothing_meant",
        "compare pre post nonsense --stored",
    );
}

#[test]
fn what_contradicts_itself_is_a_usage_error() {
    let workspace = both();
    for contradiction in [
        "--stored --gate",
        "--stored --budget 10m",
        "--stored --features a",
        "--more --seed 1",
        "--more --margin 1",
        "e2e --more",
        "--replay --more",
        "--replay=0",
        "--margin 0",
        "--budget soon",
        "--renamed a",
    ] {
        let output = workspace.run(&format!("compare pre post {contradiction}"));
        assert_eq!(output.status.code(), Some(2), "{contradiction}: {output:?}");
    }
}

#[test]
fn a_capture_beside_itself() {
    both().check("compare_itself", "compare pre pre --stored");
}

#[test]
fn an_unknown_capture_is_named_with_the_one_that_is_meant() {
    both().check("compare_unknown", "compare per post --stored");
}

#[test]
fn an_empty_store_says_how_to_fill_it() {
    Workspace::new().check("compare_empty_store", "compare pre post --stored");
}

#[test]
fn captures_of_different_machines_are_refused() {
    let workspace = Workspace::new();
    let mut foreign = after();
    let provenance = &mut foreign.runs[0].provenance;
    provenance.machine.identity.cpu_model = "Intel Xeon 8488C".to_owned();
    for profile in foreign.profiles.values_mut() {
        profile.provenance.machine.identity.cpu_model = "Intel Xeon 8488C".to_owned();
    }
    workspace.store(before()).store(foreign);
    workspace.check("compare_other_machine", "compare pre post --stored");
}

#[test]
fn a_damaged_capture_is_refused_with_the_file() {
    let workspace = both();
    workspace.write("profiles/post/benchmarks.json", b"{}");
    workspace.check("compare_damaged", "compare pre post --stored");
}

#[test]
fn profiles_without_times_are_compared() {
    let workspace = Workspace::new();
    for mut capture in [before(), after()] {
        capture.runs.clear();
        workspace.store(capture);
    }
    workspace.check("compare_profiles_only", "compare pre post --stored");
}

#[test]
fn nothing_stored_changes_and_the_pictures_are_outside_of_the_store() {
    let workspace = both();
    let stored = workspace.files("profiles");
    assert!(workspace.run("compare pre post --stored").status.success());
    assert!(
        workspace.files("profiles") == stored,
        "a capture was changed"
    );
    let drawn = workspace.files("target/yardstick/compare/pre-post");
    assert_eq!(drawn.len(), 1, "one of both sides: {:?}", drawn.keys());
    assert!(drawn.values().all(|svg| svg.starts_with(b"<svg ")));
}
