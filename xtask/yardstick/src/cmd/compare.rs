//! `compare`: two captures side by side.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};

use crate::{
    analysis,
    host::Host,
    model::{
        capture::Capture,
        comparison::{Comparison, Disagreement, ProfileOutcome, Sides},
    },
    problem::Problem,
    render::{self, comparison::Pictures},
};

/// What to compare.
#[derive(Clone, Debug)]
pub struct Request {
    /// The names of the captures.
    pub names: Sides<String>,
    /// The form of the answer.
    pub format: Format,
}

/// The form of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Tables for a terminal.
    Terminal,
    /// Markdown, for a pull request.
    Markdown,
    /// Versioned JSON.
    Json,
}

/// Shows two captures side by side and draws their differential flame graphs below
/// `target_directory`. Nothing stored changes.
pub(super) fn show(
    host: &dyn Host,
    captures: Sides<&Capture>,
    format: Format,
    target_directory: &Utf8Path,
) -> Result<()> {
    let names = captures.map(|capture| capture.name.as_str());
    refuse_other_machine(names, &analysis::disagreements(captures))?;
    let comparison = analysis::compare(captures);
    let pictures = draw(host, &comparison, target_directory)?;
    let text = match format {
        Format::Terminal => {
            for warning in &comparison.warnings {
                host.note(&format!("warning: {}\n", warning.text));
            }
            render::comparison::terminal(&comparison, &pictures)
        }
        Format::Markdown => render::comparison::markdown(&comparison, &pictures),
        Format::Json => render::json::json(&comparison, &pictures),
    };
    host.print(&text)
}

fn refuse_other_machine(names: Sides<&str>, disagreements: &[Disagreement]) -> Result<()> {
    if disagreements.is_empty() {
        return Ok(());
    }
    let Sides { before, after } = names;
    let mut problem = Problem::failure(format!(
        "`{before}` and `{after}` were measured on different machines, so their times cannot be compared"
    ));
    for line in render::comparison::disagreements(names, disagreements).lines() {
        problem = problem.fact(line);
    }
    Err(problem
        .hint(format!(
            "measure both on one machine: check out the commit of each there, and run `bench --save {before} --overwrite` and `bench --save {after} --overwrite`"
        ))
        .into())
}

/// Draws what can be drawn and returns where it is, relative to the working directory
/// where that is shorter.
fn draw(
    host: &dyn Host,
    comparison: &Comparison,
    target_directory: &Utf8Path,
) -> Result<Pictures> {
    let Sides { before, after } = &comparison.sources;
    let folder = target_directory
        .join("yardstick/compare")
        .join(format!("{}-{}", before.name, after.name));
    let mut pictures = Pictures::new();
    let mut files = BTreeMap::new();
    for row in &comparison.profiles {
        let ProfileOutcome::Compared(difference) = &row.outcome else {
            continue;
        };
        let title = format!("{}: {} → {}", row.key.id, before.name, after.name);
        let svg = render::difference_flamegraph::draw(&title, difference)
            .with_context(|| format!("cannot draw the flame graph of `{}`", row.key.id))?;
        let below = crate::store::profile_folder(&row.key);
        let paths = Sides {
            before: format!("{below}/difference-before.svg"),
            after: format!("{below}/difference.svg"),
        };
        pictures.insert(
            row.key.clone(),
            paths.as_ref().map(|path| host.shown(&folder.join(path))),
        );
        files.insert(paths.before, svg.before);
        files.insert(paths.after, svg.after);
    }
    if !files.is_empty() {
        host.write_files(&folder, &files)?;
    }
    Ok(pictures)
}
