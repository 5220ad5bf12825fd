//! The benchmarks of one run as a table.

use anstyle::Style;

use super::{
    grid::{
        Align::{self, Left, Right},
        Grid,
    },
    quantity::{ABSENT, amount, amount_with_interval, count, ratio, time},
};
use crate::model::{
    benchmark::Benchmark,
    suite::{BrokenExpectation, Suite},
    units::Unit,
};

/// Of a percentile that too few operations would carry.
const TOO_FEW: &str = "n/a";

const HEADING: Style = Style::new().bold();
const ASIDE: Style = Style::new().dimmed();

/// Suites with the ids in them.
pub fn list(suites: &[(&str, Vec<&str>)]) -> String {
    let mut text = String::new();
    for (label, ids) in suites {
        text.push_str(&format!("{HEADING}{label}{HEADING:#}\n"));
        for id in ids {
            text.push_str(&format!("  {id}\n"));
        }
    }
    text
}

/// One row per benchmark, in order, grouped by suite; columns that nobody fills are left
/// out, and where the terminal is narrow the less important ones, too.
pub fn table(benchmarks: &[Benchmark], suites: &[&Suite], columns: Option<usize>) -> String {
    let rows = Rows { benchmarks, suites };
    let mut shown: Vec<Column> = Column::ALL
        .into_iter()
        .filter(|column| {
            benchmarks
                .iter()
                .any(|one| rows.cell(*column, one) != ABSENT)
        })
        .collect();
    let mut text = rows.grid(&shown);
    for dropped in Column::LEAST_IMPORTANT_FIRST {
        if columns.is_none_or(|columns| widest(&text) <= columns) {
            break;
        }
        shown.retain(|column| *column != dropped);
        text = rows.grid(&shown);
    }
    rows.with_headings(&text) + &legend(&shown)
}

/// What the estimates break, if anything.
pub fn broken_expectations(broken: &[BrokenExpectation]) -> String {
    let mut text = String::new();
    for one in broken {
        let side =
            |(words, value): &(String, f64)| format!("`{words}` ({})", amount(*value, one.unit));
        let (less, greater) = (side(&one.expected_less), side(&one.expected_greater));
        text.push_str(&format!(
            "\ninconsistent: {less} should not exceed {greater}\n"
        ));
        if let Some(because) = &one.because {
            text.push_str(&format!("  {because}\n"));
        }
    }
    text
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Id,
    Estimate,
    Interval,
    Control,
    Allocations,
    Bytes,
    P50,
    P99,
    P999,
}

impl Column {
    const ALL: [Self; 9] = [
        Self::Id,
        Self::Estimate,
        Self::Interval,
        Self::Control,
        Self::Allocations,
        Self::Bytes,
        Self::P50,
        Self::P99,
        Self::P999,
    ];

    const LEAST_IMPORTANT_FIRST: [Self; 7] = [
        Self::P999,
        Self::Bytes,
        Self::P50,
        Self::Interval,
        Self::P99,
        Self::Allocations,
        Self::Control,
    ];

    fn head(self) -> (&'static str, Align) {
        match self {
            Self::Id => ("benchmark", Left),
            Self::Estimate => ("estimate", Right),
            Self::Interval => ("interval", Right),
            Self::Control => ("to control", Right),
            Self::Allocations => ("allocs/iter", Right),
            Self::Bytes => ("alloc bytes/iter", Right),
            Self::P50 => ("p50", Right),
            Self::P99 => ("p99", Right),
            Self::P999 => ("p99.9", Right),
        }
    }
}

struct Rows<'a> {
    benchmarks: &'a [Benchmark],
    suites: &'a [&'a Suite],
}

