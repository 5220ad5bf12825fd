//! The stored form of a comparison by fresh rounds.
//!
//! ```text
//! comparisons/BEFORE..AFTER/RUN/settlement.json     everything but the rounds, with a checksum of itself and of the rounds that it knows
//! comparisons/BEFORE..AFTER/RUN/rounds.jsonl        the rounds, in the order run: one line each, with its checksum
//! ```
//!
//! A run writes `settlement.json` with the plan before its first round, appends a line for each round, and writes
//! `settlement.json` again with the answers. However it ends, what is there can be read: the rounds that were finished, and
//! the plan that the answers follow from.

mod answer;
mod folder;
mod form;
pub(super) mod plan;
mod round;
mod side;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use self::{
    answer::{WireAnswer, WireOpinion, WirePreflight},
    form::{As, Form, Number, WireSides},
    plan::{LayoutsDefinition, PlanDefinition, WireFate, WireKey},
    side::{WireSide, WireUnbuilt, WireWarning},
};
use super::{
    seal::{self, NO_CHECKSUM, seal},
    tool,
    wire::provenance::WireMachine,
};
use crate::{
    model::{
        comparison::{Sides, Warning},
        digest::sha256,
        machine::Machine,
        question::Question,
        round::Round,
        settlement::{Layouts, Plan, Preflight, Settlement, Side, Unbuilt},
        verdict::Answer,
    },
    problem::Problem,
};

pub use folder::folder;
pub use round::encode as encode_round;

/// The format that this version writes, and the only one it reads.
pub const FORMAT: u32 = 1;

/// The file with everything but the rounds.
pub const SETTLEMENT: &str = "settlement.json";

/// The file with the rounds.
pub const ROUNDS: &str = "rounds.jsonl";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireFile {
    format: u32,
    tool: String,
    /// The SHA-256 of this file with zeros in this place.
    checksum: String,
    rounds: WireRounds,
    settlement: WireSettlement,
}

/// The rounds that were finished when this was written: those of the answers. A run that was interrupted has more.
#[derive(PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireRounds {
    count: usize,
    /// Of their lines.
    sha256: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireSettlement {
    #[serde(with = "As::<WireSides<WireSide>>")]
    sides: Sides<Side>,
    #[serde(with = "WireMachine")]
    machine: Machine,
    begun_at: String,
    commands: Vec<Vec<String>>,
    #[serde(with = "PlanDefinition")]
    plan: Plan,
    #[serde(with = "LayoutsDefinition")]
    layouts: Layouts,
    fates: Vec<(WireKey, WireFate)>,
    #[serde(default, with = "As::<Vec<WireUnbuilt>>")]
    unbuilt: Vec<Unbuilt>,
    #[serde(with = "As::<Vec<WirePreflight>>")]
    preflight: Vec<Preflight>,
    #[serde(with = "As::<Vec<WireAnswer>>")]
    answers: Vec<Answer>,
    second_opinions: Vec<(WireKey, WireOpinion)>,
    #[serde(with = "As::<Vec<WireWarning>>")]
    warnings: Vec<Warning>,
    #[serde(with = "As::<Number>")]
    spent_seconds: f64,
}

/// What has to be known before anything else of the file can be read.
#[derive(Deserialize)]
struct FormatOnly {
    format: u32,
    tool: Option<String>,
}

/// The bytes of [`SETTLEMENT`]; the rounds are only counted and sealed in it.
pub fn encode(settlement: &Settlement) -> Vec<u8> {
    let lines: Vec<Vec<u8>> = settlement.rounds.iter().map(encode_round).collect();
    let file = WireFile {
        format: FORMAT,
        tool: tool(),
        checksum: NO_CHECKSUM.to_owned(),
        rounds: WireRounds {
            count: lines.len(),
            sha256: sha256(&lines.concat()),
        },
        settlement: WireSettlement::of(settlement),
    };
    let mut text =
        serde_json::to_string_pretty(&file).expect("strings, numbers and lists are always JSON");
    text.push('\n');
    seal(&text)
}

/// Reads the settlement `name` from the bytes of its two files, and checks them.
///
/// A last line of the journal that was not finished is left out. Answers that do not know of all rounds, because the run
/// was ended by force, are left out, too: they follow from the rounds.
///
/// # Errors
/// If a file is damaged or of another format; the problem names it.
pub fn decode(name: &str, settlement: &[u8], journal: &[u8]) -> Result<Settlement, Problem> {
    let text = std::str::from_utf8(settlement)
        .map_err(|error| damaged(name, SETTLEMENT, &error.to_string()))?;
    let unreadable = |error: serde_json::Error| damaged(name, SETTLEMENT, &error.to_string());
    let FormatOnly { format, tool } = serde_json::from_str(text).map_err(unreadable)?;
    if format != FORMAT {
        return Err(foreign_format(name, format, tool));
    }
    let file: WireFile = serde_json::from_str(text).map_err(unreadable)?;
    seal::check(text, &file.checksum).map_err(|fact| damaged(name, SETTLEMENT, &fact))?;
    let mut settlement = file.settlement.back();
    settlement.rounds = rounds(&settlement.plan, &file.rounds, journal)
        .map_err(|fact| damaged(name, ROUNDS, &fact))?;
    if settlement.rounds.len() > file.rounds.count {
        settlement.answers.clear();
    }
    Ok(settlement)
}

