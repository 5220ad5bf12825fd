//! The stored form of a self-test: one file, whose lines are its tries.

use serde::{Deserialize, Serialize};

use super::{FORMAT, wire::provenance::WireProvenance};
use crate::{
    model::{
        benchmark::BenchmarkKey,
        question::{Aspect, Question},
        selftest::{
            Claim, CriterionJudged, CriterionVerdict, Injection, Judged, Run, Selftest, Slowed, Try,
        },
    },
    problem::Problem,
};

/// The file, below the folder of stored results.
pub const PATH: &str = "selftest/selftest.json";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireSelftest {
    format: u32,
    runs: Vec<WireRun>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireRun {
    provenance: WireProvenance,
    tries: Vec<WireTry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireTry {
    margin: f64,
    slowdown_percent: u32,
    #[serde(with = "WireSlowed")]
    slowed: Slowed,
    ours: Vec<WireJudged>,
    ours_seconds: f64,
    criterion: Vec<WireCriterionJudged>,
    criterion_seconds: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Slowed", rename_all = "lowercase")]
enum WireSlowed {
    Before,
    After,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireJudged {
    #[serde(with = "WireKey")]
    benchmark: BenchmarkKey,
    #[serde(with = "WireAspect")]
    aspect: Aspect,
    #[serde(with = "WireClaim")]
    claim: Claim,
    change: Option<f64>,
    half_width: Option<f64>,
    rounds: u32,
    process_seconds: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireCriterionJudged {
    #[serde(with = "WireKey")]
    benchmark: BenchmarkKey,
    #[serde(with = "WireCriterionVerdict")]
    verdict: CriterionVerdict,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "BenchmarkKey", deny_unknown_fields)]
struct WireKey {
    package: String,
    suite: String,
    id: String,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Aspect", rename_all = "lowercase")]
enum WireAspect {
    Work,
    Parallel,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Claim", rename_all = "lowercase")]
enum WireClaim {
    Regressed,
    Improved,
    Unchanged,
    Undecided,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "CriterionVerdict", rename_all = "kebab-case")]
enum WireCriterionVerdict {
    Regressed,
    Improved,
    WithinNoise,
    NoChange,
}

/// The file, one try to a line, so that version control shows which were added.
pub fn encode(selftest: &Selftest) -> Vec<u8> {
    let json = "strings, finite numbers and lists are always JSON";
    let run = |run: &Run| {
        let provenance = serde_json::to_string(&WireProvenance::from(&run.provenance));
        let tries: Vec<String> = run
            .tries
            .iter()
            .map(|one| serde_json::to_string(&WireTry::from(one)).expect(json))
            .collect();
        format!(
            "{{\"provenance\":{},\"tries\":[\n{}\n]}}",
            provenance.expect(json),
            tries.join(",\n")
        )
    };
    let runs: Vec<String> = selftest.runs.iter().map(run).collect();
    format!("{{\"format\":{FORMAT},\"runs\":[{}]}}\n", runs.join(",")).into_bytes()
}

/// Reads the file.
///
/// # Errors
/// If it is damaged or of another format.
pub fn decode(bytes: &[u8]) -> Result<Selftest, Problem> {
    let wire: WireSelftest = serde_json::from_slice(bytes).map_err(|error| {
        Problem::failure("the stored self-test is damaged")
            .fact(format!("{PATH}: {error}"))
            .hint("run it again with `--overwrite`")
    })?;
    if wire.format != FORMAT {
        return Err(Problem::failure("the stored self-test has another format")
            .fact(format!("it is of format {}", wire.format))
            .fact(format!("this version reads format {FORMAT}"))
            .hint("run it again with `--overwrite`"));
    }
    Ok(Selftest {
        runs: wire.runs.into_iter().map(Into::into).collect(),
    })
}

impl From<WireRun> for Run {
    fn from(wire: WireRun) -> Self {
        Self {
            provenance: wire.provenance.into(),
            tries: wire.tries.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<&Try> for WireTry {
    fn from(one: &Try) -> Self {
        let judged = |judged: &Judged| WireJudged {
            benchmark: judged.question.key.clone(),
            aspect: judged.question.aspect,
            claim: judged.claim,
            change: judged.change,
            half_width: judged.half_width,
            rounds: judged.rounds,
            process_seconds: judged.process_seconds,
        };
        let by_criterion = |judged: &CriterionJudged| WireCriterionJudged {
            benchmark: judged.key.clone(),
            verdict: judged.verdict,
        };
        Self {
            margin: one.injection.margin,
            slowdown_percent: one.injection.percent,
            slowed: one.slowed,
            ours: one.ours.iter().map(judged).collect(),
            ours_seconds: one.ours_seconds,
            criterion: one.criterion.iter().map(by_criterion).collect(),
            criterion_seconds: one.criterion_seconds,
        }
    }
}

impl From<WireTry> for Try {
    fn from(wire: WireTry) -> Self {
        let judged = |wire: WireJudged| Judged {
            question: Question {
                key: wire.benchmark,
                aspect: wire.aspect,
            },
            claim: wire.claim,
            change: wire.change,
            half_width: wire.half_width,
            rounds: wire.rounds,
            process_seconds: wire.process_seconds,
        };
        let by_criterion = |wire: WireCriterionJudged| CriterionJudged {
            key: wire.benchmark,
            verdict: wire.verdict,
        };
        Self {
            injection: Injection {
                margin: wire.margin,
                percent: wire.slowdown_percent,
            },
            slowed: wire.slowed,
            ours: wire.ours.into_iter().map(judged).collect(),
            ours_seconds: wire.ours_seconds,
            criterion: wire.criterion.into_iter().map(by_criterion).collect(),
            criterion_seconds: wire.criterion_seconds,
        }
    }
}

#[cfg(test)]
mod tests;
