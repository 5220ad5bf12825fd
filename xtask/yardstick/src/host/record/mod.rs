//! Records the stacks of a program: starts it, waits for its end, leaves one raw recording file.
//!
//! Nothing is unwound or named here. Every sampler leaves its own file format; the
//! [`parse::recording`](crate::parse::recording) module tells them apart by content.

mod child;
mod fallback;
mod in_process;
mod output;
mod perf;
#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod perf_event;
#[cfg(not(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
#[path = "perf_event_unsupported.rs"]
mod perf_event;
mod plan;
mod samply;
mod tool;

#[cfg(all(test, target_os = "linux"))]
mod tests;

use std::fmt;
use std::process::Command;

use camino::Utf8PathBuf;

use super::{Exit, trial::pin};
use crate::model::profile::Sampler;
use crate::problem::Problem;

/// The size of the stack copy of each sample, in bytes. Larger copies fill the kernel's ring
/// faster; what lies above them is grafted from the frame-pointer chain.
pub const STACK_DUMP_BYTES: u32 = 16 * 1024;

/// What to record, and how.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The executable.
    pub program: Utf8PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Variables to set besides those that it inherits.
    pub environment: Vec<(String, String)>,
    /// What it runs in.
    pub surroundings: Surroundings,
    /// What it is.
    pub subject: Subject,
    /// The folder to start it in.
    pub working_directory: Utf8PathBuf,
    /// An existing empty folder in which the probe leaves what it measured; the program gets it
    /// as `YARDSTICK_PROBE_DIR`.
    pub probe_directory: Utf8PathBuf,
    /// What records.
    pub sampler: SamplerChoice,
    /// Samples per CPU second to ask for.
    pub rate_hz: u32,
    /// Bytes of stack to copy with each sample; [`STACK_DUMP_BYTES`] unless there is a reason.
    pub stack_dump_bytes: u32,
    /// Where to leave the raw recording; an existing file is replaced.
    pub raw_file: Utf8PathBuf,
}

impl Plan {
    /// Gives a command the environment and the folder that the program is to have.
    ///
    /// # Errors
    /// If there is no such CPU.
    fn settle(&self, command: &mut Command) -> anyhow::Result<()> {
        if let Surroundings::OfARound { cpu, .. } = self.surroundings {
            command.env_clear();
            cpu.map_or(Ok(()), |cpu| pin(command, cpu))?;
        }
        command
            .current_dir(&self.working_directory)
            .env(
                yardstick_probe::wire::environment::DIRECTORY,
                &self.probe_directory,
            )
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        Ok(())
    }
}

/// What is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A bench, which may link the probe with its sampler; a failure makes its recording worthless.
    Bench,
    /// Any other program; what it did until it failed may be what somebody wants to see.
    Program,
}

/// What a recorded program runs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surroundings {
    /// Our own environment, and all CPUs that we may use.
    Ours,
    /// Those of a process of a round: nothing of our environment but what every process of a round sees.
    OfARound {
        /// The one CPU it runs on; `None` for all that we may use.
        cpu: Option<u32>,
        /// The length of the variable that moves its stack, in bytes.
        padding_bytes: u32,
    },
}

/// Which sampler to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SamplerChoice {
    /// Our perf-event recorder; the in-process sampler where the kernel refuses it.
    Auto,
    /// This one or none.
    Only(Sampler),
}

/// A finished recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// What recorded.
    pub sampler: Sampler,
    /// Why it is not our perf-event recorder, where it was to be taken automatically: sentences for the user.
    pub fell_back: Option<String>,
    /// What else the user should know, one sentence each.
    pub notices: Vec<String>,
    /// How the program ended; always well for a bench.
    pub exit: Exit,
    /// How long it ran, in ns.
    pub wall_ns: u64,
    /// The last lines that it printed, where it failed.
    pub last_output: Vec<String>,
}

/// Asked a few times a second while the program runs. An error, such as Ctrl-C, ends the program
/// and becomes the error of the recording.
pub type KeepGoing<'a> = &'a dyn Fn() -> anyhow::Result<()>;

