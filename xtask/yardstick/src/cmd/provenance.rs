//! Where the numbers of a run come from.

use anyhow::{Context as _, Result};

use super::{
    Context,
    selection::Selection,
    suites::{self, BuildVariant},
};
use crate::{
    model::{
        digest::sha256,
        machine::Machine,
        revision::{Build, Executable, Provenance},
        suite::{BenchExecutable, Workspace},
    },
    parse,
};

/// The Cargo profile of `cargo bench`.
const BENCH_PROFILE: &str = "bench";

/// Gathers it. Call it before measuring: the load is that of this moment.
///
/// # Errors
/// If the compiler cannot be asked or a file cannot be read.
pub fn gather(
    context: &Context<'_>,
    workspace: &Workspace,
    selection: &Selection,
    variant: &BuildVariant,
    executables: &[&BenchExecutable],
) -> Result<Provenance> {
    let host = context.host;
    let machine = machine(context);
    let revision = host.revision(&workspace.root).unwrap_or_else(|error| {
        context.warn(&format!("the commit is not stored: {error:#}"));
        None
    });
    Ok(Provenance {
        measured_at: host.now_utc(),
        command: command(context),
        revision,
        build: build(context, workspace, selection, variant)?,
        machine,
        executables: executables
            .iter()
            .map(|executable| identify(context, executable))
            .collect::<Result<_>>()?,
    })
}

/// The machine as it is now.
pub fn machine(context: &Context<'_>) -> Machine {
    let facts = context.host.machine();
    parse::proc::machine(&facts.architecture, &facts.operating_system, &facts.files)
}

fn build(
    context: &Context<'_>,
    workspace: &Workspace,
    selection: &Selection,
    variant: &BuildVariant,
) -> Result<Build> {
    let mut rustflags = suites::rustflags(context, workspace)?;
    rustflags.extend(variant.added_rustflags.iter().cloned());
    let lockfile = context.host.read_file(&workspace.root.join("Cargo.lock"))?;
    let cargo_profile = selection
        .cargo_profile
        .as_ref()
        .or(variant.cargo_profile.as_ref());
    Ok(Build {
        rustc: context
            .host
            .toolchain(&workspace.root)?
            .rustc
            .lines()
            .map(str::to_owned)
            .collect(),
        cargo_profile: cargo_profile
            .map_or(BENCH_PROFILE, String::as_str)
            .to_owned(),
        features: selection.features.clone(),
        rustflags,
        lockfile_sha256: lockfile.map(|bytes| sha256(&bytes)),
    })
}

fn identify(context: &Context<'_>, executable: &BenchExecutable) -> Result<Executable> {
    let bytes = context.host.read_file(&executable.path)?;
    let bytes = bytes.with_context(|| format!("`{}` is gone", executable.path))?;
    Ok(Executable {
        package: executable.suite.package.clone(),
        suite: executable.suite.name.clone(),
        sha256: sha256(&bytes),
    })
}

/// The command line, as it could be typed again.
pub fn command(context: &Context<'_>) -> Vec<String> {
    let program = context.program().split(' ').map(str::to_owned);
    program.chain(context.typed.iter().cloned()).collect()
}
