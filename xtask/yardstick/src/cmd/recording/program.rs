//! The recording of a program that is no bench: from its start to its end.

use anyhow::Result;

use super::taken::{Raw, Taken, read_short};
use crate::{
    cmd::Context,
    host::{
        Exit, ProgramPlan,
        record::{self, SamplerChoice},
        utf8,
    },
    model::profile::Refusal,
    problem::Problem,
    symbolize::Harness,
};

/// With fewer samples than this, no function's share is known to within five points.
const FEW_SAMPLES: u64 = 400;

/// One run of a program, to be recorded.
#[derive(Clone, Debug)]
pub struct ProgramTake<'a> {
    /// How it is run.
    pub program: &'a ProgramPlan,
    /// What its profile is called.
    pub id: &'a str,
    /// What calls its code.
    pub harness: Harness,
    /// What records.
    pub sampler: SamplerChoice,
    /// Samples per CPU second to ask for.
    pub rate_hz: u32,
}

/// Runs a program under a sampler. One that fails is recorded up to its end, and a warning says so.
///
/// # Errors
/// If nothing can record it, it cannot be started, or a signal asked us to end.
pub fn take_program(context: &Context<'_>, take: &ProgramTake<'_>) -> Result<Taken> {
    let host = context.host;
    let (folder, probe_folder) = (host.temporary_folder()?, host.temporary_folder()?);
    let raw_file = utf8(folder.path())?.join("recording");
    let plan = record::Plan::of_program(
        take.program,
        &utf8(probe_folder.path())?,
        (take.sampler, take.rate_hz),
        &raw_file,
    );
    let recorded = host.record(&plan)?;
    warn_of_failure(context, take.id, recorded.exit, &recorded.last_output);
    let recording = read_short(context, &raw_file)?;
    Ok(Taken {
        // Without its CPU time, as some tools leave it, a run tells shares alone.
        runs: recording.cpu_ns.map(|_| 1),
        recording,
        measured: None,
        duration_s: recorded.wall_ns as f64 / 1e9,
        recorded: Some(recorded),
        raw: vec![Raw {
            file: raw_file,
            _folder: folder,
        }],
        harness: take.harness,
    })
}

fn warn_of_failure(context: &Context<'_>, id: &str, exit: Exit, last_output: &[String]) {
    let how = match exit {
        Exit::Code(0) => return,
        Exit::Code(code) => format!("ended with exit code {code}"),
        Exit::Signal(_) => format!("was {exit}"),
    };
    context.warn(&format!(
        "`{id}` {how}; its profile shows what it did until then"
    ));
    if !last_output.is_empty() {
        let lines: String = last_output
            .iter()
            .map(|line| format!("    {line}\n"))
            .collect();
        context.host.note(&format!("  its last output:\n{lines}"));
    }
}

impl Taken {
    /// The same recording, of a program whose code `harness` calls.
    pub fn of_program(self, harness: Harness) -> Self {
        Self {
            runs: self.recording.cpu_ns.map(|_| 1),
            harness,
            ..self
        }
    }

    /// Warns where there are too few samples to tell much.
    ///
    /// # Errors
    /// If there is none.
    pub fn require_samples(&self, context: &Context<'_>, id: &str) -> Result<(), Problem> {
        let samples: u64 = self.recording.samples.iter().map(|it| it.weight).sum();
        let remedy = self.remedy(samples);
        if samples == 0 {
            return Err(Problem::failure(format!(
                "`{id}` ran too shortly to be sampled: {:.1} ms, {:.1} ms of them on a CPU",
                1e3 * self.duration_s,
                self.recording.cpu_ns.unwrap_or_default() as f64 / 1e6
            ))
            .hint(remedy));
        }
        if samples < FEW_SAMPLES {
            let (what, runs) = match self.runs {
                Some(runs) if runs > 1 => ("runs of", runs),
                _ => ("run of", 1),
            };
            context.warn(&format!(
                "{runs} {what} `{id}` gave {samples} samples, too few to tell functions apart by some percent: {remedy}"
            ));
        }
        Ok(())
    }

    /// What gives enough samples.
    fn remedy(&self, samples: u64) -> String {
        let runs = self.runs.unwrap_or(1).max(1);
        let needed = match samples {
            0 => 100,
            some => (runs * FEW_SAMPLES).div_ceil(some),
        };
        format!(
            "record several runs into one profile with `--repeat {}`, take samples more often with `--rate 10000`, or let it do its work in a loop",
            needed.clamp(2, 1_000)
        )
    }
}

/// What the user is told about the recording of a program that is refused for holding nothing; `None` for other reasons.
pub fn nothing_in(refusal: &Refusal, id: &str) -> Option<Problem> {
    match refusal {
        Refusal::NoSamples | Refusal::NothingMeasured { .. } => Some(
            Problem::failure(format!("no sample of `{id}` lies in a test"))
                .fact("all of them lie in libtest itself, or where programs start")
                .hint("let the tests do more, or record several runs into one profile with `--repeat 100`"),
        ),
        _ => None,
    }
}
