//! The surroundings of a process of a round: what it sees of the environment, and the CPU that it runs on.

use std::{
    env,
    ffi::OsString,
    fs,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use nix::{
    sched::{CpuSet, sched_setaffinity},
    unistd::Pid,
};
use yardstick_probe::wire::environment;

use super::TrialPlan;
use crate::host::{BenchPlan, run};

/// What a process sees of our own environment. All else may differ between two terminals, and what is in the environment
/// moves the stack.
const PASSED_ON: [&str; 3] = ["PATH", "HOME", "TMPDIR"];

/// The variable whose length moves the stack.
pub(super) const PADDING: &str = "YARDSTICK_PADDING";

/// All homes of Criterion have paths of this length, or of a multiple of it where temporary folders lie deep.
const HOME_PATH_BYTES: usize = 96;

/// The folders that a process writes to.
#[derive(Debug)]
pub(in crate::host) struct Folders {
    /// Criterion's home.
    pub(super) criterion_home: PathBuf,
    /// The probe's.
    pub(super) probe: PathBuf,
}

impl Folders {
    /// Makes both, empty.
    pub(in crate::host) fn new(scratch: &Path) -> Result<Self> {
        let folders = Self {
            criterion_home: scratch.join(name_that_fills(scratch.as_os_str().len())),
            probe: scratch.join("probe"),
        };
        for folder in [&folders.criterion_home, &folders.probe] {
            fs::create_dir(folder)
                .with_context(|| format!("cannot make `{}`", folder.display()))?;
        }
        Ok(folders)
    }

    /// Gives a command the environment of a process of a round.
    pub(in crate::host) fn surround(&self, command: &mut Command, plan: &TrialPlan) {
        let bench = &plan.bench;
        surround(command, bench, plan.padding_bytes, &self.criterion_home);
        if let Some(variables) = &bench.probe {
            command
                .envs(variables)
                .env(environment::DIRECTORY, &self.probe);
        }
    }
}

/// The name of a folder that makes its path as long as all others.
fn name_that_fills(parent_bytes: usize) -> String {
    const NAME: &str = "criterion";
    let shortest = parent_bytes + 1 + NAME.len();
    let wanted = shortest.next_multiple_of(HOME_PATH_BYTES);
    format!("{NAME}{}", "-".repeat(wanted - shortest))
}

/// The command of a process, without its streams.
///
/// # Errors
/// If there is no such CPU.
pub(super) fn command(plan: &TrialPlan, folders: &Folders) -> Result<Command> {
    let mut command = Command::new(&plan.bench.executable);
    command
        .args(["--bench", "--noplot"])
        .args(&plan.bench.arguments)
        .current_dir(&plan.bench.package_root);
    folders.surround(&mut command, plan);
    if let Some(cpu) = plan.cpu {
        pin(&mut command, cpu)?;
    }
    Ok(command)
}

/// Gives a command the environment of a process of a round, without that of the probe.
pub(in crate::host) fn surround(
    command: &mut Command,
    bench: &BenchPlan,
    padding_bytes: u32,
    criterion_home: &Path,
) {
    command.env_clear();
    for name in PASSED_ON {
        if let Some(value) = env::var_os(name) {
            command.env(name, value);
        }
    }
    command
        .env("LANG", "C")
        .envs(&bench.environment)
        .env("CRITERION_HOME", criterion_home)
        .env(PADDING, "x".repeat(padding_bytes as usize));
    if let Some(path) = library_path(bench) {
        command.env(run::LIBRARY_PATH, path);
    }
}

/// The folders of the bench's shared libraries, and after them the user's own: what runs under `bench` runs here too.
fn library_path(bench: &BenchPlan) -> Option<OsString> {
    run::library_path(&bench.library_folders).or_else(|| env::var_os(run::LIBRARY_PATH))
}

/// Lets a command run on one CPU only, from its first instruction on.
///
/// # Errors
/// If there is no such CPU.
pub(in crate::host) fn pin(command: &mut Command, cpu: u32) -> Result<()> {
    let mut cpus = CpuSet::new();
    cpus.set(cpu as usize)
        .with_context(|| format!("there is no CPU {cpu}"))?;
    // SAFETY: between fork and exec the closure makes one system call, which is async-signal-safe, and allocates nothing.
    unsafe {
        command.pre_exec(move || {
            sched_setaffinity(Pid::from_raw(0), &cpus)?;
            Ok(())
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn homes_of_criterion_have_paths_of_one_length() {
        for parent_bytes in [4, 30, 31, 85, 86, 87, 200] {
            let length = parent_bytes + 1 + name_that_fills(parent_bytes).len();
            assert_eq!(length % HOME_PATH_BYTES, 0, "below {parent_bytes} bytes");
        }
    }
}
