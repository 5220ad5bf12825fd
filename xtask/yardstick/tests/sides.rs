//! Both sides of a comparison are built from their sources, each by itself, and every executable can be linked again.

#![allow(
    clippy::disallowed_methods,
    reason = "a test looks at the real world from outside"
)]

#[path = "sides/checkout.rs"]
mod checkout;

use std::{collections::BTreeSet, fs, process::Command};

use yardstick::{
    cmd::compare::sides::{Prepared, SidesRequest, prepare},
    host::Workshop,
    model::comparison::Sides,
};

use checkout::Checkout;

/// What the only suite of a side prints when it is run.
fn answer(side: &Prepared) -> String {
    let output = Command::new(&side.runnables[0].plan.executable).output();
    String::from_utf8(output.expect("it starts").stdout).expect("UTF-8")
}

fn sha256s(sides: &Sides<Prepared>) -> [&str; 2] {
    [
        &sides.before.runnables[0].sha256,
        &sides.after.runnables[0].sha256,
    ]
}

#[test]
fn two_revisions_and_the_working_tree_each_get_their_own_executable() {
    let checkout = Checkout::new("own-executable");
    checkout.answer_with(1);
    checkout.commit("one");
    checkout.git("tag one");
    checkout.answer_with(2);
    checkout.commit("two");
    checkout.answer_with(3);
    let before = checkout.state();
    for _ in 0..2 {
        let sides = checkout.prepare("one", "trunk").expect("both build");
        assert_eq!(answer(&sides.before), "1\n");
        assert_eq!(answer(&sides.after), "2\n");
        drop(sides);
        let sides = checkout.prepare("HEAD", ".").expect("both build");
        assert_eq!(answer(&sides.before), "2\n");
        assert_eq!(answer(&sides.after), "3\n");
        let [a, b] = sha256s(&sides);
        assert_ne!(a, b, "a planted change was certified");
        assert_eq!(sides.before.side.revisions[0].dirty_tree, None);
        let dirty = &sides.after.side.revisions[0].dirty_tree;
        assert!(dirty.is_some(), "a dirty tree is said");
    }
    assert_eq!(checkout.state(), before, "the user's checkout was touched");
}

#[test]
fn a_source_that_is_put_back_with_its_old_time_is_not_measured_as_it_was() {
    let checkout = Checkout::new("old-time");
    checkout.answer_with(1);
    checkout.commit("one");
    let time = || fs::metadata(checkout.path("src/lib.rs")).and_then(|file| file.modified());
    let old = time().expect("it is there");
    checkout.answer_with(2);
    let sides = checkout.prepare("HEAD", ".").expect("both build");
    assert_eq!(answer(&sides.after), "2\n");
    drop(sides);
    checkout.answer_with(3);
    let file = fs::File::options()
        .write(true)
        .open(checkout.path("src/lib.rs"));
    let set = file.and_then(|file| file.set_modified(old));
    set.expect("it is ours");
    let sides = checkout.prepare("HEAD", ".").expect("both build");
    assert_eq!(answer(&sides.before), "1\n");
    assert_eq!(answer(&sides.after), "3\n", "cargo took it for unchanged");
    drop(sides);
    let built = |sides: &Sides<Prepared>| {
        let executable = &sides.after.runnables[0].plan.executable;
        fs::metadata(executable)
            .and_then(|file| file.modified())
            .expect("it is there")
    };
    let sides = checkout.prepare("HEAD", ".").expect("both build");
    let first = built(&sides);
    drop(sides);
    let sides = checkout.prepare("HEAD", ".").expect("both build");
    assert_eq!(built(&sides), first, "what is fresh was built again");
}

