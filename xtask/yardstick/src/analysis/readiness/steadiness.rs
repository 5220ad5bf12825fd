//! What makes times repeat.

use super::{check, warn_if};
use crate::model::readiness::{Check, Findings, State};

/// The load per core from which other work disturbs a measurement.
const BUSY_LOAD_PER_CORE: f64 = 0.5;

/// The share of stolen CPU time from which times cannot be trusted.
const STEAL_SHARE: f64 = 0.01;

/// What a build and a few captures with raw recordings take.
const DISK_BYTES: u64 = 5 << 30;

pub(super) fn governor(findings: &Findings) -> Check {
    let governor = findings.governor.as_deref();
    check(
        warn_if(governor.is_some_and(|name| name != "performance")),
        "frequency governor",
        governor.unwrap_or("the machine shows none"),
        "one clock for all measurements",
        "sudo cpupower frequency-set --governor performance",
    )
}

pub(super) fn turbo(turbo: Option<bool>) -> Check {
    check(
        warn_if(turbo == Some(true)),
        "turbo",
        on_off(turbo, "the machine shows none"),
        "a clock that does not depend on heat",
        "echo 1 | sudo tee /sys/devices/system/cpu/intel_pstate/no_turbo || echo 0 | sudo tee /sys/devices/system/cpu/cpufreq/boost",
    )
}

pub(super) fn load(findings: &Findings) -> Check {
    let cores = findings.cores;
    let busy = findings
        .load_1min
        .is_some_and(|load| load >= BUSY_LOAD_PER_CORE * f64::from(cores));
    check(
        warn_if(busy),
        "load",
        findings.load_1min.map_or_else(
            || "unknown".to_owned(),
            |load| format!("{load:.2} on {cores} CPUs"),
        ),
        "CPUs that nobody else uses",
        "top -o %CPU",
    )
}

pub(super) fn battery(on_battery: Option<bool>) -> Check {
    check(
        warn_if(on_battery == Some(true)),
        "power",
        match on_battery {
            None => "no battery",
            Some(true) => "on battery",
            Some(false) => "on mains",
        },
        "a clock that does not save energy",
        "connect the power supply",
    )
}

pub(super) fn virtual_machine(hypervisor: Option<&str>) -> Check {
    check(
        warn_if(hypervisor.is_some()),
        "virtual machine",
        match hypervisor {
            None => "no".to_owned(),
            Some(hypervisor) => format!("yes: hypervisor {hypervisor}"),
        },
        "hardware counters, and CPUs of our own",
        "measure on bare metal where a few percent matter",
    )
}

pub(super) fn steal(share: Option<f64>) -> Check {
    check(
        warn_if(share.is_some_and(|share| share >= STEAL_SHARE)),
        "stolen CPU time",
        share.map_or_else(
            || "unknown".to_owned(),
            |share| format!("{:.2} % since boot", share * 100.0),
        ),
        "CPUs that the hypervisor does not lend to others",
        "measure on a host with dedicated CPUs",
    )
}

pub(super) fn smt(threads_share_cores: Option<bool>) -> Check {
    check(
        warn_if(threads_share_cores == Some(true)),
        "SMT",
        on_off(threads_share_cores, "the machine does not say"),
        "a core that no sibling slows down",
        "echo off | sudo tee /sys/devices/system/cpu/smt/control",
    )
}

pub(super) fn pinning(findings: &Findings) -> Check {
    let (state, found) = match (findings.pinned, findings.allowed_cpus) {
        (false, _) => (State::Missing, "the kernel refused it".to_owned()),
        (true, Some(allowed)) if allowed < findings.cores => (
            State::Warn,
            format!("allowed, on {allowed} of {} CPUs", findings.cores),
        ),
        (true, _) => (State::Ok, "allowed, on every CPU".to_owned()),
    };
    check(
        state,
        "CPU pinning",
        found,
        "steady verdicts on multi-threaded benchmarks",
        "start the container or service with all CPUs (`--cpuset-cpus`, `AllowedCPUs=`)",
    )
}

pub(super) fn disk(free: Option<u64>) -> Check {
    check(
        warn_if(free.is_some_and(|bytes| bytes < DISK_BYTES)),
        "free disk space",
        free.map_or_else(
            || "unknown".to_owned(),
            |bytes| format!("{:.1} GiB", bytes as f64 / f64::from(1 << 30)),
        ),
        "two builds and their recordings: 5 GiB",
        "cargo clean",
    )
}

fn on_off(state: Option<bool>, unknown: &'static str) -> &'static str {
    match state {
        Some(true) => "on",
        Some(false) => "off",
        None => unknown,
    }
}
