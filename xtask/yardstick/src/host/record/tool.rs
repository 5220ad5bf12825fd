//! Profilers that somebody else wrote: whether they are there, and whether they work here.
//!
//! An installed tool may not fit the kernel or may want what this machine has not, and says so only
//! when it runs. So it is tried on a program that does nothing before it meets a benchmark.

use std::env;
use std::process::Command;

use super::{KeepGoing, child::Child};
use crate::problem::Problem;

/// A profiler.
pub(super) struct Tool {
    /// The name of its executable.
    pub(super) name: &'static str,
    /// How to get it.
    pub(super) installation: &'static str,
}

impl Tool {
    /// # Errors
    /// If the tool is not on the search path.
    pub(super) fn require_installed(&self) -> Result<(), Problem> {
        let path = env::var_os("PATH").unwrap_or_default();
        if env::split_paths(&path).any(|folder| folder.join(self.name).is_file()) {
            return Ok(());
        }
        Err(Problem::failure(format!(
            "cannot record with {0}: `{0}` is not installed",
            self.name
        ))
        .hint(format!("{}, or pass `--sampler auto`", self.installation)))
    }

    /// A command that runs it.
    pub(super) fn command(&self) -> Command {
        Command::new(self.name)
    }

    /// Runs a trial.
    ///
    /// # Errors
    /// With the tool's own words if it fails, or what `keep_going` says.
    pub(super) fn trial(&self, command: Command, keep_going: KeepGoing<'_>) -> anyhow::Result<()> {
        let mut child = Child::hold_command(command, self.name)?;
        child.release()?;
        let ended = child.outcome(keep_going)?;
        if ended.status.success() {
            return Ok(());
        }
        let problem = Problem::failure(format!(
            "cannot record with {0}: a trial run of `{0}` on the program `true` failed ({1})",
            self.name, ended.status
        ));
        let problem = ended.last_output.iter().fold(
            problem.fact(format!("{} says:", self.name)),
            |problem, line| problem.fact(format!("  {}", line.trim_end())),
        );
        Err(problem
            .hint("pass `--sampler auto`, which needs no tool")
            .into())
    }
}
