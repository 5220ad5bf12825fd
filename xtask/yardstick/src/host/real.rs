//! The host that really does things.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    hash::{BuildHasher, RandomState},
    path::PathBuf,
    time::Instant,
};

use anstream::ColorChoice;
use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use indicatif::MultiProgress;

use super::{
    BenchPlan, BenchRun, BuildPlan, Built, CaptureFiles, Hold, Host, MachineFacts, MetadataRequest,
    Probes, Progress, Step, StepEnd, TemporaryFolder, Terminal, ToolchainFacts, TrialPlan,
    TrialRun, build, checks, facts, files, git, held, instructions, mapped, open, output::Output,
    record, run, signals, steps, temporary, trial, utf8,
};
use crate::model::{
    profile::Sampler, readiness::Overhead, recording::FileBytes, revision::Revision,
};

/// The start of the names of our folders among the system's temporary files.
pub(super) const TEMPORARY_PREFIX: &str = "yardstick-";

/// This machine.
#[derive(Debug)]
pub struct RealHost {
    pub(super) output: Output,
    bars: MultiProgress,
    begun: Instant,
    /// The program that we are, where that is not the one of this process.
    pub(super) program: Option<PathBuf>,
    /// Where to keep what can be made again, where that is not the user's place for it.
    pub(super) cache: Option<Utf8PathBuf>,
}

impl RealHost {
    /// Takes over the process's signals, and removes what runs that were killed have left.
    ///
    /// # Errors
    /// If the signal handlers cannot be installed.
    pub fn new(color: ColorChoice) -> Result<Self> {
        signals::install()?;
        for parent in BTreeSet::from([env::temp_dir(), temporary::in_memory()]) {
            temporary::sweep(&parent, TEMPORARY_PREFIX);
        }
        Ok(Self {
            output: Output::new(color),
            bars: MultiProgress::new(),
            begun: Instant::now(),
            program: None,
            cache: None,
        })
    }

    /// Says which program other programs start to get to us, for processes that are not that program themselves: tests.
    #[must_use]
    pub fn entered_through(mut self, program: PathBuf) -> Self {
        self.program = Some(program);
        self
    }

    /// Says where to keep what can be made again, for those who must not share it with the user: tests.
    #[must_use]
    pub fn caching_in(mut self, folder: Utf8PathBuf) -> Self {
        self.cache = Some(folder);
        self
    }
}

impl Host for RealHost {
    fn print(&self, text: &str) -> Result<()> {
        self.bars.suspend(|| self.output.print(text))
    }

    fn note(&self, text: &str) {
        self.bars.suspend(|| self.output.note(text));
    }

    fn terminal(&self) -> Terminal {
        self.output.terminal()
    }

    fn progress(&self, title: &str, steps: u64) -> Progress {
        Progress::new(&self.bars, title, steps)
    }

    fn command_line(&self) -> Vec<String> {
        env::args_os()
            .skip(1)
            .map(|argument| argument.to_string_lossy().into_owned())
            .collect()
    }

    fn now_utc(&self) -> String {
        let now = jiff::Timestamp::now();
        now.round(jiff::Unit::Second).unwrap_or(now).to_string()
    }

    fn cargo_metadata(&self, request: &MetadataRequest) -> Result<Vec<u8>> {
        build::metadata(request)
    }

    fn build(&self, plan: &BuildPlan, watch: &mut dyn FnMut(&str)) -> Result<Built> {
        build::build(plan, self.output.stderr_shows_styles(), watch)
    }

    fn bench(&self, plan: &BenchPlan, watch: &mut dyn FnMut(&str)) -> Result<BenchRun> {
        run::bench(plan, watch)
    }

    fn bench_within(&self, plan: &BenchPlan, limit_seconds: f64) -> Result<Option<BenchRun>> {
        run::bench_within(plan, limit_seconds)
    }

    fn trial(&self, plan: &TrialPlan) -> Result<TrialRun> {
        trial::trial(plan)
    }

    fn instructions(&self, plan: &TrialPlan) -> Result<Option<u64>> {
        instructions::instructions(plan)
    }

    fn record(&self, plan: &record::Plan) -> Result<record::Recorded> {
        record::record(plan, &signals::check)
    }

