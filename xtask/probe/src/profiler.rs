//! The hook that Criterion calls around a benchmark in its profile mode.

use std::path::Path;

use criterion::profiler::Profiler;

use crate::run;
use crate::sampler::{EVENT, Sampler};
use crate::settings::{Settings, settings};
use crate::wire::measured::SamplerFacts;
use crate::wire::recording::FILE_EXTENSION;

/// Reports each profiled benchmark to the toolkit; give it to `Criterion::with_profiler`.
///
/// Without the variables of [`wire::environment`](crate::wire::environment) it does nothing.
#[derive(Debug, Default)]
pub struct ProbeProfiler {
    sampler: Option<RunningSampler>,
}

/// A sampler that was asked for, and the name of its recording.
#[derive(Debug)]
struct RunningSampler {
    requested_rate_hz: u32,
    recording: String,
    outcome: Result<Sampler, String>,
}

impl ProbeProfiler {
    /// A hook that waits for its first benchmark.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Profiler for ProbeProfiler {
    fn start_profiling(&mut self, _benchmark_id: &str, _benchmark_dir: &Path) {
        let Some(settings) = settings() else { return };
        let stem = run::begin(settings);
        self.sampler = settings
            .sampler_rate_hz
            .map(|rate_hz| start_sampler(settings, &stem, rate_hz));
    }

    fn stop_profiling(&mut self, benchmark_id: &str, _benchmark_dir: &Path) {
        let Some(settings) = settings() else { return };
        let facts = self.sampler.take().map(stop_sampler);
        run::finish(settings, Some(benchmark_id), facts);
    }
}

fn start_sampler(settings: &Settings, stem: &str, requested_rate_hz: u32) -> RunningSampler {
    let recording = format!("{stem}.{FILE_EXTENSION}");
    let outcome = Sampler::start(&settings.directory.join(&recording), requested_rate_hz)
        .map_err(|error| error.to_string());
    RunningSampler {
        requested_rate_hz,
        recording,
        outcome,
    }
}

fn stop_sampler(running: RunningSampler) -> SamplerFacts {
    let RunningSampler {
        requested_rate_hz,
        recording,
        outcome,
    } = running;
    let end = outcome.and_then(|sampler| sampler.stop().map_err(|error| error.to_string()));
    match end {
        Ok(end) => SamplerFacts::Recorded {
            recording,
            event: EVENT.to_owned(),
            requested_rate_hz,
            real_rate_hz: end.real_rate_hz(),
            samples: end.samples,
            lost: end.lost,
        },
        Err(reason) => SamplerFacts::Failed { reason },
    }
}
