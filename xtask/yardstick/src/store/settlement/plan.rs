//! What is fixed before the first round.

use serde::{Deserialize, Serialize};

use super::form::{As, Number, WireSides, form};
use crate::model::{
    benchmark::BenchmarkKey,
    comparison::Sides,
    question::{Aspect, Margin, Planned, Question, Tail},
    settlement::{Fate, Layouts, Plan},
    units::Unit,
};

form!(WireKey, BenchmarkKey, "KeyDefinition");
form!(WirePlanned, Planned, "PlannedDefinition");
form!(WireFate, Fate, "FateDefinition");

#[derive(Serialize, Deserialize)]
#[serde(remote = "BenchmarkKey", deny_unknown_fields)]
pub(in crate::store) struct KeyDefinition {
    package: String,
    suite: String,
    id: String,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Question", deny_unknown_fields)]
pub(super) struct QuestionDefinition {
    #[serde(with = "KeyDefinition")]
    key: BenchmarkKey,
    #[serde(with = "AspectDefinition")]
    aspect: Aspect,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Aspect", rename_all = "kebab-case")]
pub(in crate::store) enum AspectDefinition {
    Work,
    Parallel,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Margin", deny_unknown_fields)]
pub(super) struct MarginDefinition {
    #[serde(with = "As::<Number>")]
    relevant: f64,
    #[serde(with = "As::<Number>")]
    warn: f64,
    #[serde(with = "As::<Number>")]
    fail: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Planned", deny_unknown_fields)]
struct PlannedDefinition {
    #[serde(with = "QuestionDefinition")]
    question: Question,
    #[serde(with = "As::<Option<WireKey>>")]
    renamed_from: Option<BenchmarkKey>,
    #[serde(with = "UnitDefinition")]
    unit: Unit,
    #[serde(with = "MarginDefinition")]
    margin: Margin,
    #[serde(with = "TailDefinition")]
    tail: Tail,
    cpu: Option<u32>,
    #[serde(with = "As::<WireSides<Vec<String>>>")]
    arguments: Sides<Vec<String>>,
    group: usize,
    #[serde(with = "As::<Number>")]
    process_seconds: f64,
    #[serde(with = "As::<Number>")]
    limit_seconds: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Unit", rename_all = "lowercase")]
enum UnitDefinition {
    #[serde(rename = "ns")]
    Nanoseconds,
    Bytes,
    Percent,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Tail", rename_all = "kebab-case")]
enum TailDefinition {
    Unknown,
    Exported,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Plan", deny_unknown_fields)]
pub(super) struct PlanDefinition {
    seed: u64,
    #[serde(with = "As::<Number>")]
    alpha: f64,
    looks: Vec<u32>,
    first_run_looks: usize,
    #[serde(with = "As::<Vec<WirePlanned>>")]
    questions: Vec<Planned>,
    shares: usize,
    #[serde(with = "As::<Number>")]
    tolerated_loss: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Layouts", rename_all = "kebab-case")]
pub(in crate::store) enum LayoutsDefinition {
    FreshEachRound,
    AsLinked(String),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Fate", rename_all = "kebab-case", deny_unknown_fields)]
enum FateDefinition {
    Asked,
    SameExecutable,
    Removed,
    Added,
    Renamed {
        #[serde(with = "KeyDefinition")]
        to: BenchmarkKey,
    },
    Unasked(String),
}
