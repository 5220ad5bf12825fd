//! `test`: format, lints, tests, documentation, and what else the workspace asks for.

use anyhow::Result;

use super::Context;
use crate::{
    host::{Host, MetadataRequest, Step},
    model::test_plan::{ExtraStep, TestedWorkspace},
    parse,
    problem::Problem,
    render,
    render::steps::{Outcome, Row},
};

/// Runs every step, also after one failed, and sums up.
///
/// # Errors
/// If a step failed, or could not be run.
pub fn run(context: &Context<'_>) -> Result<()> {
    let host = context.host;
    let metadata = host.cargo_metadata(&MetadataRequest {
        manifest_path: context.manifest_path.clone(),
        ..MetadataRequest::default()
    })?;
    let workspace = parse::test_plan::tested_workspace(&metadata)?;
    let mut rows = Vec::new();
    for planned in plan(host, &workspace) {
        let outcome = match planned.work {
            Work::Skip(reason) => Outcome::Skipped(reason),
            Work::Run(step) => {
                host.note(&format!(
                    "── {}: {}\n",
                    planned.name,
                    step.command.join(" ")
                ));
                let end = host.run_step(&step)?;
                match end.exit.is_success() {
                    true => Outcome::Passed(end.took),
                    false => Outcome::Failed(end.took, end.exit.to_string()),
                }
            }
        };
        rows.push(Row {
            name: planned.name,
            outcome,
        });
    }
    host.print(&render::steps::summary(&rows))?;
    failure(&rows).map_or(Ok(()), |problem| Err(problem.into()))
}

struct Planned {
    name: String,
    work: Work,
}

enum Work {
    Run(Step),
    Skip(String),
}

fn plan(host: &dyn Host, workspace: &TestedWorkspace) -> Vec<Planned> {
    let mut plan = vec![
        component(
            host,
            workspace,
            "format",
            "rustfmt",
            &["fmt", "--all", "--check"],
        ),
        component(
            host,
            workspace,
            "lints",
            "clippy",
            &[
                "clippy",
                "--workspace",
                "--all-targets",
                "--",
                "--deny",
                "warnings",
            ],
        ),
        cargo(
            workspace,
            "tests",
            &["test", "--workspace", "--no-fail-fast"],
        ),
        cargo(
            workspace,
            "every bench once",
            &["test", "--workspace", "--benches", "--no-fail-fast"],
        ),
        documentation(host, workspace),
    ];
    let extra = workspace.extra_steps.iter();
    plan.extend(extra.map(|extra| asked_for(host, workspace, extra)));
    plan.push(dependencies(host, workspace));
    plan.push(minimum_rust(host, workspace));
    plan
}

fn cargo(workspace: &TestedWorkspace, name: &str, arguments: &[&str]) -> Planned {
    command(
        workspace,
        name,
        &[&["cargo"], arguments].concat(),
        Vec::new(),
    )
}

fn command(
    workspace: &TestedWorkspace,
    name: &str,
    command: &[&str],
    environment: Vec<(String, String)>,
) -> Planned {
    Planned {
        name: name.to_owned(),
        work: Work::Run(Step {
            command: command.iter().map(|word| (*word).to_owned()).collect(),
            folder: workspace.root.clone(),
            environment,
        }),
    }
}

/// A step of the workspace's own.
fn asked_for(host: &dyn Host, workspace: &TestedWorkspace, extra: &ExtraStep) -> Planned {
    let required: Vec<&str> = extra.requires.iter().map(String::as_str).collect();
    if !required.is_empty() && host.answer(&required).is_none() {
        let reason = format!("`{}` does not work here", required.join(" "));
        return skip(&extra.name, reason);
    }
    Planned {
        name: extra.name.clone(),
        work: Work::Run(Step {
            command: extra.command.clone(),
            folder: workspace.root.clone(),
            environment: extra.environment.clone(),
        }),
    }
}

fn skip(name: &str, reason: impl Into<String>) -> Planned {
    Planned {
        name: name.to_owned(),
        work: Work::Skip(reason.into()),
    }
}

