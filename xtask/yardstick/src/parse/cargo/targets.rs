//! Targets that are no benches: tests, binaries and examples, and the executables that a build made of them.

use anyhow::{Context, Result};
use camino::Utf8PathBuf;
use cargo_metadata::{Artifact, Message, MetadataCommand, TargetKind as CargoKind};

use super::library_folders;
use crate::model::{
    suite::Workspace,
    target::{Target, TargetKind},
};

/// An executable of a target, built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The executable.
    pub path: Utf8PathBuf,
    /// Whether the compiler optimised it and left debug assertions out.
    pub optimised: bool,
    /// The folders in which it may need to look for shared libraries.
    pub library_folders: Vec<Utf8PathBuf>,
}

/// Reads the output of `cargo metadata --no-deps`: the targets of all members that can be run, benches excepted.
///
/// # Errors
/// If it is not what cargo writes.
pub fn targets(metadata: &[u8]) -> Result<Vec<Target>> {
    let text = std::str::from_utf8(metadata).context("cargo metadata wrote no UTF-8")?;
    let metadata =
        MetadataCommand::parse(text).context("cannot read the output of cargo metadata")?;
    let mut targets = Vec::new();
    for member in metadata.workspace_packages() {
        for target in &member.targets {
            // What is not tested has no unit tests to run.
            if let Some(kind) = kind(&target.kind)
                && (kind != TargetKind::Lib || target.test)
            {
                targets.push(Target {
                    package: member.name.to_string(),
                    kind,
                    name: target.name.clone(),
                });
            }
        }
    }
    targets.sort();
    Ok(targets)
}

/// Reads the JSON messages of a build: the executable of `target`, or `None` where none was made.
///
/// # Errors
/// If the messages are not what cargo writes.
pub fn program(messages: &[u8], workspace: &Workspace, target: &Target) -> Result<Option<Program>> {
    let root = workspace.packages.get(&target.package);
    let root = root.map(|package| package.root.clone());
    let mut found = None;
    let mut linked = Vec::new();
    for message in Message::parse_stream(messages) {
        match message.context("cannot read the messages of cargo")? {
            Message::CompilerArtifact(artifact)
                if is_of(&artifact, target)
                    && artifact.manifest_path.parent().map(Utf8PathBuf::from) == root =>
            {
                let optimised =
                    artifact.profile.opt_level != "0" && !artifact.profile.debug_assertions;
                found = artifact.executable.map(|path| (path, optimised)).or(found);
            }
            Message::BuildScriptExecuted(script) => linked.extend(script.linked_paths),
            _ => {}
        }
    }
    Ok(found.map(|(path, optimised)| Program {
        library_folders: library_folders(&linked, &path),
        path,
        optimised,
    }))
}

fn is_of(artifact: &Artifact, target: &Target) -> bool {
    artifact.target.name == target.name
        && kind(&artifact.target.kind) == Some(target.kind)
        // Integration tests come with the binaries of their package, and those as tests in other builds.
        && artifact.profile.test == target.kind.is_tests()
}

fn kind(kinds: &[CargoKind]) -> Option<TargetKind> {
    match kinds {
        [CargoKind::Test] => Some(TargetKind::Test),
        [CargoKind::Bin] => Some(TargetKind::Bin),
        [CargoKind::Example] => Some(TargetKind::Example),
        [CargoKind::Bench | CargoKind::CustomBuild, ..] | [] => None,
        _ => Some(TargetKind::Lib),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::tests::{member, metadata};
    use super::*;

    const TARGETS: &[(&str, &str)] = &[
        ("app", "bin"),
        ("a", "lib"),
        ("e2e", "bench"),
        ("e2e", "test"),
        ("show", "example"),
        ("build-script-build", "custom-build"),
    ];

    fn artifact(name: &str, kind: &str, test: bool) -> Value {
        json!({
            "reason": "compiler-artifact", "package_id": "path+file:///w/a#1.2.3", "manifest_path": "/w/a/Cargo.toml",
            "target": {"kind": [kind], "crate_types": ["bin"], "name": name, "src_path": "/w/x.rs",
                       "edition": "2024", "doc": false, "doctest": false, "test": false},
            "profile": {"opt_level": "3", "debuginfo": 1, "debug_assertions": false, "overflow_checks": false, "test": test},
            "features": [], "filenames": [], "executable": format!("/w/target/profiling/{kind}-{name}-{test}"), "fresh": true,
        })
    }

    #[test]
    fn targets_are_those_that_can_be_run_and_are_no_benches() {
        let found = targets(&metadata(&[member("a", TARGETS)])).expect("valid");
        let found: Vec<_> = found
            .iter()
            .map(|target| (target.kind.word(), target.name.as_str()))
            .collect();
        assert_eq!(
            found,
            [("test", "e2e"), ("bin", "app"), ("example", "show")]
        );
    }

    #[test]
    fn the_executable_is_that_of_the_target_and_not_of_a_namesake() {
        let workspace = super::super::workspace(&metadata(&[member("a", TARGETS)]));
        let workspace = workspace.expect("valid").workspace;
        let messages = [
            artifact("e2e", "bench", true),
            artifact("app", "bin", true),
            artifact("app", "bin", false),
            artifact("e2e", "test", true),
        ]
        .map(|message| message.to_string())
        .join("\n");
        let path = |kind, name: &str| {
            let target = Target {
                package: "a".to_owned(),
                kind,
                name: name.to_owned(),
            };
            let program = program(messages.as_bytes(), &workspace, &target).expect("valid");
            program.map(|program| program.path.to_string())
        };
        assert_eq!(
            path(TargetKind::Test, "e2e").as_deref(),
            Some("/w/target/profiling/test-e2e-true")
        );
        assert_eq!(
            path(TargetKind::Bin, "app").as_deref(),
            Some("/w/target/profiling/bin-app-false")
        );
        assert_eq!(path(TargetKind::Example, "show"), None);
    }
}
