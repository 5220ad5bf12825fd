//! One process of a round: the same surroundings every time, a time limit, and a record of what went on around it.
//!
//! Nothing of ours runs while the process does, unless its threads are watched: its output goes to files in memory, not
//! through pipes that would wake us on its CPU, and a single thread of ours sleeps until it ends.

mod command;
mod guards;
#[cfg(test)]
mod tests;
mod threads;

use std::{
    fs::File,
    os::unix::fs::FileExt,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use nix::sys::memfd::{MFdFlags, memfd_create};

pub(super) use command::{Folders, pin, surround};

use super::{
    BenchPlan, BenchRun, TemporaryFolder, process, real::TEMPORARY_PREFIX, run, temporary,
};
use crate::model::round::Guards;

/// How to run one process of a round.
#[derive(Clone, Debug)]
pub struct TrialPlan {
    /// The executable, its arguments, and what it needs of its environment. All else of ours is kept from it, and Criterion's
    /// home is always a new one.
    pub bench: BenchPlan,
    /// The one CPU it runs on; `None` for all that we may use.
    pub cpu: Option<u32>,
    /// The length of a variable in its environment that moves its stack, in bytes.
    pub padding_bytes: u32,
    /// When it is killed, with all that it started.
    pub limit_seconds: f64,
    /// Whether to tell what CPU time each of its threads uses. It takes looks at the process while it runs, so it is not for
    /// processes whose times count.
    pub watch_threads: bool,
}

impl TrialPlan {
    /// The limit as one that can be added to a clock.
    pub(super) fn limit(&self) -> f64 {
        self.limit_seconds.clamp(0.0, LONGEST_LIMIT_SECONDS)
    }
}

/// What one process of a round left.
#[derive(Clone, Debug)]
pub struct TrialRun {
    /// How it ended and what it wrote.
    pub run: BenchRun,
    /// What was going on around it.
    pub guards: Guards,
    /// Whether its time was up, so that it was killed.
    pub timed_out: bool,
    /// Its threads, where they were watched.
    pub threads: Vec<ThreadTime>,
    /// For how long Criterion warmed up and measured, in seconds, give or take a few milliseconds; 0 where the threads were
    /// not watched. The rest of the time is set-up and analysis.
    pub measuring_seconds: f64,
}

/// What one thread used while Criterion warmed up and measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadTime {
    /// Its name, as far as the kernel keeps it: 15 bytes.
    pub name: String,
    /// Its CPU time.
    pub cpu_ns: u64,
}

/// The most that is kept of what a process writes to one stream: its end.
const KEPT_OUTPUT_BYTES: u64 = 1 << 20;

/// How often the threads of a process are looked at.
const LOOK_INTERVAL: Duration = Duration::from_millis(4);

/// The longest limit: more than anybody waits, and little enough to be added to a clock.
pub(super) const LONGEST_LIMIT_SECONDS: f64 = 1e6;

/// Runs one process.
///
/// # Errors
/// If it cannot be started, or a signal asked us to end. A bad end is not an error here.
pub(super) fn trial(plan: &TrialPlan) -> Result<TrialRun> {
    let scratch = TemporaryFolder::new(&temporary::in_memory(), TEMPORARY_PREFIX)?;
    let folders = Folders::new(scratch.path())?;
    let output = Output::new()?;
    let mut command = command::command(plan, &folders)?;
    output.take_over(&mut command)?;
    let watched = watch(&mut command, plan, &output)?;
    let run = BenchRun {
        exit: watched.ended.exit,
        stdout: kept(&output.stdout)?,
        stderr: kept(&output.stderr)?,
        criterion_files: run::new_json(&folders.criterion_home)?,
        probe_files: run::files_in(&folders.probe)?,
    };
    Ok(TrialRun {
        run,
        guards: watched.guards,
        timed_out: watched.ended.timed_out,
        threads: watched.threads,
        measuring_seconds: watched.measuring.as_secs_f64(),
    })
}

/// The streams of a process as files in memory.
pub(super) struct Output {
    stdout: File,
    stderr: File,
}

impl Output {
    /// Makes both, empty.
    pub(super) fn new() -> Result<Self> {
        let file = |name| {
            memfd_create(name, MFdFlags::MFD_CLOEXEC)
                .map(File::from)
                .context("cannot keep a program's output in memory")
        };
        Ok(Self {
            stdout: file(c"stdout")?,
            stderr: file(c"stderr")?,
        })
    }

    /// Lets a command write to them.
    pub(super) fn take_over(&self, command: &mut Command) -> Result<()> {
        command
            .stdout(self.stdout.try_clone()?)
            .stderr(self.stderr.try_clone()?);
        Ok(())
    }
}

struct Watched {
    ended: process::Ended,
    guards: Guards,
    threads: Vec<ThreadTime>,
    measuring: Duration,
}

fn watch(command: &mut Command, plan: &TrialPlan, output: &Output) -> Result<Watched> {
    let before = guards::Snapshot::take(plan.cpu);
    let begun = Instant::now();
    let running = process::start(command)?;
    let pid = running.pid();
    let mut threads = threads::Threads::of(pid);
    let mut look = || threads.look(output);
    let mut end = None;
    let ended = running.wait_watched(process::Watch {
        deadline: begun + Duration::from_secs_f64(plan.limit()),
        look: plan
            .watch_threads
            .then_some((LOOK_INTERVAL, &mut look as &mut dyn FnMut())),
        at_end: &mut || {
            end = Some((guards::Snapshot::take(plan.cpu), guards::first_thread(pid)));
        },
    })?;
    let (after, first_thread) = end.context("a process was reaped unseen")?;
    let wall = ended.at.saturating_duration_since(begun);
    let (threads, measuring) = threads.result();
    Ok(Watched {
        guards: guards::guards(
            (&before, &after),
            plan.cpu,
            wall,
            &ended.usage,
            first_thread,
        ),
        ended,
        threads,
        measuring,
    })
}

/// The end of what was written to a stream.
fn kept(stream: &File) -> Result<String> {
    let length = stream.metadata()?.len();
    let start = length.saturating_sub(KEPT_OUTPUT_BYTES);
    let mut bytes = vec![0; (length - start) as usize];
    stream.read_exact_at(&mut bytes, start)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
