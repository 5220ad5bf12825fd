//! What cargo prints: the workspace, and what a build made.

mod targets;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use cargo_metadata::{Message, Metadata, MetadataCommand, TargetKind, diagnostic::DiagnosticLevel};
use serde_json::Value;

pub use targets::{Program, program, targets};

use crate::model::{
    layers::Layers,
    question::Margins,
    suite::{BenchExecutable, Package, Suite, Workspace},
};

/// A workspace, and what its manifests say to us in words that are not read yet.
#[derive(Debug)]
pub struct WorkspaceWithSettings {
    /// The workspace, without anything from `settings`.
    pub workspace: Workspace,
    /// `package.metadata.yardstick` of each package that has it.
    pub package_settings: BTreeMap<String, Value>,
    /// `workspace.metadata.yardstick`.
    pub workspace_settings: Option<Value>,
}

/// Reads the output of `cargo metadata --no-deps`.
///
/// # Errors
/// If it is not what cargo writes.
pub fn workspace(metadata: &[u8]) -> Result<WorkspaceWithSettings> {
    let text = std::str::from_utf8(metadata).context("cargo metadata wrote no UTF-8")?;
    let metadata =
        MetadataCommand::parse(text).context("cannot read the output of cargo metadata")?;
    let settings = |value: &Value| value.get("yardstick").cloned();
    let members = metadata.workspace_packages();
    Ok(WorkspaceWithSettings {
        package_settings: members
            .iter()
            .filter_map(|member| Some((member.name.to_string(), settings(&member.metadata)?)))
            .collect(),
        workspace_settings: settings(&metadata.workspace_metadata),
        workspace: Workspace {
            suites: suites(&metadata),
            packages: members
                .iter()
                .map(|member| (member.name.to_string(), package(member)))
                .collect(),
            root: metadata.workspace_root,
            target_directory: metadata.target_directory,
            tour: None,
            selftest: None,
            margins: Margins::default(),
            layers: Layers::default(),
        },
    })
}

fn package(member: &cargo_metadata::Package) -> Package {
    let id = &member.id.repr;
    Package {
        name: member.name.to_string(),
        version: member.version.to_string(),
        // Before 1.77 cargo printed ids in a form that it did not read.
        id: match id.contains(' ') {
            false => id.clone(),
            true => format!("{}@{}", member.name, member.version),
        },
        root: member
            .manifest_path
            .parent()
            .map(Into::into)
            .unwrap_or_default(),
        features: member.features.clone(),
        benchmarks: BTreeMap::new(),
        expectations: Vec::new(),
    }
}

fn suites(metadata: &Metadata) -> Vec<Suite> {
    let mut suites = Vec::new();
    for member in metadata.workspace_packages() {
        for target in &member.targets {
            if target.kind == [TargetKind::Bench] {
                suites.push(Suite {
                    package: member.name.to_string(),
                    name: target.name.clone(),
                    required_features: target.required_features.clone(),
                    label: String::new(),
                });
            }
        }
    }
    suites.sort();
    let mut seen = BTreeSet::new();
    let repeated: BTreeSet<String> = suites
        .iter()
        .filter(|suite| !seen.insert(suite.name.clone()))
        .map(|suite| suite.name.clone())
        .collect();
    for suite in &mut suites {
        suite.label = match repeated.contains(&suite.name) {
            true => format!("{}/{}", suite.package, suite.name),
            false => suite.name.clone(),
        };
    }
    suites
}

/// Reads the JSON messages of `cargo bench --no-run`: the executables of the wanted suites, in their order.
///
/// # Errors
/// If the messages are not what cargo writes.
pub fn executables(
    messages: &[u8],
    workspace: &Workspace,
    wanted: &[Suite],
) -> Result<Vec<BenchExecutable>> {
    let mut found = BTreeMap::new();
    let mut linked = Vec::new();
    for message in Message::parse_stream(messages) {
        match message.context("cannot read the messages of cargo bench")? {
            Message::CompilerArtifact(artifact) if artifact.target.kind == [TargetKind::Bench] => {
                if let Some(path) = artifact.executable {
                    let root = artifact.manifest_path.parent().map(Utf8PathBuf::from);
                    let optimised =
                        artifact.profile.opt_level != "0" && !artifact.profile.debug_assertions;
                    found.insert((root, artifact.target.name), (path, optimised));
                }
            }
            Message::BuildScriptExecuted(script) => linked.extend(script.linked_paths),
            _ => {}
        }
    }
    let executable = |suite: &Suite| {
        let root = workspace
            .packages
            .get(&suite.package)
            .map(|package| package.root.clone());
        let (path, optimised) = found.get(&(root, suite.name.clone()))?.clone();
        Some(BenchExecutable {
            suite: suite.clone(),
            library_folders: library_folders(&linked, &path),
            path,
            optimised,
        })
    };
    Ok(wanted.iter().filter_map(executable).collect())
}

