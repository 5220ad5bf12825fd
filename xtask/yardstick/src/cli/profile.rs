//! `profile`: what to record, and how.

use camino::Utf8PathBuf;
use clap::Args;

use super::{CargoOptions, SamplerChoice, seconds};

/// `profile`.
#[derive(Debug, Args)]
pub struct Profile {
    /// A suite, or a benchmark id; with --test or --lib a part of the names of tests.
    #[arg(
        value_name = "SUITE|ID|FILTER",
        required_unless_present = "program",
        conflicts_with_all = ["bin", "example"]
    )]
    pub target: Option<String>,
    /// Store the profiles in the capture NAME.
    #[arg(long, value_name = "NAME")]
    pub save: Option<String>,
    /// Replace profiles that the capture already holds.
    #[arg(long, requires = "save")]
    pub overwrite: bool,
    /// What records the stacks.
    #[arg(long, value_enum, default_value_t = SamplerChoice::Auto)]
    pub sampler: SamplerChoice,
    /// Samples per CPU second to ask for.
    #[arg(long, value_name = "HZ", default_value_t = 999, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    pub rate: u32,
    /// Seconds to record each benchmark.
    #[arg(long, value_name = "SECONDS", default_value_t = 10.0, value_parser = seconds, conflicts_with = "program")]
    pub duration: f64,
    /// Record this many runs into one profile.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000), conflicts_with = "import")]
    pub repeat: u32,
    /// Fold this recording of perf or samply instead of recording (one benchmark only).
    #[arg(long, value_name = "FILE")]
    pub import: Option<Utf8PathBuf>,
    /// Record this integration test.
    #[arg(
        long,
        value_name = "NAME",
        group = "program",
        help_heading = "Other programs than benchmarks"
    )]
    pub test: Option<String>,
    /// Record the unit tests of the package's library.
    #[arg(
        long,
        group = "program",
        help_heading = "Other programs than benchmarks"
    )]
    pub lib: bool,
    /// Record this binary, from its start to its end.
    #[arg(
        long,
        value_name = "NAME",
        group = "program",
        help_heading = "Other programs than benchmarks"
    )]
    pub bin: Option<String>,
    /// Record this example.
    #[arg(
        long,
        value_name = "NAME",
        group = "program",
        help_heading = "Other programs than benchmarks"
    )]
    pub example: Option<String>,
    /// What to give to the program.
    #[arg(
        last = true,
        value_name = "ARGUMENTS",
        requires = "program",
        help_heading = "Other programs than benchmarks"
    )]
    pub arguments: Vec<String>,
    /// Cargo's selection.
    #[command(flatten)]
    pub cargo: CargoOptions,
}
