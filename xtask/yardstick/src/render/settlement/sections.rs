//! What follows the table: what could not be answered, what explains the answers, and what they rest on.

use std::collections::BTreeMap;

use crate::{
    model::{
        benchmark::BenchmarkKey,
        comparison::Sides,
        settlement::{Fate, Origin, Settlement, Side},
        units::Unit,
    },
    render::{
        grid::{Align::Left, Grid},
        quantity::{ABSENT, ratio},
    },
};

use super::{
    Block, Quote, Report,
    basis::{basis, commands},
    undecided::{subject, undecided},
    words::{self, counted},
};

/// Ids of one kind that are listed one by one; the others are counted.
const LISTED: usize = 12;

/// All of them, in the order of the report.
pub(in crate::render) fn blocks(report: &Report<'_>, quote: Quote) -> Vec<Block> {
    let settlement = report.settlement;
    let mut blocks = Vec::new();
    let section = |blocks: &mut Vec<Block>, heading: &str, items: Vec<String>| {
        if !items.is_empty() {
            blocks.push(Block::Heading(heading.to_owned()));
            blocks.push(Block::Items(items));
        }
    };
    section(&mut blocks, "Undecided", undecided(report, quote));
    blocks.extend(unbuilt(settlement));
    let mut section = |heading: &str, items| section(&mut blocks, heading, items);
    section("Levels that depend on the layout", modes(settlement, quote));
    section("What explains it", opinions(report, quote));
    section("Not compared", not_compared(settlement, quote));
    section("All in one number", overall(report));
    section("What it rests on", basis(report, quote));
    section("To repeat or continue", commands(report, quote));
    blocks.push(Block::Table(sides(settlement)));
    blocks
}

/// The suites that a side could not run, with what the compiler said; once where it said the same of both sides.
fn unbuilt(settlement: &Settlement) -> Vec<Block> {
    let mut blocks = Vec::new();
    if !settlement.unbuilt.is_empty() {
        let heading = "Suites that could not be measured";
        blocks.push(Block::Heading(heading.to_owned()));
    }
    for suite in &settlement.unbuilt {
        let Sides { before, after } = suite.why.as_ref().map(|why| why.split_first());
        match (before, after) {
            (Some((one, said)), Some((other, same))) if said == same => {
                blocks.extend(told(&[one, other], said));
            }
            _ => {
                for (sentence, said) in [before, after].into_iter().flatten() {
                    blocks.extend(told(&[sentence], said));
                }
            }
        }
    }
    blocks
}

fn told(sentences: &[&String], said: &[String]) -> impl Iterator<Item = Block> {
    let sentences = sentences.iter().map(|sentence| (*sentence).clone());
    let items = Block::Items(sentences.collect());
    let quoted = (!said.is_empty()).then(|| Block::Quoted(said.to_vec()));
    [items].into_iter().chain(quoted)
}

fn modes(settlement: &Settlement, quote: Quote) -> Vec<String> {
    let mut items = Vec::new();
    for answer in &settlement.answers {
        let Some(modes) = &answer.modes else {
            continue;
        };
        let unit = words::planned(settlement, answer).map_or(Unit::default(), |one| one.unit);
        items.push(format!(
            "{}: before {}; after {}",
            subject(answer, quote),
            words::modes(&modes.before, unit),
            words::modes(&modes.after, unit)
        ));
    }
    items
}

fn opinions(report: &Report<'_>, quote: Quote) -> Vec<String> {
    let said = report.opinions.iter();
    said.filter(|(_, sentences)| !sentences.is_empty())
        .map(|(key, sentences)| format!("{}: {}", quote(&key.id), sentences.join("; ")))
        .collect()
}

fn not_compared(settlement: &Settlement, quote: Quote) -> Vec<String> {
    let of = |wanted: fn(&Fate) -> bool| -> Vec<&BenchmarkKey> {
        let fates = settlement.fates.iter();
        fates
            .filter(|(_, fate)| wanted(fate))
            .map(|(key, _)| key)
            .collect()
    };
    let mut items = Vec::new();
    let same = of(|fate| *fate == Fate::SameExecutable).len();
    if same > 0 {
        items.push(format!(
            "{}: unchanged without a round, because both sides have the same executable, byte for byte",
            counted(same, "benchmark")
        ));
    }
    let sides = settlement.sides.as_ref().map(|side| quote(&side.name));
    for (keys, what) in [
        (
            of(|fate| *fate == Fate::Removed),
            format!("removed: only {} has", sides.before),
        ),
        (
            of(|fate| *fate == Fate::Added),
            format!("added: only {} has", sides.after),
        ),
    ] {
        if !keys.is_empty() {
            items.push(format!("{what} {}", listed(&keys, quote)));
        }
    }
    for (key, fate) in &settlement.fates {
        if let Fate::Renamed { to } = fate {
            items.push(format!(
                "renamed: {} is {} now",
                quote(&key.id),
                quote(&to.id)
            ));
        }
    }
    let mut unasked: BTreeMap<&str, Vec<&BenchmarkKey>> = BTreeMap::new();
    for (key, fate) in &settlement.fates {
        if let Fate::Unasked(why) = fate {
            unasked.entry(why).or_default().push(key);
        }
    }
    for (why, keys) in unasked {
        items.push(format!("not asked: {}: {why}", listed(&keys, quote)));
    }
    items
}

fn listed(keys: &[&BenchmarkKey], quote: Quote) -> String {
    let shown: Vec<String> = keys.iter().take(LISTED).map(|key| quote(&key.id)).collect();
    match keys.len().saturating_sub(LISTED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn overall(report: &Report<'_>) -> Vec<String> {
    let Some(overall) = &report.overall else {
        return Vec::new();
    };
    let mut text = format!(
        "after/before is {} in the geometric mean over {} that both sides have",
        ratio(overall.all.ratio),
        counted(overall.all.benchmarks, "benchmark")
    );
    if overall.suites.len() > 1 {
        let suites: Vec<String> = overall
            .suites
            .iter()
            .map(|((_, suite), mean)| format!("{suite} {}", ratio(mean.ratio)))
            .collect();
        text.push_str(&format!(" ({})", suites.join(", ")));
    }
    vec![format!("{text}: a summary, no verdict")]
}

fn sides(settlement: &Settlement) -> Grid {
    let mut grid = Grid::new([
        ("", Left),
        ("side", Left),
        ("what", Left),
        ("commit", Left),
        ("features", Left),
    ]);
    let joined = |words: Vec<String>| match words.is_empty() {
        true => ABSENT.to_owned(),
        false => words.join(", "),
    };
    let row = |role: &str, side: &Side| {
        let commits = side.revisions.iter().map(|revision| {
            let commit = revision.commit.get(..9).unwrap_or(&revision.commit);
            match revision.dirty_tree {
                Some(_) => format!("{commit} with changes"),
                None => commit.to_owned(),
            }
        });
        let mut features: Vec<String> = side
            .builds
            .iter()
            .map(|build| build.features.to_string())
            .collect();
        features.dedup();
        [
            role.to_owned(),
            side.name.clone(),
            match side.origin {
                Origin::Capture => "capture",
                Origin::Revision => "revision",
                Origin::WorkingTree => "working tree",
            }
            .to_owned(),
            joined(commits.collect()),
            joined(features),
        ]
    };
    grid.row(row("before", &settlement.sides.before));
    grid.row(row("after", &settlement.sides.after));
    grid
}
