//! Counts that explain what changed: allocations, bytes and instructions per iteration, of both sides.
//!
//! They are taken after the rounds, for the benchmarks that are not unchanged, and overrule nothing.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use crate::{
    cmd::{
        Context,
        compare::{
            planning::calibrate::Timing, rounds::observe::asked_of_probe, sides::runnable::Runnable,
        },
    },
    host::{TrialPlan, TrialRun},
    model::{
        benchmark::BenchmarkKey,
        comparison::Sides,
        question::{Aspect, Planned},
        settlement::{Plan, SecondOpinion},
        verdict::{Answer, Reason, Verdict},
    },
    parse,
};

/// The shortest limit of a process under callgrind, in seconds: it runs fifty times as long, set-up included.
const COUNTING_LIMIT_SECONDS: f64 = 60.0;

/// How many processes of a benchmark of several threads have to count the same.
const PROCESSES_THAT_AGREE: usize = 4;

/// Counts that differ by less than this share of them agree.
const AGREEMENT: f64 = 0.02;

/// Takes the counts of every benchmark that has an answer which they could explain.
///
/// # Errors
/// If an executable cannot be started, or a signal asked us to end. What cannot be counted is left out.
pub fn opinions(
    context: &Context<'_>,
    sides: Sides<&[Runnable]>,
    plan: &Plan,
    answers: &[Answer],
) -> Result<BTreeMap<BenchmarkKey, SecondOpinion>> {
    let unclear: BTreeSet<&BenchmarkKey> = answers
        .iter()
        .filter(|answer| can_be_explained(&answer.verdict))
        .map(|answer| &answer.question.key)
        .collect();
    let progress = context
        .host
        .progress("counting", unclear.len().try_into().unwrap_or(0));
    let linked = Sides {
        before: with_probe(context, sides.before),
        after: with_probe(context, sides.after),
    };
    let mut opinions = BTreeMap::new();
    for (done, key) in unclear.into_iter().enumerate() {
        progress.say(&key.id);
        if let Some(subject) = Subject::new(plan, key) {
            let count = |runnables, linked| subject.counts(context, runnables, linked);
            let counts = Sides {
                before: count(sides.before, &linked.before)?,
                after: count(sides.after, &linked.after)?,
            };
            opinions.insert(key.clone(), opinion(&counts));
        }
        progress.done(done as u64 + 1);
    }
    Ok(opinions)
}

fn can_be_explained(verdict: &Verdict) -> bool {
    !matches!(
        verdict,
        Verdict::Unchanged | Verdict::Undecided(Reason::Failed(_) | Reason::TooFewRounds { .. })
    )
}

/// The executables that link the probe, by hash.
fn with_probe<'a>(context: &Context<'_>, runnables: &'a [Runnable]) -> BTreeSet<&'a str> {
    let links_it = |runnable: &&Runnable| {
        let bytes = context.host.map_file(&runnable.plan.executable);
        bytes.is_some_and(|bytes| parse::probe::is_linked(bytes.as_ref().as_ref()))
    };
    let linking = runnables.iter().filter(links_it);
    linking.map(|runnable| runnable.sha256.as_str()).collect()
}

/// What one side counted, per iteration.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    allocations: Option<f64>,
    allocated_bytes: Option<f64>,
    instructions: Option<f64>,
}

fn opinion(counts: &Sides<Counts>) -> SecondOpinion {
    let both = |what: fn(&Counts) -> Option<f64>| {
        let (before, after) = (what(&counts.before)?, what(&counts.after)?);
        Some(Sides { before, after })
    };
    SecondOpinion {
        allocations: both(|counts| counts.allocations),
        allocated_bytes: both(|counts| counts.allocated_bytes),
        instructions: both(|counts| counts.instructions),
    }
}

/// A benchmark of a plan.
struct Subject<'a> {
    planned: &'a Planned,
    /// What other threads do cannot be counted as instructions.
    multi_threaded: bool,
}

impl<'a> Subject<'a> {
    fn new(plan: &'a Plan, key: &BenchmarkKey) -> Option<Self> {
        let mut questions = plan
            .questions
            .iter()
            .filter(|planned| planned.question.key == *key)
            .peekable();
        let planned = *questions.peek()?;
        Some(Self {
            planned,
            multi_threaded: questions.any(|of| of.question.aspect == Aspect::Parallel),
        })
    }

