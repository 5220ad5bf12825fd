//! The samply tool, when it is asked for.

use std::env;
use std::fs;
use std::process::Command;
use std::sync::OnceLock;

use camino::Utf8Path;

use super::super::{TemporaryFolder, real::TEMPORARY_PREFIX, utf8};
use super::{KeepGoing, Plan, Recorded, Subject, child::Child, tool::Tool};
use crate::host::Exit;
use crate::model::profile::Sampler;
use crate::problem::Problem;

const SAMPLY: Tool = Tool {
    name: "samply",
    installation: "run `cargo install --locked samply`",
};

/// Starts the program and keeps its exit code: samply itself ends with success whatever became of
/// the program. The shell's own moments in the recording are those of another process.
const KEEP_EXIT_CODE: &str = r#""$@"; code=$?; echo "$code" > "$0"; exit "$code""#;

/// Runs the program under `samply record`, into the raw file.
pub(super) fn record(plan: &Plan, keep_going: KeepGoing<'_>) -> anyhow::Result<Recorded> {
    trial(plan.rate_hz, keep_going)?;
    let folder = TemporaryFolder::new(&env::temp_dir(), TEMPORARY_PREFIX)?;
    let exit_code = utf8(&folder.path().join("exit-code"))?;
    let mut command = command(plan.rate_hz, &plan.raw_file);
    command
        .args(["sh", "-c", KEEP_EXIT_CODE, exit_code.as_str()])
        .arg(&plan.program)
        .args(&plan.arguments);
    plan.settle(&mut command)?;
    let mut child = Child::hold_command(command, SAMPLY.name)?;
    child.release()?;
    let ended = child.outcome(keep_going)?;
    let code = fs::read_to_string(&exit_code).unwrap_or_default();
    let programs_code = code.trim().parse().ok();
    let is_kept = match plan.subject {
        Subject::Bench => programs_code == Some(0),
        Subject::Program => programs_code.is_some(),
    };
    if let Some(code) = programs_code.filter(|_| ended.status.success() && is_kept) {
        return Ok(Recorded {
            exit: Exit::Code(code),
            ..Recorded::by(Sampler::Samply, Vec::new(), ended)
        });
    }
    let problem = Problem::failure(format!(
        "`{}` failed while samply recorded it",
        plan.program
    ))
    .fact(match code.trim() {
        "" => format!(
            "samply ended with {}, the program has not ended",
            ended.status
        ),
        code => format!("its exit code is {code}"),
    })
    .fact("the last output of both:");
    Err(ended
        .last_output
        .iter()
        .fold(problem, |problem, line| problem.fact(format!("  {line}")))
        .into())
}

/// Why samply cannot record here.
pub(super) fn obstacle() -> Option<String> {
    trial(99, &|| Ok(())).err().map(|error| error.to_string())
}

/// Tries samply once; what a run has shown holds for all that follow.
fn trial(rate_hz: u32, keep_going: KeepGoing<'_>) -> anyhow::Result<()> {
    static WORKS: OnceLock<()> = OnceLock::new();
    if WORKS.get().is_some() {
        return Ok(());
    }
    SAMPLY.require_installed()?;
    let folder = TemporaryFolder::new(&env::temp_dir(), TEMPORARY_PREFIX)?;
    let file = utf8(&folder.path().join("trial.json"))?;
    let mut command = command(rate_hz, &file);
    command.arg("true");
    SAMPLY.trial(command, keep_going)?;
    // Somebody else may have found out meanwhile.
    let _ = WORKS.set(());
    Ok(())
}

/// `samply record` up to the program to record.
fn command(rate_hz: u32, file: &Utf8Path) -> Command {
    let mut command = SAMPLY.command();
    command.args(["record", "--save-only", "--no-open"]).args([
        "--rate",
        &rate_hz.to_string(),
        "--output",
        file.as_str(),
        "--",
    ]);
    command
}
