//! Recordings of benchmarks: what is built for them, one run under a sampler, and why one is refused.

mod program;
mod refusal;
mod taken;

use anyhow::Result;

use super::{Context, selection::Selection, suites::BuildVariant};
use crate::{
    model::{readiness::ProfilingProfile, suite::Workspace},
    parse,
    symbolize::Member,
};

pub use program::{ProgramTake, nothing_in, take_program};
pub use refusal::problem as refusal_problem;
pub use taken::{Raw, Take, Taken, imported, take};

/// The Cargo profile for recording: optimised as `bench`, with the names of inlined functions.
const CARGO_PROFILE: &str = "profiling";
/// Lets the kernel follow stacks where a copy of them would be too large.
const FRAME_POINTERS: &str = "-Cforce-frame-pointers=yes";

/// What to build differently from `cargo bench`.
///
/// # Errors
/// If the manifest cannot be read.
pub fn variant(
    context: &Context<'_>,
    workspace: &Workspace,
    selection: &Selection,
) -> Result<BuildVariant> {
    let manifest = context
        .host
        .read_file(&workspace.root.join("Cargo.toml"))?
        .unwrap_or_default();
    let own = parse::readiness::profiling_profile(&String::from_utf8_lossy(&manifest));
    let name = selection.cargo_profile.as_deref().unwrap_or(CARGO_PROFILE);
    let mut config = Vec::new();
    if selection.cargo_profile.is_none() && own == ProfilingProfile::Ours {
        config.push(format!("profile.{name}.inherits=\"bench\""));
    }
    if selection.cargo_profile.is_some() || own != ProfilingProfile::Complete {
        config.push(format!("profile.{name}.debug=1"));
        config.push(format!("profile.{name}.strip=false"));
    }
    Ok(BuildVariant {
        cargo_profile: Some(CARGO_PROFILE.to_owned()),
        config,
        added_rustflags: vec![FRAME_POINTERS.to_owned()],
        // The flags differ from those of `cargo bench`, whose builds shall stay fresh.
        target_directory: Some(workspace.target_directory.join("yardstick")),
    })
}

/// The members of a workspace, as those who name functions know them.
pub fn members(workspace: &Workspace) -> Vec<Member> {
    let crates_of = |package: &str| {
        let suites = workspace
            .suites
            .iter()
            .filter(|suite| suite.package == package);
        suites.map(|suite| suite.name.clone()).collect()
    };
    workspace
        .packages
        .values()
        .map(|package| Member {
            package: package.name.clone(),
            crates: crates_of(&package.name),
            root: package.root.to_string(),
        })
        .collect()
}
