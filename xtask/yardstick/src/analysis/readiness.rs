//! What the findings on a machine mean for measuring and recording on it.

use crate::model::readiness::{Check, Findings, Limit, ProfilingProfile, State, Tool};

/// The load per core from which other work disturbs a measurement.
const BUSY_LOAD_PER_CORE: f64 = 0.5;

/// The share of stolen CPU time from which times cannot be trusted.
const STEAL_SHARE: f64 = 0.01;

/// What a build and a few captures with raw recordings take.
const DISK_BYTES: u64 = 5 << 30;

/// The ring of one CPU: 128 pages of 4 KiB and one of metadata.
const RING_BYTES: u64 = 129 * 4096;

/// The highest `perf_event_paranoid` at which the kernel lets a user record own processes.
const PARANOID_LIMIT: i64 = 2;

/// Judges every finding; recording first, then what steadies times, then tools.
pub fn checks(findings: &Findings) -> Vec<Check> {
    vec![
        perf_events(findings),
        paranoid(findings),
        locked_memory(findings),
        debug_information(findings.profiling),
        governor(findings),
        turbo(findings.turbo),
        load(findings),
        battery(findings.on_battery),
        virtual_machine(findings.hypervisor.as_deref()),
        steal(findings.steal_share),
        smt(findings.threads_share_cores),
        pinning(findings),
        disk(findings.free_disk_bytes),
        tool(
            "samply",
            &findings.samply,
            "`profile --sampler samply`",
            "cargo install --locked samply",
        ),
        tool(
            "perf",
            &findings.perf,
            "`profile --sampler perf`",
            "sudo apt-get install linux-perf || sudo apt-get install linux-tools-$(uname -r)",
        ),
        tool(
            "valgrind",
            &findings.valgrind,
            "exact instruction counts as a second opinion",
            "sudo apt-get install valgrind",
        ),
        tool(
            "lld",
            &findings.lld,
            "fresh code layouts in every round of a verdict",
            "sudo apt-get install lld",
        ),
        tool(
            "git",
            &findings.git,
            "the commit in a capture, and rebuilding it",
            "sudo apt-get install git",
        ),
    ]
}

fn check(
    state: State,
    subject: &'static str,
    found: impl Into<String>,
    needed_for: &'static str,
    remedy: &'static str,
) -> Check {
    Check {
        state,
        subject,
        found: found.into(),
        needed_for,
        remedy: (state != State::Ok && !remedy.is_empty()).then_some(remedy),
    }
}

/// Warns where `bad` is known to be true.
fn warn_if(bad: bool) -> State {
    match bad {
        true => State::Warn,
        false => State::Ok,
    }
}

