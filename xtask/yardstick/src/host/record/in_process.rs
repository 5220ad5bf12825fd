//! The sampler of the probe, inside the bench: asked for through the environment, answered with a
//! record and a recording in the probe's folder.

use std::fmt;
use std::fs;
use std::io;

use anyhow::Context as _;
use camino::{Utf8Path, Utf8PathBuf};
use yardstick_probe::wire::environment::{RATE_HZ, SAMPLER, SAMPLER_IN_PROCESS};
use yardstick_probe::wire::measured::{FILE_SUFFIX, Measured, SamplerFacts};

use super::{KeepGoing, Plan, Recorded, Refusal, Subject, child::Child};
use crate::model::profile::Sampler;
use crate::problem::Problem;

/// The rate asked for and the one the kernel's timer gave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rates {
    asked_hz: u32,
    real_hz: Option<f64>,
}

/// The bench does not link the probe.
#[derive(Debug)]
pub(super) struct NotLinked {
    program: String,
}

/// Runs the program with the sampler switched on, and moves its recording to the raw file.
pub(super) fn record(plan: &Plan, keep_going: KeepGoing<'_>) -> anyhow::Result<(Recorded, Rates)> {
    let mut plan = plan.clone();
    plan.environment.extend([
        (SAMPLER.to_owned(), SAMPLER_IN_PROCESS.to_owned()),
        (RATE_HZ.to_owned(), plan.rate_hz.to_string()),
    ]);
    let mut child = Child::hold(&plan)?;
    child.release()?;
    let ended = child.wait(keep_going)?;
    let (recording, rates) = found(&plan)?;
    move_file(&recording, &plan.raw_file)
        .with_context(|| format!("cannot keep the recording in `{}`", plan.raw_file))?;
    Ok((Recorded::by(Sampler::InProcess, Vec::new(), ended), rates))
}

pub(super) const ONLY_IN_BENCHES: &str =
    "the in-process sampler works only in benches, through the probe's profiler for Criterion";

/// The problem with this sampler for a program that is no bench.
pub(super) fn only_in_benches(plan: &Plan) -> Problem {
    Problem::usage(format!(
        "cannot record `{}` with the in-process sampler",
        plan.program
    ))
    .fact(ONLY_IN_BENCHES)
    .hint(
        "leave `--sampler` out: perf events record every program, and every process that it starts",
    )
}

/// The error of [`record`] in words, where this sampler was asked for.
pub(super) fn explained(error: anyhow::Error) -> anyhow::Error {
    match error.downcast::<NotLinked>() {
        Ok(not_linked) => not_linked.alone().into(),
        Err(error) => error,
    }
}

/// The recording that the probe's record names.
fn found(plan: &Plan) -> anyhow::Result<(Utf8PathBuf, Rates)> {
    let directory = &plan.probe_directory;
    let mut answers = Vec::new();
    for entry in directory
        .read_dir_utf8()
        .with_context(|| format!("cannot read the probe's folder `{directory}`"))?
    {
        let entry = entry?;
        if !entry.file_name().ends_with(FILE_SUFFIX) {
            continue;
        }
        let text = fs::read_to_string(entry.path())?;
        let measured = Measured::from_json(&text).map_err(Problem::failure)?;
        answers.extend(measured.sampler);
    }
    let mut recordings = Vec::new();
    for answer in answers {
        match answer {
            SamplerFacts::Failed { reason } => return Err(could_not_run(plan, &reason).into()),
            SamplerFacts::Recorded {
                recording,
                requested_rate_hz,
                real_rate_hz,
                ..
            } => recordings.push((
                directory.join(recording),
                Rates {
                    asked_hz: requested_rate_hz,
                    real_hz: real_rate_hz,
                },
            )),
        }
    }
    match recordings.len() {
        0 => Err(anyhow::Error::new(NotLinked {
            program: plan.program.to_string(),
        })),
        1 => Ok(recordings.remove(0)),
        several => Err(Problem::failure(format!(
            "`{}` left {several} recordings, so they cannot be told apart",
            plan.program
        ))
        .hint("record one benchmark at a time")
        .into()),
    }
}

fn could_not_run(plan: &Plan, reason: &str) -> Problem {
    Problem::failure(format!(
        "cannot record `{}` with the in-process sampler",
        plan.program
    ))
    .fact(format!("the probe says: {reason}"))
}

/// Moves a file, across file systems too.
fn move_file(from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            fs::copy(from, to)?;
            fs::remove_file(from)
        }
        moved => moved,
    }
}

impl NotLinked {
    /// The message where this sampler was asked for.
    pub(super) fn alone(self) -> Problem {
        Problem::failure(self.to_string()).fact(NO_RECORDING).hint(
            "make `yardstick-probe` a dev-dependency of the bench and use its profiler, or pass `--sampler perf-event`",
        )
    }

    /// The message where it was to stand in for the perf-event recorder. The remedy is that of
    /// the recorder that was wanted first.
    pub(super) fn after(self, refusal: &Refusal) -> Problem {
        Problem::failure(format!("cannot record `{}`: no sampler can", self.program))
            .fact(refusal.to_string())
            .fact(self.to_string())
            .fact(NO_RECORDING)
            .hint(refusal.hint(Subject::Bench))
    }
}

const NO_RECORDING: &str = "it left no recording, as a bench that links `yardstick-probe` does";

impl fmt::Display for NotLinked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "cannot record `{}` with the in-process sampler",
            self.program
        )
    }
}

impl std::error::Error for NotLinked {}

impl fmt::Display for Rates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.real_hz {
            Some(real_hz) => write!(
                f,
                "{real_hz:.0} samples per CPU second ({} asked)",
                self.asked_hz
            ),
            None => write!(f, "an unknown rate ({} asked)", self.asked_hz),
        }
    }
}
