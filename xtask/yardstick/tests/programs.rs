//! Tests, binaries and the processes that they start, profiled with real builds and a real kernel.

#![cfg(target_os = "linux")]
#![allow(clippy::disallowed_methods, reason = "tests meet the machine itself")]

#[path = "programs/workspace.rs"]
mod workspace;

use workspace::{Profiled, Ran, Workspace};

/// What a command stored; `None` where the kernel refuses perf events, which then has to be said.
fn profiled(workspace: &Workspace, arguments: &str, folder: &str) -> Option<(Ran, Profiled)> {
    let ran = workspace.yardstick(&format!("profile --save a --overwrite {arguments}"));
    if ran.code == Some(1) && ran.stderr.contains("perf event") {
        assert!(!ran.stderr.contains("--sampler in-process"), "{ran:?}");
        return None;
    }
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let profile = workspace.profile("a", folder);
    Some((ran, profile))
}

#[test]
fn what_a_program_starts_is_told_apart_and_all_cpu_time_is_in_the_profile() {
    let workspace = Workspace::new();
    let folder = "app/parent/bin parent --children";
    let Some((ran, profile)) = profiled(&workspace, "--bin parent -- --children", folder) else {
        return;
    };
    let has = |root: &str, function: &str| {
        let mut stacks = profile.stacks.iter();
        stacks.any(|(stack, _)| stack.starts_with(root) && stack.contains(function))
    };
    assert!(has("parent::main;", "parent::own_work"), "{profile:#?}");
    assert!(
        has("[process parent];parent::main;", "parent::childs_work"),
        "{profile:#?}"
    );
    assert!(has("[process sh];", ""), "{profile:#?}");
    assert!(ran.stdout.contains("[process NAME]"), "{ran:?}");
    assert!(ran.stdout.contains("app::work"), "{ran:?}");
    assert_eq!(profile.json["work"]["iterations"]["runs"], 1);
    // What is sampled is what the CPU time is of, whether the program waits for its children or leaves them behind.
    let cpu_s = profile.json["work"]["cpu_ns"].as_f64().expect("CPU time") / 1e9;
    let rate_hz = profile.json["quality"]["samples"]
        .as_f64()
        .expect("samples")
        / cpu_s;
    assert!(
        (800.0..1_200.0).contains(&rate_hz),
        "{rate_hz} samples per CPU second of 999: {profile:#?}"
    );
}

#[test]
fn a_program_that_fails_is_profiled_up_to_its_end_and_its_last_words_are_told() {
    let workspace = Workspace::new();
    for (argument, words) in [
        ("--fail", ["ended with exit code 3", "nothing goes"]),
        ("--abort", ["was killed by SIGABRT", "nothing goes"]),
    ] {
        let folder = format!("app/parent/bin parent {argument}");
        let arguments = format!("--bin parent --repeat 2 -- {argument}");
        let Some((ran, profile)) = profiled(&workspace, &arguments, &folder) else {
            return;
        };
        for words in words {
            assert!(ran.stderr.contains(words), "{words}: {ran:?}");
        }
        assert!(ran.stderr.contains("coefficient of variation"), "{ran:?}");
        assert!(ran.stdout.contains("app::work"), "{ran:?}");
        assert_eq!(profile.json["work"]["iterations"]["runs"], 2);
        assert!(workspace.has(&format!(
            "profiles/a/raw/profiles/{}/recording.2",
            profile.folder
        )));
    }
}

#[test]
fn a_program_that_ends_at_once_is_told_to_run_again_and_again() {
    let workspace = Workspace::new();
    let ran = workspace.yardstick("profile --bin parent -- --brief");
    if ran.stderr.contains("perf event") {
        return;
    }
    // The loader alone may be sampled, or nothing.
    assert!(ran.code == Some(0) || ran.code == Some(1), "{ran:?}");
    assert!(ran.stderr.contains("`--repeat "), "{ran:?}");
}

#[test]
fn a_test_is_the_root_of_what_it_does_and_libtest_is_left_out() {
    let workspace = Workspace::new();
    let Some((ran, profile)) = profiled(
        &workspace,
        "--test checks work_is_done",
        "app/checks/test checks work_is_done",
    ) else {
        return;
    };
    let of_libtest = |stack: &str| stack.split(';').any(|frame| frame.starts_with("test::"));
    let roots: Vec<&str> = profile
        .stacks
        .iter()
        .filter_map(|(stack, _)| stack.split(';').next())
        .collect();
    assert!(roots.contains(&"checks::work_is_done"), "{profile:#?}");
    assert!(roots.contains(&"[pump]"), "{profile:#?}");
    assert!(
        !roots.contains(&"checks::other_work_is_done"),
        "{profile:#?}"
    );
    assert!(
        !profile.stacks.iter().any(|(stack, _)| of_libtest(stack)),
        "{profile:#?}"
    );
    assert!(ran.stdout.contains("app::work"), "{ran:?}");
    let Some((_, unit)) = profiled(&workspace, "--lib", "app/app/lib app") else {
        return;
    };
    assert!(
        unit.stacks
            .iter()
            .any(|(stack, _)| stack.starts_with("app::tests::work_is_done;app::work")),
        "{unit:#?}"
    );
}

#[test]
fn actors_of_two_types_that_run_the_same_code_are_told_apart() {
    let workspace = Workspace::new();
    let Some((_, profile)) = profiled(&workspace, "--example actors", "app/actors/example actors")
    else {
        return;
    };
    let weight = |part: &str| -> u64 {
        let with = profile
            .stacks
            .iter()
            .filter(|(stack, _)| stack.contains(part));
        with.map(|(_, weight)| weight).sum()
    };
    for task in [
        "[task actors::live<Counter>];[tokio-rt-worker];actors::live::{closure}",
        "[task actors::live<Painter>];[tokio-rt-worker];actors::live::{closure}",
        "actors::main;[runtime];[task actors::root];actors::root::{closure}",
    ] {
        assert!(weight(task) > 20, "{task}: {profile:#?}");
    }
}

#[test]
fn what_does_not_exist_is_told_before_anything_runs() {
    let workspace = Workspace::new();
    for (arguments, words) in [
        ("--test chekcs", "did you mean `checks`?"),
        ("--bin pranet", "did you mean `parent`?"),
        ("--example show", "examples: `actors`"),
        ("--test checks work_is_gone", "did you mean `work_is_done`?"),
        ("--bin parent --sampler in-process", "works only in benches"),
        ("--bin parent --cargo-profile dev", "without optimisation"),
        ("--bin parent --package ap", "did you mean `app`?"),
        ("--bin parent --duration 3", "cannot be used with"),
        ("sum -- --fail", "required"),
    ] {
        let ran = workspace.yardstick(&format!("profile {arguments}"));
        assert_eq!(ran.code, Some(2), "{arguments}: {ran:?}");
        assert!(ran.stderr.contains(words), "{arguments}: {ran:?}");
    }
}
