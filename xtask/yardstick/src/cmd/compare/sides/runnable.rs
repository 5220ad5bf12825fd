//! A suite of one side, ready to be run in rounds.

use crate::{
    host::{BenchPlan, LinkKit},
    model::{benchmark::BenchmarkKey, suite::Suite},
};

/// A suite of one side as the rounds run it.
#[derive(Clone, Debug)]
pub struct Runnable {
    /// The suite.
    pub suite: Suite,
    /// All ids that it lists, in its own order.
    pub ids: Vec<String>,
    /// The hexadecimal SHA-256 of the executable as cargo linked it.
    pub sha256: String,
    /// How to run that executable; without arguments.
    pub plan: BenchPlan,
    /// What it is linked from; `None` where it cannot be linked again.
    pub links: Option<LinkKit>,
}

impl Runnable {
    /// The benchmarks that it runs.
    pub fn keys(&self) -> impl Iterator<Item = BenchmarkKey> {
        self.ids.iter().map(|id| self.suite.key(id))
    }
}