    fn counts(
        &self,
        context: &Context<'_>,
        runnables: &[Runnable],
        linked: &BTreeSet<&str>,
    ) -> Result<Counts> {
        // Only the side before the change may know the benchmark by the other id.
        let keys = [
            Some(&self.planned.question.key),
            self.planned.renamed_from.as_ref(),
        ];
        let found = keys.into_iter().flatten().find_map(|key| {
            let runnable = runnables.iter().find(|runnable| has(runnable, key))?;
            Some((runnable, key.id.as_str()))
        });
        let Some((runnable, id)) = found else {
            return Ok(Counts::default());
        };
        let mut counts = Counts::default();
        if linked.contains(runnable.sha256.as_str()) {
            (counts.allocations, counts.allocated_bytes) =
                self.allocations(context, runnable, id)?;
        }
        if !self.multi_threaded {
            let instructions = context.host.instructions(&self.counted(runnable, id))?;
            counts.instructions = instructions.map(|instructions| instructions as f64);
        }
        Ok(counts)
    }

    /// Allocator calls and bytes per iteration. What several threads allocate depends on who was faster, so that it is only
    /// told where several processes agree.
    fn allocations(
        &self,
        context: &Context<'_>,
        runnable: &Runnable,
        id: &str,
    ) -> Result<(Option<f64>, Option<f64>)> {
        let processes = match self.multi_threaded {
            true => PROCESSES_THAT_AGREE,
            false => 1,
        };
        let mut calls = Vec::new();
        let mut bytes = Vec::new();
        for _ in 0..processes {
            let run = context.host.trial(&self.probed(runnable, id))?;
            let counted = allocations(&run);
            calls.push(counted.0);
            bytes.push(counted.1);
        }
        Ok((agreed(&calls), agreed(&bytes)))
    }

    fn probed(&self, runnable: &Runnable, id: &str) -> TrialPlan {
        let mut bench = runnable.plan.clone();
        bench.arguments = Timing::SHORT.arguments([id]);
        bench.probe = Some(asked_of_probe(id, true));
        TrialPlan {
            bench,
            cpu: None,
            padding_bytes: 0,
            limit_seconds: self.planned.limit_seconds,
            watch_threads: false,
        }
    }

    fn counted(&self, runnable: &Runnable, id: &str) -> TrialPlan {
        let mut bench = runnable.plan.clone();
        bench.arguments = vec![parse::criterion::exactly([id])];
        TrialPlan {
            bench,
            cpu: None,
            padding_bytes: 0,
            limit_seconds: self.planned.limit_seconds.max(COUNTING_LIMIT_SECONDS),
            watch_threads: false,
        }
    }
}

fn has(runnable: &Runnable, key: &BenchmarkKey) -> bool {
    runnable.suite.package == key.package
        && runnable.suite.name == key.suite
        && runnable.ids.contains(&key.id)
}

/// The median of what several processes counted; `None` where one of them counted nothing, or they disagree.
fn agreed(counts: &[Option<f64>]) -> Option<f64> {
    let mut counts: Vec<f64> = counts.iter().copied().collect::<Option<_>>()?;
    counts.sort_by(f64::total_cmp);
    let (least, most) = (counts.first()?, counts.last()?);
    let median = *counts.get(counts.len() / 2)?;
    (most - least <= AGREEMENT * median).then_some(median)
}

/// Allocator calls and bytes per iteration, where the process ended well and was the run of one benchmark.
fn allocations(run: &TrialRun) -> (Option<f64>, Option<f64>) {
    if run.timed_out || !run.run.exit.is_success() {
        return (None, None);
    }
    let records = parse::probe::records(&run.run.probe_files).unwrap_or_default();
    let counted = match records.as_slice() {
        [one] => parse::probe::counted(one),
        _ => None,
    };
    let Some(counted) = counted else {
        return (None, None);
    };
    let per_iteration = |count: u64| count as f64 / counted.iterations as f64;
    (
        counted.allocations.map(per_iteration),
        counted.allocated_bytes.map(per_iteration),
    )
}

#[cfg(test)]
mod tests;
