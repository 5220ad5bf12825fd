//! A stand-in for the machine: it answers from a recording, and keeps in memory what is written and printed.
//!
//! The same recording gives the same output to the letter, without building, timing or waiting for anything. What the
//! recording does not hold fails, and the failure says what was asked.

use std::{cell::RefCell, collections::BTreeMap, sync::Arc};

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use super::{
    BenchPlan, BenchRun, BuildPlan, Built, CaptureFiles, Exit, FileBytes, HeldFolder, Hold, Host,
    MachineFacts, MetadataRequest, Probes, Progress, Step, StepEnd, TemporaryFolder, Terminal,
    ThreadTime, ToolchainFacts, TrialPlan, TrialRun, Width, record,
};
use crate::{
    model::{profile::Sampler, readiness::Overhead, revision::Revision, round::Guards},
    parse::replayed::{Machine, Run, machine},
    problem::Problem,
};

/// The stand-in.
#[derive(Debug)]
pub struct Replay {
    recording: Machine,
    command_line: Vec<String>,
    width: Width,
    stdout: RefCell<String>,
    stderr: RefCell<String>,
    captures: RefCell<BTreeMap<(Utf8PathBuf, String), CaptureFiles>>,
    written: RefCell<BTreeMap<Utf8PathBuf, Vec<u8>>>,
}

impl Replay {
    /// A machine that answers from a recording.
    ///
    /// # Errors
    /// If the text is no recording.
    pub fn new(recording: &str) -> Result<Self> {
        Ok(Self {
            recording: machine(recording)?,
            command_line: Vec::new(),
            width: Width::Unlimited,
            stdout: RefCell::default(),
            stderr: RefCell::default(),
            captures: RefCell::default(),
            written: RefCell::default(),
        })
    }

    /// Sets what was typed after the program's name.
    pub fn type_in(&mut self, arguments: &[&str]) {
        self.command_line = arguments.iter().map(|word| (*word).to_owned()).collect();
    }

    /// Sets how wide the terminal is.
    pub fn widen_to(&mut self, width: Width) {
        self.width = width;
    }

    /// What was printed to stdout since the last call, without styles.
    pub fn take_stdout(&self) -> String {
        self.stdout.take()
    }

    /// What was printed to stderr since the last call, without styles.
    pub fn take_stderr(&self) -> String {
        self.stderr.take()
    }

    fn recorded(&self, plan: &BenchPlan) -> Result<&Run> {
        let is_asked =
            |run: &&Run| run.executable == plan.executable && run.arguments == plan.arguments;
        let run = self.recording.runs.iter().find(is_asked);
        run.ok_or_else(|| {
            not_recorded(&format!(
                "run of `{} {}`",
                plan.executable,
                plan.arguments.join(" ")
            ))
        })
    }

    /// The paths of the files that were written outside of captures.
    pub fn written(&self) -> Vec<Utf8PathBuf> {
        self.written.borrow().keys().cloned().collect()
    }
}

impl Host for Replay {
    fn print(&self, text: &str) -> Result<()> {
        self.stdout.borrow_mut().push_str(&plain(text));
        Ok(())
    }

    fn note(&self, text: &str) {
        self.stderr.borrow_mut().push_str(&plain(text));
    }

    fn terminal(&self) -> Terminal {
        Terminal { width: self.width }
    }

    fn progress(&self, _title: &str, _steps: u64) -> Progress {
        Progress::hidden()
    }

    fn command_line(&self) -> Vec<String> {
        self.command_line.clone()
    }

    fn now_utc(&self) -> String {
        self.recording.now_utc.clone()
    }

    fn cargo_metadata(&self, _request: &MetadataRequest) -> Result<Vec<u8>> {
        Ok(self.recording.metadata.clone())
    }

    fn build(&self, _plan: &BuildPlan, watch: &mut dyn FnMut(&str)) -> Result<Built> {
        let recording = &self.recording;
        recording.build_diagnostics.lines().for_each(watch);
        Ok(Built {
            exit: Exit::Code(recording.build_exit),
            messages: recording.build_messages.clone(),
            diagnostics: recording.build_diagnostics.clone().into_bytes(),
        })
    }

