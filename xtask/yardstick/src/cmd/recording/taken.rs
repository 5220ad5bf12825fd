//! The recording of one run of one benchmark: made here, or imported.

use std::{num::NonZeroUsize, ops::Range};

use anyhow::{Context as _, Result};
use camino::{Utf8Path, Utf8PathBuf};
use yardstick_probe::wire::{Measured, environment};

use super::super::Context;
use crate::{
    host::{
        BenchPlan, TemporaryFolder,
        record::{self, SamplerChoice, Surroundings},
        utf8,
    },
    model::{
        profile::{Iterations, RecordingFacts, Refusal, Sampler, Work},
        recording::Recording,
    },
    parse,
    problem::Problem,
    symbolize::{self, Files, Harness, Member, Symbolized},
};

/// One run of one benchmark, to be recorded.
#[derive(Clone, Debug)]
pub struct Take<'a> {
    /// How its executable is run; the arguments are added here.
    pub bench: BenchPlan,
    /// The benchmark.
    pub id: &'a str,
    /// What records.
    pub sampler: SamplerChoice,
    /// Samples per CPU second to ask for.
    pub rate_hz: u32,
    /// How long to run it.
    pub duration_s: f64,
    /// What it runs in.
    pub surroundings: Surroundings,
}

/// A recording with what is known about the run.
#[derive(Debug)]
pub struct Taken {
    pub(super) recording: Recording,
    /// What the probe measured, where the bench links it.
    pub(super) measured: Option<Measured>,
    /// How long it ran: what was asked of Criterion, or what a program took; 0 for imported recordings.
    pub(super) duration_s: f64,
    /// What recorded it; nothing of ours recorded what is imported.
    pub(super) recorded: Option<record::Recorded>,
    /// The raw recording of every run.
    pub(super) raw: Vec<Raw>,
    /// What calls the code that is measured.
    pub(super) harness: Harness,
    /// The runs of a program, which are its iterations; `None` for benches.
    pub(super) runs: Option<u64>,
}

/// A raw recording, which disappears with this unless it is stored.
#[derive(Debug)]
pub struct Raw {
    /// Where it is.
    pub file: Utf8PathBuf,
    pub(super) _folder: TemporaryFolder,
}

/// Runs a benchmark under a sampler.
///
/// # Errors
/// If nothing can record it, it fails, or a signal asked us to end.
pub fn take(context: &Context<'_>, take: &Take<'_>) -> Result<Taken> {
    let host = context.host;
    let mut bench = take.bench.clone();
    bench.arguments = vec![
        "--profile-time".to_owned(),
        take.duration_s.to_string(),
        parse::criterion::exactly([take.id]),
    ];
    bench
        .environment
        .insert(environment::BENCHMARK_ID.to_owned(), take.id.to_owned());
    let (folder, probe_folder) = (host.temporary_folder()?, host.temporary_folder()?);
    let place = |folder: &TemporaryFolder| utf8(folder.path());
    let raw_file = place(&folder)?.join("recording");
    let plan = record::Plan::of(
        &bench,
        take.surroundings,
        &place(&folder)?.join("criterion"),
        &place(&probe_folder)?,
        (take.sampler, take.rate_hz),
        &raw_file,
    );
    let recorded = host.record(&plan)?;
    let recording = read(context, &raw_file)?;
    let records = parse::probe::records(&host.read_folder(&place(&probe_folder)?)?)?;
    Ok(Taken {
        recording,
        measured: records.into_iter().find(|record| {
            record
                .benchmark_id
                .as_deref()
                .is_none_or(|known| known == take.id)
        }),
        duration_s: take.duration_s,
        recorded: Some(recorded),
        raw: vec![Raw {
            file: raw_file,
            _folder: folder,
        }],
        harness: Harness::Criterion,
        runs: None,
    })
}

/// Reads what somebody else recorded.
///
/// # Errors
/// If it cannot be read, or is no recording that we know.
pub fn imported(context: &Context<'_>, file: &Utf8Path) -> Result<Taken> {
    Ok(Taken {
        recording: read(context, file)?,
        measured: None,
        duration_s: 0.0,
        recorded: None,
        raw: Vec::new(),
        harness: Harness::Criterion,
        runs: None,
    })
}

fn read(context: &Context<'_>, file: &Utf8Path) -> Result<Recording> {
    read_with(context, file, parse::recording::read)
}

/// Reads a recording that may hold no samples.
pub(super) fn read_short(context: &Context<'_>, file: &Utf8Path) -> Result<Recording> {
    read_with(context, file, parse::recording::read_short)
}

