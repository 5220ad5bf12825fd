//! Commands whose output goes where ours goes.

use std::{
    env,
    ffi::OsString,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use camino::Utf8PathBuf;

use super::{Exit, process};

/// A command to run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// The program and its arguments; `cargo` is the cargo that started us.
    pub command: Vec<String>,
    /// The folder to run it in.
    pub folder: Utf8PathBuf,
    /// Variables to set.
    pub environment: Vec<(String, String)>,
}

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepEnd {
    /// How it ended.
    pub exit: Exit,
    /// How long it took.
    pub took: Duration,
}

pub(super) fn run(step: &Step) -> Result<StepEnd> {
    let (name, arguments) = step
        .command
        .split_first()
        .context("a step has no command")?;
    let mut command = Command::new(program(name));
    command
        .args(arguments)
        .current_dir(&step.folder)
        .envs(step.environment.iter().map(|(name, value)| (name, value)))
        .stdout(Stdio::inherit())
        .stderr(Stdio::inherit());
    let start = Instant::now();
    let exit = process::start(&mut command)?.wait()?;
    Ok(StepEnd {
        exit,
        took: start.elapsed(),
    })
}

/// What a program answers on stdout.
pub(super) fn answer(command: &[&str]) -> Option<String> {
    let (name, arguments) = command.split_first()?;
    process::text_of(Command::new(program(name)).args(arguments)).ok()
}

fn program(name: &str) -> OsString {
    match name {
        "cargo" => env::var_os("CARGO").unwrap_or_else(|| name.into()),
        _ => name.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(command: &[&str]) -> Step {
        Step {
            command: command.iter().map(|word| (*word).to_owned()).collect(),
            folder: ".".into(),
            environment: vec![("YARDSTICK_STEP".to_owned(), "3".to_owned())],
        }
    }

    #[test]
    fn a_step_gets_its_environment_and_its_exit_is_kept() {
        let end = run(&step(&["sh", "-c", "exit $YARDSTICK_STEP"])).expect("sh runs");
        assert_eq!(end.exit, Exit::Code(3));
    }

    #[test]
    fn a_step_whose_program_is_missing_is_an_error_that_names_it() {
        let error = run(&step(&["no-such-program"])).expect_err("nothing to run");
        assert!(format!("{error:#}").contains("no-such-program"));
    }

    #[test]
    fn only_a_program_that_succeeds_answers() {
        assert_eq!(answer(&["echo", "yes"]).as_deref(), Some("yes\n"));
        assert_eq!(answer(&["false"]), None);
        assert_eq!(answer(&["no-such-program"]), None);
    }
}
