//! What recording costs: a fixed load, bare and under a sampler, in turns.

use std::{process::Command, time::Duration};

use anyhow::Result;
use camino::Utf8Path;
use nix::sys::{
    resource::{Usage, UsageWho, getrusage},
    time::TimeVal,
};

use super::super::{
    TemporaryFolder, process,
    record::{self, Plan, STACK_DUMP_BYTES, SamplerChoice, Surroundings},
    signals, utf8,
};
use crate::model::{
    profile::Sampler,
    readiness::{Cost, Overhead},
};

/// How often each side runs.
const ROUNDS: usize = 7;

/// The rate that `profile` asks for.
const RATE_HZ: u32 = 999;

/// A load that every machine has: the shell counts.
const SHELL: &str = "/bin/sh";
const LOAD: &str = "i=0; while [ $i -lt 400000 ]; do i=$((i+1)); done";

/// Records the load several times and puts its CPU time beside that of bare runs.
pub(in crate::host) fn measure(sampler: Sampler, folder: &TemporaryFolder) -> Result<Overhead> {
    if let Some(obstacle) = record::obstacle(sampler) {
        return Ok(Overhead::Impossible(obstacle));
    }
    let folder = utf8(folder.path())?;
    let mut bare = Vec::new();
    let mut recorded = Vec::new();
    // The first pair only warms the machine up.
    for round in 0..=ROUNDS {
        let pair = (
            cost_of(run_bare)?,
            cost_of(|| run_recorded(sampler, &folder))?,
        );
        if round > 0 {
            bare.push(pair.0);
            recorded.push(pair.1);
        }
    }
    Ok(Overhead::Measured(Cost {
        rounds: ROUNDS,
        bare_load: median(bare.iter().map(|cost| cost.children)),
        recorded_load: median(recorded.iter().map(|cost| cost.children)),
        recorder: median(recorded.iter().map(|cost| cost.ourselves)),
    }))
}

/// CPU time.
struct CpuTime {
    ourselves: Duration,
    children: Duration,
}

fn cost_of(run: impl FnOnce() -> Result<()>) -> Result<CpuTime> {
    let usage = || -> Result<[Duration; 2]> {
        Ok([
            cpu(&getrusage(UsageWho::RUSAGE_SELF)?),
            cpu(&getrusage(UsageWho::RUSAGE_CHILDREN)?),
        ])
    };
    let [ourselves, children] = usage()?;
    run()?;
    let [ourselves_after, children_after] = usage()?;
    Ok(CpuTime {
        ourselves: ourselves_after.saturating_sub(ourselves),
        children: children_after.saturating_sub(children),
    })
}

fn cpu(usage: &Usage) -> Duration {
    let duration = |time: TimeVal| {
        let microseconds = u64::try_from(time.tv_usec()).unwrap_or(0);
        Duration::from_secs(u64::try_from(time.tv_sec()).unwrap_or(0))
            + Duration::from_micros(microseconds)
    };
    duration(usage.user_time()) + duration(usage.system_time())
}

fn run_bare() -> Result<()> {
    process::text_of(Command::new(SHELL).args(["-c", LOAD])).map(|_| ())
}

fn run_recorded(sampler: Sampler, folder: &Utf8Path) -> Result<()> {
    let plan = Plan {
        program: SHELL.into(),
        arguments: vec!["-c".to_owned(), LOAD.to_owned()],
        environment: Vec::new(),
        surroundings: Surroundings::Ours,
        subject: record::Subject::Bench,
        working_directory: folder.to_owned(),
        probe_directory: folder.to_owned(),
        sampler: SamplerChoice::Only(sampler),
        rate_hz: RATE_HZ,
        stack_dump_bytes: STACK_DUMP_BYTES,
        raw_file: folder.join("overhead"),
    };
    record::record(&plan, &signals::check).map(|_| ())
}

fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<Duration> = times.collect();
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
