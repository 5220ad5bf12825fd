//! What testing a workspace takes.

use camino::Utf8PathBuf;

/// What the manifests of a workspace say about testing it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestedWorkspace {
    /// The folder of the workspace's `Cargo.toml`.
    pub root: Utf8PathBuf,
    /// The highest `rust-version` of its members; `None` where none states one.
    pub minimum_rust: Option<String>,
    /// Steps that the workspace adds to ours.
    pub extra_steps: Vec<ExtraStep>,
}

/// One of `[[workspace.metadata.yardstick.test]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtraStep {
    /// What the summary calls it.
    pub name: String,
    /// The program and its arguments.
    pub command: Vec<String>,
    /// A command without which the step is skipped; empty if it needs none.
    pub requires: Vec<String>,
    /// Variables to set.
    pub environment: Vec<(String, String)>,
}