    fn bench(&self, plan: &BenchPlan, watch: &mut dyn FnMut(&str)) -> Result<BenchRun> {
        let run = self.recorded(plan)?;
        run.stdout.lines().chain(run.stderr.lines()).for_each(watch);
        Ok(left_by(run))
    }

    fn bench_within(&self, plan: &BenchPlan, _limit_seconds: f64) -> Result<Option<BenchRun>> {
        self.bench(plan, &mut |_| ()).map(Some)
    }

    fn trial(&self, plan: &TrialPlan) -> Result<TrialRun> {
        let run = self.recorded(&plan.bench)?;
        let trial = &run.trial;
        let thread = |cpu_ns: &u64| ThreadTime {
            name: "recorded".to_owned(),
            cpu_ns: *cpu_ns,
        };
        Ok(TrialRun {
            run: left_by(run),
            guards: Guards {
                wall_ns: (trial.wall_seconds * 1e9) as u64,
                ..Guards::default()
            },
            timed_out: trial.timed_out,
            threads: trial.threads_ns.iter().map(thread).collect(),
            measuring_seconds: trial.measuring_seconds,
        })
    }

    fn instructions(&self, plan: &TrialPlan) -> Result<Option<u64>> {
        let counted = &self.recording.instructions;
        Ok(counted.get(&plan.bench.executable).copied())
    }

    fn record(&self, plan: &record::Plan) -> Result<record::Recorded> {
        Err(not_recorded(&format!("stacks of `{}`", plan.program)))
    }

    fn obstacle(&self, _sampler: Sampler) -> Option<String> {
        None
    }

    fn toolchain(&self, _folder: &Utf8Path) -> Result<ToolchainFacts> {
        Ok(ToolchainFacts {
            rustc: self.recording.rustc.clone(),
            cfg: self.recording.cfg.clone(),
            ..ToolchainFacts::default()
        })
    }

    fn revision(&self, _folder: &Utf8Path) -> Result<Option<Revision>> {
        Ok(None)
    }

    fn machine(&self) -> MachineFacts {
        MachineFacts {
            architecture: "x86_64".to_owned(),
            operating_system: "linux".to_owned(),
            files: self.recording.machine_files.clone(),
        }
    }

    fn allowed_cpus(&self) -> Vec<u32> {
        Vec::new()
    }

    fn elapsed_seconds(&self) -> f64 {
        0.0
    }

    fn random_seed(&self) -> u64 {
        0
    }

    fn copy_executable(&self, from: &Utf8Path, _to: &Utf8Path) -> Result<()> {
        Err(not_recorded(&format!("the executable `{from}`")))
    }

    fn read_file(&self, path: &Utf8Path) -> Result<Option<Vec<u8>>> {
        let (folder, name) = as_capture(path);
        let captures = self.captures.borrow();
        let stored = captures.get(&as_capture(&folder));
        let stored = stored.and_then(|files| files.get(&name)).cloned();
        let written = || self.written.borrow().get(path).cloned();
        let recorded = || self.recording.files.get(path).cloned();
        Ok(stored.or_else(written).or_else(recorded))
    }

    fn map_file(&self, path: &Utf8Path) -> Option<FileBytes> {
        let bytes = self.read_file(path).ok()??;
        let bytes: FileBytes = Arc::new(bytes);
        Some(bytes)
    }

    fn read_folder(&self, folder: &Utf8Path) -> Result<BTreeMap<String, Vec<u8>>> {
        let files = self.recording.files.iter();
        Ok(files
            .filter(|(path, _)| path.parent() == Some(folder))
            .filter_map(|(path, bytes)| Some((path.file_name()?.to_owned(), bytes.clone())))
            .collect())
    }

    fn parallelism(&self) -> usize {
        1
    }

    fn capture_names(&self, store: &Utf8Path) -> Result<Vec<String>> {
        let captures = self.captures.borrow();
        Ok(captures
            .keys()
            .filter(|(of, _)| of == store)
            .map(|(_, name)| name.clone())
            .collect())
    }