impl Rows<'_> {
    fn grid(&self, columns: &[Column]) -> String {
        let mut grid = Grid::new(
            columns
                .iter()
                .map(|column| column.head())
                .collect::<Vec<_>>(),
        );
        for benchmark in self.benchmarks {
            grid.row(
                columns
                    .iter()
                    .map(|column| self.cell(*column, benchmark))
                    .collect::<Vec<_>>(),
            );
        }
        grid.terminal()
    }

    fn cell(&self, column: Column, benchmark: &Benchmark) -> String {
        let estimate = benchmark.estimates.typical();
        let counted = benchmark.counted.as_ref();
        let per_iteration =
            |total: u64| counted.map(|counted| total as f64 / counted.iterations as f64);
        let quantile = |quantile| {
            let latencies = counted.and_then(|counted| counted.latencies.as_ref())?;
            Some(
                latencies
                    .quantile_ns(quantile)
                    .map_or(TOO_FEW.to_owned(), |ns| time(ns as f64)),
            )
        };
        let text = match column {
            Column::Id => Some(benchmark.key.id.escape_debug().to_string()),
            Column::Estimate => Some(amount(estimate.point, benchmark.unit)),
            Column::Interval => {
                let text = amount_with_interval(
                    estimate.point,
                    estimate.lower,
                    estimate.upper,
                    benchmark.unit,
                );
                text.find('[').map(|start| text[start..].to_owned())
            }
            Column::Control => self.to_control(benchmark),
            Column::Allocations => counted
                .and_then(|counted| counted.allocations)
                .and_then(per_iteration)
                .map(count),
            Column::Bytes => counted
                .and_then(|counted| counted.allocated_bytes)
                .and_then(per_iteration)
                .map(|bytes| match bytes == 0.0 {
                    true => "0 B".to_owned(),
                    false => amount(bytes, Unit::Bytes),
                }),
            Column::P50 => quantile(0.5),
            Column::P99 => quantile(0.99),
            Column::P999 => quantile(0.999),
        };
        text.unwrap_or_else(|| ABSENT.to_owned())
    }

    fn to_control(&self, benchmark: &Benchmark) -> Option<String> {
        let same_suite = |other: &&Benchmark| {
            other.key.package == benchmark.key.package && other.key.suite == benchmark.key.suite
        };
        let mut siblings = self.benchmarks.iter().filter(same_suite);
        match &benchmark.control {
            Some(id) => {
                let control =
                    siblings.find(|other| other.key.id == *id && other.unit == benchmark.unit)?;
                let point = control.estimates.typical().point;
                (point > 0.0).then(|| ratio(benchmark.estimates.typical().point / point))
            }
            None => siblings
                .any(|other| other.control.as_ref() == Some(&benchmark.key.id))
                .then(|| "control".to_owned()),
        }
    }

    fn with_headings(&self, grid: &str) -> String {
        let mut lines = grid.lines();
        let mut text = format!("{ASIDE}{}{ASIDE:#}\n", lines.next().unwrap_or_default());
        let mut current = None;
        for (benchmark, line) in self.benchmarks.iter().zip(lines) {
            let suite = (&benchmark.key.package, &benchmark.key.suite);
            if current != Some(suite) {
                let label = self
                    .suites
                    .iter()
                    .find(|one| (&one.package, &one.name) == suite)
                    .map(|one| one.label.as_str());
                text.push_str(&format!(
                    "{HEADING}{}{HEADING:#}\n",
                    label.unwrap_or(suite.1)
                ));
                current = Some(suite);
            }
            text.push_str(line);
            text.push('\n');
        }
        text
    }
}

fn legend(shown: &[Column]) -> String {
    let mut lines =
        vec!["estimate: Criterion's slope or mean per iteration, with its confidence interval"];
    if shown.contains(&Column::Control) {
        lines.push(
            "to control: the estimate over that of the suite's control, the raw way to do the same",
        );
    }
    if shown.contains(&Column::Allocations) {
        lines.push("allocs/iter: calls of the allocator, all threads, counted by the probe in a run of its own");
    }
    if [Column::P50, Column::P99, Column::P999]
        .iter()
        .any(|column| shown.contains(column))
    {
        lines.push("p50, p99, p99.9: latency of single operations; n/a where there are too few of them for the tail");
    }
    let lines: String = lines
        .iter()
        .map(|line| format!("{ASIDE}{line}{ASIDE:#}\n"))
        .collect();
    format!("\n{lines}")
}

fn widest(text: &str) -> usize {
    text.lines()
        .map(|line| line.chars().count())
        .max()
        .unwrap_or(0)
}
