//! What is read first: the answer in words, and how many benchmarks say what.

use maud::{Markup, html};

use super::{
    super::settlement::{Report, Tally, headline, table::Row, words},
    prose::{prose, sentence},
};
use crate::{model::verdict::Verdict, render::quantity::ratio};

/// Width of the bar of the tally, in units of its drawing.
const BAR: f64 = 1000.0;

/// What a verdict looks like besides its word: a mark, and the name of its colour.
#[derive(Clone, Copy)]
pub(super) struct Look {
    /// The word.
    pub(super) name: &'static str,
    /// A shape that needs no colour.
    pub(super) mark: &'static str,
}

pub(super) const REGRESSED: Look = Look {
    name: "regressed",
    mark: "▲",
};
pub(super) const IMPROVED: Look = Look {
    name: "improved",
    mark: "▼",
};
pub(super) const UNDECIDED: Look = Look {
    name: "undecided",
    mark: "?",
};
pub(super) const UNCHANGED: Look = Look {
    name: "unchanged",
    mark: "=",
};

/// The look of a verdict.
pub(super) fn look(verdict: &Verdict) -> Look {
    match verdict {
        Verdict::Regressed => REGRESSED,
        Verdict::Improved => IMPROVED,
        Verdict::Undecided(_) => UNDECIDED,
        Verdict::Unchanged => UNCHANGED,
    }
}

/// The mark of a verdict; the word stands beside it.
pub(super) fn mark(look: Look) -> Markup {
    html! { span class={ "mark " (look.name) } aria-hidden="true" { (look.mark) } }
}

/// The top of the page.
pub(super) fn banner(report: &Report<'_>) -> Markup {
    let names = report.settlement.sides.as_ref();
    let names = names.map(|side| side.name.as_str());
    html! {
        header.banner {
            div.inner {
                p.brand { a href="#summary" { "Yardstick" } }
                nav aria-label="Sections" {
                    a href="#verdicts" { "Verdicts" }
                    a href="#basis" { "What it rests on" }
                    a href="#environment" { "Environment" }
                    a href="#repeat" { "Repeat" }
                }
                button #theme .scripted type="button" { "Theme: as the system" }
            }
            div.inner.title {
                h1 {
                    code { (names.before) }
                    span.arrow { " → " }
                    code { (names.after) }
                }
                p.when {
                    "Run " (report.stored.0) ", begun " time datetime=(report.settlement.begun_at) { (report.settlement.begun_at.replace('T', " ").replace('Z', " UTC")) }
                }
            }
        }
    }
}

/// The answer in words, its numbers, and the warnings.
pub(super) fn summary(report: &Report<'_>, rows: &[Row<'_>]) -> Markup {
    let settlement = report.settlement;
    let tally = Tally::of(settlement);
    html! {
        section #summary aria-labelledby="summary-title" {
            h2 #summary-title { "Summary" }
            p.headline { (prose(&headline(settlement))) }
            @if tally.benchmarks() > 0 { (counts(tally)) }
            (numbers(report, rows))
            @if !settlement.warnings.is_empty() {
                div.warnings role="note" aria-label="Warnings" {
                    @for warning in &settlement.warnings {
                        p { strong { "Warning: " } (prose(&warning.text)) "." }
                    }
                }
            }
        }
    }
}

/// The tally as a bar and as a list.
fn counts(tally: Tally) -> Markup {
    let all = tally.benchmarks() as f64;
    let parts = [
        (REGRESSED, tally.regressed),
        (IMPROVED, tally.improved),
        (UNDECIDED, tally.undecided),
        (UNCHANGED, tally.unchanged),
    ];
    let mut left = 0.0;
    let segments: Vec<(Look, f64, f64)> = parts
        .iter()
        .map(|(look, count)| {
            let width = BAR * *count as f64 / all;
            left += width;
            (*look, left - width, width)
        })
        .filter(|(_, _, width)| *width > 0.0)
        .collect();
    html! {
        svg.tally viewBox={ "0 0 " (BAR) " 10" } preserveAspectRatio="none" aria-hidden="true" {
            @for (look, x, width) in segments {
                rect class=(look.name) x=(format!("{x:.1}")) y="0" width=(format!("{:.1}", (width - 3.0).max(1.0))) height="10" {}
            }
        }
        dl.tally {
            @for (look, count) in parts {
                div class=[(count == 0).then_some("none")] {
                    dt { (mark(look)) " " (look.name) }
                    dd { (count) }
                }
            }
        }
    }
}

/// The mean, the error rate, and what the table does not show.
fn numbers(report: &Report<'_>, rows: &[Row<'_>]) -> Markup {
    let alpha = report.settlement.plan.alpha;
    html! {
        dl.facts {
            @if let Some(overall) = &report.overall {
                div {
                    dt { "Geometric mean of after/before" }
                    dd {
                        strong { (ratio(overall.all.ratio)) }
                        " over " (words::counted(overall.all.benchmarks, "benchmark")) ": a summary, no verdict"
                    }
                }
            }
            div {
                dt { "Error rate" }
                dd {
                    strong { (words::level(alpha)) }
                    " at most: the chance of even one false alarm in the whole run, all "
                    (words::counted(report.settlement.plan.shares, "question")) " together"
                }
            }
            @if rows.is_empty() {
                div {
                    dt { "Verdicts" }
                    dd { (sentence("no benchmark needed a round, or none could have one")) }
                }
            }
        }
    }
}