#[test]
fn identical_sources_give_identical_executables_wherever_they_are() {
    let checkout = Checkout::new("identical");
    checkout.answer_with(1);
    checkout.commit("one");
    checkout.git("tag one");
    checkout.write("README.md", "nothing that is built");
    checkout.commit("two");
    for (before, after) in [
        ("one", "trunk"),
        ("trunk", "."),
        ("trunk", "trunk"),
        (".", "."),
    ] {
        let sides = checkout.prepare(before, after).expect("both build");
        let [a, b] = sha256s(&sides);
        assert_eq!(a, b, "{before} and {after}");
        let paths: BTreeSet<_> = [&sides.before, &sides.after]
            .map(|side| side.runnables[0].plan.executable.clone())
            .into();
        assert_eq!(paths.len(), 2, "one build cannot vouch for itself");
        let lengths: BTreeSet<_> = paths.iter().map(|path| path.as_str().len()).collect();
        assert_eq!(lengths.len(), 1, "{paths:?}");
    }
}

#[test]
fn an_executable_is_linked_again_in_another_order_and_still_works() {
    let checkout = Checkout::new("relink");
    checkout.answer_with(1);
    checkout.commit("one");
    let sides = checkout.prepare("HEAD", ".").expect("both build");
    let kits = [&sides.before, &sides.after].map(|side| {
        let links = side.runnables[0].links.clone();
        links.unwrap_or_else(|| panic!("{:?}", side.as_linked))
    });
    let outputs = ["first", "second"].map(|name| checkout.path(name));
    let host = checkout.host();
    host.link_pair([(&kits[0], 1, &outputs[0]), (&kits[1], 2, &outputs[1])])
        .expect("lld links");
    let again = checkout.path("again");
    host.link(&kits[1], 1, &again).expect("lld links");
    let read = |path| fs::read(path).expect("it was linked");
    assert_ne!(
        read(&outputs[0]),
        read(&outputs[1]),
        "the order is the same"
    );
    assert_eq!(
        read(&outputs[0]),
        read(&again),
        "a seed does not decide the order"
    );
    for output in &outputs {
        let ran = Command::new(output).output().expect("it starts");
        assert_eq!(ran.stdout, b"1\n");
    }
}

#[test]
fn a_suite_that_does_not_build_leaves_the_others() {
    let checkout = Checkout::new("unbuilt");
    checkout.answer_with(1);
    checkout.commit("one");
    checkout.write("benches/other.rs", "fn main() { oops }\n");
    let sides = checkout.prepare("HEAD", ".").expect("one suite builds");
    assert_eq!(sides.before.runnables.len(), 2);
    assert_eq!(sides.after.runnables.len(), 1);
    let (suite, why) = &sides.after.unbuilt[0];
    assert_eq!(suite.name, "other");
    assert!(
        why.to_string().contains("cannot find value `oops`"),
        "{why}"
    );
}

#[test]
fn a_revision_of_which_nothing_builds_is_named_with_the_reason() {
    let checkout = Checkout::new("nothing-builds");
    checkout.write("src/lib.rs", "pub fn answer() -> u64 { oops }\n");
    checkout.commit("broken");
    checkout.git("branch broken");
    checkout.answer_with(1);
    let error = checkout
        .prepare("broken", ".")
        .expect_err("it does not build");
    let text = error.to_string();
    assert!(text.contains("nothing of `broken` can be built"), "{text}");
    assert!(text.contains("cannot find value `oops`"), "{text}");
    assert!(text.contains("hint: "), "{text}");
}

#[test]
fn a_word_that_means_nothing_is_told_with_what_is_near() {
    let checkout = Checkout::new("unknown-word");
    checkout.answer_with(1);
    checkout.commit("one");
    let error = checkout.prepare("trnk", ".").expect_err("there is none");
    let text = error.to_string();
    assert!(
        text.contains("`trnk` is neither a capture nor a revision"),
        "{text}"
    );
    assert!(text.contains("did you mean `trunk`?"), "{text}");
}