/// A step that needs a component of the toolchain that a minimal installation lacks.
fn component(
    host: &dyn Host,
    workspace: &TestedWorkspace,
    name: &str,
    component: &str,
    arguments: &[&str],
) -> Planned {
    // rustup puts a program of the component's name on the path even where it has no component.
    match host.answer(&["cargo", arguments[0], "--version"]) {
        Some(_) => cargo(workspace, name, arguments),
        None => skip(
            name,
            format!("{component} is not installed (`rustup component add {component}`)"),
        ),
    }
}

/// Warnings of rustdoc become errors, beside the flags that are in force already: the
/// variable replaces the configuration, and the configuration is a list that can be added to.
fn documentation(host: &dyn Host, workspace: &TestedWorkspace) -> Planned {
    let name = "documentation";
    let arguments = ["doc", "--workspace", "--no-deps"];
    match host.variable("RUSTDOCFLAGS") {
        Some(flags) => command(
            workspace,
            name,
            &[&["cargo"], arguments.as_slice()].concat(),
            vec![("RUSTDOCFLAGS".to_owned(), format!("{flags} -Dwarnings"))],
        ),
        None => cargo(
            workspace,
            name,
            &[
                arguments.as_slice(),
                &["--config", "build.rustdocflags=[\"-Dwarnings\"]"],
            ]
            .concat(),
        ),
    }
}

/// Advisories are left out: they come from the network and change while the code does not.
fn dependencies(host: &dyn Host, workspace: &TestedWorkspace) -> Planned {
    let name = "dependencies";
    match host.read_file(&workspace.root.join("deny.toml")) {
        Ok(Some(_)) if host.answer(&["cargo", "deny", "--version"]).is_some() => cargo(
            workspace,
            name,
            &[
                "deny",
                "--workspace",
                "check",
                "bans",
                "licenses",
                "sources",
            ],
        ),
        Ok(None) => skip(name, "there is no deny.toml"),
        _ => skip(
            name,
            "cargo-deny is not installed (`cargo install --locked cargo-deny`)",
        ),
    }
}

/// Checks with the oldest compiler that the manifests promise, where rustup has it.
fn minimum_rust(host: &dyn Host, workspace: &TestedWorkspace) -> Planned {
    let name = "oldest Rust";
    let Some(version) = &workspace.minimum_rust else {
        return skip(name, "no package states its rust-version");
    };
    let install = format!("rustup toolchain install {version} --profile minimal");
    match installed_toolchain(host, version) {
        Some(toolchain) => command(
            workspace,
            name,
            &[
                "rustup",
                "run",
                &toolchain,
                "cargo",
                "check",
                "--workspace",
                "--all-targets",
            ],
            Vec::new(),
        ),
        None => skip(
            name,
            format!("Rust {version} is not installed (`{install}`)"),
        ),
    }
}

/// The toolchain of this version: rustup calls 1.88.0 also 1.88, whichever was installed.
fn installed_toolchain(host: &dyn Host, version: &str) -> Option<String> {
    let short = version.strip_suffix(".0").unwrap_or(version);
    let installed = host.answer(&["rustup", "toolchain", "list"])?;
    [version, short].into_iter().find_map(|wanted| {
        installed
            .lines()
            .filter_map(|line| line.split_whitespace().next())
            .find(|name| *name == wanted || name.starts_with(&format!("{wanted}-")))
            .map(str::to_owned)
    })
}

fn failure(rows: &[Row]) -> Option<Problem> {
    let failed: Vec<&str> = rows
        .iter()
        .filter(|row| matches!(row.outcome, Outcome::Failed(..)))
        .map(|row| row.name.as_str())
        .collect();
    let run = rows
        .iter()
        .filter(|row| !matches!(row.outcome, Outcome::Skipped(_)))
        .count();
    (!failed.is_empty()).then(|| {
        Problem::failure(format!(
            "{} of {run} steps failed: {}",
            failed.len(),
            failed.join(", ")
        ))
    })
}
