//! What the kernel and the manifest say about measuring and recording.

use crate::model::readiness::ProfilingProfile;

/// The share of CPU time since boot that the hypervisor gave to others, 0 to 1, from `/proc/stat`.
pub fn steal_share(cpu_times: &str) -> Option<f64> {
    let line = cpu_times.lines().find(|line| line.starts_with("cpu "))?;
    let ticks: Vec<u64> = line
        .split_whitespace()
        .skip(1)
        .map(|field| field.parse().ok())
        .collect::<Option<_>>()?;
    // user nice system idle iowait irq softirq steal; guest time after it is part of user.
    let all = ticks
        .iter()
        .take(8)
        .fold(0, |sum: u64, ticks| sum.saturating_add(*ticks));
    let steal = *ticks.get(7)?;
    (all > 0).then(|| steal as f64 / all as f64)
}

/// What the workspace's `Cargo.toml` says about the Cargo profile for recording.
pub fn profiling_profile(manifest: &str) -> ProfilingProfile {
    let Ok(manifest) = manifest.parse::<toml::Table>() else {
        return ProfilingProfile::Ours;
    };
    let profile = manifest
        .get("profile")
        .and_then(|profiles| profiles.get("profiling"));
    let Some(profile) = profile else {
        return ProfilingProfile::Ours;
    };
    let names_inlined = match profile.get("debug") {
        Some(toml::Value::Boolean(on)) => *on,
        Some(toml::Value::Integer(level)) => *level >= 1,
        Some(toml::Value::String(level)) => ["limited", "full"].contains(&level.as_str()),
        _ => false,
    };
    let keeps = match profile.get("strip") {
        None | Some(toml::Value::Boolean(false)) => true,
        Some(toml::Value::String(what)) => what == "none",
        Some(_) => false,
    };
    match names_inlined && keeps {
        true => ProfilingProfile::Complete,
        false => ProfilingProfile::Poor,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn of_more_ticks_than_there_are_numbers_a_share_is_still_a_share() {
        let most = u64::MAX;
        let share = steal_share(&format!("cpu {most} {most} 0 0 0 0 0 {most}\n"));
        assert_eq!(share, Some(1.0));
    }

    #[test]
    fn stolen_time_is_a_share_of_all_time() {
        let text = "cpu  50 0 10 30 0 0 0 10 5 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n";
        assert_eq!(steal_share(text), Some(0.1));
        assert_eq!(steal_share("cpu  0 0 0 0 0 0 0 0\n"), None);
        assert_eq!(steal_share("cpu  1 2 3\n"), None);
        assert_eq!(steal_share(""), None);
    }

    #[test]
    fn a_profile_must_keep_the_names_of_inlined_functions() {
        let cases = [
            ("", ProfilingProfile::Ours),
            ("[profile.bench]\ndebug = 1\n", ProfilingProfile::Ours),
            (
                "[profile.profiling]\ninherits = \"bench\"\ndebug = 1\nstrip = false\n",
                ProfilingProfile::Complete,
            ),
            (
                "[profile.profiling]\ndebug = \"full\"\n",
                ProfilingProfile::Complete,
            ),
            (
                "[profile.profiling]\ndebug = true\nstrip = \"none\"\n",
                ProfilingProfile::Complete,
            ),
            (
                "[profile.profiling]\ninherits = \"bench\"\n",
                ProfilingProfile::Poor,
            ),
            (
                "[profile.profiling]\ndebug = \"line-tables-only\"\n",
                ProfilingProfile::Poor,
            ),
            (
                "[profile.profiling]\ndebug = 2\nstrip = true\n",
                ProfilingProfile::Poor,
            ),
            (
                "[profile.profiling]\ndebug = 2\nstrip = \"debuginfo\"\n",
                ProfilingProfile::Poor,
            ),
        ];
        for (manifest, expected) in cases {
            assert_eq!(profiling_profile(manifest), expected, "{manifest}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in "(cpu )?[ 0-9a-z\\[\\]=\".\n]{0,80}") {
            if let Some(share) = steal_share(&text) {
                prop_assert!((0.0..=1.0).contains(&share));
            }
            profiling_profile(&text);
        }
    }
}
