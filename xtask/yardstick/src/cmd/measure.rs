//! Running suites: every benchmark timed by Criterion, and counted by the probe where the suite links it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use yardstick_probe::wire::environment;

use super::{
    Context, counted,
    suites::{Listed, bench_plan, crashed},
};
use crate::{
    model::{
        benchmark::{Benchmark, BenchmarkKey, Counted},
        suite::{BenchmarkSettings, Workspace},
    },
    parse::{self, criterion::Measurement},
    problem::Problem,
};

/// How long to measure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Effort {
    /// As the suites and Criterion have it.
    #[default]
    Full,
    /// Until Criterion has a first idea.
    Quick,
}

/// What the suites yielded.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The benchmarks, in the order of suites and their lists.
    pub benchmarks: Vec<Benchmark>,
    /// The suites that failed.
    pub failures: Vec<Problem>,
}

/// Seconds that the probe's extra pass runs each benchmark; Criterion takes no less.
const COUNTING_SECONDS: &str = "1";

/// Runs the meant benchmarks of all suites. A suite that fails does not keep the others from running.
///
/// # Errors
/// If executables cannot be started, or a signal asked us to end.
pub fn measure(
    context: &Context<'_>,
    workspace: &Workspace,
    listed: &[Listed],
    effort: Effort,
) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let total: usize = listed.iter().map(|suite| suite.ids.len()).sum();
    let progress = context.host.progress("measuring", total as u64);
    let mut seen = 0;
    for suite in listed {
        let mut begun = BTreeSet::new();
        let before = seen;
        let result = time(context, workspace, suite, effort, &mut |id| {
            progress.say(id);
            begun.insert(id.to_owned());
            progress.done(before + begun.len().saturating_sub(1) as u64);
        })?;
        seen += suite.ids.len() as u64;
        progress.done(seen);
        match result {
            Ok(benchmarks) => outcome.benchmarks.extend(benchmarks),
            Err(problem) => outcome.failures.push(problem),
        }
    }
    drop(progress);
    count(context, workspace, listed, &mut outcome)?;
    Ok(outcome)
}

/// Runs every meant benchmark once, without timing, and tells how many ran in each suite.
///
/// # Errors
/// If executables cannot be started, or a signal asked us to end.
pub fn check(
    context: &Context<'_>,
    workspace: &Workspace,
    listed: &[Listed],
) -> Result<Vec<Problem>> {
    let mut failures = Vec::new();
    let progress = context.host.progress("testing", 0);
    for suite in listed {
        progress.say(&suite.executable.suite.label);
        let arguments = ["--test".to_owned()].into_iter().chain(selecting(suite));
        let plan = bench_plan(workspace, &suite.executable, arguments.collect());
        let run = context.host.bench(&plan, &mut |_| ())?;
        if run.exit.is_success() {
            let count = counted(suite.ids.len(), "benchmark");
            let label = &suite.executable.suite.label;
            context
                .host
                .print(&format!("{label}: {count} ran once\n"))?;
        } else {
            failures.push(crashed(
                &suite.executable.suite,
                "failed its test run",
                &run,
            ));
        }
    }
    Ok(failures)
}

/// The arguments that select the meant benchmarks; none where all are meant.
fn selecting(suite: &Listed) -> Vec<String> {
    match suite.ids == suite.all_ids {
        true => Vec::new(),
        false => vec![
            "--".to_owned(),
            parse::criterion::exactly(suite.ids.iter().map(String::as_str)),
        ],
    }
}

