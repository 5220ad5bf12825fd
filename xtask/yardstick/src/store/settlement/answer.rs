//! What came out.

use serde::{Deserialize, Serialize};

use super::{
    form::{As, Number, WireSides, form},
    plan::{KeyDefinition, MarginDefinition, QuestionDefinition},
    round::WireFailure,
};
use crate::model::{
    benchmark::BenchmarkKey,
    comparison::Sides,
    question::{Margin, Question},
    round::Failure,
    settlement::{Preflight, SecondOpinion},
    verdict::{Answer, Grade, Ground, Interval, Mode, Reason, Statistic, Verdict},
};

form!(WireAnswer, Answer, "AnswerDefinition");
form!(WireGround, Ground, "GroundDefinition");
form!(WireInterval, Interval, "IntervalDefinition");
form!(WireMode, Mode, "ModeDefinition");
form!(WirePreflight, Preflight, "PreflightDefinition");
form!(WireOpinion, SecondOpinion, "OpinionDefinition");

#[derive(Serialize, Deserialize)]
#[serde(remote = "Answer", deny_unknown_fields)]
struct AnswerDefinition {
    #[serde(with = "QuestionDefinition")]
    question: Question,
    #[serde(with = "MarginDefinition")]
    margin: Margin,
    #[serde(with = "VerdictDefinition")]
    verdict: Verdict,
    #[serde(with = "As::<Option<WireGround>>")]
    ground: Option<Ground>,
    #[serde(with = "GradeDefinition")]
    grade: Grade,
    #[serde(with = "As::<Option<WireInterval>>")]
    floor: Option<Interval>,
    #[serde(with = "As::<Option<WireInterval>>")]
    typical: Option<Interval>,
    #[serde(with = "As::<Vec<WireInterval>>")]
    tail: Vec<Interval>,
    #[serde(with = "As::<Option<WireSides<Number>>>")]
    levels: Option<Sides<f64>>,
    #[serde(default, with = "As::<Option<WireSides<Number>>>")]
    decisive_levels: Option<Sides<f64>>,
    #[serde(with = "As::<Option<WireSides<Vec<WireMode>>>>")]
    modes: Option<Sides<Vec<Mode>>>,
    rounds: u32,
    dropped: u32,
    rounds_to_decide: Option<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Verdict", rename_all = "kebab-case")]
enum VerdictDefinition {
    Regressed,
    Improved,
    Unchanged,
    Undecided(#[serde(with = "ReasonDefinition")] Reason),
}

#[derive(Serialize, Deserialize)]
#[serde(
    remote = "Reason",
    rename_all = "kebab-case",
    rename_all_fields = "snake_case",
    deny_unknown_fields
)]
enum ReasonDefinition {
    Noise,
    StraddlesMargin,
    Starved { dropped: u32 },
    LayoutSensitive,
    TooFewRounds { rounds: u32, needed: u32 },
    Failed(#[serde(with = "As::<WireSides<Option<WireFailure>>>")] Sides<Option<Failure>>),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Ground", rename_all = "kebab-case")]
enum GroundDefinition {
    Floor,
    Typical,
    Tail,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Grade", rename_all = "kebab-case")]
enum GradeDefinition {
    Pass,
    Warn,
    Fail,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Statistic", rename_all = "kebab-case")]
enum StatisticDefinition {
    Minimum,
    LowerQuartile,
    Median,
    P95,
    P99,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Interval", deny_unknown_fields)]
struct IntervalDefinition {
    #[serde(with = "StatisticDefinition")]
    statistic: Statistic,
    #[serde(with = "As::<Number>")]
    estimate: f64,
    #[serde(with = "As::<Number>")]
    lower: f64,
    #[serde(with = "As::<Number>")]
    upper: f64,
    #[serde(with = "As::<Number>")]
    alpha: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Mode", deny_unknown_fields)]
struct ModeDefinition {
    #[serde(with = "As::<Number>")]
    level: f64,
    #[serde(with = "As::<Number>")]
    share: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Preflight", deny_unknown_fields)]
struct PreflightDefinition {
    #[serde(with = "KeyDefinition")]
    key: BenchmarkKey,
    #[serde(with = "AnswerDefinition")]
    answer: Answer,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "SecondOpinion", deny_unknown_fields)]
struct OpinionDefinition {
    #[serde(with = "As::<Option<WireSides<Number>>>")]
    allocations: Option<Sides<f64>>,
    #[serde(with = "As::<Option<WireSides<Number>>>")]
    allocated_bytes: Option<Sides<f64>>,
    #[serde(with = "As::<Option<WireSides<Number>>>")]
    instructions: Option<Sides<f64>>,
}
