//! A comparison by fresh rounds: first the answer in words, then the table, then what it rests on.

mod basis;
pub(super) mod sections;
mod summary;
pub(super) mod table;
pub(super) mod undecided;
pub(super) mod words;

use std::collections::BTreeMap;

use anstyle::Style;

use super::{comparison::code, grid::Grid, wrap::wrap};
use crate::model::{
    benchmark::BenchmarkKey,
    comparison::ProfileRow,
    course::Course,
    round::Dropped,
    settlement::{Overall, Settlement},
    verdict::Reason,
};

pub use summary::{Outcome, Tally};
pub use undecided::{seconds_to_decide, to_decide};
pub use words::{planned, statistic};

/// How wide sentences run where nothing limits them.
const TEXT_WIDTH: usize = 100;

const HEADING: Style = Style::new().bold();

/// A settlement, and what follows from it.
#[derive(Clone, Debug)]
pub struct Report<'a> {
    /// The settlement.
    pub settlement: &'a Settlement,
    /// Its answers in one number.
    pub overall: Option<Overall>,
    /// What explains an answer, in words: lowercase sentences without their full stops.
    pub opinions: BTreeMap<BenchmarkKey, Vec<String>>,
    /// Why rounds do not count.
    pub dropped: Vec<Dropped>,
    /// How the rounds of each answer came out, in the order of the answers.
    pub courses: Vec<Course>,
    /// Where the time went in the benchmarks that were recorded, in key order.
    pub profiles: Vec<ProfileRow>,
    /// What is typed before a verb: `cargo xtask`.
    pub program: &'a str,
    /// The number of the run among those of the same sides, and the folder that holds it.
    pub stored: (u32, String),
}

/// How a name is written: as it is, or as code.
pub(super) type Quote = fn(&str) -> String;

/// A part of the report, to be laid out for a terminal or as Markdown.
pub(super) enum Block {
    /// A heading over what follows.
    Heading(String),
    /// Sentences that belong together.
    Items(Vec<String>),
    /// What another program said, line by line.
    Quoted(Vec<String>),
    /// A table.
    Table(Grid),
}

/// For a terminal of so many columns; `None` where any width will do. Warnings are not in it: they belong on stderr.
pub fn terminal(report: &Report<'_>, columns: Option<usize>) -> String {
    let width = columns.map_or(TEXT_WIDTH, |columns| columns.min(TEXT_WIDTH));
    let mut text = wrap(
        &summary::headline(report.settlement, in_backticks),
        "",
        width,
    );
    let rows = table::rows(report.settlement);
    if !rows.is_empty() {
        text.push('\n');
        text.push_str(&table::terminal(&rows, columns));
    }
    for block in sections::blocks(report, in_backticks) {
        match block {
            Block::Heading(heading) => {
                text.push_str(&format!("\n{HEADING}{heading}{HEADING:#}\n"));
            }
            Block::Items(items) => {
                for item in items {
                    text.push_str(&wrap(&item, "  ", width));
                }
            }
            Block::Quoted(lines) => {
                for line in lines {
                    text.push_str(&format!("    {line}\n"));
                }
            }
            Block::Table(grid) => {
                text.push('\n');
                text.push_str(&grid.terminal());
            }
        }
    }
    text
}

/// As Markdown, for a pull request; warnings included.
pub fn markdown(report: &Report<'_>) -> String {
    let settlement = report.settlement;
    let names = settlement.sides.as_ref().map(|side| code(&side.name));
    let mut text = format!(
        "## {} → {}\n\n{}\n",
        names.before,
        names.after,
        summary::headline(settlement, code)
    );
    let rows = table::rows(settlement);
    if !rows.is_empty() {
        text.push('\n');
        text.push_str(&table::markdown(&rows));
    }
    let warnings = settlement.warnings.iter();
    let warnings: Vec<String> = warnings.map(|warning| warning.text.clone()).collect();
    let mut blocks = Vec::new();
    if !warnings.is_empty() {
        blocks.push(Block::Heading("Warnings".to_owned()));
        blocks.push(Block::Items(warnings));
    }
    blocks.extend(sections::blocks(report, code));
    for block in blocks {
        match block {
            Block::Heading(heading) => text.push_str(&format!("\n### {heading}\n\n")),
            Block::Items(items) => {
                for item in items {
                    text.push_str(&format!("- {item}\n"));
                }
            }
            Block::Quoted(lines) => text.push_str(&fenced(&lines)),
            Block::Table(grid) => {
                text.push('\n');
                text.push_str(&grid.markdown());
            }
        }
    }
    text
}

/// A block of code, fenced by more backticks than any of its lines begins with.
fn fenced(lines: &[String]) -> String {
    let ticks = |line: &String| line.trim_start().chars().take_while(|c| *c == '`').count();
    let longest = lines.iter().map(ticks).max().unwrap_or(0);
    let fence = "`".repeat(3.max(longest + 1));
    format!("\n{fence}text\n{}\n{fence}\n", lines.join("\n"))
}

/// The answer in words: which side is slower, how many benchmarks say so, and how sure that is.
pub fn headline(settlement: &Settlement) -> String {
    summary::headline(settlement, in_backticks)
}

/// Why nothing could be shown, in words.
pub fn reason_in_words(settlement: &Settlement, reason: &Reason) -> String {
    let names = settlement.sides.as_ref().map(|side| side.name.as_str());
    words::reason(reason, names, in_backticks)
}

pub(super) fn in_backticks(name: &str) -> String {
    format!("`{name}`")
}