/// The part of a journal that was written to its end: without a last line that was cut off.
pub fn finished(journal: &[u8]) -> &[u8] {
    let end = journal.iter().rposition(|byte| *byte == b'\n');
    &journal[..end.map_or(0, |end| end + 1)]
}

fn rounds(plan: &Plan, sealed: &WireRounds, journal: &[u8]) -> Result<Vec<Round>, String> {
    let journal = finished(journal);
    let lines: Vec<&[u8]> = journal.split_inclusive(|byte| *byte == b'\n').collect();
    if lines.len() < sealed.count {
        return Err(format!(
            "found:  {} finished rounds\nwanted: {} or more",
            lines.len(),
            sealed.count
        ));
    }
    let sealed_bytes: usize = lines[..sealed.count].iter().map(|line| line.len()).sum();
    let mut numbers: BTreeMap<&Question, u32> = plan
        .questions
        .iter()
        .map(|planned| (&planned.question, 0))
        .collect();
    let mut rounds = Vec::with_capacity(lines.len());
    for (index, line) in lines.iter().enumerate() {
        let strange = |fact: &str| format!("line {}: {fact}", index + 1);
        let round = round::decode(&line[..line.len() - 1]).map_err(|fact| strange(&fact))?;
        let number = numbers
            .get_mut(&round.question)
            .ok_or_else(|| strange("it answers no question of the plan"))?;
        *number += 1;
        if round.number != *number {
            return Err(strange(&format!(
                "found round {} of `{}` where {number} should be",
                round.number, round.question.key
            )));
        }
        rounds.push(round);
    }
    let found = sha256(&journal[..sealed_bytes]);
    match found == sealed.sha256 {
        true => Ok(rounds),
        false => Err(format!(
            "found:  sha256 {found}\nwanted: sha256 {}",
            sealed.sha256
        )),
    }
}

impl WireSettlement {
    fn of(settlement: &Settlement) -> Self {
        let settlement = settlement.clone();
        Self {
            sides: settlement.sides,
            machine: settlement.machine,
            begun_at: settlement.begun_at,
            commands: settlement.commands,
            plan: settlement.plan,
            layouts: settlement.layouts,
            fates: pairs(&settlement.fates),
            unbuilt: settlement.unbuilt,
            preflight: settlement.preflight,
            answers: settlement.answers,
            second_opinions: pairs(&settlement.second_opinions),
            warnings: settlement.warnings,
            spent_seconds: settlement.spent_seconds,
        }
    }

    /// Without its rounds.
    fn back(self) -> Settlement {
        Settlement {
            sides: self.sides,
            machine: self.machine,
            begun_at: self.begun_at,
            commands: self.commands,
            plan: self.plan,
            layouts: self.layouts,
            fates: map(self.fates),
            unbuilt: self.unbuilt,
            rounds: Vec::new(),
            preflight: self.preflight,
            answers: self.answers,
            second_opinions: map(self.second_opinions),
            warnings: self.warnings,
            spent_seconds: self.spent_seconds,
        }
    }
}

/// A map whose keys are no strings, in JSON.
fn pairs<K, V, WireK: Form<K>, WireV: Form<V>>(map: &BTreeMap<K, V>) -> Vec<(WireK, WireV)> {
    let pairs = map.iter();
    pairs
        .map(|(key, value)| (WireK::of(key), WireV::of(value)))
        .collect()
}

fn map<K: Ord, V, WireK: Form<K>, WireV: Form<V>>(pairs: Vec<(WireK, WireV)>) -> BTreeMap<K, V> {
    let pairs = pairs.into_iter();
    pairs
        .map(|(key, value)| (key.back(), value.back()))
        .collect()
}

fn damaged(name: &str, file: &str, facts: &str) -> Problem {
    Problem::failure(format!("the comparison `{name}` is damaged: `{file}`"))
        .fact(facts)
        .hint("compare again: a new run is stored beside it, and nothing is lost of this one")
}

fn foreign_format(name: &str, format: u32, writer: Option<String>) -> Problem {
    let writer = writer.unwrap_or_else(|| "an unknown version".to_owned());
    Problem::failure(format!(
        "the comparison `{name}` has a format that this version does not read"
    ))
    .fact(format!("found:  format {format}, written by {writer}"))
    .fact(format!("wanted: format {FORMAT}, which {} reads", tool()))
    .hint(format!("read it with {writer}, or compare again"))
}