    fn obstacle(&self, sampler: Sampler) -> Option<String> {
        record::obstacle(sampler)
    }

    fn toolchain(&self, folder: &Utf8Path) -> Result<ToolchainFacts> {
        facts::toolchain(folder)
    }

    fn revision(&self, folder: &Utf8Path) -> Result<Option<Revision>> {
        git::revision(folder)
    }

    fn machine(&self) -> MachineFacts {
        facts::machine()
    }

    fn map_file(&self, path: &Utf8Path) -> Option<FileBytes> {
        mapped::file(path.as_std_path())
    }

    fn read_folder(&self, folder: &Utf8Path) -> Result<BTreeMap<String, Vec<u8>>> {
        run::files_in(folder.as_std_path())
    }

    fn parallelism(&self) -> usize {
        std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get)
    }

    fn allowed_cpus(&self) -> Vec<u32> {
        checks::cpus::allowed()
    }

    fn elapsed_seconds(&self) -> f64 {
        self.begun.elapsed().as_secs_f64()
    }

    fn random_seed(&self) -> u64 {
        // The keys of the standard library's hash maps come from the system's source of randomness.
        RandomState::new().hash_one(std::process::id())
    }

    fn copy_executable(&self, from: &Utf8Path, to: &Utf8Path) -> Result<()> {
        if let Some(folder) = to.parent() {
            std::fs::create_dir_all(folder).with_context(|| format!("cannot make `{folder}`"))?;
        }
        std::fs::copy(from, to)
            .map(drop)
            .with_context(|| format!("cannot copy `{from}` to `{to}`"))
    }

    fn read_file(&self, path: &Utf8Path) -> Result<Option<Vec<u8>>> {
        match std::fs::read(path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("cannot read `{path}`")),
        }
    }

    fn capture_names(&self, store: &Utf8Path) -> Result<Vec<String>> {
        files::names(store)
    }

    fn read_capture(&self, store: &Utf8Path, name: &str) -> Result<Option<CaptureFiles>> {
        files::read(store, name)
    }

    fn update_capture(
        &self,
        store: &Utf8Path,
        name: &str,
        raw: &BTreeMap<String, Utf8PathBuf>,
        change: &mut dyn FnMut(Option<CaptureFiles>) -> Result<CaptureFiles>,
    ) -> Result<()> {
        files::update(store, name, raw, change)
    }

    fn remove_capture(&self, store: &Utf8Path, name: &str) -> Result<bool> {
        files::remove(store, name)
    }

    fn criterion_home(&self, target_directory: &Utf8Path) -> Utf8PathBuf {
        match env::var("CRITERION_HOME") {
            Ok(home) if !home.is_empty() => home.into(),
            _ => target_directory.join("criterion"),
        }
    }

    fn write_files(&self, folder: &Utf8Path, files: &BTreeMap<String, Vec<u8>>) -> Result<()> {
        files::write_files(folder, files)
    }

    fn append(&self, path: &Utf8Path, bytes: &[u8]) -> Result<()> {
        files::append(path, bytes)
    }

    fn hold_folder(&self, folder: &Utf8Path) -> Result<Hold> {
        held::hold(folder)
    }

    fn open(&self, path: &Utf8Path) -> Result<()> {
        open::open(path)
    }

    fn working_directory(&self) -> Result<Utf8PathBuf> {
        utf8(&env::current_dir().context("cannot tell the working directory")?)
    }

    fn variable(&self, name: &str) -> Option<String> {
        env::var(name).ok()
    }

    fn answer(&self, command: &[&str]) -> Option<String> {
        steps::answer(command)
    }

    fn run_step(&self, step: &Step) -> Result<StepEnd> {
        steps::run(step)
    }

    fn probes(&self, folder: &Utf8Path) -> Result<Probes> {
        let probes = checks::probes(folder);
        signals::check()?;
        Ok(probes)
    }

    fn overhead(&self, sampler: Sampler) -> Result<Overhead> {
        checks::overhead::measure(sampler, &self.temporary_folder()?)
    }

    fn temporary_folder(&self) -> Result<TemporaryFolder> {
        TemporaryFolder::new(&env::temp_dir(), TEMPORARY_PREFIX)
    }
}
