//! The recording of one benchmark: made here, or imported.

use std::{num::NonZeroUsize, ops::Range};

use anyhow::{Context as _, Result};
use camino::{Utf8Path, Utf8PathBuf};
use yardstick_probe::wire::{Measured, environment};

use super::super::{
    Context,
    suites::{self, Listed},
};
use crate::{
    host::{
        TemporaryFolder,
        record::{self, SamplerChoice},
    },
    model::{
        profile::{Iterations, RecordingFacts, Refusal, Sampler, Work},
        recording::Recording,
        suite::Workspace,
    },
    parse,
    problem::Problem,
    symbolize::{self, Files, Member, Symbolized},
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

/// A recording with what is known about the run.
pub(super) struct Recorded {
    recording: Recording,
    /// What the probe measured, where the bench links it.
    measured: Option<Measured>,
    /// What was asked of Criterion; 0 for imported recordings.
    duration_s: f64,
    raw: Option<Raw>,
}

/// A raw recording, which disappears with this unless it is stored.
pub(super) struct Raw {
    pub(super) file: Utf8PathBuf,
    pub(super) _folder: TemporaryFolder,
}

/// Records a benchmark, or reads what somebody else recorded.
pub(super) fn of(
    context: &Context<'_>,
    workspace: &Workspace,
    source: &Source,
    suite: &Listed,
    id: &str,
) -> Result<Recorded> {
    match source {
        Source::Imported { file } => Ok(Recorded {
            recording: read(context, file)?,
            measured: None,
            duration_s: 0.0,
            raw: None,
        }),
        Source::Recorded {
            sampler,
            rate_hz,
            duration_s,
        } => record(
            context,
            workspace,
            (*sampler, *rate_hz, *duration_s),
            suite,
            id,
        ),
    }
}

fn record(
    context: &Context<'_>,
    workspace: &Workspace,
    (sampler, rate_hz, duration_s): (SamplerChoice, u32, f64),
    suite: &Listed,
    id: &str,
) -> Result<Recorded> {
    let host = context.host;
    let arguments = vec![
        "--profile-time".to_owned(),
        duration_s.to_string(),
        parse::criterion::exactly([id]),
    ];
    let mut bench = suites::bench_plan(workspace, &suite.executable, arguments);
    bench
        .environment
        .insert(environment::BENCHMARK_ID.to_owned(), id.to_owned());
    let (folder, probe_folder) = (host.temporary_folder()?, host.temporary_folder()?);
    let place = |folder: &TemporaryFolder| {
        Utf8PathBuf::from_path_buf(folder.path().to_owned())
            .map_err(|path| Problem::failure(format!("the path `{}` is not UTF-8", path.display())))
    };
    let raw_file = place(&folder)?.join("recording");
    let plan = record::Plan::of(
        &bench,
        &place(&folder)?.join("criterion"),
        &place(&probe_folder)?,
        (sampler, rate_hz),
        &raw_file,
    );
    let recorded = host.record(&plan)?;
    let recording = read(context, &raw_file)?;
    announce(context, &recorded, &recording);
    let records = parse::probe::records(&host.read_folder(&place(&probe_folder)?)?)?;
    Ok(Recorded {
        recording,
        measured: records.into_iter().find(|record| {
            record
                .benchmark_id
                .as_deref()
                .is_none_or(|known| known == id)
        }),
        duration_s,
        raw: Some(Raw {
            file: raw_file,
            _folder: folder,
        }),
    })
}

fn read(context: &Context<'_>, file: &Utf8Path) -> Result<Recording> {
    let host = context.host;
    let bytes = host
        .map_file(file)
        .with_context(|| format!("cannot read `{file}`"))?;
    let find_binary = |path: &str| host.map_file(Utf8Path::new(path));
    Ok(parse::recording::read(
        file.as_str(),
        (*bytes).as_ref(),
        &find_binary,
    )?)
}

/// Says what recorded, at which rate, and why if it is not what would have been best.
fn announce(context: &Context<'_>, recorded: &record::Recorded, recording: &Recording) {
    if let Some(reason) = &recorded.fell_back {
        context.warn(reason);
    }
    for notice in &recorded.notices {
        context.warn(notice);
    }
    let rate = match (recording.real_rate_hz(), recording.asked_rate_hz) {
        (Some(real), Some(asked)) => {
            format!(", {real:.0} samples per CPU second ({asked:.0} asked for)")
        }
        (Some(real), None) => format!(", {real:.0} samples per CPU second"),
        (None, _) => String::new(),
    };
    context
        .host
        .note(&format!("recorded by {}{rate}\n", name(recorded.sampler)));
}

fn name(sampler: Sampler) -> &'static str {
    match sampler {
        Sampler::PerfEvent => "the kernel's perf events",
        Sampler::InProcess => "the probe's timer signal inside the bench",
        Sampler::Perf => "perf",
        Sampler::Samply => "samply",
    }
}

impl Recorded {
    pub(super) fn symbolize(
        &self,
        context: &Context<'_>,
        members: &[Member],
        files: Files<'_>,
    ) -> Result<Symbolized, Refusal> {
        let window_ns = self.window_ns();
        let threads = context.host.parallelism();
        symbolize::profile(
            &self.recording,
            &symbolize::Context {
                files,
                members,
                window_ns: window_ns.as_ref(),
                threads: NonZeroUsize::new(threads).unwrap_or(NonZeroUsize::MIN),
            },
        )
    }

    /// When the benchmark ran. Only our own recorders keep the clock that the probe reads.
    fn window_ns(&self) -> Option<Range<u64>> {
        let has_its_clock = matches!(
            self.recording.sampler,
            Sampler::PerfEvent | Sampler::InProcess
        );
        let window = self.measured.as_ref().filter(|_| has_its_clock)?.window;
        Some(window.start_ns..window.end_ns)
    }

    pub(super) fn facts(&self) -> RecordingFacts {
        let recording = &self.recording;
        let real_rate_hz = recording.real_rate_hz();
        let asked_rate_hz = recording.asked_rate_hz;
        RecordingFacts {
            sampler: recording.sampler,
            event: recording.event.clone(),
            asked_rate_hz: asked_rate_hz.or(real_rate_hz).unwrap_or_default(),
            real_rate_hz: real_rate_hz.or(asked_rate_hz).unwrap_or_default(),
            kernel_included: recording.kernel_included,
        }
    }

    /// What ran meanwhile; `time_ns` is the stored time per iteration.
    pub(super) fn work(&self, time_ns: Option<f64>) -> Work {
        if let Some(measured) = self
            .measured
            .as_ref()
            .filter(|measured| measured.iterations > 0)
        {
            return Work {
                iterations: Iterations::Counted(measured.iterations),
                cpu_ns: measured.cpu_ns,
                wall_ns: measured.wall_ns,
            };
        }
        let wall_ns = match &self.measured {
            Some(measured) => measured
                .window
                .end_ns
                .saturating_sub(measured.window.start_ns),
            None => (self.duration_s * 1e9) as u64,
        };
        let derived = time_ns
            .filter(|&ns| ns > 0.0 && wall_ns > 0)
            .map(|ns| wall_ns as f64 / ns);
        Work {
            iterations: derived.map_or(Iterations::Unknown, Iterations::Derived),
            cpu_ns: self.recording.cpu_ns.unwrap_or_default(),
            wall_ns,
        }
    }

    pub(super) fn into_raw(self) -> Option<Raw> {
        self.raw
    }
}
