//! Where the stacks of a benchmark come from.

use anyhow::Result;
use camino::Utf8PathBuf;

use super::super::{
    Context,
    recording::{self, Take, Taken},
    suites::{self, Listed},
};
use crate::{
    host::record::{SamplerChoice, Surroundings},
    model::suite::Workspace,
};

/// Where stacks come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// Each benchmark is run and recorded.
    Recorded {
        /// What records.
        sampler: SamplerChoice,
        /// Samples per CPU second to ask for.
        rate_hz: u32,
        /// How long to run each benchmark.
        duration_s: f64,
    },
    /// Somebody else recorded the benchmark.
    Imported {
        /// The recording.
        file: Utf8PathBuf,
    },
}

/// Records a benchmark, or reads what somebody else recorded.
pub(super) fn of(
    context: &Context<'_>,
    workspace: &Workspace,
    source: &Source,
    suite: &Listed,
    id: &str,
) -> Result<Taken> {
    match source {
        Source::Imported { file } => recording::imported(context, file),
        Source::Recorded {
            sampler,
            rate_hz,
            duration_s,
        } => recording::take(
            context,
            &Take {
                bench: suites::bench_plan(workspace, &suite.executable, Vec::new()),
                id,
                sampler: *sampler,
                rate_hz: *rate_hz,
                duration_s: *duration_s,
                surroundings: Surroundings::Ours,
            },
        ),
    }
}
