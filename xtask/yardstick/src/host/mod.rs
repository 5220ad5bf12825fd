//! The only I/O: files, processes, the clock, the environment, perf events.
//!
//! Everything above talks to [`Host`], whose methods are whole operations and hand over
//! what other programs wrote as bytes. [`RealHost`] does them; [`replay::Replay`] answers
//! from a recorded folder, so that the whole program can be tested without building,
//! timing or recording anything.

#![allow(
    clippy::disallowed_methods,
    reason = "this is the place that they are left to"
)]

mod build;
mod cache;
pub mod checks;
mod executables;
mod facts;
pub mod files;
mod freshness;
mod git;
mod held;
mod instructions;
pub mod linker;
mod links;
mod mapped;
mod open;
mod output;
pub mod process;
mod progress;
mod real;
pub mod record;
pub mod replay;
mod run;
pub mod signals;
mod steps;
mod temporary;
mod trial;
mod workshop;
mod worktree;

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fmt,
    path::{Path, PathBuf},
};

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use crate::model::{
    profile::Sampler,
    readiness::Overhead,
    recording::FileBytes,
    revision::{Features, Revision},
    target::Target,
};

pub use cache::SideFolder;
pub use checks::Probes;
pub use facts::{MachineFacts, ToolchainFacts};
pub use held::{HeldFolder, Hold, Holder};
pub use output::{Terminal, Width, complain};
pub use progress::Progress;
pub use real::RealHost;
pub use steps::{Step, StepEnd};
pub use temporary::TemporaryFolder;
pub use trial::{ThreadTime, TrialPlan, TrialRun};
pub use workshop::{DebugInfo, LinkKit, Repository, Snapshot, Workshop};

/// The files of a capture, raw recordings excepted, by path below its folder.
pub type CaptureFiles = BTreeMap<String, Vec<u8>>;

/// What the program asks of the machine it runs on.
///
/// Methods fail with a [`Problem`](crate::problem::Problem) for the user where the cause is
/// one that a user can act on. After Ctrl-C or SIGTERM every method that takes a while fails with
/// the problem that says so.
pub trait Host: Workshop {
    /// Writes data to stdout. `text` may hold ANSI styles, which are dropped where stdout shows none.
    fn print(&self, text: &str) -> Result<()>;

    /// Writes a message to stderr, above the progress bar; styles as in [`Host::print`].
    fn note(&self, text: &str);

    /// What stdout is.
    fn terminal(&self) -> Terminal;

    /// Starts a progress bar of `steps` steps; 0 for work whose length is not known.
    fn progress(&self, title: &str, steps: u64) -> Progress;

    /// What was typed, as it could be typed again.
    fn command_line(&self) -> Vec<String>;

    /// The time, as RFC 3339 in UTC.
    fn now_utc(&self) -> String;

    /// The output of `cargo metadata --no-deps`.
    fn cargo_metadata(&self, request: &MetadataRequest) -> Result<Vec<u8>>;

    /// Builds bench executables; `watch` gets cargo's stderr line by line.
    fn build(&self, plan: &BuildPlan, watch: &mut dyn FnMut(&str)) -> Result<Built>;

    /// Runs one bench executable; `watch` gets its stdout and stderr line by line.
    fn bench(&self, plan: &BenchPlan, watch: &mut dyn FnMut(&str)) -> Result<BenchRun>;

    /// Asks one bench executable for something short, and kills it with all that it started after so many seconds; `None`
    /// then.
    fn bench_within(&self, plan: &BenchPlan, limit_seconds: f64) -> Result<Option<BenchRun>>;

    /// Runs one process of a round.
    fn trial(&self, plan: &TrialPlan) -> Result<TrialRun>;

    /// The instructions of one iteration of the benchmark that the plan's arguments select, in the thread that runs it;
    /// `None` where nothing here can count them.
    fn instructions(&self, plan: &TrialPlan) -> Result<Option<u64>>;

    /// Runs a program under a sampler, to its end; leaves the raw recording in the plan's file.
    fn record(&self, plan: &record::Plan) -> Result<record::Recorded>;

    /// Why a sampler cannot record here; `None` where it can, as far as can be told without the program to record.
    fn obstacle(&self, sampler: Sampler) -> Option<String>;

    /// The toolchain in force in `folder`, and what decides the compiler's flags there.
    fn toolchain(&self, folder: &Utf8Path) -> Result<ToolchainFacts>;

