//! The benchmark that is running: what was counted so far, and the record at its end.
//!
//! In Criterion's profile mode the profiler hook begins and ends a run. In an ordinary timing run nobody says when a benchmark ends;
//! the run then begins with its first region and is recorded when the process exits.

use std::fs;
use std::io;
use std::path::Path;
use std::process;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hdrhistogram::Histogram;

use crate::allocator::CountingAllocator;
use crate::clock;
use crate::latencies::{empty_histogram, to_wire};
use crate::settings::{Settings, settings};
use crate::wire::Measured;
use crate::wire::measured::{FILE_SUFFIX, SamplerFacts, Window};

/// What one region counted, or the sum of several.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Timed {
    pub(crate) iterations: u64,
    pub(crate) cpu_ns: u64,
    pub(crate) wall_ns: u64,
    pub(crate) allocations: u64,
    pub(crate) allocated_bytes: u64,
}

struct Run {
    /// Names the files of this run; the process id before it makes them unique in the folder.
    stem: String,
    window_start_ns: u64,
    cpu_start_ns: u64,
    /// Whether the counting allocator is installed and was asked to count.
    counts_allocations: bool,
    timed: Timed,
    latencies: Histogram<u64>,
}

struct State {
    current: Option<Run>,
    runs_begun: u32,
    exit_hook_set: bool,
}

static STATE: Mutex<State> = Mutex::new(State {
    current: None,
    runs_begun: 0,
    exit_hook_set: false,
});

/// Begins a run and returns the stem of its file names. A run that nobody ended is dropped.
pub(crate) fn begin(settings: &Settings) -> String {
    let counts_allocations = settings.allocations && CountingAllocator::start_counting();
    let mut state = lock();
    state.runs_begun += 1;
    let stem = format!("{}-{}", process::id(), state.runs_begun);
    state.current = Some(Run {
        stem: stem.clone(),
        window_start_ns: clock::monotonic_ns(),
        cpu_start_ns: clock::process_cpu_ns(),
        counts_allocations,
        timed: Timed::default(),
        latencies: empty_histogram(),
    });
    stem
}

/// Begins a run unless one is under way, and sees to it that it is recorded when the process exits.
pub(crate) fn ensure_begun() {
    let Some(settings) = settings() else { return };
    if lock().current.is_some() {
        return;
    }
    begin(settings);
    let mut state = lock();
    if !state.exit_hook_set {
        state.exit_hook_set = true;
        record_at_exit();
    }
}

/// Adds a region to the run.
pub(crate) fn add(region: Timed) {
    if let Some(run) = &mut lock().current {
        run.timed.iterations += region.iterations;
        run.timed.cpu_ns += region.cpu_ns;
        run.timed.wall_ns += region.wall_ns;
        run.timed.allocations += region.allocations;
        run.timed.allocated_bytes += region.allocated_bytes;
    }
}

/// Adds latencies to the run.
pub(crate) fn add_latencies(histogram: &Histogram<u64>) {
    if let Some(run) = &mut lock().current {
        run.latencies
            .add(histogram)
            .expect("the run's histogram resizes");
    }
}

/// Ends the run, if one is under way, and writes its record.
pub(crate) fn finish(
    settings: &Settings,
    benchmark_id: Option<&str>,
    sampler: Option<SamplerFacts>,
) {
    let Some(run) = lock().current.take() else {
        return;
    };
    let timed = run.timed;
    let record = Measured {
        version: Measured::VERSION,
        benchmark_id: benchmark_id.map(str::to_owned),
        iterations: timed.iterations,
        allocations: run.counts_allocations.then_some(timed.allocations),
        allocated_bytes: run.counts_allocations.then_some(timed.allocated_bytes),
        cpu_ns: timed.cpu_ns,
        wall_ns: timed.wall_ns,
        window: Window {
            start_ns: run.window_start_ns,
            end_ns: clock::monotonic_ns(),
            cpu_ns: clock::process_cpu_ns() - run.cpu_start_ns,
        },
        latencies: (!run.latencies.is_empty()).then(|| to_wire(&run.latencies)),
        sampler,
    };
    if let Err(error) = write(&settings.directory, &run.stem, &record.to_json()) {
        complain(&settings.directory, &error);
    }
}

/// Under another name first, so that a reader never sees half a record.
fn write(directory: &Path, stem: &str, json: &str) -> io::Result<()> {
    let unfinished = directory.join(format!("{stem}.unfinished"));
    fs::write(&unfinished, json)?;
    fs::rename(&unfinished, directory.join(format!("{stem}{FILE_SUFFIX}")))
}

#[expect(
    clippy::print_stderr,
    reason = "a bench executable has no other way to tell its user"
)]
fn complain(directory: &Path, error: &io::Error) {
    eprintln!(
        "error: the probe cannot write its record to `{}`: {error}",
        directory.display()
    );
}

fn lock() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(unix)]
fn record_at_exit() {
    extern "C" fn record() {
        if let Some(settings) = settings() {
            finish(settings, settings.benchmark_id.as_deref(), None);
        }
    }
    // SAFETY: `record` is a function of the right type that lives as long as the program. It runs on the exiting thread after
    // that thread's thread-locals are gone, and uses none that have a destructor. If registering fails the record is missing,
    // which its reader notices.
    unsafe { libc::atexit(record) };
}

/// Only Criterion's profile mode is recorded here.
#[cfg(not(unix))]
fn record_at_exit() {}