type Reader = fn(&str, &[u8], parse::recording::FindBinary<'_>) -> Result<Recording, Problem>;

fn read_with(context: &Context<'_>, file: &Utf8Path, reader: Reader) -> Result<Recording> {
    let host = context.host;
    let bytes = host
        .map_file(file)
        .with_context(|| format!("cannot read `{file}`"))?;
    let find_binary = |path: &str| host.map_file(Utf8Path::new(path));
    Ok(reader(file.as_str(), (*bytes).as_ref(), &find_binary)?)
}

fn name(sampler: Sampler) -> &'static str {
    match sampler {
        Sampler::PerfEvent => "the kernel's perf events",
        Sampler::InProcess => {
            "the probe's timer signal inside the bench, which sees no process that the bench starts"
        }
        Sampler::Perf => "perf",
        Sampler::Samply => "samply",
    }
}

impl Taken {
    /// Says what recorded, at which rate, and why if it is not what would have been best.
    pub fn announce(&self, context: &Context<'_>) {
        let Some(recorded) = &self.recorded else {
            return;
        };
        self.notices().for_each(|notice| context.warn(notice));
        let recording = &self.recording;
        let rate = match (recording.real_rate_hz(), recording.asked_rate_hz) {
            (Some(real), Some(asked)) => {
                format!(", {real:.0} samples per CPU second ({asked:.0} asked for)")
            }
            (Some(real), None) => format!(", {real:.0} samples per CPU second"),
            (None, _) => String::new(),
        };
        let by = name(recorded.sampler);
        context.host.note(&format!("recorded by {by}{rate}\n"));
    }

    /// What the user should know of the recording, one sentence each.
    pub fn notices(&self) -> impl Iterator<Item = &String> {
        let recorded = self.recorded.iter();
        recorded.flat_map(|it| it.fell_back.iter().chain(&it.notices))
    }

    /// Names what was recorded. `files` finds executables and libraries.
    ///
    /// # Errors
    /// If it would mislead.
    pub fn symbolize(
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
                harness: self.harness,
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

    /// How it was recorded.
    pub fn facts(&self) -> RecordingFacts {
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
    pub fn work(&self, time_ns: Option<f64>) -> Work {
        if let Some(measured) = self
            .measured
            .as_ref()
            .filter(|measured| measured.iterations > 0)
        {
            return Work {
                iterations: Iterations::Counted(measured.iterations),
                cpu_ns: self.with_children(measured.cpu_ns),
                wall_ns: measured.wall_ns,
            };
        }
        if let Some(runs) = self.runs {
            return Work {
                iterations: Iterations::Runs(runs),
                cpu_ns: self.recording.cpu_ns.unwrap_or_default(),
                wall_ns: (self.duration_s * 1e9) as u64,
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

    /// The CPU time of all recorded processes, from what the probe counted in the bench itself. The others are known by
    /// their samples, of which each stands for the same time.
    fn with_children(&self, own_ns: u64) -> u64 {
        let share = self.recording.children_share(self.window_ns().as_ref());
        match share < 1.0 {
            true => (own_ns as f64 / (1.0 - share)) as u64,
            false => own_ns,
        }
    }

    /// Adds another run of the same benchmark or program: the `run`-th after this one, from 1.
    pub fn add(&mut self, other: Self, run: u32) {
        let (own, others) = (self.window_ns(), other.window_ns());
        let mut recording = other.recording;
        self.recording.keep_window(own.as_ref());
        recording.keep_window(others.as_ref());
        self.recording.add_run(recording, run);
        self.measured = match (self.measured.take(), other.measured) {
            (Some(before), Some(after)) => Some(sum(before, after)),
            (before, after) => before.or(after),
        };
        self.duration_s += other.duration_s;
        self.runs = self.runs.zip(other.runs).map(|(a, b)| a + b);
        self.raw.extend(other.raw);
    }

    /// CPU time of an iteration, or of a run of a program, in ns, as far as it is known.
    pub fn cpu_ns_per_iteration(&self) -> Option<f64> {
        self.work(None).cpu_ns_per_iteration()
    }

    /// The raw recordings.
    pub fn into_raw(self) -> Vec<Raw> {
        self.raw
    }
}

/// What the probe measured in two runs, the second after the first.
fn sum(before: Measured, after: Measured) -> Measured {
    let mut window = before.window;
    window.end_ns = window.end_ns.max(after.window.end_ns);
    window.cpu_ns = window.cpu_ns.saturating_add(after.window.cpu_ns);
    Measured {
        iterations: before.iterations.saturating_add(after.iterations),
        cpu_ns: before.cpu_ns.saturating_add(after.cpu_ns),
        wall_ns: before.wall_ns.saturating_add(after.wall_ns),
        window,
        ..before
    }
}
