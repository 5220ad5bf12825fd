//! The perf tool, when it is asked for.
//!
//! perf records either a copy of the stack or the frame-pointer chain, not both. The copy is taken:
//! it also gets through code without frame pointers. What is deeper than the copy loses its root,
//! which our own recorder mends and perf cannot.

use std::env;
use std::fs;
use std::process::Command;
use std::sync::OnceLock;

use camino::Utf8Path;

use super::super::{TemporaryFolder, real::TEMPORARY_PREFIX, utf8};
use super::{KeepGoing, Plan, Recorded, STACK_DUMP_BYTES, Subject, child::Child, tool::Tool};
use crate::model::profile::Sampler;

const PERF: Tool = Tool {
    name: "perf",
    installation: "install it (Debian: `sudo apt install linux-perf`, Ubuntu: `sudo apt install linux-tools-generic`, Fedora: `sudo dnf install perf`)",
};

/// The best event first: the second exists wherever perf events do.
const EVENTS: [&str; 2] = ["cycles:u", "cpu-clock:u"];

/// Runs the program under `perf record`, into the raw file.
pub(super) fn record(plan: &Plan, keep_going: KeepGoing<'_>) -> anyhow::Result<Recorded> {
    let event = working_event(plan.rate_hz, plan.stack_dump_bytes, keep_going)?;
    let mut command = command(event, plan.rate_hz, plan.stack_dump_bytes, &plan.raw_file);
    command.arg(&plan.program).args(&plan.arguments);
    plan.settle(&mut command)?;
    // perf would keep a file that is there under another name.
    if plan.raw_file.exists() {
        fs::remove_file(&plan.raw_file)?;
    }
    let mut child = Child::hold_command(command, PERF.name)?;
    child.release()?;
    // perf ends as the program does. A recording that it could not write is found out by who reads it.
    let ended = match plan.subject {
        Subject::Bench => child.wait(keep_going)?,
        Subject::Program => child.outcome(keep_going)?,
    };
    Ok(Recorded::by(Sampler::Perf, Vec::new(), ended))
}

/// Why perf cannot record here.
pub(super) fn obstacle() -> Option<String> {
    working_event(99, STACK_DUMP_BYTES, &|| Ok(()))
        .err()
        .map(|error| error.to_string())
}

/// The first event that a trial run can count. What a run has shown holds for all that follow.
fn working_event(
    rate_hz: u32,
    stack_dump_bytes: u32,
    keep_going: KeepGoing<'_>,
) -> anyhow::Result<&'static str> {
    static KNOWN: OnceLock<&str> = OnceLock::new();
    if let Some(event) = KNOWN.get() {
        return Ok(event);
    }
    PERF.require_installed()?;
    let folder = TemporaryFolder::new(&env::temp_dir(), TEMPORARY_PREFIX)?;
    let file = utf8(&folder.path().join("trial.data"))?;
    let attempt = |event| {
        let mut command = command(event, rate_hz, stack_dump_bytes, &file);
        command.arg("true");
        PERF.trial(command, keep_going).map(|()| event)
    };
    let event = attempt(EVENTS[0]).or_else(|_| attempt(EVENTS[1]))?;
    Ok(KNOWN.get_or_init(|| event))
}

/// `perf record` up to the program to record.
fn command(event: &str, rate_hz: u32, stack_dump_bytes: u32, file: &Utf8Path) -> Command {
    let mut command = PERF.command();
    command
        .args(["record", "--freq", &rate_hz.to_string(), "--event", event])
        .args(["--call-graph", &format!("dwarf,{stack_dump_bytes}")])
        // The clock of the probe's window.
        .args([
            "--clockid",
            "CLOCK_MONOTONIC",
            "--output",
            file.as_str(),
            "--",
        ]);
    command
}
