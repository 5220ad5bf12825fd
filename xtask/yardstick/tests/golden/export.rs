//! `capture export` of a fixture.

use std::fs;

use super::{check::Workspace, fixtures::after};

fn stored() -> Workspace {
    let workspace = Workspace::new();
    workspace.store(after());
    workspace
}

#[test]
fn every_profile_gets_a_file_below_the_target_folder() {
    let workspace = stored();
    workspace.check("export_speedscope", "capture export post --as speedscope");
    for form in ["firefox", "pprof", "folded"] {
        let output = workspace.run(&format!("capture export post --as {form}"));
        assert!(output.status.success(), "{output:?}");
    }
    let written = workspace.files("target/yardstick/export/post");
    assert_eq!(written.len(), 4 * 3, "{:?}", written.keys());
}

#[test]
fn one_profile_goes_into_the_file_that_was_named() {
    let workspace = stored();
    workspace.check(
        "export_folded",
        "capture export post linear --as folded --output out/linear.txt",
    );
    let text = fs::read_to_string(workspace.path().join("out/linear.txt")).expect("it is there");
    assert_eq!(
        text,
        "[task];runtime::run 400\n[task];runtime::run;runtime::ask::reply 200\n[task];runtime::run;runtime::mailbox::push 400\n"
    );
}

#[test]
fn several_profiles_or_a_slash_make_it_a_folder() {
    let workspace = stored();
    for (typed, files) in [("--output all", 3), ("linear --output one/", 1)] {
        let output = workspace.run(&format!("capture export post {typed} --as pprof"));
        assert!(output.status.success(), "{output:?}");
        let folder = typed.rsplit(' ').next().expect("a folder");
        assert_eq!(workspace.files(folder).len(), files, "{typed}");
    }
}

#[test]
fn what_there_is_not_is_told_with_what_there_is() {
    let workspace = stored();
    workspace.check(
        "export_nothing_meant",
        "capture export post nonsense --as firefox",
    );
    let mut timed = after();
    timed.profiles.clear();
    timed.name = "timed".to_owned();
    workspace.store(timed);
    workspace.check("export_no_profile", "capture export timed --as pprof");
    workspace.check(
        "export_part_of_baseline",
        "capture export post linear --output x",
    );
}