#[test]
fn a_workspace_below_the_top_of_its_repository_is_found_in_other_revisions() {
    let checkout = Checkout::below("below", "deep/er");
    checkout.answer_with(1);
    checkout.commit("one");
    checkout.answer_with(2);
    let sides = checkout.prepare("HEAD", ".").expect("both build");
    assert_eq!(answer(&sides.before), "1\n");
    assert_eq!(answer(&sides.after), "2\n");
    let request = SidesRequest {
        names: Sides {
            before: "HEAD".to_owned(),
            after: ".".to_owned(),
        },
        filter: Some("speed".to_owned()),
        selection: yardstick::cmd::selection::Selection::default(),
        limit_seconds: 60.0,
    };
    drop(sides);
    let sides = checkout.with_context(|context| prepare(context, &request));
    assert_eq!(sides.expect("both build").before.runnables.len(), 1);
}

#[test]
fn the_user_s_linker_goes_on_linking() {
    let checkout = Checkout::new("users-linker");
    checkout.answer_with(1);
    let log = checkout.path("linked");
    checkout.program("tool.sh", &format!("echo linked >> {log}\nexec cc \"$@\""));
    checkout.write(
        ".cargo/config.toml",
        "[target.'cfg(unix)']\nlinker = \"./tool.sh\"\n",
    );
    checkout.commit("one");
    let sides = checkout.prepare("HEAD", ".").expect("both build");
    assert!(log.is_file(), "the user's linker was passed over");
    assert!(sides.before.runnables[0].links.is_some());
    assert_eq!(answer(&sides.before), "1\n");
}

#[test]
fn a_capture_is_built_from_its_commit_and_else_run_as_it_was_kept() {
    let checkout = Checkout::new("capture");
    checkout.answer_with(1);
    checkout.commit("one");
    checkout.answer_with(2);
    checkout.save("pre", "speed");
    let tree = checkout.git("for-each-ref --format=%(refname) refs/yardstick");
    let tree = tree.trim().to_owned();
    assert!(tree.starts_with("refs/yardstick/"), "git may lose the tree");
    checkout.answer_with(3);
    let sides = checkout.prepare("pre", ".").expect("both build");
    assert_eq!(answer(&sides.before), "2\n");
    assert_eq!(
        sides.before.runnables.len(),
        1,
        "only what the capture holds"
    );
    assert!(sides.before.runnables[0].links.is_some());
    drop(sides);
    checkout.forget("sides");
    checkout.git("worktree prune");
    checkout.git(&format!("update-ref -d {tree}"));
    checkout.git("gc --quiet --prune=now");
    let sides = checkout
        .prepare("pre", ".")
        .expect("the executable is kept");
    assert_eq!(answer(&sides.before), "2\n");
    assert!(sides.before.runnables[0].links.is_none());
    assert!(sides.before.as_linked.is_some());
    drop(sides);
    checkout.forget("executables");
    let error = checkout.prepare("pre", ".").expect_err("nothing is left");
    let text = error.to_string();
    assert!(
        text.contains("sources of the capture `pre` cannot be had"),
        "{text}"
    );
    assert!(text.contains("nor is the executable kept"), "{text}");
    assert!(text.contains("bench --save pre"), "{text}");
}

#[test]
fn a_capture_that_is_removed_leaves_the_tree_that_it_kept_to_git() {
    let checkout = Checkout::new("dropped-tree");
    checkout.answer_with(1);
    checkout.commit("one");
    checkout.answer_with(2);
    checkout.save("pre", "speed");
    let kept = || checkout.git("for-each-ref refs/yardstick");
    assert!(!kept().is_empty(), "git may lose the tree");
    checkout.yardstick(&["capture", "remove", "pre"]);
    assert_eq!(kept(), "");
}

#[test]
fn a_project_that_commits_no_lock_file_is_built_with_that_of_the_working_tree() {
    let checkout = Checkout::new("no-lock-file");
    checkout.write(".gitignore", "target\nCargo.lock\n");
    checkout.answer_with(1);
    checkout.commit("one");
    let sides = checkout.prepare("HEAD", ".").expect("both build");
    let lock_file = |side: &Prepared| side.side.builds[0].lockfile_sha256.clone();
    let ours = lock_file(&sides.after);
    assert!(ours.is_some(), "the working tree has one");
    assert_eq!(lock_file(&sides.before), ours);
}
