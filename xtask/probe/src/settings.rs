//! What the toolkit asked of this process, read from the environment once.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::wire::environment;

/// What the environment asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// The folder for records.
    pub(crate) directory: PathBuf,
    pub(crate) benchmark_id: Option<String>,
    /// The rate of the in-process sampler, if it shall run.
    pub(crate) sampler_rate_hz: Option<u32>,
    pub(crate) allocations: bool,
    pub(crate) latencies: bool,
}

impl Settings {
    fn read(variable: impl Fn(&str) -> Option<OsString>) -> Option<Self> {
        let text = |name: &str| variable(name).and_then(|value| value.into_string().ok());
        let directory = variable(environment::DIRECTORY).filter(|value| !value.is_empty())?;
        let in_process =
            text(environment::SAMPLER).as_deref() == Some(environment::SAMPLER_IN_PROCESS);
        let rate_hz = text(environment::RATE_HZ)
            .and_then(|rate| rate.parse().ok())
            .filter(|&rate| rate > 0)
            .unwrap_or(environment::DEFAULT_RATE_HZ);
        Some(Self {
            directory: PathBuf::from(directory),
            benchmark_id: text(environment::BENCHMARK_ID).filter(|id| !id.is_empty()),
            sampler_rate_hz: in_process.then_some(rate_hz),
            allocations: text(environment::ALLOCATIONS).as_deref() == Some("1"),
            latencies: text(environment::LATENCIES).as_deref() == Some("1"),
        })
    }
}

/// The settings, or none if the toolkit asked for nothing: then this costs one relaxed load.
pub(crate) fn settings() -> Option<&'static Settings> {
    const UNKNOWN: u8 = 0;
    const ABSENT: u8 = 1;
    const PRESENT: u8 = 2;
    static STATE: AtomicU8 = AtomicU8::new(UNKNOWN);
    static SETTINGS: OnceLock<Option<Settings>> = OnceLock::new();

    // Relaxed suffices: the settings themselves are published by the `OnceLock`.
    if STATE.load(Ordering::Relaxed) == ABSENT {
        return None;
    }
    let settings = SETTINGS
        .get_or_init(|| Settings::read(|name| env::var_os(name)))
        .as_ref();
    STATE.store(
        if settings.is_some() { PRESENT } else { ABSENT },
        Ordering::Relaxed,
    );
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Option<Settings> {
        Settings::read(|wanted| {
            variables
                .iter()
                .find(|(name, _)| *name == wanted)
                .map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn nothing_is_asked_for_without_a_folder() {
        assert_eq!(
            read(&[
                (environment::SAMPLER, "in-process"),
                (environment::ALLOCATIONS, "1")
            ]),
            None
        );
        assert_eq!(read(&[(environment::DIRECTORY, "")]), None);
    }

    #[test]
    fn the_sampler_runs_only_when_named_and_at_the_default_rate_unless_told() {
        let rate = |variables: &[(&str, &str)]| {
            let all = [&[(environment::DIRECTORY, "out")], variables].concat();
            read(&all).expect("a folder is given").sampler_rate_hz
        };
        assert_eq!(rate(&[]), None);
        assert_eq!(rate(&[(environment::SAMPLER, "perf")]), None);
        assert_eq!(rate(&[(environment::SAMPLER, "in-process")]), Some(997));
        assert_eq!(
            rate(&[
                (environment::SAMPLER, "in-process"),
                (environment::RATE_HZ, "100")
            ]),
            Some(100)
        );
        assert_eq!(
            rate(&[
                (environment::SAMPLER, "in-process"),
                (environment::RATE_HZ, "0")
            ]),
            Some(997)
        );
    }
}
