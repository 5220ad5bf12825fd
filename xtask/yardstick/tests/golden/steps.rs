//! `test` on small workspaces.

use super::check::Workspace;

/// The line of a step in the summary, which comes last.
fn line<'t>(text: &'t str, step: &str) -> &'t str {
    let summary = text.split("result\n").last().unwrap_or_default();
    let found = summary
        .lines()
        .find(|line| line.trim_start().starts_with(step));
    found.unwrap_or_else(|| panic!("no step `{step}` in:\n{text}"))
}

#[test]
fn a_workspace_in_order_passes_and_what_cannot_run_is_said_to_be_skipped() {
    let workspace = Workspace::new();
    let output = workspace.run("test");
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(text.contains("test result: ok."), "{text}");
    for step in ["tests", "every bench once", "documentation"] {
        assert!(line(&text, step).ends_with("ok"), "{text}");
    }
    assert!(line(&text, "dependencies").contains("skipped"), "{text}");
    assert!(line(&text, "oldest Rust").contains("skipped"), "{text}");
}

#[test]
fn after_a_failure_the_other_steps_run_and_the_error_names_what_failed() {
    let workspace = Workspace::new();
    workspace.write(
        "lib.rs",
        b"//! A library.\n\n#[test]\nfn wrong() {\n    assert_eq!(1, 2);\n}\n",
    );
    workspace.write(
        "Cargo.toml",
        b"[package]\nname = \"plain\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[lib]\npath = \"lib.rs\"\nbench = false\n\
          [[workspace.metadata.yardstick.test]]\nname = \"ours\"\ncommand = [\"sh\", \"-c\", \"test $WANTED = 1\"]\nenvironment = { WANTED = \"1\" }\n\
          [workspace]\n",
    );
    let output = workspace.run("test");
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(line(&text, "tests").contains("FAILED"), "{text}");
    assert!(line(&text, "documentation").ends_with("ok"), "{text}");
    assert!(line(&text, "ours").ends_with("ok"), "{text}");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("steps failed: tests"), "{errors}");
}

#[test]
fn a_step_whose_requirement_does_not_work_is_skipped_and_says_so() {
    let workspace = Workspace::new();
    workspace.write(
        "Cargo.toml",
        b"[package]\nname = \"plain\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[lib]\npath = \"lib.rs\"\nbench = false\n\
          [[workspace.metadata.yardstick.test]]\nname = \"absent\"\ncommand = [\"false\"]\nrequires = [\"no-such-program\", \"--version\"]\n\
          [[workspace.metadata.yardstick.test]]\nname = \"present\"\ncommand = [\"true\"]\nrequires = [\"true\"]\n\
          [workspace]\n",
    );
    let output = workspace.run("test");
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let skipped = line(&text, "absent");
    assert!(
        skipped.contains("`no-such-program --version` does not work here"),
        "{text}"
    );
    assert!(line(&text, "present").ends_with("ok"), "{text}");
}

#[test]
fn a_malformed_step_is_refused_before_anything_runs() {
    let workspace = Workspace::new();
    workspace.write(
        "Cargo.toml",
        b"[package]\nname = \"plain\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[lib]\npath = \"lib.rs\"\n\
          [[workspace.metadata.yardstick.test]]\nname = \"ours\"\n[workspace]\n",
    );
    workspace.check("test_malformed_step", "test");
}