/// Runs the program under a sampler until it ends. Returns only when the program and its process
/// group are gone, whatever happened.
///
/// # Errors
/// If the sampler cannot run here, if the program cannot be started, if a bench dies or ends with a failure,
/// if the recording cannot be written, or if `keep_going` says so.
pub fn record(plan: &Plan, keep_going: KeepGoing<'_>) -> anyhow::Result<Recorded> {
    match plan.sampler {
        SamplerChoice::Auto => fallback::record(plan, keep_going),
        SamplerChoice::Only(Sampler::PerfEvent) => {
            perf_event::record(plan, keep_going).map_err(|failure| failure.into_error(plan.subject))
        }
        SamplerChoice::Only(Sampler::InProcess) => match plan.subject {
            Subject::Bench => in_process::record(plan, keep_going)
                .map(|(recorded, _)| recorded)
                .map_err(in_process::explained),
            Subject::Program => Err(in_process::only_in_benches(plan).into()),
        },
        SamplerChoice::Only(Sampler::Perf) => perf::record(plan, keep_going),
        SamplerChoice::Only(Sampler::Samply) => samply::record(plan, keep_going),
    }
}

/// Why `sampler` cannot record on this machine; `None` where it can, as far as can be told without
/// the program to record: a bench that does not link the probe has no in-process sampler.
pub fn obstacle(sampler: Sampler) -> Option<String> {
    match sampler {
        Sampler::PerfEvent => perf_event::obstacle().map(|refusal| refusal.to_string()),
        Sampler::InProcess => None,
        Sampler::Perf => perf::obstacle(),
        Sampler::Samply => samply::obstacle(),
    }
}

impl Recorded {
    fn by(sampler: Sampler, notices: Vec<String>, ended: child::Ended) -> Self {
        Self {
            sampler,
            fell_back: None,
            notices,
            exit: ended.exit(),
            wall_ns: ended.wall_ns,
            last_output: ended.last_output,
        }
    }
}

/// Why the perf-event recorder failed.
#[derive(Debug)]
enum Failure {
    /// The kernel does not let us open perf events: another sampler may do better.
    Refused(Refusal),
    /// Something that no other sampler would do better.
    Other(anyhow::Error),
}

impl Failure {
    fn into_error(self, subject: Subject) -> anyhow::Error {
        match self {
            Self::Refused(refusal) => refusal.into_problem(subject).into(),
            Self::Other(error) => error,
        }
    }
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Other(error.into())
    }
}

/// The kernel's refusal to open a perf event, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Refusal {
    /// What was refused and why, as a fragment.
    what: String,
    /// Found against wanted.
    fact: Option<String>,
    /// What helps; `None` where nothing makes the kernel do it.
    remedy: Option<&'static str>,
}

impl Refusal {
    fn into_problem(self, subject: Subject) -> Problem {
        let problem = Problem::failure(format!("cannot record: {}", self.what));
        let hint = self.hint(subject);
        let problem = match self.fact {
            Some(fact) => problem.fact(fact),
            None => problem,
        };
        match subject {
            Subject::Bench => problem,
            Subject::Program => problem.fact(in_process::ONLY_IN_BENCHES),
        }
        .hint(hint)
    }

    /// What to do: to a bench the probe can lend its sampler, to other programs only somebody else's.
    fn hint(&self, subject: Subject) -> String {
        match (self.remedy, subject) {
            (Some(remedy), Subject::Bench) => format!("{remedy}, or pass `--sampler in-process`"),
            (Some(remedy), Subject::Program) => remedy.to_owned(),
            (None, Subject::Bench) => "pass `--sampler in-process`".to_owned(),
            (None, Subject::Program) => {
                "record it on a machine whose kernel has perf events, and pass that recording to `--import`".to_owned()
            }
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        match &self.fact {
            Some(fact) => write!(f, "; {fact}"),
            None => Ok(()),
        }
    }
}