    /// The state of the version control checkout around `folder`; `None` outside of one.
    fn revision(&self, folder: &Utf8Path) -> Result<Option<Revision>>;

    /// What the kernel says about the machine.
    fn machine(&self) -> MachineFacts;

    /// The bytes of an executable, a library or a recording without a copy; `[vdso]` is the library that the kernel maps
    /// into every process. `None` where it cannot be read.
    fn map_file(&self, path: &Utf8Path) -> Option<FileBytes>;

    /// The files in a folder, by name.
    fn read_folder(&self, folder: &Utf8Path) -> Result<BTreeMap<String, Vec<u8>>>;

    /// How many threads can work at the same time; at least 1.
    fn parallelism(&self) -> usize;

    /// The CPUs that this process may run on, ascending; none where the system does not say.
    fn allowed_cpus(&self) -> Vec<u32>;

    /// Seconds since some moment in the past, by a clock that never goes back.
    fn elapsed_seconds(&self) -> f64;

    /// A number that nobody could have foreseen.
    fn random_seed(&self) -> u64;

    /// Copies an executable; folders are made as needed.
    fn copy_executable(&self, from: &Utf8Path, to: &Utf8Path) -> Result<()>;

    /// The bytes of a file; `None` where there is none.
    fn read_file(&self, path: &Utf8Path) -> Result<Option<Vec<u8>>>;

    /// The captures in `store`, in name order.
    fn capture_names(&self, store: &Utf8Path) -> Result<Vec<String>>;

    /// The files of one capture, `raw/` left out; `None` where there is none of that name.
    fn read_capture(&self, store: &Utf8Path, name: &str) -> Result<Option<CaptureFiles>>;

    /// Replaces one capture by what `change` makes of it (`None`: there is none yet), whole or not at all.
    ///
    /// Nobody else changes the capture in between. `raw` maps paths below `raw/` to files elsewhere that are moved
    /// there; raw files that the capture already has stay.
    fn update_capture(
        &self,
        store: &Utf8Path,
        name: &str,
        raw: &BTreeMap<String, Utf8PathBuf>,
        change: &mut dyn FnMut(Option<CaptureFiles>) -> Result<CaptureFiles>,
    ) -> Result<()>;

    /// Removes one capture, raw files included; false where there is none of that name.
    fn remove_capture(&self, store: &Utf8Path, name: &str) -> Result<bool>;

    /// Where Criterion keeps its own baselines for this target folder.
    fn criterion_home(&self, target_directory: &Utf8Path) -> Utf8PathBuf;

    /// Writes files below `folder`, each of them whole or not at all; folders are made as needed.
    fn write_files(&self, folder: &Utf8Path, files: &BTreeMap<String, Vec<u8>>) -> Result<()>;

    /// Adds to the end of a file, and returns when the bytes are on the disk. It works after a signal, too: what is measured
    /// is kept.
    fn append(&self, path: &Utf8Path, bytes: &[u8]) -> Result<()>;

    /// Takes a folder that is there for this process alone, without waiting for whoever has it.
    fn hold_folder(&self, folder: &Utf8Path) -> Result<Hold>;

    /// Opens a file with the program that the desktop shows its kind with.
    fn open(&self, path: &Utf8Path) -> Result<()>;

    /// The folder that the program was started in.
    fn working_directory(&self) -> Result<Utf8PathBuf>;

    /// A variable of the environment; `None` where it is not set or no UTF-8.
    fn variable(&self, name: &str) -> Option<String>;

    /// What a program answers on stdout; `None` where it is not there or fails. `cargo` is the cargo that started us.
    fn answer(&self, command: &[&str]) -> Option<String>;

    /// Runs a command whose stdout and stderr are ours. A bad exit is not an error here.
    fn run_step(&self, step: &Step) -> Result<StepEnd>;

    /// A look at what measuring and recording need; `folder` is where builds and captures are written.
    fn probes(&self, folder: &Utf8Path) -> Result<Probes>;

    /// What a sampler costs: records a fixed load. It takes a few seconds.
    fn overhead(&self, sampler: Sampler) -> Result<Overhead>;

    /// Makes a folder of this process that disappears with the returned guard.
    fn temporary_folder(&self) -> Result<TemporaryFolder>;
}

/// What to ask `cargo metadata`.
#[derive(Clone, Debug, Default)]
pub struct MetadataRequest {
    /// `--manifest-path`; the working directory decides without it.
    pub manifest_path: Option<Utf8PathBuf>,
    /// `--offline`.
    pub offline: bool,
    /// `--locked`.
    pub locked: bool,
}

