//! What follows the table: what the answers rest on, where they were measured, and how to have them again.

use maud::{Markup, html};

use super::{
    super::settlement::{Block, Report, in_backticks, sections},
    prose::{prose, sentence},
};
use crate::{
    model::{
        comparison::Sides,
        machine::Machine,
        revision::{Build, Executable, Revision},
        settlement::{Origin, Side},
    },
    render::quantity::ABSENT,
};

/// The section that has an address of its own.
const REPEAT: &str = "To repeat or continue";

/// A heading with what is told under it.
#[derive(Default)]
struct Part {
    heading: String,
    items: Vec<String>,
    quoted: Vec<String>,
}

/// All of it.
pub(super) fn sections(report: &Report<'_>) -> Markup {
    let mut parts: Vec<Part> = Vec::new();
    for block in sections::blocks(report, in_backticks) {
        match (block, parts.last_mut()) {
            (Block::Heading(heading), _) => parts.push(Part {
                heading,
                ..Part::default()
            }),
            (Block::Items(items), Some(part)) => part.items.extend(items),
            (Block::Quoted(lines), Some(part)) => part.quoted.extend(lines),
            // The sides have a table of their own here; nothing else comes before the first heading.
            (Block::Table(_) | Block::Items(_) | Block::Quoted(_), _) => {}
        }
    }
    let repeat = parts.iter().position(|part| part.heading == REPEAT);
    let repeat = repeat.map(|position| parts.remove(position));
    html! {
        section #basis aria-labelledby="basis-title" tabindex="-1" {
            h2 #basis-title { "Behind the verdicts" }
            div.columns {
                @for part in &parts {
                    div.part {
                        h3 { (part.heading) }
                        (list(&part.items))
                        @if !part.quoted.is_empty() { pre { (part.quoted.join("\n")) } }
                    }
                }
            }
        }
        section #environment aria-labelledby="environment-title" tabindex="-1" {
            h2 #environment-title { "Environment" }
            (environment(report))
        }
        @if let Some(part) = repeat {
            section #repeat aria-labelledby="repeat-title" tabindex="-1" {
                h2 #repeat-title { (part.heading) }
                (list(&part.items))
            }
        }
    }
}

fn list(items: &[String]) -> Markup {
    html! { ul { @for item in items { li { (sentence(item)) } } } }
}

fn environment(report: &Report<'_>) -> Markup {
    let settlement = report.settlement;
    let sides = settlement.sides.as_ref();
    html! {
        h3 { "Machine" }
        (machine(&settlement.machine))
        h3 { "Sides" }
        div.scroll tabindex="0" role="region" aria-label="Sides" {
            table.sides {
                caption { "What was built and run on either side" }
                thead { tr { td {} th scope="col" { "before" } th scope="col" { "after" } } }
                tbody {
                    @for (what, of) in FACTS {
                        tr { th scope="row" { (*what) } td { (of(sides.before)) } td { (of(sides.after)) } }
                    }
                }
            }
        }
        details {
            summary { "Executables and their SHA-256" }
            (executables(sides))
        }
    }
}

fn machine(machine: &Machine) -> Markup {
    let Machine {
        identity,
        circumstance,
    } = machine;
    let yes_or_no = |known: Option<bool>| match known {
        Some(true) => "yes".to_owned(),
        Some(false) => "no".to_owned(),
        None => "unknown".to_owned(),
    };
    let unknown = || "unknown".to_owned();
    let facts = [
        (
            "CPU",
            format!("{}, {} logical", identity.cpu_model, identity.cores),
        ),
        (
            "System",
            format!(
                "{} {}, kernel {}",
                identity.operating_system, identity.architecture, circumstance.kernel
            ),
        ),
        (
            "Governor",
            circumstance.governor.clone().unwrap_or_else(unknown),
        ),
        ("Turbo", yes_or_no(circumstance.turbo)),
        (
            "Hypervisor",
            circumstance
                .hypervisor
                .clone()
                .unwrap_or_else(|| "none seen".to_owned()),
        ),
        ("On battery", yes_or_no(circumstance.on_battery)),
        (
            "Load at the start",
            format!("{:.2}", circumstance.load_1min),
        ),
    ];
    html! {
        dl.facts.small {
            @for (name, value) in facts { div { dt { (name) } dd { (value) } } }
        }
    }
}

/// Facts about a side, one in a line.
type Fact = (&'static str, fn(&Side) -> Markup);

const FACTS: &[Fact] = &[
    ("side", |side| {
        let origin = match side.origin {
            Origin::Capture => "capture",
            Origin::Revision => "revision",
            Origin::WorkingTree => "working tree",
        };
        html! { code { (side.name) } " (" (origin) ")" }
    }),
    ("revision", |side| {
        lines(side.revisions.iter().map(revision))
    }),
    ("features", |side| {
        lines(side.builds.iter().map(|build| build.features.to_string()))
    }),
    ("Cargo profile", |side| {
        lines(side.builds.iter().map(|build| build.cargo_profile.clone()))
    }),
    ("compiler", |side| lines(side.builds.iter().map(compiler))),
    ("compiler's flags", |side| {
        lines(side.builds.iter().map(|build| build.rustflags.join(" ")))
    }),
    ("lock file's SHA-256", |side| {
        lines(
            side.builds
                .iter()
                .map(|build| build.lockfile_sha256.clone().unwrap_or_default()),
        )
    }),
];

/// Each distinct value on a line of its own.
fn lines(values: impl Iterator<Item = String>) -> Markup {
    let mut values: Vec<String> = values.filter(|value| !value.is_empty()).collect();
    values.dedup();
    html! {
        @if values.is_empty() { (ABSENT) }
        @for value in values { div.mono { (value) } }
    }
}

fn revision(revision: &Revision) -> String {
    let branch = revision.branch.as_ref();
    let branch = branch.map_or(String::new(), |branch| format!(" on {branch}"));
    let tree = revision.dirty_tree.as_ref();
    let tree = tree.map_or(String::new(), |tree| format!(" with changes (tree {tree})"));
    format!("{}{branch}{tree}", revision.commit)
}

fn compiler(build: &Build) -> String {
    let line = |start: &str| {
        let found = build.rustc.iter().find(|line| line.starts_with(start));
        found.cloned()
    };
    let llvm = line("LLVM").map_or(String::new(), |llvm| format!(", {llvm}"));
    match build.rustc.first() {
        Some(first) => format!("{first}{llvm}"),
        None => String::new(),
    }
}

fn executables(sides: Sides<&Side>) -> Markup {
    let rows = |role: &'static str, executables: &[Executable]| {
        html! {
            @for executable in executables {
                tr {
                    th scope="row" { (executable.package) "/" (executable.suite) }
                    td { (role) }
                    td.mono { (executable.sha256) }
                }
            }
        }
    };
    html! {
        div.scroll tabindex="0" role="region" aria-label="Executables" {
            table.sides {
                caption.hidden { "Executables as cargo linked them" }
                thead { tr { th scope="col" { "suite" } th scope="col" { "side" } th scope="col" { "SHA-256" } } }
                tbody {
                    (rows("before", &sides.before.executables))
                    (rows("after", &sides.after.executables))
                }
            }
        }
        p.aside { (prose("each round links them anew where layouts are fresh: these are the ones that cargo linked")) "." }
    }
}