fn perf_events(findings: &Findings) -> Check {
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

fn paranoid(findings: &Findings) -> Check {
    let found = findings.perf_event_paranoid;
    check(
        warn_if(found.is_some_and(|value| value > PARANOID_LIMIT)),
        "perf_event_paranoid",
        found.map_or_else(|| "unknown".to_owned(), |value| value.to_string()),
        "recording own processes as any user: 2 or lower",
        "sudo sysctl kernel.perf_event_paranoid=2",
    )
}

fn locked_memory(findings: &Findings) -> Check {
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

fn debug_information(profiling: ProfilingProfile) -> Check {
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

fn governor(findings: &Findings) -> Check {
    let governor = findings.governor.as_deref();
    check(
        warn_if(governor.is_some_and(|name| name != "performance")),
        "frequency governor",
        governor.unwrap_or("the machine shows none"),
        "one clock for all measurements",
        "sudo cpupower frequency-set --governor performance",
    )
}

fn turbo(turbo: Option<bool>) -> Check {
    check(
        warn_if(turbo == Some(true)),
        "turbo",
        on_off(turbo, "the machine shows none"),
        "a clock that does not depend on heat",
        "echo 1 | sudo tee /sys/devices/system/cpu/intel_pstate/no_turbo || echo 0 | sudo tee /sys/devices/system/cpu/cpufreq/boost",
    )
}

fn load(findings: &Findings) -> Check {
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

fn battery(on_battery: Option<bool>) -> Check {
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

fn virtual_machine(hypervisor: Option<&str>) -> Check {
    check(
        warn_if(hypervisor.is_some()),
        "virtual machine",
        hypervisor.unwrap_or("no"),
        "hardware counters, and CPUs of our own",
        "measure on bare metal where a few percent matter",
    )
}

fn steal(share: Option<f64>) -> Check {
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

fn smt(threads_share_cores: Option<bool>) -> Check {
    check(
        warn_if(threads_share_cores == Some(true)),
        "SMT",
        on_off(threads_share_cores, "the machine does not say"),
        "a core that no sibling slows down",
        "echo off | sudo tee /sys/devices/system/cpu/smt/control",
    )
}

fn pinning(findings: &Findings) -> Check {
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

fn disk(free: Option<u64>) -> Check {
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

fn tool(
    subject: &'static str,
    tool: &Tool,
    needed_for: &'static str,
    install: &'static str,
) -> Check {
    let (state, found) = match tool {
        Tool::Works(version) => (State::Ok, version.clone()),
        Tool::Broken(reason) => (State::Warn, reason.clone()),
        Tool::Missing => (State::Missing, "not installed".to_owned()),
    };
    check(state, subject, found, needed_for, install)
}

fn on_off(state: Option<bool>, unknown: &'static str) -> &'static str {
    match state {
        Some(true) => "on",
        Some(false) => "off",
        None => unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready() -> Findings {
        let works = || Tool::Works("1.0".to_owned());
        Findings {
            perf_event_paranoid: Some(2),
            locked_memory: Limit::Unlimited,
            governor: Some("performance".to_owned()),
            turbo: Some(false),
            load_1min: Some(0.0),
            cores: 8,
            on_battery: Some(false),
            steal_share: Some(0.0),
            threads_share_cores: Some(false),
            allowed_cpus: Some(8),
            pinned: true,
            samply: works(),
            perf: works(),
            valgrind: works(),
            lld: works(),
            git: works(),
            free_disk_bytes: Some(100 << 30),
            profiling: ProfilingProfile::Complete,
            ..Findings::default()
        }
    }

    fn complaints(findings: &Findings) -> Vec<&'static str> {
        checks(findings)
            .into_iter()
            .filter(|check| check.state != State::Ok)
            .map(|check| check.subject)
            .collect()
    }

    #[test]
    fn a_ready_machine_needs_no_remedy() {
        assert_eq!(complaints(&ready()), [""; 0]);
        assert!(checks(&ready()).iter().all(|check| check.remedy.is_none()));
    }

    #[test]
    fn every_complaint_comes_with_a_remedy() {
        let nothing = Findings {
            perf_event_obstacle: Some("permission denied".to_owned()),
            perf_event_paranoid: Some(4),
            locked_memory: Limit::Bytes(0),
            governor: Some("powersave".to_owned()),
            turbo: Some(true),
            load_1min: Some(9.0),
            cores: 2,
            on_battery: Some(true),
            hypervisor: Some("KVM".to_owned()),
            steal_share: Some(0.2),
            threads_share_cores: Some(true),
            free_disk_bytes: Some(0),
            profiling: ProfilingProfile::Poor,
            ..Findings::default()
        };
        let checks = checks(&nothing);
        assert!(checks.iter().all(|check| check.state != State::Ok));
        assert!(checks.iter().all(|check| check.remedy.is_some()));
    }

    #[test]
    fn a_machine_that_says_nothing_is_not_accused() {
        let silent = Findings {
            governor: None,
            turbo: None,
            load_1min: None,
            on_battery: None,
            steal_share: None,
            threads_share_cores: None,
            allowed_cpus: None,
            free_disk_bytes: None,
            locked_memory: Limit::Unknown,
            perf_event_paranoid: None,
            ..ready()
        };
        assert_eq!(complaints(&silent), [""; 0]);
    }

    #[test]
    fn refused_perf_events_blame_the_sysctl_only_where_it_is_to_blame() {
        let refused = |paranoid| Findings {
            perf_event_obstacle: Some("permission denied".to_owned()),
            perf_event_paranoid: Some(paranoid),
            ..ready()
        };
        let remedy = |paranoid| checks(&refused(paranoid))[0].remedy.unwrap_or_default();
        assert!(remedy(4).contains("sysctl"));
        assert!(remedy(1).contains("container"));
    }

    #[test]
    fn locked_memory_must_hold_the_rings_of_all_cpus() {
        let limited = |bytes, granted| Findings {
            locked_memory: Limit::Bytes(bytes),
            perf_event_buffer_bytes: Some(granted),
            ..ready()
        };
        assert_eq!(complaints(&limited(64 * 1024, 0)), ["locked memory"]);
        assert_eq!(complaints(&limited(64 * 1024, RING_BYTES)), [""; 0]);
        assert_eq!(complaints(&limited(8 * RING_BYTES, 0)), [""; 0]);
    }

    #[test]
    fn a_tool_that_is_there_but_does_not_work_is_told_with_its_reason() {
        let findings = Findings {
            perf: Tool::Broken("perf not found for kernel 6.1".to_owned()),
            ..ready()
        };
        let checks = checks(&findings);
        let perf = checks.iter().find(|check| check.subject == "perf");
        let perf = perf.expect("a check of perf");
        assert_eq!(perf.state, State::Warn);
        assert_eq!(perf.found, "perf not found for kernel 6.1");
    }
}
