//! The tables of a comparison, and the sentences around them.

use crate::model::{
    comparison::{BenchmarkRow, Comparison, Measured, Paired, Sides, Source},
    machine::Identity,
    units::Unit,
};
use crate::render::{
    grid::{
        Align::{Left, Right},
        Grid,
    },
    quantity::{ABSENT, amount_with_interval, count, ratio},
};

use super::suite_label;

/// How a name is written: as it is, or as code.
pub(super) type Quote = fn(&str) -> String;

/// The machine in a few words.
pub(super) fn machine(identity: &Identity) -> String {
    format!(
        "{} ({} cores), {} {}",
        identity.cpu_model, identity.cores, identity.architecture, identity.operating_system
    )
}

/// Where the two captures come from.
pub(super) fn sources(sources: &Sides<Source>, quote: Quote) -> Grid {
    let mut grid = Grid::new([
        ("", Left),
        ("capture", Left),
        ("commit", Left),
        ("features", Left),
        ("measured", Left),
    ]);
    for (role, source) in [("before", &sources.before), ("after", &sources.after)] {
        grid.row([
            role.to_owned(),
            quote(&source.name),
            or_absent(source.revisions.iter().map(|revision| {
                let commit = revision.commit.get(..9).unwrap_or(&revision.commit);
                match revision.dirty_tree {
                    Some(_) => format!("{commit} with changes"),
                    None => commit.to_owned(),
                }
            })),
            or_absent(source.features.iter().map(ToString::to_string)),
            or_absent(source.measured_at.iter().cloned()),
        ]);
    }
    grid
}

/// The stored numbers of every benchmark.
pub(super) fn benchmarks(comparison: &Comparison, quote: Quote) -> Grid {
    let mut grid = Grid::new([
        ("suite", Left),
        ("benchmark", Left),
        ("before", Right),
        ("after", Right),
        ("after/before", Right),
        ("allocations", Right),
    ]);
    for row in &comparison.benchmarks {
        grid.row([
            suite_label(comparison, &row.key),
            quote(&row.key.id),
            estimate(row.measured.before()),
            estimate(row.measured.after()),
            ratio_or_state(row),
            allocations(&row.measured),
        ]);
    }
    grid
}

fn estimate(measured: Option<&Measured>) -> String {
    measured.map_or_else(
        || ABSENT.to_owned(),
        |Measured { estimate, unit, .. }| {
            amount_with_interval(estimate.point, estimate.lower, estimate.upper, *unit)
        },
    )
}

fn ratio_or_state(row: &BenchmarkRow) -> String {
    match &row.measured {
        Paired::Removed(_) => "removed".to_owned(),
        Paired::Added(_) => "added".to_owned(),
        Paired::Both(_) => row.ratio().map_or_else(|| ABSENT.to_owned(), ratio),
    }
}

/// Allocations per iteration: one number where both sides agree.
fn allocations(measured: &Paired<Measured>) -> String {
    let of = |side: Option<&Measured>| {
        side.and_then(|measured| measured.allocations)
            .map_or_else(|| ABSENT.to_owned(), count)
    };
    match measured {
        Paired::Both(sides) => {
            let (before, after) = (of(Some(&sides.before)), of(Some(&sides.after)));
            match before == after {
                true => after,
                false => format!("{before} → {after}"),
            }
        }
        Paired::Removed(before) => of(Some(before)),
        Paired::Added(after) => of(Some(after)),
    }
}

fn or_absent(values: impl Iterator<Item = String>) -> String {
    let values: Vec<String> = values.collect();
    match values.is_empty() {
        true => ABSENT.to_owned(),
        false => values.join(", "),
    }
}

/// The unit that the numbers of a benchmark table count, for its heading.
pub(super) fn heading(comparison: &Comparison) -> &'static str {
    let times_only = comparison.benchmarks.iter().all(|row| {
        let sides = [row.measured.before(), row.measured.after()];
        sides
            .into_iter()
            .flatten()
            .all(|measured| measured.unit == Unit::Nanoseconds)
    });
    match times_only {
        true => "Stored times per iteration, with the intervals of each capture",
        false => "Stored numbers per iteration, with the intervals of each capture",
    }
}
