//! A raw recording of any tool, told apart by its first bytes.

use std::collections::BTreeMap;

use super::{perf_data, probe_recording, samply};
use crate::model::recording::{FileBytes, Recording};
use crate::model::stack::LARGEST_TOTAL_WEIGHT;
use crate::problem::Problem;

/// Finds the bytes of an executable or library by the path in a recording.
pub type FindBinary<'a> = &'a dyn Fn(&str) -> Option<FileBytes>;

/// Reads a recording of ours, of perf, or of samply.
///
/// `find_binary` is asked only for recordings that hold addresses relative to a file instead of
/// the mappings of the process; without the file its frames stay unnamed.
///
/// # Errors
/// If the bytes are none of these, are damaged, or hold no sample; the message calls the recording
/// `name`.
pub fn read(name: &str, bytes: &[u8], find_binary: FindBinary<'_>) -> Result<Recording, Problem> {
    read_short(name, bytes, find_binary).and_then(|recording| {
        require_samples(recording)
            .map_err(|problem| problem.about(format!("cannot read the recording `{name}`")))
    })
}

/// The same for a program that may have run too shortly to be sampled.
///
/// # Errors
/// If the bytes are no recording or are damaged.
pub fn read_short(
    name: &str,
    bytes: &[u8],
    find_binary: FindBinary<'_>,
) -> Result<Recording, Problem> {
    let read = match format(bytes) {
        Some(format) if bytes.len() as u64 > format.largest_bytes() => {
            Err(too_large(format.largest_bytes()))
        }
        Some(Format::Own) => probe_recording::read(bytes),
        Some(Format::PerfData) => perf_data::read(bytes),
        Some(Format::Samply) => samply::read(bytes, find_binary),
        None if bytes.is_empty() => Err(Problem::failure("the file is empty")),
        None => Err(not_a_recording()),
    };
    read.and_then(require_countable)
        .map(only_the_busiest_process)
        .and_then(require_few_modules)
        .map_err(|problem| problem.about(format!("cannot read the recording `{name}`")))
}

/// Refuses numbers of samples that nobody can have taken. What is summed up later then stays within its type.
fn require_countable(recording: Recording) -> Result<Recording, Problem> {
    if recording.taken() <= LARGEST_TOTAL_WEIGHT {
        return Ok(recording);
    }
    Err(Problem::failure("it is damaged")
        .fact("its samples and the lost ones add up to more than 2⁵³"))
}

/// Leaves the process that has most of the samples, where the recording does not tell which one was started. A
/// recording of a tool may also hold the shell that started the benchmark, whose time is not in the benchmark's CPU time.
fn only_the_busiest_process(mut recording: Recording) -> Recording {
    if !recording.started.is_empty() {
        return recording;
    }
    let mut weights = BTreeMap::new();
    for sample in &recording.samples {
        *weights.entry(sample.pid).or_insert(0_u64) += sample.weight;
    }
    let busiest = weights.into_iter().max_by_key(|&(_, weight)| weight);
    if let Some((pid, _)) = busiest {
        recording.samples.retain(|sample| sample.pid == pid);
        recording.modules.retain(|module| module.pid == pid);
        recording.threads.retain(|&(owner, _), _| owner == pid);
        recording.started.insert(pid);
    }
    recording
}

/// The most files and parts of files that one process can have mapped: what Linux allows unless it is told otherwise.
const MOST_MODULES: usize = 1 << 16;

fn require_few_modules(recording: Recording) -> Result<Recording, Problem> {
    match recording.modules.len() {
        ..=MOST_MODULES => Ok(recording),
        found => Err(Problem::failure("it is damaged").fact(format!(
            "one process maps {found} parts of files; {MOST_MODULES} is the most"
        ))),
    }
}

fn require_samples(recording: Recording) -> Result<Recording, Problem> {
    if !recording.samples.is_empty() {
        return Ok(recording);
    }
    let problem = Problem::failure("it holds no samples")
        .fact(format!("event: {}", recording.event))
        .fact(format!("lost samples: {}", recording.lost));
    let problem = match recording.cpu_ns {
        Some(cpu_ns) => problem.fact(format!("CPU time recorded: {} ms", cpu_ns / 1_000_000)),
        None => problem,
    };
    Err(problem.hint("record for longer, or check that the program does any work on the CPU"))
}

fn not_a_recording() -> Problem {
    Problem::failure("it is no recording that can be read here")
        .fact("known: raw recordings of ours, perf.data files of perf, profiles of samply (.json, .json.gz)")
}

/// The formats of recordings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Own,
    PerfData,
    Samply,
}

impl Format {
    /// What fits into memory once it is read. Text takes more than records do.
    fn largest_bytes(self) -> u64 {
        match self {
            Self::Own | Self::PerfData => 8 << 30,
            Self::Samply => samply::LARGEST_TEXT_BYTES,
        }
    }
}

/// What is told of a recording that does not fit into memory.
pub(super) fn too_large(largest_bytes: u64) -> Problem {
    Problem::failure("it is too large")
        .fact(format!("it has more than {} GiB", largest_bytes >> 30))
        .hint("record for a shorter time, or at a lower rate")
}

fn format(bytes: &[u8]) -> Option<Format> {
    let text = bytes.trim_ascii_start();
    if bytes.starts_with(&yardstick_probe::wire::recording::MAGIC) {
        Some(Format::Own)
    } else if perf_data::is_perf_data(bytes) {
        Some(Format::PerfData)
    } else if samply::is_gzip(bytes) || text.starts_with(b"{") {
        Some(Format::Samply)
    } else {
        None
    }
}

/// In the words of `uname`.
pub(super) const THIS_ARCHITECTURE: &str = if cfg!(target_arch = "x86_64") {
    "x86_64"
} else if cfg!(target_arch = "aarch64") {
    "aarch64"
} else {
    "unknown"
};

/// Refuses a recording of another instruction set: its registers cannot be unwound here.
pub(super) fn require_this_architecture(found: &str) -> Result<(), Problem> {
    let wanted = THIS_ARCHITECTURE;
    if found == wanted {
        return Ok(());
    }
    Err(
        Problem::failure("it was recorded on another instruction set")
            .fact(format!("found:  {found}"))
            .fact(format!("wanted: {wanted}")),
    )
}

#[cfg(test)]
mod tests;
