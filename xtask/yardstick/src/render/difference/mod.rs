//! Where the time of a benchmark went: first what did it, in words, then the tables behind that.

mod answer;
mod findings;
mod names;
pub mod rows;
mod scale;
mod tables;

use crate::model::difference::Difference;

use super::{comparison::code, grid::Grid, quantity::time, wrap::wrap};

use self::{answer::Line, tables::Table};

/// How wide sentences run where nothing limits them.
const TEXT_WIDTH: usize = 100;

/// How a name is written: as it is, or as code.
pub(super) type Quote = fn(&str) -> String;

/// For a terminal of so many columns; `None` where any width will do. `id` is that of the benchmark.
pub fn terminal(id: &str, difference: &Difference, columns: Option<usize>) -> String {
    let width = columns.map_or(TEXT_WIDTH, |columns| columns.min(TEXT_WIDTH));
    let mut text = wrap(&answer::headline(&in_backticks(id), difference), "", width);
    text.push('\n');
    text.push_str(&in_lines(
        &answer::lines(difference, str::to_owned),
        columns,
    ));
    text.push('\n');
    for sentence in sentences(difference, in_backticks) {
        text.push_str(&wrap(&sentence, "  ", width));
    }
    for Table { heading, grid } in tables::all(difference, str::to_owned, columns) {
        text.push_str(&format!("\n  {heading}\n{}", grid.terminal()));
    }
    text
}

/// As Markdown, for a pull request; a heading is left to the caller. `id` is that of the benchmark.
pub fn markdown(id: &str, difference: &Difference) -> String {
    let mut grid = answer_grid();
    for line in answer::lines(difference, code) {
        grid.row([line.what, line.change, line.interval, line.note]);
    }
    let mut text = format!(
        "{}.\n\n{}\n",
        answer::headline(&code(id), difference),
        grid.markdown()
    );
    for sentence in sentences(difference, code) {
        text.push_str(&format!("- {sentence}\n"));
    }
    for Table { heading, grid } in tables::all(difference, code, None) {
        text.push_str(&format!("\n{heading}:\n\n{}", grid.markdown()));
    }
    text
}

/// The answer alone in one sentence, without its full stop.
pub fn headline(id: &str, difference: &Difference) -> String {
    answer::headline(&in_backticks(id), difference)
}

/// What is worth a sentence of its own: lowercase sentences without their full stops.
pub fn findings(difference: &Difference) -> Vec<String> {
    findings::sentences(difference, in_backticks)
}

pub(super) fn in_backticks(name: &str) -> String {
    format!("`{name}`")
}

fn answer_grid() -> Grid {
    use super::grid::Align::{Left, Right};
    Grid::new([
        ("what", Left),
        ("self time per iteration", Right),
        ("95 % interval", Right),
        ("", Left),
    ])
}

/// Columns where they fit, else one sentence a line of the answer.
fn in_lines(lines: &[Line], columns: Option<usize>) -> String {
    let mut grid = answer_grid();
    for line in lines {
        grid.row([&line.what, &line.change, &line.interval, &line.note].map(String::clone));
    }
    let text = grid.terminal();
    let widest = text.lines().map(|line| line.chars().count()).max();
    match (columns, widest) {
        (Some(columns), Some(widest)) if widest > columns => lines
            .iter()
            .map(|line| {
                let parts = [&line.change, &line.interval, &line.note];
                let parts: Vec<&str> = parts
                    .into_iter()
                    .map(String::as_str)
                    .filter(|part| !part.is_empty())
                    .collect();
                let text = format!("{}: {}", line.what, parts.join("; "));
                wrap(&text, "  ", columns)
            })
            .collect(),
        _ => text,
    }
}

/// What follows the answer.
pub(super) fn sentences(difference: &Difference, quote: Quote) -> Vec<String> {
    let mut sentences = Vec::new();
    sentences.extend(answer::smallest_visible(difference));
    sentences.extend(findings::sentences(difference, quote));
    sentences.extend(answer::renamed(difference, quote));
    sentences.push(times(difference));
    sentences.push(basis(difference));
    sentences
}

/// CPU time, time on the wall, and how many CPUs were busy.
fn times(difference: &Difference) -> String {
    let wall_ns = difference.wall_ns;
    let cpu = &difference.cpu;
    let mut text = format!(
        "while recording, an iteration took {} → {} of CPU time and {} → {} on the wall",
        time(cpu.ns.before),
        time(cpu.ns.after),
        time(wall_ns.before),
        time(wall_ns.after)
    );
    if wall_ns.before > 0.0 && wall_ns.after > 0.0 {
        text.push_str(&format!(
            ": {:.2} → {:.2} CPUs busy",
            cpu.ns.before / wall_ns.before,
            cpu.ns.after / wall_ns.after
        ));
    }
    text
}

/// What the numbers rest on, and what their intervals do not cover.
fn basis(difference: &Difference) -> String {
    let iterations = match (difference.derived.before, difference.derived.after) {
        (false, false) => "counted",
        (true, true) => "derived from stored times",
        (true, false) => "derived from a stored time before, counted after",
        (false, true) => "counted before, derived from a stored time after",
    };
    // Where nothing is beyond chance, that sentence stands on its own.
    let is_said = answer::smallest_visible(difference).is_some();
    let smallest = match difference.smallest_visible_ns {
        ns if ns.is_finite() && !is_said => format!(
            "; from {} on it would have been seen in a function with a tenth of the time",
            time(ns)
        ),
        _ => String::new(),
    };
    let drift = match difference
        .recordings
        .before
        .min(difference.recordings.after)
    {
        0 | 1 => {
            "; with one recording a side the intervals know only the number of stack samples, and drift between two sittings comes on top"
        }
        _ => "",
    };
    format!(
        "iterations {iterations}; beyond chance means that at most 5 % of what is called so is chance{smallest}{drift}"
    )
}

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;
