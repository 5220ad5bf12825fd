//! What happens when something goes wrong, with real processes, signals and files.

#![allow(clippy::disallowed_methods, reason = "tests meet the machine itself")]

#[path = "accidents/workspace.rs"]
mod workspace;

use std::{fs, process::Command};

use workspace::{Workspace, is_alive, wait_for};

#[test]
fn a_capture_is_saved_once_and_replaced_only_when_asked_to() {
    let workspace = Workspace::new();
    let saved = workspace.run(&["bench", "--save", "pre"]);
    assert_eq!(saved.code, Some(0), "{saved:?}");
    assert!(saved.stdout.contains("group/39"), "{}", saved.stdout);
    assert!(
        workspace
            .path("target/criterion/group/0/pre/estimates.json")
            .exists()
    );
    let manifest = fs::read(workspace.path("profiles/pre/manifest.json")).expect("saved");

    let again = workspace.run(&["bench", "group/1", "--save", "pre"]);
    assert_eq!(again.code, Some(2), "{again:?}");
    assert!(
        again
            .stderr
            .contains("already holds 11 of these benchmarks"),
        "{}",
        again.stderr
    );
    assert_eq!(
        fs::read(workspace.path("profiles/pre/manifest.json")).expect("still there"),
        manifest
    );

    let replaced = workspace.run(&["bench", "group/1", "--save", "pre", "--overwrite"]);
    assert_eq!(replaced.code, Some(0), "{replaced:?}");
    let shown = workspace.run(&["capture", "show", "pre"]);
    assert!(
        shown.stdout.contains("benchmarks  29\n") && shown.stdout.contains("benchmarks  11\n"),
        "{}",
        shown.stdout
    );

    assert_eq!(workspace.run(&["capture", "remove", "pre"]).code, Some(0));
    assert!(!workspace.path("profiles/pre").exists());
    assert_eq!(workspace.litter(), [""; 0].map(std::path::PathBuf::from));
}

#[test]
fn ctrl_c_ends_everything_and_leaves_nothing() {
    let workspace = Workspace::new();
    let hanging = workspace.start_hanging();
    hanging.signal("-INT");
    let (ended, pids) = hanging.end();
    assert_eq!(ended.code, Some(130), "{ended:?}");
    assert_eq!(ended.stderr, "error: interrupted\n");
    for pid in pids {
        wait_for("the children to be gone", || !is_alive(pid));
    }
    assert!(workspace.litter().is_empty(), "{:?}", workspace.litter());
    assert!(!workspace.path("profiles/pre").exists());
}

#[test]
fn sigterm_ends_everything_with_its_own_code() {
    let workspace = Workspace::new();
    let hanging = workspace.start_hanging();
    hanging.signal("-TERM");
    let (ended, pids) = hanging.end();
    assert_eq!(ended.code, Some(143), "{ended:?}");
    assert_eq!(ended.stderr, "error: terminated\n");
    for pid in pids {
        wait_for("the children to be gone", || !is_alive(pid));
    }
    assert!(workspace.litter().is_empty(), "{:?}", workspace.litter());
}

#[test]
fn a_kill_takes_the_suite_with_it_and_the_next_run_removes_what_is_left() {
    let workspace = Workspace::new();
    let hanging = workspace.start_hanging();
    hanging.signal("-KILL");
    let (ended, pids) = hanging.end();
    assert_eq!(ended.code, None, "{ended:?}");
    wait_for("the suite to be gone", || !is_alive(pids[0]));
    // Nobody is left to stop what the suite itself started.
    let _ = Command::new("kill")
        .args(["-KILL", &pids[1].to_string()])
        .status();
    assert!(
        !workspace.litter().is_empty(),
        "there was nothing to remove"
    );
    let next = workspace.run(&["capture", "list"]);
    assert_eq!(next.code, Some(0), "{next:?}");
    assert!(workspace.litter().is_empty(), "{:?}", workspace.litter());
}

#[test]
fn ctrl_c_stops_a_build() {
    let workspace = Workspace::new();
    workspace.write(
        "build.rs",
        "fn main() { std::fs::write(\"building\", \"\").unwrap(); std::thread::sleep(std::time::Duration::from_secs(1000)); }",
    );
    let program = workspace
        .command(&["bench", "--list"])
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the program starts");
    wait_for("the build script", || workspace.path("building").exists());
    let pid = program.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .expect("kill starts")
            .success()
    );
    let output = program.wait_with_output().expect("it can be waited for");
    assert_eq!(output.status.code(), Some(130), "{output:?}");
}

#[test]
fn a_suite_that_fails_is_quoted_and_nothing_is_saved() {
    let workspace = Workspace::new();
    let mut command = workspace.command(&["bench", "--save", "pre"]);
    let failed: workspace::Ended = command
        .env("SUITE_DOES", "panic")
        .output()
        .expect("it starts")
        .into();
    assert_eq!(failed.code, Some(1), "{failed:?}");
    for part in [
        "error: the suite `suite` failed while it was measured (exit code 101)",
        "it was running `group/7`",
        "suite: the result is wrong",
        "nothing was saved as `pre`",
    ] {
        assert!(
            failed.stderr.contains(part),
            "{part:?} is missing in {}",
            failed.stderr
        );
    }
    assert!(!workspace.path("profiles").exists());
}

#[test]
fn a_build_error_is_cargos_own_message_once() {
    let workspace = Workspace::new();
    workspace.write("src/lib.rs", "const LENGTH: u32 = \"long\";");
    let failed = workspace.run(&["bench"]);
    assert_eq!(failed.code, Some(1), "{failed:?}");
    assert_eq!(
        failed.stderr.matches("mismatched types").count(),
        1,
        "{}",
        failed.stderr
    );
    assert!(
        failed
            .stderr
            .ends_with("error: cannot build `measured` (lib)\n  cargo's messages are above\n"),
        "{}",
        failed.stderr
    );
}

#[test]
fn a_full_disk_leaves_the_old_capture_whole() {
    let workspace = Workspace::new();
    let saved = workspace.run(&["bench", "--save", "pre"]);
    assert_eq!(saved.code, Some(0), "{saved:?}");
    // No file may grow beyond a few blocks: as on a full disk, a write in the middle of saving fails.
    let program = env!("CARGO_BIN_EXE_cargo-yardstick");
    let script = format!(
        "trap '' XFSZ; ulimit -f 16; exec '{program}' yardstick bench --save pre --overwrite"
    );
    let mut command = workspace.command(&[]);
    let mut limited = Command::new("sh");
    limited
        .args(["-c", &script])
        .current_dir(workspace.path(""));
    for (name, value) in command.arg("").get_envs() {
        match value {
            Some(value) => limited.env(name, value),
            None => limited.env_remove(name),
        };
    }
    let failed: workspace::Ended = limited.output().expect("sh starts").into();
    assert_eq!(failed.code, Some(1), "{failed:?}");
    assert!(
        failed.stderr.contains("error: cannot write")
            && failed.stderr.contains("nothing was changed"),
        "{}",
        failed.stderr
    );
    assert_eq!(workspace.run(&["capture", "show", "pre"]).code, Some(0));
    assert!(workspace.litter().is_empty(), "{:?}", workspace.litter());
}
