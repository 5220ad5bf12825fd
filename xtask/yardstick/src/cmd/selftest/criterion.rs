//! Criterion's own verdict on two executables, as a user would ask for it: a baseline is saved, and compared with.

use anyhow::Result;

use crate::{
    cmd::{Context, suites::crashed},
    host::{BenchPlan, utf8},
    model::{benchmark::BenchmarkKey, comparison::Sides, selftest::CriterionJudged, suite::Suite},
    parse,
    problem::Problem,
};

/// Of the time of a benchmark, what Criterion's defaults (3 s and 5 s) give to the warm-up.
const WARM_UP_SHARE: f64 = 3.0 / 8.0;

/// Criterion takes no less than this for either part, in seconds.
const LEAST_SECONDS: f64 = 0.01;

/// Criterion's verdicts on these benchmarks of a suite, each from `seconds` of warm-ups and measurements, half of them on
/// either side.
///
/// # Errors
/// If an executable fails, or a signal asked us to end.
pub fn judge(
    context: &Context<'_>,
    suite: &Suite,
    sides: Sides<&BenchPlan>,
    ids: &[String],
    seconds: f64,
) -> Result<Vec<CriterionJudged>> {
    let home = context.host.temporary_folder()?;
    let run = |side: &BenchPlan, baseline: &str| -> Result<String> {
        let mut plan = side.clone();
        plan.arguments = arguments(baseline, ids, seconds / 2.0);
        plan.criterion_home = Some(utf8(home.path())?);
        let run = context.host.bench(&plan, &mut |_| ())?;
        match run.exit.is_success() {
            true => Ok(run.stdout),
            false => {
                let what = "failed while Criterion compared it";
                Err(crashed(suite, what, &run).into())
            }
        }
    };
    run(sides.before, "--save-baseline")?;
    let printed = run(sides.after, "--baseline")?;
    let verdicts = parse::criterion_verdict::verdicts(&printed, ids);
    ids.iter()
        .map(|id| match verdicts.get(id) {
            Some(verdict) => Ok(CriterionJudged {
                key: BenchmarkKey {
                    package: suite.package.clone(),
                    suite: suite.name.clone(),
                    id: id.clone(),
                },
                verdict: *verdict,
            }),
            None => Err(silent(id).into()),
        })
        .collect()
}

fn arguments(baseline: &str, ids: &[String], seconds: f64) -> Vec<String> {
    let warm_up = (seconds * WARM_UP_SHARE).max(LEAST_SECONDS);
    let measurement = (seconds * (1.0 - WARM_UP_SHARE)).max(LEAST_SECONDS);
    vec![
        baseline.to_owned(),
        "before".to_owned(),
        "--warm-up-time".to_owned(),
        format!("{warm_up:.3}"),
        "--measurement-time".to_owned(),
        format!("{measurement:.3}"),
        "--".to_owned(),
        parse::criterion::exactly(ids.iter().map(String::as_str)),
    ]
}

fn silent(id: &str) -> Problem {
    Problem::failure(format!(
        "Criterion says nothing about `{id}` and its baseline"
    ))
    .fact("its sentences are looked for in English, as versions 0.4 to 0.8 print them")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warm_up_and_measurement_take_the_time_that_is_given() {
        let arguments = arguments("--baseline", &["a".to_owned()], 2.0);
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        assert_eq!(
            words,
            [
                "--baseline",
                "before",
                "--warm-up-time",
                "0.750",
                "--measurement-time",
                "1.250",
                "--",
                "^(a)$"
            ]
        );
    }
}