/// Where cargo lets a program look for shared libraries: in what build scripts name (`linked`), beside the program and above.
fn library_folders(linked: &[Utf8PathBuf], program: &Utf8Path) -> Vec<Utf8PathBuf> {
    let linked: BTreeSet<Utf8PathBuf> = linked
        .iter()
        // `native=/path`, or the path alone.
        .map(|path| {
            let path = path.as_str();
            Utf8PathBuf::from(path.split_once('=').map_or(path, |(_, path)| path))
        })
        .collect();
    let beside = program.parent();
    let above = beside.and_then(Utf8Path::parent);
    let near = [beside, above].into_iter().flatten();
    linked
        .into_iter()
        .chain(near.map(Utf8Path::to_owned))
        .collect()
}

/// An error of the compiler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompileError {
    /// The folder of the package.
    pub package_root: Utf8PathBuf,
    /// The target.
    pub target: String,
    /// Whether that is a bench.
    pub of_bench: bool,
    /// What the compiler says.
    pub text: String,
}

/// The errors of the compiler among the JSON messages of a build, in their order.
///
/// # Errors
/// If the messages are not what cargo writes.
pub fn compile_errors(messages: &[u8]) -> Result<Vec<CompileError>> {
    let mut errors = Vec::new();
    for message in Message::parse_stream(messages) {
        let message = message.context("cannot read the messages of cargo")?;
        let Message::CompilerMessage(found) = message else {
            continue;
        };
        if found.message.level == DiagnosticLevel::Error
            && let Some(text) = found.message.rendered
        {
            let source = found.target.src_path.clone();
            errors.push(CompileError {
                package_root: package_root(&found.package_id.repr).unwrap_or(source),
                of_bench: found.target.kind == [TargetKind::Bench],
                target: found.target.name,
                text,
            });
        }
    }
    Ok(errors)
}

/// The folder in the id of a package of this machine: `path+file:///folder#name@1.0.0`.
fn package_root(id: &str) -> Option<Utf8PathBuf> {
    let (_, path) = id.split_once("file://")?;
    let end = path.find(['#', '?', ')']).unwrap_or(path.len());
    Some(path[..end].into())
}

