//! The tables of a comparison, and the sentences around them.

use crate::model::{
    comparison::{BenchmarkRow, Comparison, Measured, Paired, Sides, Source},
    difference::{Delta, Difference, FunctionRow, GroupRow, Grouping, Presence},
    machine::Identity,
    units::Unit,
};
use crate::render::{
    grid::{
        Align::{Left, Right},
        Grid,
    },
    quantity::{ABSENT, amount_with_interval, count, ratio, signed_time, time},
};

use super::{CRATES_SHOWN, FUNCTIONS_SHOWN, suite_label};

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

/// The CPU time of a profile in one line.
pub(super) fn profile_summary(difference: &Difference) -> String {
    let Difference { cpu, wall_ns, .. } = difference;
    let cpu_ns = cpu.ns;
    format!(
        "CPU {} → {} per iteration ({}), on the wall {} → {}",
        time(cpu_ns.before),
        time(cpu_ns.after),
        signed_time(cpu_ns.difference()),
        time(wall_ns.before),
        time(wall_ns.after),
    )
}

/// What the functions' times rest on, in one line.
pub(super) fn profile_basis(difference: &Difference) -> String {
    let iterations = match (difference.derived.before, difference.derived.after) {
        (false, false) => "counted",
        (true, true) => "derived from stored times",
        (true, false) => "derived from a stored time before, counted after",
        (false, true) => "counted before, derived from a stored time after",
    };
    format!(
        "{} and {} stack samples by {}; iterations {iterations}; ± is what the number of samples leaves open, at 95 %",
        difference.samples.before, difference.samples.after, difference.sampler
    )
}

/// The functions whose own time differs most, and a remainder that makes the table sum.
pub(super) fn functions(difference: &Difference, quote: Quote) -> Grid {
    let mut grid = Grid::new([
        ("self before", Right),
        ("self after", Right),
        ("difference", Right),
        ("±", Right),
        ("total before", Right),
        ("total after", Right),
        ("crate", Left),
        ("function", Left),
    ]);
    let (shown, rest) = difference
        .functions
        .split_at(FUNCTIONS_SHOWN.min(difference.functions.len()));
    for row in shown {
        let mut cells = own_cells(&row.own).to_vec();
        cells.extend([
            time_or_absent(row.total.ns.before),
            time_or_absent(row.total.ns.after),
            row.crate_name.clone(),
            named(row, quote),
        ]);
        grid.row(cells);
    }
    let mut closing = |own_ns, name| {
        let mut cells = sum_cells(own_ns).to_vec();
        cells.extend([String::new(), String::new(), String::new(), name]);
        grid.row(cells);
    };
    if !rest.is_empty() {
        let own_ns = sum(rest.iter().map(|row| row.own.ns));
        closing(own_ns, format!("{} other functions", rest.len()));
    }
    closing(difference.cpu.ns, "sum".to_owned());
    grid
}

fn named(row: &FunctionRow, quote: Quote) -> String {
    let name = quote(&row.function);
    match &row.presence {
        Presence::Both => name,
        Presence::New => format!("{name} (new)"),
        Presence::Gone => format!("{name} (gone)"),
        Presence::Renamed { from, .. } => format!("{name} (was {})", quote(from)),
    }
}

fn sum(times: impl Iterator<Item = Sides<f64>>) -> Sides<f64> {
    times.fold(Sides::default(), |sum: Sides<f64>, ns| Sides {
        before: sum.before + ns.before,
        after: sum.after + ns.after,
    })
}

/// The crates whose own time differs most, and a remainder that makes the table sum.
pub(super) fn crates(difference: &Difference) -> Grid {
    let mut grid = Grid::new([
        ("self before", Right),
        ("self after", Right),
        ("difference", Right),
        ("±", Right),
        ("crate", Left),
    ]);
    let crates: &[GroupRow] = difference
        .groups
        .get(&Grouping::Crate)
        .map_or(&[], Vec::as_slice);
    let (shown, rest) = crates.split_at(CRATES_SHOWN.min(crates.len()));
    for row in shown {
        let mut cells = own_cells(&row.own).to_vec();
        cells.push(row.name.clone());
        grid.row(cells);
    }
    if !rest.is_empty() {
        let mut cells = sum_cells(sum(rest.iter().map(|row| row.own.ns))).to_vec();
        cells.push(format!("{} other crates", rest.len()));
        grid.row(cells);
    }
    grid
}

fn own_cells(own: &Delta) -> [String; 4] {
    [
        time_or_absent(own.ns.before),
        time_or_absent(own.ns.after),
        signed_time(own.ns.difference()),
        time(0.5 * (own.upper_ns - own.lower_ns)),
    ]
}

fn sum_cells(own_ns: Sides<f64>) -> [String; 4] {
    [
        time(own_ns.before),
        time(own_ns.after),
        signed_time(own_ns.difference()),
        String::new(),
    ]
}

fn time_or_absent(ns: f64) -> String {
    match ns {
        0.0 => ABSENT.to_owned(),
        ns => time(ns),
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
