//! What differed around two captures of one machine, and what disturbed either.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    capture::Capture,
    comparison::{Sides, Subject, Warning},
    revision::Provenance,
};

use super::{parts, profile_parts, run_parts};

/// The load per core from which other work must have shared the CPUs with the measurement.
const BUSY_LOAD_PER_CORE: f64 = 0.5;

/// All that the reader must know about how the two captures were measured.
pub(super) fn warnings(captures: Sides<&Capture>) -> Vec<Warning> {
    // A capture's times and profiles are built differently on purpose, so like is put
    // beside like.
    let mut warnings = differences(captures.map(|capture| run_parts(capture).collect()));
    warnings.extend(differences(
        captures.map(|capture| profile_parts(capture).collect()),
    ));
    for capture in [captures.before, captures.after] {
        warnings.extend(parts(capture).flat_map(|part| disturbances(&capture.name, part)));
    }
    warnings.extend(same_executables(captures));
    warnings
}

type Question = (Subject, &'static str, fn(&Provenance) -> String);

const QUESTIONS: [Question; 9] = [
    (Subject::Kernel, "kernel", |part| {
        part.machine.circumstance.kernel.clone()
    }),
    (Subject::Governor, "frequency governor", |part| {
        let governor = part.machine.circumstance.governor.clone();
        governor.unwrap_or_else(|| "unknown".to_owned())
    }),
    (Subject::Turbo, "turbo setting", |part| {
        state(part.machine.circumstance.turbo, ["off", "on"])
    }),
    (Subject::Hypervisor, "hypervisor", |part| {
        let hypervisor = part.machine.circumstance.hypervisor.clone();
        hypervisor.unwrap_or_else(|| "none".to_owned())
    }),
    (Subject::Power, "power supply", |part| {
        state(part.machine.circumstance.on_battery, ["mains", "battery"])
    }),
    (Subject::Rustc, "compiler", |part| {
        let version = part.build.rustc.first().cloned();
        version.unwrap_or_else(|| "unknown".to_owned())
    }),
    (
        Subject::Rustflags,
        "set of compiler flags",
        |part| match part.build.rustflags.join(" ") {
            flags if flags.is_empty() => "none".to_owned(),
            flags => flags,
        },
    ),
    (Subject::CargoProfile, "Cargo profile", |part| {
        part.build.cargo_profile.clone()
    }),
    (Subject::Lockfile, "lock file", |part| {
        match &part.build.lockfile_sha256 {
            Some(sha256) => format!("sha256 {}", sha256.get(..12).unwrap_or(sha256)),
            None => "absent".to_owned(),
        }
    }),
];

fn state(value: Option<bool>, names: [&str; 2]) -> String {
    match value {
        Some(on) => names[usize::from(on)],
        None => "unknown",
    }
    .to_owned()
}

fn differences(parts: Sides<Vec<&Provenance>>) -> Vec<Warning> {
    if parts.before.is_empty() || parts.after.is_empty() {
        return Vec::new();
    }
    QUESTIONS
        .iter()
        .filter_map(|(subject, what, question)| {
            let values = parts
                .as_ref()
                .map(|parts| parts.iter().map(|part| question(part)).collect())
                .map(|values: BTreeSet<String>| Vec::from_iter(values).join(", "));
            (values.before != values.after).then(|| Warning {
                subject: *subject,
                text: format!(
                    "the {what} differs: {} before, {} after",
                    values.before, values.after
                ),
            })
        })
        .collect()
}

/// What speaks against one part whatever it is compared with.
fn disturbances(name: &str, part: &Provenance) -> Vec<Warning> {
    let circumstance = &part.machine.circumstance;
    let cores = part.machine.identity.cores;
    let mut found = Vec::new();
    let mut warn = |subject, text| found.push(Warning { subject, text });
    if circumstance.load_1min >= BUSY_LOAD_PER_CORE * f64::from(cores) {
        let load = circumstance.load_1min;
        warn(
            Subject::Load,
            format!(
                "the machine was busy when `{name}` was measured: load {load:.1} on {cores} cores"
            ),
        );
    }
    if circumstance.on_battery == Some(true) {
        warn(
            Subject::Power,
            format!("`{name}` was measured on battery power"),
        );
    }
    if part
        .revision
        .as_ref()
        .is_some_and(|revision| revision.dirty_tree.is_some())
    {
        warn(
            Subject::DirtyTree,
            format!("`{name}` was built with uncommitted changes"),
        );
    }
    if part.command.iter().any(|argument| argument == "--quick") {
        warn(
            Subject::Quick,
            format!("`{name}` was measured with `--quick`: a look, not a baseline"),
        );
    }
    found
}

fn same_executables(captures: Sides<&Capture>) -> Vec<Warning> {
    let executables = captures.map(|capture| {
        let mut by_suite: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
        for executable in run_parts(capture).flat_map(|part| &part.executables) {
            by_suite
                .entry((&executable.package, &executable.suite))
                .or_default()
                .insert(&executable.sha256);
        }
        by_suite
    });
    let Sides { before, after } = &executables;
    before
        .iter()
        .filter(|(suite, hashes)| hashes.len() == 1 && after.get(*suite) == Some(*hashes))
        .map(|((_, suite), _)| Warning {
            subject: Subject::SameExecutable,
            text: format!(
                "the executable of suite `{suite}` is the same byte for byte, so no difference in its times comes from the code"
            ),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::samples::{capture, profile};
    use super::*;
    use crate::model::revision::Executable;

    fn texts(before: &Capture, after: &Capture) -> Vec<String> {
        let mut warnings = warnings(Sides { before, after });
        warnings.sort();
        warnings.into_iter().map(|warning| warning.text).collect()
    }

    #[test]
    fn equal_circumstances_call_for_no_warning() {
        assert!(texts(&capture("pre"), &capture("post")).is_empty());
    }

    #[test]
    fn every_circumstance_that_differs_is_named_with_both_values() {
        let before = capture("pre");
        let mut after = capture("post");
        let part = &mut after.runs[0].provenance;
        part.machine.circumstance.kernel = "6.2.0".to_owned();
        part.machine.circumstance.governor = None;
        part.machine.circumstance.turbo = Some(true);
        part.build.rustc = vec!["rustc 1.96.0".to_owned()];
        part.build.rustflags = vec!["-Ctarget-cpu=native".to_owned()];
        part.build.lockfile_sha256 = None;
        part.build.cargo_profile = "release".to_owned();
        assert_eq!(
            texts(&before, &after),
            [
                "the kernel differs: 6.1.0 before, 6.2.0 after",
                "the frequency governor differs: performance before, unknown after",
                "the turbo setting differs: off before, on after",
                "the compiler differs: rustc 1.95.0 before, rustc 1.96.0 after",
                "the set of compiler flags differs: none before, -Ctarget-cpu=native after",
                "the Cargo profile differs: bench before, release after",
                "the lock file differs: sha256 aa before, absent after",
            ]
        );
    }

    #[test]
    fn disturbances_of_one_side_are_told_with_its_name() {
        let before = capture("pre");
        let mut after = capture("post");
        let part = &mut after.runs[0].provenance;
        part.machine.circumstance.load_1min = 9.0;
        part.command.push("--quick".to_owned());
        part.revision.as_mut().expect("a revision").dirty_tree = Some("cafe".to_owned());
        assert_eq!(
            texts(&before, &after),
            [
                "the machine was busy when `post` was measured: load 9.0 on 16 cores",
                "`post` was built with uncommitted changes",
                "`post` was measured with `--quick`: a look, not a baseline",
            ]
        );
    }

    #[test]
    fn the_cargo_profile_of_a_profile_is_not_held_against_the_one_of_the_times() {
        let before = capture("pre");
        let mut after = capture("post");
        let mut recorded = profile("e2e/linear", &[("runtime::run", 10)]);
        recorded.provenance.build.cargo_profile = "profiling".to_owned();
        after.profiles.insert(recorded.key.clone(), recorded);
        assert!(texts(&before, &after).is_empty());
    }

    #[test]
    fn identical_executables_are_told_by_suite() {
        let mut before = capture("pre");
        before.runs[0].provenance.executables = vec![Executable {
            package: "benches".to_owned(),
            suite: "e2e".to_owned(),
            sha256: "f00d".to_owned(),
        }];
        let after = before.clone();
        let texts = texts(&before, &after);
        assert_eq!(texts.len(), 1);
        assert!(texts[0].contains("suite `e2e`"), "{texts:?}");
    }
}
