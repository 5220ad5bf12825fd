//! The page of one benchmark.

use maud::{Markup, html};

use super::{
    super::settlement::{Report, in_backticks, table::Row, undecided::why, words},
    data::Names,
    fragment::Fragments,
    plots::{intervals, levels, rounds},
    prose::{prose, sentence},
    summary::{look, mark},
    whereabouts,
};
use crate::{
    model::{
        benchmark::BenchmarkKey,
        comparison::Sides,
        course::Course,
        question::Aspect,
        verdict::{Answer, Verdict},
    },
    render::quantity::amount,
};

/// The pages of all benchmarks, in the order of the table.
pub(super) fn pages(
    report: &Report<'_>,
    rows: &[Row<'_>],
    fragments: &Fragments<'_>,
    names: &mut Names,
) -> Markup {
    let mut keys: Vec<&BenchmarkKey> = Vec::new();
    for row in rows {
        let key = &row.answer.question.key;
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    html! {
        @for key in keys {
            @let of_it: Vec<&Row<'_>> = rows.iter().filter(|row| row.answer.question.key == *key).collect();
            (page(report, key, &of_it, fragments, names))
        }
    }
}

fn page(
    report: &Report<'_>,
    key: &BenchmarkKey,
    rows: &[&Row<'_>],
    fragments: &Fragments<'_>,
    names: &mut Names,
) -> Markup {
    let fragment = fragments.get(key);
    let title = format!("{fragment}-title");
    let opinions = report.opinions.get(key).map_or(&[][..], Vec::as_slice);
    html! {
        article.benchmark id=(fragment) aria-labelledby=(title) tabindex="-1" {
            nav.turn.scripted aria-label="Benchmarks" {
                a.back href="#verdicts" { "← All verdicts" }
                span { button.previous type="button" { "Previous" } " " button.next type="button" { "Next" } }
            }
            p.eyebrow { (key.package) " / " (key.suite) }
            h2 id=(title) { (key.id) }
            @for row in rows { (answer(report, row)) }
            @if !opinions.is_empty() {
                section {
                    h3 { "What explains it" }
                    ul { @for opinion in opinions { li { (sentence(opinion)) } } }
                }
            }
            (whereabouts::section(&report.profiles, key, names))
        }
    }
}

/// One question: its verdict in words, and the pictures of what it rests on.
fn answer(report: &Report<'_>, row: &Row<'_>) -> Markup {
    let answer = row.answer;
    let answers = report.settlement.answers.iter();
    let index = answers
        .zip(&report.courses)
        .position(|(other, _)| other.question == answer.question);
    let course = index.and_then(|index| Some((index, report.courses.get(index)?)));
    html! {
        section.answer {
            h3.verdict { (mark(look(&answer.verdict))) " " (sentence(&row.verdict)) }
            p.lead { (in_words(report, row)) }
            @if let Some((index, course)) = course { (pictures(report, row, index, course)) }
        }
    }
}

fn pictures(report: &Report<'_>, row: &Row<'_>, index: usize, course: &Course) -> Markup {
    let names = report.settlement.sides.as_ref();
    let names = names.map(|side| side.name.as_str());
    html! {
        div.figures {
            (intervals::figure(row.answer))
            (rounds::figure(row.answer, course))
            (levels::figure(row.answer, course, names, row.unit))
        }
        @if !course.points.is_empty() {
            details.rounds.scripted data-course=(index) {
                summary { "The rounds as a table" }
            }
        }
    }
}

/// What was found, how sure it is, and what it was held against.
fn in_words(report: &Report<'_>, row: &Row<'_>) -> Markup {
    let answer = row.answer;
    html! {
        @if let Some(interval) = answer.decisive() {
            (change(row, words::signed(interval.change())))
            @let (lower, upper) = interval.change_bounds();
            " The interval goes from " (words::signed(lower)) "\u{a0}% to " (words::signed(upper)) "\u{a0}%. "
        }
        @if let Verdict::Undecided(reason) = &answer.verdict {
            "It is undecided because " (prose(&why(report.settlement, answer, reason, in_backticks))) ". "
        }
        (margin(answer))
        " It rests on " (words::rounds(answer.rounds))
        @if answer.dropped > 0 { ", besides " (answer.dropped) " that were dropped" }
        @match answer.question.aspect {
            Aspect::Work => ", each pinned to one CPU: the work that is done, whoever does it.",
            Aspect::Parallel => ", each on all CPUs: what threads gain and lose by each other.",
        }
    }
}

/// `12.28 µs before, 13.77 µs after: a change of +12.0 %.`
fn change(row: &Row<'_>, change: String) -> Markup {
    html! {
        @if let Some(Sides { before, after }) = row.decisive_levels() {
            strong { (amount(before, row.unit)) " → " (amount(after, row.unit)) }
            " per iteration, a change of "
        } @else {
            "A change of "
        }
         strong { (change) "\u{a0}%" } "."
    }
}

fn margin(answer: &Answer) -> Markup {
    let margin = answer.margin;
    html! {
        "Its margin is " (words::level(margin.relevant))
        @if margin.warn > margin.relevant || margin.fail > margin.relevant {
            "; a regression of " (words::level(margin.warn)) " warns, one of " (words::level(margin.fail)) " fails"
        }
        "."
    }
}
