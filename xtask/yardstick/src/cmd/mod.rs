//! One file per verb.

pub mod bench;
pub mod capture;
pub mod captures;
pub mod compare;
pub mod did_you_mean;
pub mod doctor;
pub mod kept;
pub mod measure;
pub mod profile;
pub mod provenance;
pub mod recording;
pub mod save;
pub mod selection;
pub mod selftest;
pub mod suites;
pub mod test;
pub mod tour;

use std::{ffi::OsString, process};

use anstream::ColorChoice;
use anstyle::{AnsiColor, Style};
use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use clap::{CommandFactory, FromArgMatches};

use crate::{
    Invocation,
    cli::{Cli, Color, Verb},
    host::{Host, RealHost, complain},
    problem::{ExitCode, Problem},
};

/// What every verb gets.
#[derive(Clone)]
pub struct Context<'a> {
    /// The machine.
    pub host: &'a dyn Host,
    /// How the program was started.
    pub invocation: Invocation,
    /// `--manifest-path`.
    pub manifest_path: Option<Utf8PathBuf>,
    /// Where captures are stored, if not in the workspace.
    pub store: Option<Utf8PathBuf>,
    /// The verb and what follows it.
    pub typed: Vec<String>,
}

impl Context<'_> {
    /// What to type before a verb: `cargo xtask`.
    pub fn program(&self) -> &'static str {
        program(self.invocation)
    }

    /// A path as the user would type it: relative to the working directory where it lies below.
    pub fn shown(&self, path: &Utf8Path) -> String {
        let here = self.host.working_directory().ok();
        let below = here.and_then(|here| path.strip_prefix(here).ok().map(Utf8PathBuf::from));
        match below {
            Some(below) if below.as_str().is_empty() => ".".to_owned(),
            Some(below) => below.into_string(),
            None => path.to_string(),
        }
    }

    /// Writes a warning to stderr.
    pub fn warn(&self, what: &str) {
        self.host.note(&format!(
            "{} {what}\n",
            label("warning:", AnsiColor::Yellow)
        ));
    }
}

/// Runs the program on the process's arguments and this machine.
pub(crate) fn run(
    invocation: Invocation,
    arguments: impl Iterator<Item = OsString>,
) -> process::ExitCode {
    let cli = match parse(invocation, arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // It knows whether it is an answer or a complaint. There is nowhere left to complain to.
            let _ = error.print();
            return process::ExitCode::from(error.exit_code() as u8);
        }
    };
    let color = match cli.color {
        Color::Auto => ColorChoice::Auto,
        Color::Always => ColorChoice::Always,
        Color::Never => ColorChoice::Never,
    };
    let code = match RealHost::new(color) {
        Ok(host) => execute(&host, invocation, cli),
        Err(error) => {
            complain(&format!("error: {error:#}\n"));
            ExitCode::Failure
        }
    };
    process::ExitCode::from(code as u8)
}

/// Reads a command line; the first argument is the program's own name.
///
/// # Errors
/// What clap says about it, help and version included.
pub fn parse(
    invocation: Invocation,
    arguments: impl Iterator<Item = OsString>,
) -> Result<Cli, clap::Error> {
    let arguments = arguments.enumerate().filter(|(position, argument)| {
        // Cargo passes the subcommand's own name first.
        !(invocation == Invocation::CargoSubcommand && *position == 1 && argument == "yardstick")
    });
    let command = Cli::command().bin_name(program(invocation));
    let matches = command.try_get_matches_from(arguments.map(|(_, argument)| argument))?;
    Cli::from_arg_matches(&matches)
}

/// Does what a command line says and tells, once, what went wrong.
pub fn execute(host: &dyn Host, invocation: Invocation, cli: Cli) -> ExitCode {
    let context = Context {
        host,
        invocation,
        manifest_path: cli.manifest_path,
        store: None,
        typed: typed(host, invocation),
    };
    match dispatch(&context, cli.verb) {
        Ok(code) => code,
        Err(error) => {
            host.note(&format!(
                "{} {}\n",
                label("error:", AnsiColor::Red),
                in_words(&error)
            ));
            error
                .downcast_ref::<Problem>()
                .map_or(ExitCode::Failure, Problem::exit_code)
        }
    }
}

/// What was typed, without the names of programs.
fn typed(host: &dyn Host, invocation: Invocation) -> Vec<String> {
    let mut typed = host.command_line();
    if invocation == Invocation::CargoSubcommand
        && typed.first().is_some_and(|name| name == "yardstick")
    {
        typed.remove(0);
    }
    typed
}

/// The code is [`ExitCode::Success`] but for verbs that answer by it.
fn dispatch(context: &Context<'_>, verb: Verb) -> Result<ExitCode> {
    match verb {
        Verb::Compare(typed) => return compare::run(context, &typed.into()),
        Verb::Bench(typed) => bench::run(context, typed.into()),
        Verb::Profile(typed) => profile::run(context, (*typed).into()),
        Verb::Doctor(typed) => doctor::run(context, typed.into()),
        Verb::Capture(typed) => capture::run(context, &typed.into()),
        Verb::Tour(typed) => tour::run(context, typed.into()),
        Verb::Selftest(typed) => selftest::run(context, (*typed).into()),
        Verb::Test => test::run(context),
    }?;
    Ok(ExitCode::Success)
}

/// `1 benchmark`, `2 benchmarks`.
fn counted(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}

/// A problem says everything itself; the causes of any other error follow it in its line.
fn in_words(error: &anyhow::Error) -> String {
    match error.downcast_ref::<Problem>() {
        Some(problem) => problem.to_string(),
        None => format!("{error:#}"),
    }
}

fn label(text: &str, color: AnsiColor) -> String {
    let style = Style::new().bold().fg_color(Some(color.into()));
    format!("{style}{text}{style:#}")
}

fn program(invocation: Invocation) -> &'static str {
    match invocation {
        Invocation::Xtask => "cargo xtask",
        Invocation::CargoSubcommand => "cargo yardstick",
    }
}
