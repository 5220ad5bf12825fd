//! What the doctor asks of the machine beyond what every capture records.

pub(super) mod cpus;
pub(super) mod overhead;
mod tools;

use std::{collections::BTreeMap, fs};

use camino::Utf8Path;
use nix::sys::{
    resource::{RLIM_INFINITY, Resource, getrlimit},
    statvfs::statvfs,
};

use super::record;
use crate::model::{
    profile::Sampler,
    readiness::{Limit, Tool},
};

pub(super) use tools::is_installed;

/// What a look at the machine gave. Nothing in it can fail: what is not known is absent.
#[derive(Clone, Debug, Default)]
pub struct Probes {
    /// Why our recorder cannot open perf events; `None` where it did open one.
    pub perf_event_obstacle: Option<String>,
    /// Files in which the kernel describes itself, by absolute path.
    pub files: BTreeMap<String, String>,
    /// Bytes of memory that one process may lock.
    pub locked_memory: Limit,
    /// The CPUs that this process may run on.
    pub allowed_cpus: Option<u32>,
    /// Whether a thread could be pinned to one of them.
    pub pinned: bool,
    /// Other programs, by name.
    pub tools: BTreeMap<String, Tool>,
    /// Bytes free in the folder that was asked about.
    pub free_disk_bytes: Option<u64>,
}

/// Sampling may be forbidden altogether by this file.
pub const PARANOID: &str = "/proc/sys/kernel/perf_event_paranoid";
/// KiB of sampling buffers per CPU that every user gets beyond the locked memory.
pub const BUFFER_KIB: &str = "/proc/sys/kernel/perf_event_mlock_kb";
/// 1 where two logical CPUs share a core.
pub const SMT: &str = "/sys/devices/system/cpu/smt/active";
/// CPU time since boot by use.
pub const CPU_TIMES: &str = "/proc/stat";

/// Looks at the machine; `folder` is where builds and captures are written.
pub(super) fn probes(folder: &Utf8Path) -> Probes {
    Probes {
        perf_event_obstacle: record::obstacle(Sampler::PerfEvent),
        files: [PARANOID, BUFFER_KIB, SMT, CPU_TIMES]
            .into_iter()
            .filter_map(|path| Some((path.to_owned(), fs::read_to_string(path).ok()?)))
            .collect(),
        locked_memory: locked_memory(),
        allowed_cpus: u32::try_from(cpus::allowed().len())
            .ok()
            .filter(|count| *count > 0),
        pinned: cpus::can_pin(),
        tools: tools::all(),
        free_disk_bytes: free_disk_bytes(folder),
    }
}

fn locked_memory() -> Limit {
    match getrlimit(Resource::RLIMIT_MEMLOCK) {
        Ok((RLIM_INFINITY, _)) => Limit::Unlimited,
        Ok((bytes, _)) => Limit::Bytes(bytes),
        Err(_) => Limit::Unknown,
    }
}

fn free_disk_bytes(folder: &Utf8Path) -> Option<u64> {
    let disk = statvfs(folder.as_std_path()).ok()?;
    Some(disk.blocks_available() * disk.fragment_size())
}
