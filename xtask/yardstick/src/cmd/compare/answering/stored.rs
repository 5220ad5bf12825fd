//! `compare --stored`: the stored numbers of two captures side by side, without a verdict.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use crate::{
    analysis,
    cmd::{
        Context, captures,
        compare::request::{Format, Request},
        did_you_mean::list_shortly,
        selection::Selection,
        suites,
    },
    model::{
        benchmark::BenchmarkKey,
        capture::Capture,
        comparison::{Comparison, Disagreement, ProfileOutcome, ProfileRow, Sides},
        layers::Layers,
        settlement::{Origin, Settlement},
    },
    problem::Problem,
    render::{self, comparison::Pictures},
    store,
};

/// Shows two stored captures side by side: all of them, or what the filter means. Nothing stored changes.
///
/// # Errors
/// If one of them does not exist or is damaged, or they come from different machines, or the filter means nothing.
pub fn run(context: &Context<'_>, request: &Request, filter: Option<&str>) -> Result<()> {
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
    let layers = &workspace.layers;
    show(context, captures, layers, filter, request.format, &pictures)
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
/// If they come from different machines, the filter means nothing, or the pictures cannot be written.
pub fn show(
    context: &Context<'_>,
    captures: Sides<&Capture>,
    layers: &Layers,
    filter: Option<&str>,
    format: Format,
    pictures: &Utf8Path,
) -> Result<()> {
    refuse_other_machine(context, captures, &analysis::disagreements(captures))?;
    let mut comparison = analysis::compare(captures, layers);
    if let Some(filter) = filter {
        keep_what_is_meant(&mut comparison, filter)?;
    }
    let pictures = draw(context, &comparison, pictures)?;
    let text = match format {
        Format::Terminal => {
            for warning in &comparison.warnings {
                context.warn(&warning.text);
            }
            render::comparison::terminal(
                &comparison,
                &pictures,
                context.host.terminal().width.columns(),
            )
        }
        Format::Markdown => render::comparison::markdown(&comparison, &pictures),
        Format::Json => render::json::json(&comparison, &pictures),
    };
    context.host.print(&text)
}

/// The profiles of the captures that a settlement compares, as far as it is about their benchmarks: where the time went when
/// the captures were taken. Nothing where a side is no capture, or they come from different machines.
///
/// # Errors
/// If a capture is damaged, or the pictures cannot be written.
pub fn profiles(context: &Context<'_>, settlement: &Settlement, format: Format) -> Result<String> {
    let sides = settlement.sides.as_ref();
    let are_captures = [sides.before, sides.after]
        .iter()
        .all(|side| side.origin == Origin::Capture);
    if !are_captures || format == Format::Json {
        return Ok(String::new());
    }
    let workspace = suites::discover(context, &Selection::default())?;
    let store = captures::store_folder(context, &workspace);
    let load = |name: &str| captures::load_if_there(context, &store, name);
    let (Some(before), Some(after)) = (load(&sides.before.name)?, load(&sides.after.name)?) else {
        return Ok(String::new());
    };
    let captures = Sides {
        before: &before.capture,
        after: &after.capture,
    };
    if !analysis::disagreements(captures).is_empty() {
        return Ok(String::new());
    }
    let mut comparison = analysis::compare(captures, &workspace.layers);
    let is_meant = |key: &BenchmarkKey| settlement.fates.contains_key(key);
    comparison.profiles.retain(|row| is_meant(&row.key));
    let pictures = picture_folder(&workspace.target_directory, captures);
    let pictures = draw(context, &comparison, &pictures)?;
    Ok(match format {
        Format::Markdown => render::comparison::markdown_profiles(&comparison, &pictures),
        _ => render::comparison::terminal_profiles(
            &comparison,
            &pictures,
            context.host.terminal().width.columns(),
        ),
    })
}

/// A filter is the name of a suite, or else a part of ids.
fn keep_what_is_meant(comparison: &mut Comparison, filter: &str) -> Result<()> {
    let Comparison {
        benchmarks,
        profiles,
        ..
    } = comparison;
    let keys = benchmarks.iter().map(|row| &row.key);
    let keys: Vec<BenchmarkKey> = keys
        .chain(profiles.iter().map(|row| &row.key))
        .cloned()
        .collect();
    let is_suite = keys.iter().any(|key| key.suite == filter);
    let is_meant = |key: &BenchmarkKey| match is_suite {
        true => key.suite == filter,
        false => key.id.contains(filter),
    };
    if !keys.iter().any(is_meant) {
        let suites: BTreeSet<&str> = keys.iter().map(|key| key.suite.as_str()).collect();
        return Err(Problem::usage(format!(
            "neither capture holds a suite `{filter}` or a benchmark with `{filter}` in its id"
        ))
        .fact(list_shortly("suites", suites))
        .into());
    }
    benchmarks.retain(|row| is_meant(&row.key));
    profiles.retain(|row| is_meant(&row.key));
    Ok(())
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
            "compare them here by fresh rounds: `{program} compare {before} {after}` builds both from their commits"
        ))
        .into())
}

/// Draws what can be drawn, and returns where each picture is.
fn draw(context: &Context<'_>, comparison: &Comparison, folder: &Utf8Path) -> Result<Pictures> {
    let Sides { before, after } = &comparison.sources;
    let title = |id: &str| format!("{id}: {} → {}", before.name, after.name);
    let mut pictures = Pictures::new();
    let mut files = BTreeMap::new();
    for ProfileRow { key, outcome } in &comparison.profiles {
        let ProfileOutcome::Compared(difference) = outcome else {
            continue;
        };
        let below = store::profile_folder(key);
        // What a capture needs to tell profiles from its other parts is all there is here.
        let below = below.strip_prefix("profiles/").unwrap_or(&below);
        let path = format!("{below}/difference.svg");
        pictures.insert(key.clone(), context.shown(&folder.join(&path)));
        let svg = render::flame::draw(&title(&key.id), difference);
        files.insert(path, svg.into_bytes());
    }
    if !files.is_empty() {
        context.host.write_files(folder, &files)?;
    }
    Ok(pictures)
}
