//! A recording plan from the way a bench or another program is run.

use std::{ffi::OsStr, path::Path, process::Command};

use camino::Utf8Path;

use super::{Plan, STACK_DUMP_BYTES, SamplerChoice, Subject, Surroundings};
use crate::host::{BenchPlan, ProgramPlan, run, trial};

impl Plan {
    /// Records what `bench` would run in `surroundings`. Criterion gets the empty folder `criterion_home`, the probe `probe_directory`; a sampler
    /// is to take so many samples per CPU second (`sampling`) and to leave them in `raw_file`.
    pub fn of(
        bench: &BenchPlan,
        surroundings: Surroundings,
        criterion_home: &Utf8Path,
        probe_directory: &Utf8Path,
        sampling: (SamplerChoice, u32),
        raw_file: &Utf8Path,
    ) -> Self {
        let mut command = run::command(bench);
        match surroundings {
            Surroundings::Ours => _ = command.env("CRITERION_HOME", criterion_home),
            Surroundings::OfARound { padding_bytes, .. } => {
                trial::surround(
                    &mut command,
                    bench,
                    padding_bytes,
                    criterion_home.as_std_path(),
                );
            }
        }
        command.envs(bench.probe.iter().flatten());
        Self {
            subject: Subject::Bench,
            surroundings,
            ..Self::running(&command, probe_directory, sampling, raw_file)
        }
    }

    /// Records what `program` would run.
    pub fn of_program(
        program: &ProgramPlan,
        probe_directory: &Utf8Path,
        sampling: (SamplerChoice, u32),
        raw_file: &Utf8Path,
    ) -> Self {
        let mut command = Command::new(&program.executable);
        command
            .args(&program.arguments)
            .current_dir(&program.working_directory)
            .envs(&program.environment);
        if let Some(path) = run::library_path(&program.library_folders) {
            command.env(run::LIBRARY_PATH, path);
        }
        Self::running(&command, probe_directory, sampling, raw_file)
    }

    fn running(
        command: &Command,
        probe_directory: &Utf8Path,
        (sampler, rate_hz): (SamplerChoice, u32),
        raw_file: &Utf8Path,
    ) -> Self {
        let text = |text: &OsStr| text.to_string_lossy().into_owned();
        let set = command
            .get_envs()
            .filter_map(|(name, value)| Some((text(name), text(value?))));
        let folder = command.get_current_dir().unwrap_or(Path::new("."));
        Self {
            program: text(command.get_program()).into(),
            arguments: command.get_args().map(text).collect(),
            environment: set.collect(),
            surroundings: Surroundings::Ours,
            subject: Subject::Program,
            working_directory: text(folder.as_os_str()).into(),
            probe_directory: probe_directory.to_owned(),
            sampler,
            rate_hz,
            stack_dump_bytes: STACK_DUMP_BYTES,
            raw_file: raw_file.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_the_surroundings_of_a_round_a_program_sees_nothing_of_ours() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = crate::host::utf8(folder.path()).expect("UTF-8");
        let cpu = nix::sched::sched_getaffinity(nix::unistd::Pid::from_raw(0));
        let cpus = cpu.expect("the kernel says it");
        let cpu = (0..1024).find(|cpu| cpus.is_set(*cpu) == Ok(true));
        let surroundings = Surroundings::OfARound {
            cpu: cpu.map(|cpu| cpu as u32),
            padding_bytes: 100,
        };
        let bench = BenchPlan {
            executable: "/bin/sh".into(),
            package_root: "/".into(),
            arguments: Vec::new(),
            environment: [("ITS".to_owned(), "own".to_owned())].into(),
            library_folders: Vec::new(),
            criterion_home: None,
            probe: None,
        };
        let plan = Plan::of(
            &bench,
            surroundings,
            &folder.join("criterion"),
            &folder,
            (SamplerChoice::Auto, 99),
            &folder.join("recording"),
        );
        let mut command = Command::new("sh");
        command.args(["-c", "env; grep Cpus_allowed_list /proc/self/status"]);
        plan.settle(&mut command).expect("the CPU is there");
        let output = command.output().expect("sh runs").stdout;
        let seen = String::from_utf8(output).expect("UTF-8");
        // Cargo sets it for whoever runs tests.
        assert!(!seen.contains("CARGO_PKG_VERSION"), "{seen}");
        assert!(seen.contains("ITS=own"), "{seen}");
        assert!(
            seen.contains(&format!("PADDING={}\n", "x".repeat(100))),
            "{seen}"
        );
        let pinned = cpu.map(|cpu| format!("Cpus_allowed_list:\t{cpu}\n"));
        assert!(seen.contains(&pinned.expect("a CPU is allowed")), "{seen}");
    }
}
