//! Building bench executables.

use std::{env, process::Command, sync::mpsc, thread};

use anyhow::Result;

use super::{BuildPlan, Built, MetadataRequest, OnFailure, freshness, process};
use crate::{model::target::TargetKind, problem::Problem};

pub(super) fn metadata(request: &MetadataRequest) -> Result<Vec<u8>> {
    let mut command = cargo();
    command.args(["metadata", "--no-deps", "--format-version", "1"]);
    if let Some(path) = &request.manifest_path {
        command.arg("--manifest-path").arg(path);
    }
    add_network(&mut command, request.offline, request.locked);
    let finished = process::run(&mut command, &mut |_| ())?;
    if finished.exit.is_success() {
        return Ok(finished.stdout);
    }
    let message = String::from_utf8_lossy(&finished.stderr);
    let message = message.trim();
    Err(Problem::failure("cannot read the workspace")
        .fact(format!(
            "cargo: {}",
            message.strip_prefix("error: ").unwrap_or(message)
        ))
        .into())
}

pub(super) fn build(plan: &BuildPlan, styled: bool, watch: &mut dyn FnMut(&str)) -> Result<Built> {
    let finished = process::run(&mut command(plan, styled), watch)?;
    Ok(Built {
        exit: finished.exit,
        messages: finished.stdout,
        diagnostics: finished.stderr,
    })
}

/// Builds side by side; `watch` gets the position of a plan and a line of its cargo's stderr.
pub(super) fn build_all(
    plans: &[BuildPlan],
    styled: bool,
    watch: &mut dyn FnMut(usize, &str),
) -> Result<Vec<Built>> {
    let (lines, said) = mpsc::channel();
    thread::scope(|scope| {
        let start = |(position, plan)| {
            let lines = lines.clone();
            scope.spawn(move || {
                build_anew(plan, styled, &mut |line| {
                    // The receiver only goes away with the whole run.
                    let _ = lines.send((position, line.to_owned()));
                })
            })
        };
        let workers: Vec<_> = plans.iter().enumerate().map(start).collect();
        drop(lines);
        for (position, line) in said {
            watch(position, &line);
        }
        workers
            .into_iter()
            .map(|worker| worker.join().expect("building does not panic"))
            .collect()
    })
}

/// Builds in a target folder of our own, where nothing is taken for fresh whose sources have changed.
fn build_anew(plan: &BuildPlan, styled: bool, watch: &mut dyn FnMut(&str)) -> Result<Built> {
    if let Some(target) = &plan.target_directory {
        freshness::forget_stale(target, &plan.workspace_root)?;
    }
    let built = build(plan, styled, watch)?;
    if let Some(target) = &plan.target_directory {
        freshness::remember(target, &plan.workspace_root)?;
    }
    Ok(built)
}

fn command(plan: &BuildPlan, styled: bool) -> Command {
    let mut command = cargo();
    command
        .current_dir(&plan.workspace_root)
        .args(match (&plan.target, plan.on_failure) {
            (Some(target), _) if target.kind.is_tests() => ["test", "--no-run"].as_slice(),
            (Some(_), _) => &["build"],
            (None, OnFailure::Stop) => &["bench", "--no-run"],
            // `cargo bench` cannot keep going; this builds the same.
            (None, OnFailure::KeepGoing) => &["build", "--keep-going"],
        })
        .arg(match plan.on_failure {
            OnFailure::Stop => "--message-format=json-render-diagnostics",
            // Whoever keeps going wants to know what belongs to which target.
            OnFailure::KeepGoing => "--message-format=json",
        })
        .args(["--color", if styled { "always" } else { "never" }]);
    for package in &plan.packages {
        command.args(["--package", package]);
    }
    for suite in &plan.suites {
        command.args(["--bench", suite]);
    }
    if let Some(target) = &plan.target {
        command.arg(format!("--{}", target.kind.word()));
        // A package has one library.
        if target.kind != TargetKind::Lib {
            command.arg(&target.name);
        }
    }
    if !plan.features.named.is_empty() {
        command.args(["--features", &plan.features.named.join(",")]);
    }
    if plan.features.all {
        command.arg("--all-features");
    }
    if plan.features.no_default {
        command.arg("--no-default-features");
    }
    match (&plan.cargo_profile, plan.on_failure) {
        (Some(profile), _) => _ = command.args(["--profile", profile]),
        (None, OnFailure::KeepGoing) => _ = command.args(["--profile", "bench"]),
        (None, OnFailure::Stop) => {}
    }
    for config in &plan.config {
        command.args(["--config", config]);
    }
    if let Some(folder) = &plan.target_directory {
        command.arg("--target-dir").arg(folder);
    }
    command.envs(&plan.environment);
    if let Some(flags) = &plan.rustflags {
        // Of all the places that cargo takes flags from it uses this one first, and then no other.
        command.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    }
    add_network(&mut command, plan.offline, plan.locked);
    command
}

fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

fn add_network(command: &mut Command, offline: bool, locked: bool) {
    if offline {
        command.arg("--offline");
    }
    if locked {
        command.arg("--locked");
    }
}