    fn read_capture(&self, store: &Utf8Path, name: &str) -> Result<Option<CaptureFiles>> {
        Ok(self
            .captures
            .borrow()
            .get(&(store.to_owned(), name.to_owned()))
            .cloned())
    }

    fn update_capture(
        &self,
        store: &Utf8Path,
        name: &str,
        _raw: &BTreeMap<String, Utf8PathBuf>,
        change: &mut dyn FnMut(Option<CaptureFiles>) -> Result<CaptureFiles>,
    ) -> Result<()> {
        let changed = change(self.read_capture(store, name)?)?;
        self.captures
            .borrow_mut()
            .insert((store.to_owned(), name.to_owned()), changed);
        Ok(())
    }

    fn remove_capture(&self, store: &Utf8Path, name: &str) -> Result<bool> {
        Ok(self
            .captures
            .borrow_mut()
            .remove(&(store.to_owned(), name.to_owned()))
            .is_some())
    }

    fn criterion_home(&self, target_directory: &Utf8Path) -> Utf8PathBuf {
        target_directory.join("criterion")
    }

    fn write_files(&self, folder: &Utf8Path, files: &BTreeMap<String, Vec<u8>>) -> Result<()> {
        let files = files
            .iter()
            .map(|(name, bytes)| (name.clone(), bytes.clone()));
        if let Some(stored) = self.captures.borrow_mut().get_mut(&as_capture(folder)) {
            stored.extend(files);
            return Ok(());
        }
        let files = files.map(|(name, bytes)| (folder.join(name), bytes));
        self.written.borrow_mut().extend(files);
        Ok(())
    }

    fn append(&self, path: &Utf8Path, bytes: &[u8]) -> Result<()> {
        let (folder, name) = as_capture(path);
        let mut captures = self.captures.borrow_mut();
        let stored = captures.get_mut(&as_capture(&folder));
        let file = stored.and_then(|files| files.get_mut(&name));
        let file = file.ok_or_else(|| not_recorded(&format!("file `{path}`")))?;
        file.extend(bytes);
        Ok(())
    }

    fn hold_folder(&self, _folder: &Utf8Path) -> Result<Hold> {
        Ok(Hold::Ours(HeldFolder::of_our_own()))
    }

    fn open(&self, _path: &Utf8Path) -> Result<()> {
        Err(not_recorded("desktop"))
    }

    fn working_directory(&self) -> Result<Utf8PathBuf> {
        Ok(self.recording.working_directory.clone())
    }

    fn variable(&self, _name: &str) -> Option<String> {
        None
    }

    fn answer(&self, _command: &[&str]) -> Option<String> {
        None
    }

    fn run_step(&self, _step: &Step) -> Result<StepEnd> {
        Err(not_recorded("step of `test`"))
    }

    fn probes(&self, _folder: &Utf8Path) -> Result<Probes> {
        Err(not_recorded("look at what recording needs"))
    }

    fn overhead(&self, _sampler: Sampler) -> Result<Overhead> {
        Err(not_recorded("overhead"))
    }

    fn temporary_folder(&self) -> Result<TemporaryFolder> {
        Err(not_recorded("temporary folder"))
    }
}

/// A folder as the store and the name of a capture in it.
fn as_capture(folder: &Utf8Path) -> (Utf8PathBuf, String) {
    let store = folder.parent().unwrap_or(folder).to_owned();
    (store, folder.file_name().unwrap_or_default().to_owned())
}

fn left_by(run: &Run) -> BenchRun {
    BenchRun {
        exit: Exit::Code(run.exit),
        stdout: run.stdout.clone(),
        stderr: run.stderr.clone(),
        criterion_files: run.criterion_files.clone(),
        probe_files: run.probe_files.clone(),
    }
}

pub(super) fn not_recorded(what: &str) -> anyhow::Error {
    Problem::failure(format!("the recording holds no {what}")).into()
}

fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}
