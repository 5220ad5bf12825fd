//! The recording of a machine that [`host::replay`](crate::host::replay) answers from.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use camino::Utf8PathBuf;
use serde::Deserialize;
use serde_json::Value;

/// What was asked of a machine once, and what it answered.
#[derive(Clone, Debug)]
pub struct Machine {
    /// The folder that the program was started in.
    pub working_directory: Utf8PathBuf,
    /// The time, as RFC 3339 in UTC.
    pub now_utc: String,
    /// The output of `cargo metadata`.
    pub metadata: Vec<u8>,
    /// The code that building ended with.
    pub build_exit: i32,
    /// The JSON messages of building.
    pub build_messages: Vec<u8>,
    /// The stderr of building.
    pub build_diagnostics: String,
    /// The runs of bench executables.
    pub runs: Vec<Run>,
    /// The instructions of one iteration of anything in an executable.
    pub instructions: BTreeMap<Utf8PathBuf, u64>,
    /// Files by path.
    pub files: BTreeMap<Utf8PathBuf, Vec<u8>>,
    /// The files in which the kernel describes the machine.
    pub machine_files: BTreeMap<String, String>,
    /// The output of `rustc -vV`.
    pub rustc: String,
    /// The output of `rustc --print cfg`.
    pub cfg: String,
}

/// One run of a bench executable.
#[derive(Clone, Debug)]
pub struct Run {
    /// The executable.
    pub executable: Utf8PathBuf,
    /// The arguments after `--bench --noplot`.
    pub arguments: Vec<String>,
    /// The code it ended with.
    pub exit: i32,
    /// Its stdout.
    pub stdout: String,
    /// Its stderr.
    pub stderr: String,
    /// What Criterion wrote, by path below its home.
    pub criterion_files: BTreeMap<String, Vec<u8>>,
    /// What the probe wrote, by name.
    pub probe_files: BTreeMap<String, Vec<u8>>,
    /// What a process of a round shows besides.
    pub trial: RecordedTrial,
}

/// What was seen of a process while it ran.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RecordedTrial {
    /// How long it took, in seconds.
    pub wall_seconds: f64,
    /// For how long of it Criterion warmed up and measured.
    pub measuring_seconds: f64,
    /// The CPU time of its threads meanwhile.
    pub threads_ns: Vec<u64>,
    /// Whether it was killed because its time was up.
    pub timed_out: bool,
}

/// Reads a recording: JSON, in which the JSON of other programs is kept as such.
///
/// # Errors
/// If the text is no recording.
pub fn machine(text: &str) -> Result<Machine> {
    let written: Written =
        serde_json::from_str(text).context("this is no recording of a machine")?;
    let messages: Vec<String> = written
        .build
        .messages
        .iter()
        .map(Value::to_string)
        .collect();
    let files = written.files.into_iter();
    Ok(Machine {
        working_directory: written.working_directory,
        now_utc: written.now_utc,
        metadata: bytes(&written.metadata),
        build_exit: written.build.exit,
        build_messages: messages.join("\n").into_bytes(),
        build_diagnostics: written.build.diagnostics,
        runs: written.runs.into_iter().map(Into::into).collect(),
        instructions: written.instructions,
        files: files
            .map(|(path, text)| (path, text.into_bytes()))
            .collect(),
        machine_files: written.machine_files,
        rustc: written.rustc,
        cfg: written.cfg,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    working_directory: Utf8PathBuf,
    now_utc: String,
    metadata: Value,
    build: WrittenBuild,
    runs: Vec<WrittenRun>,
    #[serde(default)]
    instructions: BTreeMap<Utf8PathBuf, u64>,
    files: BTreeMap<Utf8PathBuf, String>,
    machine_files: BTreeMap<String, String>,
    rustc: String,
    cfg: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenBuild {
    exit: i32,
    messages: Vec<Value>,
    diagnostics: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRun {
    executable: Utf8PathBuf,
    arguments: Vec<String>,
    exit: i32,
    #[serde(default)]
    stdout: String,
    #[serde(default)]
    stderr: String,
    #[serde(default)]
    criterion: BTreeMap<String, Value>,
    #[serde(default)]
    probe: BTreeMap<String, Value>,
    #[serde(default)]
    trial: RecordedTrial,
}

impl From<WrittenRun> for Run {
    fn from(written: WrittenRun) -> Self {
        let files = |values: BTreeMap<String, Value>| {
            values
                .iter()
                .map(|(name, value)| (name.clone(), bytes(value)))
                .collect()
        };
        Self {
            executable: written.executable,
            arguments: written.arguments,
            exit: written.exit,
            stdout: written.stdout,
            stderr: written.stderr,
            criterion_files: files(written.criterion),
            probe_files: files(written.probe),
            trial: written.trial,
        }
    }
}

fn bytes(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}