/// What to build.
#[derive(Clone, Debug, Default)]
pub struct BuildPlan {
    /// The folder of the workspace: where cargo runs.
    pub workspace_root: Utf8PathBuf,
    /// Package ids, as `-p` takes them.
    pub packages: Vec<String>,
    /// Bench targets.
    pub suites: Vec<String>,
    /// Another target, instead of bench targets.
    pub target: Option<Target>,
    /// Cargo's feature selection.
    pub features: Features,
    /// The Cargo profile; `bench` without it.
    pub cargo_profile: Option<String>,
    /// `--config` values, e.g. the definition of a Cargo profile that the workspace lacks.
    pub config: Vec<String>,
    /// All flags for rustc, where they differ from what cargo would find out by itself.
    pub rustflags: Option<Vec<String>>,
    /// The target folder, where it is not cargo's own.
    pub target_directory: Option<Utf8PathBuf>,
    /// Variables to set.
    pub environment: BTreeMap<String, String>,
    /// What cargo does when something cannot be built.
    pub on_failure: OnFailure,
    /// `--offline`.
    pub offline: bool,
    /// `--locked`.
    pub locked: bool,
}

/// What cargo does when something cannot be built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// It stops.
    #[default]
    Stop,
    /// It builds what does not depend on it.
    KeepGoing,
}

/// What a build left.
#[derive(Clone, Debug)]
pub struct Built {
    /// How cargo ended.
    pub exit: Exit,
    /// Cargo's JSON messages.
    pub messages: Vec<u8>,
    /// Cargo's stderr, styled for stderr's terminal.
    pub diagnostics: Vec<u8>,
}

/// How to run a bench executable.
#[derive(Clone, Debug)]
pub struct BenchPlan {
    /// The executable.
    pub executable: Utf8PathBuf,
    /// Its working directory: the folder of its package.
    pub package_root: Utf8PathBuf,
    /// The arguments after `--bench --noplot`.
    pub arguments: Vec<String>,
    /// What cargo would set for it.
    pub environment: BTreeMap<String, String>,
    /// The folders in which it may need to look for shared libraries.
    pub library_folders: Vec<Utf8PathBuf>,
    /// Criterion's home, where it is to outlive the run; a fresh one, which disappears after it, without.
    pub criterion_home: Option<Utf8PathBuf>,
    /// The variables for the probe besides its folder; without them the probe stays quiet.
    pub probe: Option<BTreeMap<String, String>>,
}

/// How to run a program that is no bench.
#[derive(Clone, Debug)]
pub struct ProgramPlan {
    /// The executable.
    pub executable: Utf8PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Its working directory.
    pub working_directory: Utf8PathBuf,
    /// What cargo would set for it.
    pub environment: BTreeMap<String, String>,
    /// The folders in which it may need to look for shared libraries.
    pub library_folders: Vec<Utf8PathBuf>,
}

/// What a bench executable left.
#[derive(Clone, Debug)]
pub struct BenchRun {
    /// How it ended.
    pub exit: Exit,
    /// Its stdout.
    pub stdout: String,
    /// Its stderr.
    pub stderr: String,
    /// The JSON files that Criterion wrote, by path below its home.
    pub criterion_files: BTreeMap<String, Vec<u8>>,
    /// What the probe wrote, by file name.
    pub probe_files: BTreeMap<String, Vec<u8>>,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// It returned this code.
    Code(i32),
    /// This signal killed it.
    Signal(i32),
}

impl Exit {
    /// Whether it returned 0.
    pub fn is_success(self) -> bool {
        self == Self::Code(0)
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "exit code {code}"),
            Self::Signal(signal) => match nix::sys::signal::Signal::try_from(*signal) {
                Ok(signal) => write!(f, "killed by {signal}"),
                Err(_) => write!(f, "killed by signal {signal}"),
            },
        }
    }
}

/// The arguments of the process, its own name first.
pub fn arguments() -> impl Iterator<Item = OsString> {
    std::env::args_os()
}

/// Turns a path into one that can be shown and stored.
///
/// # Errors
/// If it is not UTF-8.
pub fn utf8(path: &Path) -> Result<Utf8PathBuf> {
    Utf8PathBuf::from_path_buf(PathBuf::from(path)).map_err(|path| {
        crate::problem::Problem::failure(format!("the path `{}` is not UTF-8", path.display()))
            .into()
    })
}
