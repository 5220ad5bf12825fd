//! The table of the answers: regressions first.

use std::collections::BTreeSet;

use anstyle::{AnsiColor, Style};

use crate::{
    model::{
        benchmark::BenchmarkKey,
        comparison::Sides,
        question::Aspect,
        settlement::{Fate, Settlement},
        units::Unit,
        verdict::{Answer, Verdict},
    },
    render::{
        comparison::code,
        grid::{
            Align::{self, Left, Right},
            Grid,
        },
        quantity::{ABSENT, amount},
        wrap::wrap,
    },
};

use super::words;

const ASIDE: Style = Style::new().dimmed();

/// One answer in cells.
pub(in crate::render) struct Row<'s> {
    /// The answer.
    pub(in crate::render) answer: &'s Answer,
    /// The name of its suite.
    pub(in crate::render) suite: String,
    /// What its numbers count.
    pub(in crate::render) unit: Unit,
    /// The verdict in words.
    pub(in crate::render) verdict: String,
}

/// The answers in the order in which they matter: regressions, improvements, what is undecided, what is unchanged; the
/// largest changes first. What needed no round is not in it.
pub(in crate::render) fn rows(settlement: &Settlement) -> Vec<Row<'_>> {
    let on_all_cpus: BTreeSet<&BenchmarkKey> = settlement
        .answers
        .iter()
        .filter(|answer| answer.question.aspect == Aspect::Parallel)
        .map(|answer| &answer.question.key)
        .collect();
    let same = |key| settlement.fates.get(key) == Some(&Fate::SameExecutable);
    let mut rows: Vec<Row<'_>> = settlement
        .answers
        .iter()
        .filter(|answer| !same(&answer.question.key))
        .map(|answer| {
            let unit = words::planned(settlement, answer).map_or(Unit::default(), |one| one.unit);
            let key = &answer.question.key;
            Row {
                answer,
                suite: suite_label(settlement, key),
                unit,
                verdict: words::verdict(answer, unit, on_all_cpus.contains(key)),
            }
        })
        .collect();
    let rank = |row: &Row<'_>| match row.answer.verdict {
        Verdict::Regressed => 0,
        Verdict::Improved => 1,
        Verdict::Undecided(_) => 2,
        Verdict::Unchanged => 3,
    };
    let size = |row: &Row<'_>| {
        row.answer
            .decisive()
            .map_or(0.0, |found| found.estimate.abs())
    };
    rows.sort_by(|a, b| {
        let by_size = match rank(a) {
            0 | 1 => size(b).total_cmp(&size(a)),
            _ => std::cmp::Ordering::Equal,
        };
        rank(a).cmp(&rank(b)).then(by_size)
    });
    rows
}

/// The name of a suite: with its package only where the name alone is not enough.
pub(in crate::render) fn suite_label(settlement: &Settlement, key: &BenchmarkKey) -> String {
    let mut keys = settlement.fates.keys();
    match keys.any(|other| other.suite == key.suite && other.package != key.package) {
        true => format!("{}/{}", key.package, key.suite),
        false => key.suite.clone(),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Suite,
    Benchmark,
    Before,
    After,
    Change,
    Verdict,
}

impl Column {
    const ALL: [Self; 6] = [
        Self::Suite,
        Self::Benchmark,
        Self::Before,
        Self::After,
        Self::Change,
        Self::Verdict,
    ];

    const LEAST_IMPORTANT_FIRST: [Self; 3] = [Self::Suite, Self::Before, Self::After];

    fn head(self) -> (&'static str, Align) {
        match self {
            Self::Suite => ("suite", Left),
            Self::Benchmark => ("benchmark", Left),
            Self::Before => ("before", Right),
            Self::After => ("after", Right),
            Self::Change => ("change", Right),
            Self::Verdict => ("verdict", Left),
        }
    }
}

impl Row<'_> {
    fn cell(&self, column: Column) -> String {
        let level =
            |value: Option<f64>| value.map_or(ABSENT.to_owned(), |value| amount(value, self.unit));
        match column {
            Column::Suite => self.suite.clone(),
            Column::Benchmark => self.answer.question.key.id.escape_debug().to_string(),
            Column::Before => level(self.decisive_levels().map(|levels| levels.before)),
            Column::After => level(self.decisive_levels().map(|levels| levels.after)),
            Column::Change => self
                .answer
                .decisive()
                .map_or(ABSENT.to_owned(), words::change),
            Column::Verdict => self.verdict.clone(),
        }
    }

    /// The levels that the change is between: those of the statistic that made the verdict.
    pub(in crate::render) fn decisive_levels(&self) -> Option<Sides<f64>> {
        self.answer.decisive_levels
    }

    /// What helps the eye; the verdict says it in words.
    fn style(&self) -> Style {
        match self.answer.verdict {
            Verdict::Regressed => Style::new().fg_color(Some(AnsiColor::Red.into())),
            Verdict::Improved => Style::new().fg_color(Some(AnsiColor::Green.into())),
            Verdict::Undecided(_) => Style::new().fg_color(Some(AnsiColor::Yellow.into())),
            Verdict::Unchanged => Style::new(),
        }
    }
}

