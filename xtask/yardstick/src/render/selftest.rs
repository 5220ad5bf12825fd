//! How often verdicts were right: by nature of work, and all in all.

use std::collections::BTreeSet;

use super::{
    grid::{
        Align::{Left, Right},
        Grid,
    },
    quantity::ABSENT,
};
use crate::model::{
    question::{Aspect, Question},
    selftest::{Injected, Pair, Tally},
};

const LEGEND: &str = "✓ a change, in the right direction; = no change that matters (Criterion: none detected, or within its noise threshold); ? undecided; ✗ false: a change where there is none, or the wrong direction";

/// The tables for a terminal.
pub fn terminal(injected: &[Injected]) -> String {
    let mut text = String::new();
    for of_margin in by_margin(injected) {
        text.push_str(&format!("{}\n", title(of_margin)));
        text.push_str(&natures(of_margin).terminal());
        text.push('\n');
    }
    text.push_str(&format!("{LEGEND}\n\nAll questions about the work\n"));
    text.push_str(&totals(injected).terminal());
    text
}

/// The tables as Markdown.
pub fn markdown(injected: &[Injected]) -> String {
    let mut text = String::new();
    for of_margin in by_margin(injected) {
        text.push_str(&format!("{}\n\n", title(of_margin)));
        text.push_str(&natures(of_margin).markdown());
        text.push('\n');
    }
    text.push_str(&format!("{LEGEND}\n\nAll questions about the work:\n\n"));
    text.push_str(&totals(injected).markdown());
    text
}

fn by_margin(injected: &[Injected]) -> impl Iterator<Item = &[Injected]> {
    injected.chunk_by(|a, b| a.injection.margin == b.injection.margin)
}

fn title(of_margin: &[Injected]) -> String {
    let margin = of_margin
        .first()
        .map_or(0.0, |injected| injected.injection.margin);
    format!("Verdicts at a margin of {}", percent(margin))
}

/// A row for each question and side, a column for each change.
fn natures(of_margin: &[Injected]) -> Grid {
    let changes: Vec<String> = of_margin.iter().map(change).collect();
    let columns = [("benchmark", Left), ("verdict of", Left)]
        .into_iter()
        .chain(changes.iter().map(|change| (change.as_str(), Right)));
    let mut grid = Grid::new(columns);
    let questions: BTreeSet<&Question> = of_margin
        .iter()
        .flat_map(|injected| injected.questions.keys())
        .collect();
    for question in questions {
        let tallies = |side: fn(&Pair<Tally>) -> Tally| {
            let of = |injected: &Injected| injected.questions.get(question).map(side);
            of_margin
                .iter()
                .map(|injected| cell(of(injected)))
                .collect::<Vec<_>>()
        };
        let ours = [name(question), "Yardstick".to_owned()];
        grid.row([ours.to_vec(), tallies(|pair| pair.ours)].concat());
        if question.aspect == Aspect::Work {
            let criterion = [String::new(), "Criterion".to_owned()];
            grid.row([criterion.to_vec(), tallies(|pair| pair.criterion)].concat());
        }
    }
    grid
}

fn name(question: &Question) -> String {
    match question.aspect {
        Aspect::Work => question.key.id.clone(),
        Aspect::Parallel => format!("{} (parallel)", question.key.id),
    }
}

/// What was claimed how often; `19✓ 1?`.
fn cell(tally: Option<Tally>) -> String {
    let Some(tally) = tally.filter(|tally| tally.total() > 0) else {
        return ABSENT.to_owned();
    };
    let parts = [
        (tally.found, '✓'),
        (tally.unchanged, '='),
        (tally.undecided, '?'),
        (tally.wrong, '✗'),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, sign)| format!("{count}{sign}"))
        .collect();
    parts.join(" ")
}

/// Two rows for each injection: ours and Criterion's.
fn totals(injected: &[Injected]) -> Grid {
    let mut grid = Grid::new([
        ("margin", Right),
        ("more work", Right),
        ("verdict of", Left),
        ("suites", Right),
        ("with a false one", Right),
        ("found", Right),
        ("unchanged", Right),
        ("undecided", Right),
        ("false", Right),
        ("time a verdict", Right),
        ("± (median)", Right),
    ]);
    for one in injected {
        let row = |who: &str, tally: &Tally, with_false: u32| {
            let share = |count: u32| share(count, tally.total());
            let found = match one.injection.percent {
                0 => ABSENT.to_owned(),
                _ => share(tally.found),
            };
            [who.to_owned(), one.suites.to_string()]
                .into_iter()
                .chain([with_false.to_string(), found])
                .chain([tally.unchanged, tally.undecided, tally.wrong].map(share))
                .collect::<Vec<_>>()
        };
        let with_false = &one.suites_with_false_verdicts;
        let precision = [
            format!("{:.1} s", one.seconds_per_verdict),
            one.half_width.map_or(ABSENT.to_owned(), percent),
        ];
        let ours = row("Yardstick", &one.work.ours, with_false.ours);
        let named = [percent(one.injection.margin), change(one)];
        grid.row([named.to_vec(), ours, precision.to_vec()].concat());
        let blank = [String::new(), String::new()];
        let criterion = row("Criterion", &one.work.criterion, with_false.criterion);
        grid.row([blank.to_vec(), criterion, blank.to_vec()].concat());
    }
    grid
}

fn change(injected: &Injected) -> String {
    format!("{} %", injected.injection.percent)
}

fn share(count: u32, total: u32) -> String {
    match total {
        0 => ABSENT.to_owned(),
        _ => format!("{:.1} %", f64::from(count) / f64::from(total) * 100.0),
    }
}

/// `2 %`, `0.43 %`.
fn percent(ratio: f64) -> String {
    let hundredths = (ratio * 10_000.0).round() / 100.0;
    format!("{hundredths} %")
}

#[cfg(test)]
mod tests;
