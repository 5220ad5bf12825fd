//! The table of the verdicts, with an interval drawn in every row.

use maud::{Markup, html};

use super::{
    super::settlement::{
        Report,
        table::Row,
        words::{self, counted},
    },
    fragment::Fragments,
    plots::{compressed::Compressed, overview},
    summary::{IMPROVED, Look, REGRESSED, UNCHANGED, UNDECIDED, look, mark},
};
use crate::{
    model::{question::Aspect, verdict::Verdict},
    render::quantity::{ABSENT, amount},
};

/// A column that rows can be sorted by: its head, and what the script calls its values.
struct Column {
    name: &'static str,
    key: &'static str,
    /// `text` or `number`.
    kind: &'static str,
    class: &'static str,
}

const COLUMNS: [Column; 5] = [
    column("Suite", "suite", "text", "suite"),
    column("Benchmark", "id", "text", "id"),
    column("Before", "before", "number", "number"),
    column("After", "after", "number", "number"),
    column("Change", "change", "number", "number"),
];

const fn column(
    name: &'static str,
    key: &'static str,
    kind: &'static str,
    class: &'static str,
) -> Column {
    Column {
        name,
        key,
        kind,
        class,
    }
}

/// The section of the verdicts.
pub(super) fn table(report: &Report<'_>, rows: &[Row<'_>], fragments: &Fragments<'_>) -> Markup {
    html! {
        section #verdicts aria-labelledby="verdicts-title" tabindex="-1" {
            h2 #verdicts-title { "Verdicts" }
            @if rows.is_empty() {
                p { "No benchmark was measured." }
            } @else {
                (controls(rows))
                (verdicts(report, rows, fragments))
            }
        }
    }
}

/// What narrows the table down.
fn controls(rows: &[Row<'_>]) -> Markup {
    let count = |wanted: Look| {
        let matching = rows.iter();
        matching
            .filter(|row| look(&row.answer.verdict).name == wanted.name)
            .count()
    };
    let present = [REGRESSED, IMPROVED, UNDECIDED, UNCHANGED].map(|look| (look, count(look)));
    html! {
        div.controls.scripted {
            div.search {
                label for="filter" { "Filter " kbd { "/" } }
                input #filter type="search" autocomplete="off" spellcheck="false" placeholder="suite, benchmark or verdict";
            }
            div.chips role="group" aria-label="Verdicts to show" {
                @for (look, count) in present.into_iter().filter(|(_, count)| *count > 0) {
                    button type="button" data-verdict=(look.name) aria-pressed="false" {
                        (mark(look)) " " (look.name) " " span.count { (count) }
                    }
                }
            }
            p #shown .shown role="status" { (counted(rows.len(), "answer")) }
        }
    }
}

fn verdicts(report: &Report<'_>, rows: &[Row<'_>], fragments: &Fragments<'_>) -> Markup {
    let intervals = rows.iter();
    let intervals = intervals.filter_map(|row| Some((row.answer.decisive()?, row.answer.margin)));
    let scale = Compressed::over(intervals);
    html! {
        table #table .verdicts role="table" {
            caption {
                "Every answer with its interval at the stated error rate. The grey band is the margin: a change within it does not matter. "
                span.wide { "Drawn on one scale for all rows, even near zero and compressed outwards." }
            }
            thead role="rowgroup" {
                tr role="row" {
                    @for column in &COLUMNS {
                        th role="columnheader" scope="col" class=(column.class) aria-sort="none" data-sort=(column.key) data-kind=(column.kind) { (column.name) }
                    }
                    th.plot role="columnheader" scope="col" { span.hidden { "Interval" } (overview::axis(&scale)) }
                    th.verdict role="columnheader" scope="col" aria-sort="none" data-sort="verdict" data-kind="number" { "Verdict" }
                }
            }
            tbody role="rowgroup" {
                @for (position, row) in rows.iter().enumerate() {
                    (line(report, row, position, fragments, &scale))
                }
            }
        }
        p #none-shown .scripted hidden { "No answer matches. Escape clears the filter." }
    }
}

fn line(
    report: &Report<'_>,
    row: &Row<'_>,
    position: usize,
    fragments: &Fragments<'_>,
    scale: &Compressed,
) -> Markup {
    let answer = row.answer;
    let key = &answer.question.key;
    let levels = row.decisive_levels();
    let before = levels.map(|levels| levels.before);
    let after = levels.map(|levels| levels.after);
    let shown =
        |level: Option<f64>| level.map_or(ABSENT.to_owned(), |level| amount(level, row.unit));
    let interval = answer.decisive();
    let look = look(&answer.verdict);
    let title = hint(report, row);
    html! {
        tr role="row" data-look=(look.name) data-verdict=(position) data-suite=(row.suite) data-id=(key.id) data-before=[before] data-after=[after] data-change=[interval.map(|interval| interval.estimate)] {
            td.suite role="cell" { (row.suite) }
            th.id role="rowheader" scope="row" {
                a href={ "#" (fragments.get(key)) } title=[title] { (key.id) }
                @if answer.question.aspect == Aspect::Parallel { span.aspect { "parallel" } }
            }
            td.number.before role="cell" data-label="before" { (shown(before)) }
            td.number.after role="cell" data-label="after" { (shown(after)) }
            td.number.change role="cell" {
                @match interval {
                    Some(interval) => { strong { (words::signed(interval.change())) " %" } " " span.bounds { (bounds(interval)) } }
                    None => { (ABSENT) }
                }
            }
            td.plot role="cell" aria-hidden="true" { (overview::interval(scale, answer)) }
            td.verdict role="cell" { (mark(look)) " " span { (row.verdict) } }
        }
    }
}

/// `[+2.4, +3.8]`.
pub(super) fn bounds(interval: &crate::model::verdict::Interval) -> String {
    let (lower, upper) = interval.change_bounds();
    format!("[{}, {}]", words::signed(lower), words::signed(upper))
}

/// Why nothing was decided, where that is so.
fn hint(report: &Report<'_>, row: &Row<'_>) -> Option<String> {
    match &row.answer.verdict {
        Verdict::Undecided(reason) => Some(super::super::settlement::reason_in_words(
            report.settlement,
            reason,
        )),
        _ => None,
    }
}