/// What cargo could not compile, from its stderr: `` `package` (bench "suite") ``.
pub fn failed_unit(diagnostics: &str) -> Option<String> {
    diagnostics.lines().rev().find_map(|line| {
        let unit = line.trim().strip_prefix("error: could not compile ")?;
        let end = unit
            .find(" due to ")
            .or_else(|| unit.find(" (exit status"))?;
        Some(unit[..end].to_owned())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    pub(super) fn member(name: &str, targets: &[(&str, &str)]) -> Value {
        let root = format!("/w/{name}");
        let targets: Vec<Value> = targets
            .iter()
            .map(|(target, kind)| {
                json!({
                    "name": target, "kind": [kind], "crate_types": ["bin"], "src_path": format!("{root}/{target}.rs"),
                    "edition": "2024", "doc": false, "doctest": false, "test": false,
                    "required-features": if *target == "hidden" { vec!["extra"] } else { vec![] },
                })
            })
            .collect();
        json!({
            "name": name, "version": "1.2.3", "id": format!("path+file://{root}#1.2.3"), "license": null,
            "license_file": null, "description": null, "source": null, "dependencies": [], "targets": targets,
            "features": {"default": []}, "manifest_path": format!("{root}/Cargo.toml"),
            "metadata": {"yardstick": {"benchmarks": {}}}, "publish": null, "authors": [], "categories": [],
            "keywords": [], "readme": null, "repository": null, "homepage": null, "documentation": null,
            "edition": "2024", "links": null, "default_run": null, "rust_version": null,
        })
    }

    pub(super) fn metadata(members: &[Value]) -> Vec<u8> {
        let ids: Vec<&Value> = members.iter().map(|member| &member["id"]).collect();
        json!({
            "packages": members, "workspace_members": ids, "workspace_default_members": ids, "resolve": null,
            "target_directory": "/w/target", "version": 1, "workspace_root": "/w", "metadata": null,
        })
        .to_string()
        .into_bytes()
    }

    fn two_packages() -> Workspace {
        let members = [
            member("b", &[("e2e", "bench"), ("lib", "lib")]),
            member("a", &[("hidden", "bench"), ("e2e", "bench")]),
        ];
        workspace(&metadata(&members)).expect("valid").workspace
    }

    #[test]
    fn suites_are_the_bench_targets_and_a_repeated_name_is_told_by_its_package() {
        let workspace = two_packages();
        let labels: Vec<&str> = workspace
            .suites
            .iter()
            .map(|suite| suite.label.as_str())
            .collect();
        assert_eq!(labels, ["a/e2e", "hidden", "b/e2e"]);
        assert_eq!(workspace.suites[1].required_features, ["extra"]);
        assert_eq!(workspace.packages["a"].root, "/w/a");
        assert_eq!(workspace.packages["a"].id, "path+file:///w/a#1.2.3");
    }

    #[test]
    fn executables_are_those_of_the_wanted_bench_targets() {
        let workspace = two_packages();
        let artifact = |package: &str, kind: &str, opt_level: &str| {
            json!({
                "reason": "compiler-artifact", "package_id": format!("path+file:///w/{package}#1.2.3"),
                "manifest_path": format!("/w/{package}/Cargo.toml"),
                "target": {"kind": [kind], "crate_types": ["bin"], "name": "e2e", "src_path": "/w/x.rs",
                           "edition": "2024", "doc": false, "doctest": false, "test": false},
                "profile": {"opt_level": opt_level, "debuginfo": 0, "debug_assertions": false, "overflow_checks": false, "test": true},
                "features": [], "filenames": [], "executable": format!("/w/target/release/deps/{package}-{kind}"), "fresh": true,
            })
        };
        let messages = [
            artifact("a", "bench", "3"),
            artifact("b", "bench", "0"),
            artifact("b", "bin", "3"),
        ]
        .map(|message| message.to_string())
        .join("\n");
        let found = executables(messages.as_bytes(), &workspace, &workspace.suites).expect("valid");
        let found: Vec<_> = found
            .iter()
            .map(|one| (one.suite.label.as_str(), one.path.as_str(), one.optimised))
            .collect();
        assert_eq!(
            found,
            [
                ("a/e2e", "/w/target/release/deps/a-bench", true),
                ("b/e2e", "/w/target/release/deps/b-bench", false)
            ]
        );
    }

    #[test]
    fn errors_of_the_compiler_are_told_with_their_target() {
        let message = |level: &str, text: &str| {
            json!({
                "reason": "compiler-message", "package_id": "path+file:///w/a#1.2.3", "manifest_path": "/w/a/Cargo.toml",
                "target": {"kind": ["bench"], "crate_types": ["bin"], "name": "e2e", "src_path": "/w/x.rs",
                           "edition": "2024", "doc": false, "doctest": false, "test": false},
                "message": {"message": "m", "code": null, "level": level, "spans": [], "children": [], "rendered": text},
            })
        };
        let messages = [message("warning", "unused"), message("error", "wrong")]
            .map(|message| message.to_string())
            .join("\n");
        let errors = compile_errors(messages.as_bytes()).expect("valid");
        let error = CompileError {
            package_root: "/w/a".into(),
            target: "e2e".to_owned(),
            of_bench: true,
            text: "wrong".to_owned(),
        };
        assert_eq!(errors, [error]);
    }

    #[test]
    fn the_unit_that_failed_is_named() {
        let text = "error[E0425]: no\nerror: could not compile `benches` (bench \"e2e\") due to 1 previous error\nwarning: build failed\n";
        assert_eq!(
            failed_unit(text).as_deref(),
            Some("`benches` (bench \"e2e\")")
        );
        assert_eq!(failed_unit("error: no matching package"), None);
    }
}
