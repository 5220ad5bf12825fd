//! `doctor`: what measuring and recording need here, what was found, and what helps.

use anyhow::Result;
use camino::Utf8PathBuf;

use super::Context;
use crate::{
    analysis, cli,
    host::{MetadataRequest, Probes, checks},
    model::{
        machine::Machine,
        profile::Sampler,
        readiness::{Findings, ProfilingProfile, Tool},
    },
    parse, render,
};

/// What to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// What is there.
    Readiness,
    /// What recording costs.
    Overhead,
}

impl From<cli::Doctor> for Request {
    fn from(typed: cli::Doctor) -> Self {
        match typed.overhead {
            true => Self::Overhead,
            false => Self::Readiness,
        }
    }
}

/// Looks at the machine. What is missing is said, and is no error: this verb is for machines
/// on which something is missing.
///
/// # Errors
/// If a signal ends it.
pub fn run(context: &Context<'_>, request: Request) -> Result<()> {
    match request {
        Request::Readiness => readiness(context),
        Request::Overhead => overhead(context),
    }
}

fn readiness(context: &Context<'_>) -> Result<()> {
    let host = context.host;
    let root = workspace_root(context);
    let folder = match &root {
        Some(root) => root.clone(),
        None => host.working_directory()?,
    };
    let facts = host.machine();
    let machine = parse::proc::machine(&facts.architecture, &facts.operating_system, &facts.files);
    let probes = host.probes(&folder)?;
    let profiling = match root {
        None => ProfilingProfile::NoWorkspace,
        Some(root) => match host.read_file(&root.join("Cargo.toml"))? {
            None => ProfilingProfile::Ours,
            Some(manifest) => {
                parse::readiness::profiling_profile(&String::from_utf8_lossy(&manifest))
            }
        },
    };
    let checks = analysis::readiness::checks(&findings(machine, probes, profiling));
    host.print(&render::readiness::readiness(&checks))
}

/// The root of the workspace; `None` outside of one.
fn workspace_root(context: &Context<'_>) -> Option<Utf8PathBuf> {
    let request = MetadataRequest {
        manifest_path: context.manifest_path.clone(),
        ..MetadataRequest::default()
    };
    let metadata = context.host.cargo_metadata(&request).ok()?;
    Some(parse::test_plan::tested_workspace(&metadata).ok()?.root)
}

fn findings(machine: Machine, mut probes: Probes, profiling: ProfilingProfile) -> Findings {
    let number = |path: &str| probes.files.get(path)?.trim().parse::<i64>().ok();
    let paranoid = number(checks::PARANOID);
    let buffer_kib = number(checks::BUFFER_KIB);
    let smt = number(checks::SMT);
    let steal_share = probes
        .files
        .get(checks::CPU_TIMES)
        .and_then(|text| parse::readiness::steal_share(text));
    let mut tool = |name: &str| probes.tools.remove(name).unwrap_or(Tool::Missing);
    Findings {
        samply: tool("samply"),
        perf: tool("perf"),
        valgrind: tool("valgrind"),
        lld: tool("lld"),
        git: tool("git"),
        perf_event_obstacle: probes.perf_event_obstacle,
        perf_event_paranoid: paranoid,
        locked_memory: probes.locked_memory,
        perf_event_buffer_bytes: buffer_kib
            .and_then(|kib| u64::try_from(kib).ok()?.checked_mul(1024)),
        governor: machine.circumstance.governor,
        turbo: machine.circumstance.turbo,
        load_1min: Some(machine.circumstance.load_1min),
        cores: machine.identity.cores,
        on_battery: machine.circumstance.on_battery,
        hypervisor: machine.circumstance.hypervisor,
        steal_share,
        threads_share_cores: smt.map(|active| active == 1),
        allowed_cpus: probes.allowed_cpus,
        pinned: probes.pinned,
        free_disk_bytes: probes.free_disk_bytes,
        profiling,
    }
}

fn overhead(context: &Context<'_>) -> Result<()> {
    let host = context.host;
    let mut rows = Vec::new();
    for sampler in [Sampler::PerfEvent, Sampler::Perf, Sampler::Samply] {
        let progress = host.progress(&format!("recording a fixed load with {sampler}"), 0);
        let overhead = host.overhead(sampler)?;
        drop(progress);
        rows.push((sampler, overhead));
    }
    host.print(&render::readiness::overhead(&rows))
}
