//! What recording stacks needs.

use super::{check, warn_if};
use crate::model::readiness::{Check, Findings, Limit, ProfilingProfile, State};

/// The ring of one CPU: 128 pages of 4 KiB and one of metadata.
pub(super) const RING_BYTES: u64 = 129 * 4096;

/// The highest `perf_event_paranoid` at which the kernel lets a user record own processes.
const PARANOID_LIMIT: i64 = 2;

pub(super) fn perf_events(findings: &Findings) -> Check {
    let (state, found) = match &findings.perf_event_obstacle {
        None => (State::Ok, "opened one".to_owned()),
        Some(obstacle) => (State::Missing, obstacle.clone()),
    };
    check(
        state,
        "perf events",
        found,
        "recording at any rate; else the in-process sampler at the kernel's tick",
        match findings.perf_event_paranoid {
            Some(value) if value > PARANOID_LIMIT => "sudo sysctl kernel.perf_event_paranoid=2",
            _ => {
                "run outside the container, or start it with `--cap-add PERFMON` or `--security-opt seccomp=unconfined`"
            }
        },
    )
}

pub(super) fn paranoid(findings: &Findings) -> Check {
    let found = findings.perf_event_paranoid;
    check(
        warn_if(found.is_some_and(|value| value > PARANOID_LIMIT)),
        "perf_event_paranoid",
        found.map_or_else(|| "unknown".to_owned(), |value| value.to_string()),
        "recording own processes as any user: 2 or lower",
        "sudo sysctl kernel.perf_event_paranoid=2",
    )
}

pub(super) fn locked_memory(findings: &Findings) -> Check {
    let granted = findings.perf_event_buffer_bytes.unwrap_or(0);
    let (enough, found) = match findings.locked_memory {
        Limit::Unknown => (true, "unknown".to_owned()),
        Limit::Unlimited => (true, "unlimited".to_owned()),
        Limit::Bytes(bytes) => {
            let rings = u64::from(findings.cores) * RING_BYTES;
            let enough = bytes.saturating_add(granted * u64::from(findings.cores)) >= rings;
            (enough, format!("{} KiB", bytes / 1024))
        }
    };
    check(
        warn_if(!enough),
        "locked memory",
        found,
        "large rings for stack samples, one per CPU",
        "sudo sysctl kernel.perf_event_mlock_kb=2048",
    )
}

pub(super) fn debug_information(profiling: ProfilingProfile) -> Check {
    let found = match profiling {
        ProfilingProfile::NoWorkspace => "no workspace here",
        ProfilingProfile::Ours => "passed to cargo by `profile`",
        ProfilingProfile::Complete => "in the Cargo profile `profiling`",
        ProfilingProfile::Poor => "the Cargo profile `profiling` drops it",
    };
    check(
        warn_if(profiling == ProfilingProfile::Poor),
        "debug information",
        found,
        "the names of inlined functions",
        "set `debug = 1` and `strip = false` in `[profile.profiling]` of `Cargo.toml`",
    )
}
