//! What the findings on a machine mean for measuring and recording on it.

mod recording;
mod steadiness;

use crate::model::readiness::{Check, Findings, State, Tool};

/// Judges every finding; recording first, then what steadies times, then tools.
pub fn checks(findings: &Findings) -> Vec<Check> {
    vec![
        recording::perf_events(findings),
        recording::paranoid(findings),
        recording::locked_memory(findings),
        recording::debug_information(findings.profiling),
        steadiness::governor(findings),
        steadiness::turbo(findings.turbo),
        steadiness::load(findings),
        steadiness::battery(findings.on_battery),
        steadiness::virtual_machine(findings.hypervisor.as_deref()),
        steadiness::steal(findings.steal_share),
        steadiness::smt(findings.threads_share_cores),
        steadiness::pinning(findings),
        steadiness::disk(findings.free_disk_bytes),
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

#[cfg(test)]
mod tests {
    use super::{recording::RING_BYTES, *};
    use crate::model::readiness::{Limit, ProfilingProfile};

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
