//! The samply tool, when it is asked for.

use std::env;
use std::process::Command;

use camino::Utf8Path;

use super::super::{TemporaryFolder, real::TEMPORARY_PREFIX, utf8};
use super::{KeepGoing, Plan, child::Child, tool::Tool};

const SAMPLY: Tool = Tool {
    name: "samply",
    installation: "run `cargo install --locked samply`",
};

/// Runs the program under `samply record`, into the raw file.
pub(super) fn record(plan: &Plan, keep_going: KeepGoing<'_>) -> anyhow::Result<()> {
    trial(plan.rate_hz, keep_going)?;
    let mut command = command(plan.rate_hz, &plan.raw_file);
    command.arg(&plan.program).args(&plan.arguments);
    plan.settle(&mut command);
    let mut child = Child::hold_command(command, SAMPLY.name)?;
    child.release()?;
    child.wait(keep_going)?;
    Ok(())
}

/// Why samply cannot record here.
pub(super) fn obstacle() -> Option<String> {
    trial(99, &|| Ok(())).err().map(|error| error.to_string())
}

fn trial(rate_hz: u32, keep_going: KeepGoing<'_>) -> anyhow::Result<()> {
    SAMPLY.require_installed()?;
    let folder = TemporaryFolder::new(&env::temp_dir(), TEMPORARY_PREFIX)?;
    let file = utf8(&folder.path().join("trial.json"))?;
    let mut command = command(rate_hz, &file);
    command.arg("true");
    SAMPLY.trial(command, keep_going)
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
