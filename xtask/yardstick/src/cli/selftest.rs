//! `selftest`, as it is typed.

use clap::Args;

use super::{CargoOptions, Format, compare::percent};

/// What belongs to a run.
const OF_A_RUN: [&str; 16] = [
    "tries",
    "changes",
    "margin",
    "seconds_per_verdict",
    "save",
    "more",
    "overwrite",
    "seed",
    "package",
    "bench",
    "features",
    "all_features",
    "no_default_features",
    "cargo_profile",
    "offline",
    "filter",
];

/// `selftest`.
#[derive(Debug, Args)]
pub struct Selftest {
    /// A suite, or a part of benchmark ids, to be compared with itself; without it, the suite that the workspace names for this.
    pub filter: Option<String>,
    /// Run nothing: show the stored result.
    #[arg(long, conflicts_with_all = OF_A_RUN)]
    pub stored: bool,
    /// How often the suite is compared with each change.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub tries: u32,
    /// The slowdowns to inject, in percent; 0 compares the suite with itself [default: 0,1,2,3,5,10].
    #[arg(long, value_name = "PERCENTS", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(..=1000))]
    pub changes: Vec<u32>,
    /// From where on a change in the work matters.
    #[arg(long, value_name = "PERCENT", default_value = "2", value_parser = percent)]
    pub margin: f64,
    /// What a verdict may take, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 7.0, value_parser = super::seconds)]
    pub seconds_per_verdict: f64,
    /// Store the result beside the captures; without it, it is kept below the target folder.
    #[arg(long)]
    pub save: bool,
    /// Add to the result that is there, until it has as many tries as are asked for.
    #[arg(long, conflicts_with = "overwrite")]
    pub more: bool,
    /// Replace the result that is there.
    #[arg(long, requires = "save")]
    pub overwrite: bool,
    /// What every random choice follows from; by default a random number.
    #[arg(long, value_name = "NUMBER")]
    pub seed: Option<u64>,
    /// The form of the answer.
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    pub format: Format,
    /// Cargo's selection.
    #[command(flatten)]
    pub cargo: CargoOptions,
}