fn time(
    context: &Context<'_>,
    workspace: &Workspace,
    suite: &Listed,
    effort: Effort,
    running: &mut dyn FnMut(&str),
) -> Result<Result<Vec<Benchmark>, Problem>> {
    let effort = match effort {
        Effort::Full => None,
        Effort::Quick => Some("--quick".to_owned()),
    };
    let arguments = effort.into_iter().chain(selecting(suite)).collect();
    let plan = bench_plan(workspace, &suite.executable, arguments);
    let run = context.host.bench(&plan, &mut |line| {
        if let Some(id) = parse::criterion::running(line) {
            running(id);
        }
    })?;
    if !run.exit.is_success() {
        return Ok(Err(crashed(
            &suite.executable.suite,
            "failed while it was measured",
            &run,
        )));
    }
    let mut measured: BTreeMap<String, Measurement> =
        parse::criterion::measurements(&run.criterion_files)?
            .into_iter()
            .map(|measurement| (measurement.id.clone(), measurement))
            .collect();
    let settings = workspace
        .packages
        .get(&suite.executable.suite.package)
        .map(|package| &package.benchmarks);
    let mut benchmarks = Vec::new();
    for id in &suite.ids {
        let Some(measurement) = measured.remove(id) else {
            return Ok(Err(unmeasured(suite, id)));
        };
        let settings = settings.and_then(|settings| settings.get(id)).cloned();
        benchmarks.push(benchmark(suite, measurement, settings.unwrap_or_default()));
    }
    Ok(Ok(benchmarks))
}

fn unmeasured(suite: &Listed, id: &str) -> Problem {
    Problem::failure(format!(
        "the suite `{}` lists `{id}` but did not measure it",
        suite.executable.suite.label
    ))
    .fact("a benchmark whose closure never calls `Bencher::iter…` is skipped by Criterion")
}

fn benchmark(suite: &Listed, measurement: Measurement, settings: BenchmarkSettings) -> Benchmark {
    Benchmark {
        key: key(suite, &measurement.id),
        criterion_directory: measurement.directory,
        criterion_files: measurement.files,
        unit: settings.unit,
        control: settings.control,
        sample: measurement.sample,
        estimates: measurement.estimates,
        counted: None,
    }
}

fn key(suite: &Listed, id: &str) -> BenchmarkKey {
    BenchmarkKey {
        package: suite.executable.suite.package.clone(),
        suite: suite.executable.suite.name.clone(),
        id: id.to_owned(),
    }
}

/// The extra pass: in the suites that link the probe, every benchmark that was timed runs once more, alone.
fn count(
    context: &Context<'_>,
    workspace: &Workspace,
    listed: &[Listed],
    outcome: &mut Outcome,
) -> Result<()> {
    let mut linked = BTreeMap::new();
    for suite in listed {
        let bytes = context.host.read_file(&suite.executable.path)?;
        if bytes.is_some_and(|bytes| parse::probe::is_linked(&bytes)) {
            linked.extend(suite.ids.iter().map(|id| (key(suite, id), suite)));
        }
    }
    let timed = |benchmark: &&mut Benchmark| linked.contains_key(&benchmark.key);
    let mut benchmarks: Vec<&mut Benchmark> = outcome.benchmarks.iter_mut().filter(timed).collect();
    let progress = context.host.progress("counting", benchmarks.len() as u64);
    for (index, benchmark) in benchmarks.iter_mut().enumerate() {
        progress.say(&benchmark.key.id);
        match count_one(
            context,
            workspace,
            linked[&benchmark.key],
            &benchmark.key.id,
        )? {
            Ok(counted) => benchmark.counted = counted,
            Err(problem) => outcome.failures.push(problem),
        }
        progress.done(index as u64 + 1);
    }
    Ok(())
}

fn count_one(
    context: &Context<'_>,
    workspace: &Workspace,
    suite: &Listed,
    id: &str,
) -> Result<Result<Option<Counted>, Problem>> {
    let arguments = [
        "--profile-time",
        COUNTING_SECONDS,
        "--",
        &parse::criterion::exactly([id]),
    ];
    let mut plan = bench_plan(
        workspace,
        &suite.executable,
        arguments.map(str::to_owned).into(),
    );
    plan.probe = Some(BTreeMap::from([
        (environment::BENCHMARK_ID.to_owned(), id.to_owned()),
        (environment::ALLOCATIONS.to_owned(), "1".to_owned()),
        (environment::LATENCIES.to_owned(), "1".to_owned()),
    ]));
    let run = context.host.bench(&plan, &mut |_| ())?;
    if !run.exit.is_success() {
        return Ok(Err(crashed(
            &suite.executable.suite,
            "failed while its allocations were counted",
            &run,
        )));
    }
    let records = parse::probe::records(&run.probe_files)?;
    // Criterion numbers a repeated id in what it shows only: which of the records is meant cannot be told.
    Ok(Ok(match records.as_slice() {
        [one] => parse::probe::counted(one),
        _ => None,
    }))
}
