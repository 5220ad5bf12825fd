//! A recording plan from the way a bench executable is run.

use std::ffi::OsStr;

use camino::Utf8Path;

use super::{Plan, STACK_DUMP_BYTES, SamplerChoice};
use crate::host::{BenchPlan, run};

impl Plan {
    /// Records what `bench` would run. Criterion gets the empty folder `criterion_home`, the probe `probe_directory`; `sampler`
    /// is to take `rate_hz` samples per CPU second and to leave them in `raw_file`.
    pub fn of(
        bench: &BenchPlan,
        criterion_home: &Utf8Path,
        probe_directory: &Utf8Path,
        (sampler, rate_hz): (SamplerChoice, u32),
        raw_file: &Utf8Path,
    ) -> Self {
        let mut command = run::command(bench);
        command
            .env("CRITERION_HOME", criterion_home)
            .envs(bench.probe.iter().flatten());
        let text = |text: &OsStr| text.to_string_lossy().into_owned();
        let set = command
            .get_envs()
            .filter_map(|(name, value)| Some((text(name), text(value?))));
        Self {
            program: bench.executable.clone(),
            arguments: command.get_args().map(text).collect(),
            environment: set.collect(),
            working_directory: bench.package_root.clone(),
            probe_directory: probe_directory.to_owned(),
            sampler,
            rate_hz,
            stack_dump_bytes: STACK_DUMP_BYTES,
            raw_file: raw_file.to_owned(),
        }
    }
}
