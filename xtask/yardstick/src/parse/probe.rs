//! What the probe measured inside a bench executable.

use std::collections::BTreeMap;

use anyhow::{Result, anyhow};
use yardstick_probe::wire::{Measured, measured::FILE_SUFFIX};

use crate::model::{benchmark::Counted, sample::Latencies};

/// Reads the records among the files that the probe wrote.
///
/// # Errors
/// If a record is damaged or of another version.
pub fn records(files: &BTreeMap<String, Vec<u8>>) -> Result<Vec<Measured>> {
    files
        .iter()
        .filter(|(name, _)| name.ends_with(FILE_SUFFIX))
        .map(|(_, bytes)| {
            Measured::from_json(&String::from_utf8_lossy(bytes)).map_err(|message| anyhow!(message))
        })
        .collect()
}

/// What a record says about the timed part of its benchmark; `None` where the bench marks none.
pub fn counted(measured: &Measured) -> Option<Counted> {
    (measured.iterations > 0).then(|| Counted {
        iterations: measured.iterations,
        allocations: measured.allocations,
        allocated_bytes: measured.allocated_bytes,
        cpu_ns: measured.cpu_ns,
        wall_ns: measured.wall_ns,
        latencies: measured
            .latencies
            .as_ref()
            .map(|histogram| Latencies(histogram.buckets.clone())),
    })
}

/// Whether an executable links the probe: it then holds the name of the probe's variable.
pub fn is_linked(executable: &[u8]) -> bool {
    let name = yardstick_probe::wire::environment::DIRECTORY.as_bytes();
    memchr::memmem::find(executable, name).is_some()
}