/// In so many columns: the less important ones are left out where it is too narrow, and where that does not do, every
/// benchmark takes some lines.
pub(super) fn terminal(rows: &[Row<'_>], columns: Option<usize>) -> String {
    let fits = |text: &str| columns.is_none_or(|columns| widest(text) <= columns);
    let mut shown = Column::ALL.to_vec();
    if rows.iter().all(|row| row.suite == rows[0].suite) {
        shown.retain(|column| *column != Column::Suite);
    }
    let mut text = grid(rows, &shown, str::to_owned).terminal();
    for dropped in Column::LEAST_IMPORTANT_FIRST {
        if fits(&text) {
            break;
        }
        shown.retain(|column| *column != dropped);
        text = grid(rows, &shown, str::to_owned).terminal();
    }
    match fits(&text) {
        true => styled(rows, &text),
        false => stacked(rows, columns.unwrap_or(usize::MAX)),
    }
}

/// For a pull request.
pub(super) fn markdown(rows: &[Row<'_>]) -> String {
    grid(rows, &Column::ALL, code).markdown()
}

fn grid(rows: &[Row<'_>], columns: &[Column], quote: fn(&str) -> String) -> Grid {
    let heads: Vec<_> = columns.iter().map(|column| column.head()).collect();
    let mut grid = Grid::new(heads);
    for row in rows {
        let cells = columns.iter().map(|column| match column {
            Column::Benchmark => quote(&row.cell(*column)),
            _ => row.cell(*column),
        });
        grid.row(cells.collect::<Vec<_>>());
    }
    grid
}

fn styled(rows: &[Row<'_>], text: &str) -> String {
    let mut lines = text.lines();
    let mut styled = format!("{ASIDE}{}{ASIDE:#}\n", lines.next().unwrap_or_default());
    for (row, line) in rows.iter().zip(lines) {
        let style = row.style();
        styled.push_str(&format!("{style}{line}{style:#}\n"));
    }
    styled
}

fn stacked(rows: &[Row<'_>], columns: usize) -> String {
    let mut text = String::new();
    for row in rows {
        let style = row.style();
        text.push_str(&wrap(&row.cell(Column::Benchmark), "  ", columns));
        let verdict = wrap(&row.verdict, "    ", columns);
        text.push_str(&format!("{style}{}{style:#}\n", verdict.trim_end()));
        if row.decisive_levels().is_some() {
            let levels = format!("{} → {}", row.cell(Column::Before), row.cell(Column::After));
            text.push_str(&wrap(&levels, "    ", columns));
        }
        if row.answer.decisive().is_some() {
            text.push_str(&wrap(&row.cell(Column::Change), "    ", columns));
        }
    }
    text
}

fn widest(text: &str) -> usize {
    let lines = text.lines();
    lines.map(|line| line.chars().count()).max().unwrap_or(0)
}
