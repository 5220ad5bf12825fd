//! A comparison as text: the same tables for a terminal and as Markdown.

mod cells;
mod markdown;
mod terminal;

pub use markdown::{code, markdown, markdown_profiles};
pub use terminal::{terminal, terminal_profiles};

use std::collections::BTreeMap;

use super::grid::{Align::Left, Grid};
use crate::model::{
    benchmark::BenchmarkKey,
    comparison::{Comparison, Disagreement, Sides},
};

/// The files with the differential flame graphs.
pub type Pictures = BTreeMap<BenchmarkKey, String>;

/// Why there is no verdict: a sentence without its first capital and its full stop.
pub const NO_VERDICT: &str = "these times were taken in two sittings, and the level of a process resembles that of its neighbours in time (lag-1 autocorrelation +0.7 to +0.8), so between two sittings a few percent mean nothing; only fresh rounds that alternate between the two builds can settle it";

/// What profiles below the answers of fresh rounds are: a sentence without its full stop.
const PROFILES: &str = "Where the time went when the captures were taken; their profiles are context, and no part of the answers above";

/// The facts that two captures do not share, in columns under their names.
pub fn disagreements(names: Sides<&str>, disagreements: &[Disagreement]) -> String {
    let mut grid = Grid::new([("", Left), (names.before, Left), (names.after, Left)]);
    for Disagreement { what, values } in disagreements {
        grid.row([
            (*what).to_owned(),
            values.before.clone(),
            values.after.clone(),
        ]);
    }
    grid.terminal()
}

/// The name of a suite in a table: with its package only where the name alone is not enough.
fn suite_label(comparison: &Comparison, key: &BenchmarkKey) -> String {
    let keys = comparison.benchmarks.iter().map(|row| &row.key);
    let mut keys = keys.chain(comparison.profiles.iter().map(|row| &row.key));
    if keys.any(|other| other.suite == key.suite && other.package != key.package) {
        format!("{}/{}", key.package, key.suite)
    } else {
        key.suite.clone()
    }
}

#[cfg(test)]
mod samples;
#[cfg(test)]
pub(super) use samples::comparison as sample;
