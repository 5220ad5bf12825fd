//! `compare`: two captures side by side.

pub mod runnable;
pub mod schedule;

use std::{collections::BTreeMap, io, num::NonZero, thread};

use anyhow::{Context as _, Result};
use camino::{Utf8Path, Utf8PathBuf};

use super::{Context, captures, selection::Selection, suites};
use crate::{
    analysis, cli,
    model::{
        benchmark::BenchmarkKey,
        capture::Capture,
        comparison::{
            Comparison, Disagreement, ProfileDifference, ProfileOutcome, ProfileRow, Sides,
        },
    },
    problem::Problem,
    render::{self, comparison::Pictures},
    store,
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

impl From<cli::Compare> for Request {
    fn from(typed: cli::Compare) -> Self {
        Self {
            names: Sides {
                before: typed.before,
                after: typed.after,
            },
            format: match typed.format {
                cli::Format::Terminal => Format::Terminal,
                cli::Format::Markdown => Format::Markdown,
                cli::Format::Json => Format::Json,
            },
        }
    }
}

/// Shows two stored captures side by side. Nothing stored changes.
///
/// # Errors
/// If one of them does not exist or is damaged, or they come from different machines.
pub fn run(context: &Context<'_>, request: &Request) -> Result<()> {
    let workspace = suites::discover(context, &Selection::default())?;
    let store = captures::store_folder(context, &workspace);
    let Sides { before, after } = &request.names;
    let before = captures::load(context, &store, before)?;
    let after = captures::load(context, &store, after)?;
    let captures = Sides {
        before: &before.capture,
        after: &after.capture,
    };
    let pictures = picture_folder(&workspace.target_directory, captures);
    show(context, captures, request.format, &pictures)
}

/// Where the differential flame graphs of a comparison are drawn: never into a capture.
pub fn picture_folder(target_directory: &Utf8Path, captures: Sides<&Capture>) -> Utf8PathBuf {
    let Sides { before, after } = captures;
    target_directory
        .join("yardstick/compare")
        .join(format!("{}-{}", before.name, after.name))
}

/// Shows two captures side by side and draws their differential flame graphs in `pictures`.
///
/// # Errors
/// If they come from different machines, or the pictures cannot be written.
pub fn show(
    context: &Context<'_>,
    captures: Sides<&Capture>,
    format: Format,
    pictures: &Utf8Path,
) -> Result<()> {
    refuse_other_machine(context, captures, &analysis::disagreements(captures))?;
    let comparison = analysis::compare(captures);
    let pictures = draw(context, &comparison, pictures)?;
    let text = match format {
        Format::Terminal => {
            for warning in &comparison.warnings {
                context.warn(&warning.text);
            }
            render::comparison::terminal(&comparison, &pictures)
        }
        Format::Markdown => render::comparison::markdown(&comparison, &pictures),
        Format::Json => render::json::json(&comparison, &pictures),
    };
    context.host.print(&text)
}

fn refuse_other_machine(
    context: &Context<'_>,
    captures: Sides<&Capture>,
    disagreements: &[Disagreement],
) -> Result<()> {
    if disagreements.is_empty() {
        return Ok(());
    }
    let names = captures.map(|capture| capture.name.as_str());
    let Sides { before, after } = names;
    let program = context.program();
    let table = render::comparison::disagreements(names, disagreements);
    Err(table
        .lines()
        .fold(
            Problem::failure(format!(
                "`{before}` and `{after}` were measured on different machines, so their times cannot be compared"
            )),
            Problem::fact,
        )
        .hint(format!(
            "re-measure both on one machine, each at its own commit: `{program} bench --save {before} --overwrite`, `{program} bench --save {after} --overwrite`"
        ))
        .into())
}

/// Draws what can be drawn, and returns where each picture is.
fn draw(context: &Context<'_>, comparison: &Comparison, folder: &Utf8Path) -> Result<Pictures> {
    let Sides { before, after } = &comparison.sources;
    let title = |id: &str| format!("{id}: {} → {}", before.name, after.name);
    let mut pictures = Pictures::new();
    let mut files = BTreeMap::new();
    for (key, svg) in draw_in_parallel(&comparison.profiles, &title) {
        let svg = svg.with_context(|| format!("cannot draw the flame graph of `{}`", key.id))?;
        let below = store::profile_folder(key);
        // What a capture needs to tell profiles from its other parts is all there is here.
        let below = below.strip_prefix("profiles/").unwrap_or(&below);
        let paths = Sides {
            before: format!("{below}/difference-before.svg"),
            after: format!("{below}/difference.svg"),
        };
        let shown = paths.as_ref().map(|path| context.shown(&folder.join(path)));
        pictures.insert(key.clone(), shown);
        files.insert(paths.before, svg.before);
        files.insert(paths.after, svg.after);
    }
    if !files.is_empty() {
        context.host.write_files(folder, &files)?;
    }
    Ok(pictures)
}

type Drawn = io::Result<Sides<Vec<u8>>>;

/// Draws on all CPUs: of all that a comparison does, this takes longest.
fn draw_in_parallel<'c>(
    profiles: &'c [ProfileRow],
    title: &(impl Fn(&str) -> String + Sync),
) -> Vec<(&'c BenchmarkKey, Drawn)> {
    let compared: Vec<(&BenchmarkKey, &ProfileDifference)> = profiles
        .iter()
        .filter_map(|row| match &row.outcome {
            ProfileOutcome::Compared(difference) => Some((&row.key, difference)),
            _ => None,
        })
        .collect();
    let cpus = thread::available_parallelism().map_or(1, NonZero::get);
    let share = compared.len().div_ceil(cpus).max(1);
    let draw_share = |share: &[(&'c BenchmarkKey, &ProfileDifference)]| {
        let draw = render::difference_flamegraph::draw;
        let drawn = share
            .iter()
            .map(|(key, difference)| (*key, draw(&title(&key.id), difference)));
        drawn.collect::<Vec<_>>()
    };
    thread::scope(|scope| {
        let shares = compared.chunks(share);
        let workers: Vec<_> = shares
            .map(|share| scope.spawn(move || draw_share(share)))
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().expect("drawing does not panic"))
            .collect()
    })
}
