//! One round, one line.

use serde::{Deserialize, Serialize};

use super::{
    form::{As, Form, Number, WireSides, form},
    plan::QuestionDefinition,
};
use crate::model::{
    comparison::Sides,
    digest::sha256,
    question::Question,
    round::{Failure, First, Guards, Half, Observation, Round, TailLatencies},
};

/// As much of a checksum as a line needs to be told from a damaged one.
const CHECK_CHARACTERS: usize = 16;

form!(WireHalf, Half, "HalfDefinition");
form!(WireFailure, Failure, "FailureDefinition");
form!(WireTail, TailLatencies, "TailDefinition");
form!(WireRound, Round, "RoundDefinition");

#[derive(Serialize, Deserialize)]
#[serde(remote = "Round", deny_unknown_fields)]
struct RoundDefinition {
    #[serde(with = "QuestionDefinition")]
    question: Question,
    number: u32,
    #[serde(with = "FirstDefinition")]
    first: First,
    #[serde(with = "As::<WireSides<WireHalf>>")]
    halves: Sides<Half>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "First", rename_all = "kebab-case")]
enum FirstDefinition {
    Before,
    After,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Half", deny_unknown_fields)]
struct HalfDefinition {
    #[serde(with = "As::<WireResult>")]
    result: Result<Observation, Failure>,
    #[serde(with = "GuardsDefinition")]
    guards: Guards,
    layout_seed: Option<u64>,
    padding_bytes: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum WireResult {
    Measured(#[serde(with = "ObservationDefinition")] Observation),
    Failed(#[serde(with = "FailureDefinition")] Failure),
}

impl Form<Result<Observation, Failure>> for WireResult {
    fn of(result: &Result<Observation, Failure>) -> Self {
        match result {
            Ok(observation) => Self::Measured(observation.clone()),
            Err(failure) => Self::Failed(failure.clone()),
        }
    }

    fn back(self) -> Result<Observation, Failure> {
        match self {
            Self::Measured(observation) => Ok(observation),
            Self::Failed(failure) => Err(failure),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Observation", deny_unknown_fields)]
struct ObservationDefinition {
    #[serde(with = "As::<Vec<Number>>")]
    per_iteration: Vec<f64>,
    #[serde(with = "As::<Option<WireTail>>")]
    tail: Option<TailLatencies>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "TailLatencies", deny_unknown_fields)]
struct TailDefinition {
    operations: u64,
    #[serde(with = "As::<Number>")]
    p95_ns: f64,
    #[serde(with = "As::<Option<Number>>")]
    p99_ns: Option<f64>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Guards", deny_unknown_fields)]
struct GuardsDefinition {
    wall_ns: u64,
    user_ns: u64,
    system_ns: u64,
    #[serde(with = "As::<Number>")]
    foreign_share: f64,
    #[serde(with = "As::<Number>")]
    elsewhere_share: f64,
    #[serde(with = "As::<Number>")]
    steal_share: f64,
    involuntary_switches: u64,
    voluntary_switches: u64,
    peak_resident_bytes: u64,
    #[serde(with = "As::<Number>")]
    load_1min: f64,
    throttled: Option<bool>,
}

#[derive(Serialize, Deserialize)]
#[serde(
    remote = "Failure",
    rename_all = "kebab-case",
    rename_all_fields = "snake_case",
    deny_unknown_fields
)]
enum FailureDefinition {
    Crashed {
        exit: String,
        output: String,
    },
    Hung {
        #[serde(with = "As::<Number>")]
        limit_seconds: f64,
    },
    NotMeasured,
}

/// A line of the journal, with its line feed: a checksum of the round, and the round.
pub fn encode(round: &Round) -> Vec<u8> {
    let round = serde_json::to_string(&WireRound::of(round))
        .expect("strings, numbers and lists are always JSON");
    let check = check_of(&round);
    format!("{START}{check}{MIDDLE}{round}{END}\n").into_bytes()
}

const START: &str = "{\"check\":\"";
const MIDDLE: &str = "\",\"round\":";
const END: &str = "}";

/// Reads a line without its line feed.
///
/// # Errors
/// If it is not what [`encode`] writes; in words.
pub(super) fn decode(line: &[u8]) -> Result<Round, String> {
    let strange = || "it is no line of a journal".to_owned();
    let line = std::str::from_utf8(line).map_err(|error| error.to_string())?;
    let rest = line.strip_prefix(START).ok_or_else(strange)?;
    let (wanted, rest) = rest
        .split_at_checked(CHECK_CHARACTERS)
        .ok_or_else(strange)?;
    let round = rest
        .strip_prefix(MIDDLE)
        .and_then(|rest| rest.strip_suffix(END))
        .ok_or_else(strange)?;
    let found = check_of(round);
    if found != wanted {
        return Err(format!("found:  check {found}\nwanted: check {wanted}"));
    }
    let round: WireRound = serde_json::from_str(round).map_err(|error| error.to_string())?;
    Ok(round.back())
}

fn check_of(round: &str) -> String {
    let mut check = sha256(round.as_bytes());
    check.truncate(CHECK_CHARACTERS);
    check
}
