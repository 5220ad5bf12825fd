//! What `cargo metadata` says about testing a workspace.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use camino::Utf8PathBuf;
use cargo_metadata::{Metadata, semver::Version};
use serde::Deserialize;

use crate::{
    model::test_plan::{ExtraStep, TestedWorkspace},
    problem::Problem,
};

/// Reads the output of `cargo metadata`.
///
/// # Errors
/// If it is not what cargo writes, or the workspace's own section on tests is malformed.
pub fn tested_workspace(metadata: &[u8]) -> Result<TestedWorkspace> {
    let metadata: Metadata =
        serde_json::from_slice(metadata).context("cannot read the output of `cargo metadata`")?;
    let minimum_rust: Option<Version> = metadata
        .workspace_packages()
        .iter()
        .filter_map(|package| package.rust_version.clone())
        .max();
    let root: Utf8PathBuf = metadata.workspace_root;
    let section: Section = match metadata.workspace_metadata.get("yardstick") {
        None => Section::default(),
        Some(value) => Section::deserialize(value).map_err(|error| {
            Problem::failure("`[workspace.metadata.yardstick]` is malformed")
                .fact(format!("in {}", root.join("Cargo.toml")))
                .fact(error.to_string())
                .hint(
                    "a step is `{ name = \"loom\", command = [\"cargo\", \"test\"], environment = { RUSTFLAGS = \"--cfg loom\" } }`",
                )
        })?,
    };
    Ok(TestedWorkspace {
        root,
        minimum_rust: minimum_rust.map(|version| version.to_string()),
        extra_steps: section
            .test
            .into_iter()
            .map(|step| ExtraStep {
                name: step.name,
                command: step.command,
                requires: step.requires,
                environment: step.environment.into_iter().collect(),
            })
            .collect(),
    })
}

#[derive(Default, Deserialize)]
struct Section {
    #[serde(default)]
    test: Vec<WireStep>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireStep {
    name: String,
    command: Vec<String>,
    #[serde(default)]
    requires: Vec<String>,
    #[serde(default)]
    environment: BTreeMap<String, String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(workspace_metadata: &str) -> Vec<u8> {
        format!(
            r#"{{"packages": [], "workspace_members": [], "resolve": null, "target_directory": "/w/target",
                "version": 1, "workspace_root": "/w", "metadata": {workspace_metadata}}}"#
        )
        .into_bytes()
    }

    #[test]
    fn a_workspace_that_says_nothing_has_no_steps_of_its_own() {
        let workspace = tested_workspace(&metadata("null")).expect("valid metadata");
        assert_eq!(workspace.root, "/w");
        assert_eq!(workspace.extra_steps, []);
        assert_eq!(workspace.minimum_rust, None);
    }

    #[test]
    fn steps_of_its_own_are_read_with_their_environment_and_what_they_require() {
        let workspace = tested_workspace(&metadata(
            r#"{"yardstick": {"test": [{"name": "loom", "command": ["cargo", "test"], "requires": ["rustup"], "environment": {"RUSTFLAGS": "--cfg loom"}}]}}"#,
        ))
        .expect("valid metadata");
        let step = &workspace.extra_steps[0];
        assert_eq!(step.name, "loom");
        assert_eq!(step.requires, ["rustup"]);
        assert_eq!(
            step.environment,
            [("RUSTFLAGS".to_owned(), "--cfg loom".to_owned())]
        );
    }

    #[test]
    fn a_malformed_step_is_told_with_the_file_and_an_example() {
        let error = tested_workspace(&metadata(r#"{"yardstick": {"test": [{"name": "loom"}]}}"#))
            .expect_err("a step without a command");
        let text = error.to_string();
        assert!(text.contains("/w/Cargo.toml"), "{text}");
        assert!(text.contains("command"), "{text}");
    }
}
