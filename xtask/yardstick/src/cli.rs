//! What was typed. Nothing below this module knows clap.

mod compare;
mod profile;
mod selftest;

use camino::Utf8PathBuf;
use clap::{Args, Parser, Subcommand, ValueEnum};

pub use compare::{Compare, Layouts};
pub use profile::Profile;
pub use selftest::Selftest;

/// An interface that scripts rely on, and so part of the help.
const EXIT_CODES: &str = "\
Exit codes:
    0  done; without --gate, whatever `compare` found
    1  the program could not do what was asked
    2  the command line asks for what does not exist, or contradicts itself
   10  compare --gate: a benchmark regressed by as much as fails
   11  compare --gate: nothing did, and something is undecided or nothing was measured
  130  ended by Ctrl-C
  143  ended by SIGTERM";

/// Says whether a refactor made a Rust program slower, by how much, and where.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, disable_help_subcommand = true, after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
    /// Path of the `Cargo.toml` of the workspace to work on.
    #[arg(long, global = true, value_name = "PATH")]
    pub manifest_path: Option<Utf8PathBuf>,
    /// When to colour the output.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Build the suites, run their benchmarks, print a table, and store them as a capture.
    Bench(Bench),
    /// Record the stacks of benchmarks, tests or programs: folded stacks, flame graph, hot paths.
    Profile(Box<Profile>),
    /// Say whether one state of the program is slower than another: by fresh rounds of both.
    Compare(Compare),
    /// List, show, export or remove stored captures.
    #[command(subcommand)]
    Capture(Capture),
    /// Check what measuring and recording need on this machine, with the remedy for each.
    Doctor(Doctor),
    /// The whole job in a scratch store: bench, profile and compare, before and after a real refactor.
    Tour(Tour),
    /// Tell how honest the verdicts are on this machine now: builds compared with themselves and with known slowdowns.
    Selftest(Box<Selftest>),
    /// Check format, lints, tests and documentation.
    Test,
}

/// Cargo's own selection, passed through.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Cargo options")]
pub struct CargoOptions {
    /// Take only the suites of this package (may be repeated).
    #[arg(short, long, value_name = "PACKAGE")]
    pub package: Vec<String>,
    /// Take only this bench target (may be repeated).
    #[arg(long, value_name = "SUITE")]
    pub bench: Vec<String>,
    /// Features to build with.
    #[arg(short = 'F', long, value_name = "FEATURES", value_delimiter = ',')]
    pub features: Vec<String>,
    /// Build with all features.
    #[arg(long)]
    pub all_features: bool,
    /// Build without the default features.
    #[arg(long)]
    pub no_default_features: bool,
    /// The Cargo profile to build with.
    #[arg(long, value_name = "NAME")]
    pub cargo_profile: Option<String>,
    /// Do not touch the network.
    #[arg(long)]
    pub offline: bool,
    /// Fail if `Cargo.lock` would change.
    #[arg(long)]
    pub locked: bool,
}

/// `bench`.
#[derive(Debug, Args)]
pub struct Bench {
    /// A suite, or a part of benchmark ids; everything without it.
    pub filter: Option<String>,
    /// Store the result as the capture NAME.
    #[arg(long, value_name = "NAME")]
    pub save: Option<String>,
    /// Replace benchmarks that the capture already holds.
    #[arg(long, requires = "save")]
    pub overwrite: bool,
    /// List suites and benchmarks instead of running them.
    #[arg(long, conflicts_with_all = ["save", "test", "quick"])]
    pub list: bool,
    /// Run every benchmark once and time nothing.
    #[arg(long, conflicts_with_all = ["save", "quick"])]
    pub test: bool,
    /// Measure briefly: a look, not a baseline.
    #[arg(long)]
    pub quick: bool,
    /// Cargo's selection.
    #[command(flatten)]
    pub cargo: CargoOptions,
}

/// `capture`.
#[derive(Debug, Subcommand)]
pub enum Capture {
    /// List the stored captures.
    List,
    /// Show what a capture holds and where it comes from.
    Show {
        /// The capture.
        name: String,
    },
    /// Write a capture for other tools: as a Criterion baseline of the same name, or its profiles.
    Export {
        /// The capture.
        name: String,
        /// Of the profiles, only those of this suite or with this in their id.
        filter: Option<String>,
        /// What to write.
        #[arg(long = "as", value_enum, default_value_t = ExportForm::Criterion, value_name = "FORM")]
        form: ExportForm,
        /// The file for one profile; the folder for several, or with `/` at its end. Below the target folder without it.
        #[arg(long, value_name = "FILE|FOLDER")]
        output: Option<Utf8PathBuf>,
    },
    /// Remove a capture.
    Remove {
        /// The capture.
        name: String,
    },
}

/// `doctor`.
#[derive(Debug, Args)]
pub struct Doctor {
    /// Measure what recording costs: a fixed load with and without each sampler.
    #[arg(long)]
    pub overhead: bool,
}

/// `tour`.
#[derive(Debug, Args)]
pub struct Tour {
    /// Where to put the scratch store; without it below the target folder, emptied first.
    #[arg(long, value_name = "FOLDER")]
    pub store: Option<Utf8PathBuf>,
}

/// `--color`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal that can show it, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// `--sampler`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SamplerChoice {
    /// Our perf-event recorder, else the in-process sampler.
    Auto,
    /// Our own recorder over the kernel's perf events.
    PerfEvent,
    /// The sampler of the probe, inside the bench.
    InProcess,
    /// The perf tool.
    Perf,
    /// The samply tool.
    Samply,
}

/// `capture export --as`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportForm {
    /// The benchmarks as Criterion's baseline, for `cargo bench -- --baseline NAME` and critcmp.
    Criterion,
    /// Profiles for the Firefox Profiler.
    Firefox,
    /// Profiles for speedscope.
    Speedscope,
    /// Profiles for pprof.
    Pprof,
    /// Profiles as collapsed stacks.
    Folded,
}

/// `--format`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Tables for a terminal.
    Terminal,
    /// Markdown, for a pull request.
    Markdown,
    /// Versioned JSON.
    Json,
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.1..=86_400.0).contains(&seconds) => Ok(seconds),
        _ => Err("expected a number of seconds from 0.1 to 86400".to_owned()),
    }
}
