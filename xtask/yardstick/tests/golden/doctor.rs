//! `doctor` on the machine at hand: what it finds differs, that it works does not.

use std::process::Command;

use super::check::Workspace;

const SUBJECTS: [&str; 18] = [
    "perf events",
    "perf_event_paranoid",
    "locked memory",
    "debug information",
    "frequency governor",
    "turbo",
    "load",
    "power",
    "virtual machine",
    "stolen CPU time",
    "SMT",
    "CPU pinning",
    "free disk space",
    "samply",
    "perf",
    "valgrind",
    "lld",
    "git",
];

#[test]
fn every_subject_has_a_line_and_whatever_is_found_is_success() {
    let output = Workspace::new().run("doctor");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let text = String::from_utf8_lossy(&output.stdout);
    for subject in SUBJECTS {
        let line = text.lines().find(|line| {
            let words = ["ok", "warn", "missing"];
            let state = line.split_whitespace().next().unwrap_or_default();
            words.contains(&state) && line.contains(subject)
        });
        assert!(line.is_some(), "no line about {subject}:\n{text}");
    }
}

#[test]
fn without_any_tool_and_outside_of_a_workspace_it_still_answers() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-yardstick"))
        .args(["yardstick", "doctor"])
        .current_dir(&folder)
        .env("PATH", folder.path())
        .env_remove("CARGO")
        .env_remove("RUSTC")
        .output()
        .expect("our own program starts");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("no workspace here"), "{text}");
    assert!(text.contains("cargo install --locked samply"), "{text}");
}
