//! A first process of each side and benchmark: does it run, how long does it take, how many threads measure.
//!
//! Its times are thrown away: it runs on all CPUs, and its threads are looked at while it runs.
//!
//! Where set-up takes much longer than measuring, which the first benchmark of a suite shows, the others of the suite
//! share one process here, and all of them share one in every round. If that process fails, each of them runs alone, so
//! that one that crashes or hangs takes no other with it.

mod cost;
mod groups;
mod seen;
#[cfg(test)]
mod tests;
mod timing;

use anyhow::Result;

use crate::{
    cmd::{
        Context,
        compare::{rounds::observe::asked_of_probe, sides::runnable::Runnable},
    },
    host::TrialPlan,
    model::{
        benchmark::BenchmarkKey, comparison::Sides, question::Tail, round::Failure,
        suite::Workspace, units::Unit,
    },
};

pub use cost::{Cost, cost};
pub use seen::Seen;
pub use timing::Timing;

/// What is calibrated.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The suites of both sides.
    pub sides: Sides<&'a [Runnable]>,
    /// The benchmarks that both sides have.
    pub subjects: &'a [Subject],
    /// For the units of benchmarks.
    pub workspace: &'a Workspace,
    /// How long a process may take before it counts as hung, in seconds: see [`first_limit_seconds`].
    pub limit_seconds: f64,
}

/// A benchmark that both sides have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Its key on the side with the change.
    pub key: BenchmarkKey,
    /// Its key before the change, where it was renamed since.
    pub renamed_from: Option<BenchmarkKey>,
}

/// What is known of a benchmark before its first round.
#[derive(Clone, Debug)]
pub struct Calibrated {
    /// Its key on the side with the change.
    pub key: BenchmarkKey,
    /// Its key before the change, where it was renamed since.
    pub renamed_from: Option<BenchmarkKey>,
    /// What each side showed, or how it failed.
    pub sides: Sides<Result<Seen, Failure>>,
    /// What its numbers count.
    pub unit: Unit,
    /// The arguments of its processes after `--bench --noplot`.
    pub arguments: Sides<Vec<String>>,
    /// The number of the group that shares its processes; most benchmarks are alone in theirs.
    pub group: usize,
    /// Whether set-up is so dear that it shares its processes with the rest of its suite.
    pub share_process: bool,
    /// Whether several threads measure, on either side.
    pub multi_threaded: bool,
    /// Whether both sides export the latencies of enough single operations.
    pub tail: Tail,
    /// Whether the bench has settings of its own on either side, which win over ours.
    pub settings_override: bool,
    /// How long one of its processes takes on the slower side, in seconds.
    pub process_seconds: f64,
    /// How long one of its processes may take before it counts as hung, in seconds.
    pub limit_seconds: f64,
}

impl Calibrated {
    /// Whether both sides can be measured.
    pub fn runs(&self) -> bool {
        self.sides.before.is_ok() && self.sides.after.is_ok()
    }

    /// How much the measurements of one process scatter, on the noisier side: quartile distance over median.
    pub fn noise(&self) -> f64 {
        let sides = [&self.sides.before, &self.sides.after];
        let spreads = sides.into_iter().flatten().map(|seen| seen.spread);
        spreads.fold(0.0, f64::max)
    }
}

/// The shortest time after which a first process counts as hung, in seconds.
const SHORTEST_FIRST_LIMIT_SECONDS: f64 = 60.0;

/// The fewest processes that an answer takes: ten rounds of two.
const FEWEST_PROCESSES: f64 = 20.0;

/// How long a first process may take, in seconds: a minute, or what would let the budget be enough for an answer.
pub fn first_limit_seconds(budget_seconds: f64) -> f64 {
    SHORTEST_FIRST_LIMIT_SECONDS.max(budget_seconds / FEWEST_PROCESSES)
}

/// Runs every benchmark of both sides once.
///
/// # Errors
/// If an executable cannot be started, or a signal asked us to end. A benchmark that fails is no error.
pub fn calibrate(context: &Context<'_>, request: &Request<'_>) -> Result<Vec<Calibrated>> {
    let progress = context
        .host
        .progress("calibrating", request.subjects.len() as u64);
    let mut all = Vec::new();
    for subjects in by_suite(request.subjects) {
        let mut suite = Looks::new(context, request);
        for subject in subjects {
            progress.say(&subject.key.id);
            suite.look(subject)?;
            progress.done((all.len() + suite.looks.len()) as u64);
        }
        suite.look_at_those_that_wait()?;
        all.extend(suite.looks);
        progress.done(all.len() as u64);
    }
    let judged = all.iter().map(|look| look.judge(request));
    Ok(groups::grouped(judged.collect()))
}

/// The subjects, suite after suite in the order of their first ones.
fn by_suite(subjects: &[Subject]) -> Vec<Vec<&Subject>> {
    let suite_of = |subject: &Subject| (subject.key.package.clone(), subject.key.suite.clone());
    let mut suites: Vec<Vec<&Subject>> = Vec::new();
    for subject in subjects {
        let own = suites.iter_mut().find(|suite| {
            suite
                .first()
                .is_some_and(|first| suite_of(first) == suite_of(subject))
        });
        match own {
            Some(suite) => suite.push(subject),
            None => suites.push(vec![subject]),
        }
    }
    suites
}

/// One benchmark, looked at on both sides.
struct Look<'a> {
    subject: &'a Subject,
    sides: Sides<Result<Seen, Failure>>,
}

/// The looks at the benchmarks of one suite.
struct Looks<'a> {
    context: &'a Context<'a>,
    request: &'a Request<'a>,
    looks: Vec<Look<'a>>,
    /// Those that wait for a process that they share.
    waiting: Vec<&'a Subject>,
}

/// A side, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Before,
    After,
}

impl<'a> Looks<'a> {
    fn new(context: &'a Context<'a>, request: &'a Request<'a>) -> Self {
        Self {
            context,
            request,
            looks: Vec::new(),
            waiting: Vec::new(),
        }
    }

    /// Looks at a benchmark, unless a look before told that it should share a process.
    fn look(&mut self, subject: &'a Subject) -> Result<()> {
        if self.looks.iter().any(Look::is_mostly_set_up) {
            self.waiting.push(subject);
            return Ok(());
        }
        let look = self.alone(subject)?;
        self.looks.push(look);
        Ok(())
    }

    fn look_at_those_that_wait(&mut self) -> Result<()> {
        let subjects = std::mem::take(&mut self.waiting);
        if subjects.is_empty() {
            return Ok(());
        }
        let before = self.run(Role::Before, &subjects)?;
        let after = self.run(Role::After, &subjects)?;
        for ((subject, before), after) in subjects.into_iter().zip(before).zip(after) {
            let sides = Sides { before, after };
            // Which of them made the process fail is not known.
            let look = match &sides {
                Sides {
                    before: Ok(_),
                    after: Ok(_),
                } => Look { subject, sides },
                _ => self.alone(subject)?,
            };
            self.looks.push(look);
        }
        Ok(())
    }

    fn alone(&self, subject: &'a Subject) -> Result<Look<'a>> {
        let one = |role| -> Result<Result<Seen, Failure>> {
            let seen = self.run(role, &[subject])?;
            Ok(seen.into_iter().next().unwrap_or(Err(Failure::NotMeasured)))
        };
        let sides = Sides {
            before: one(Role::Before)?,
            after: one(Role::After)?,
        };
        Ok(Look { subject, sides })
    }

    /// Runs one process for benchmarks of one suite.
    fn run(&self, role: Role, subjects: &[&Subject]) -> Result<Vec<Result<Seen, Failure>>> {
        let keys: Vec<&BenchmarkKey> = subjects.iter().map(|subject| subject.on(role)).collect();
        let runnable = keys.first().and_then(|key| self.runnable(role, key));
        let Some(runnable) = runnable else {
            return Ok(subjects.iter().map(|_| Err(Failure::NotMeasured)).collect());
        };
        let ids: Vec<&str> = keys.iter().map(|key| key.id.as_str()).collect();
        let mut bench = runnable.plan.clone();
        bench.arguments = Timing::SHORT.arguments(ids.iter().copied());
        if let [id] = ids.as_slice() {
            bench.probe = Some(asked_of_probe(id, false));
        }
        // Each further benchmark of a process may take a tenth of what a process may.
        let further = ids.len().saturating_sub(1) as f64;
        let limit_seconds = self.request.limit_seconds * (1.0 + further / 10.0);
        let run = self.context.host.trial(&TrialPlan {
            bench,
            cpu: None,
            padding_bytes: 0,
            limit_seconds,
            watch_threads: true,
        })?;
        let unit_of = |id: &str| unit(self.request.workspace, &runnable.suite.package, id);
        Ok(seen::seen(&run, limit_seconds, &ids, unit_of))
    }

    fn runnable(&self, role: Role, key: &BenchmarkKey) -> Option<&'a Runnable> {
        let runnables = match role {
            Role::Before => self.request.sides.before,
            Role::After => self.request.sides.after,
        };
        runnables.iter().find(|runnable| {
            runnable.suite.package == key.package && runnable.suite.name == key.suite
        })
    }
}

impl Subject {
    fn on(&self, role: Role) -> &BenchmarkKey {
        match (role, &self.renamed_from) {
            (Role::Before, Some(before)) => before,
            _ => &self.key,
        }
    }
}

impl Look<'_> {
    fn seen(&self) -> impl Iterator<Item = &Seen> {
        [&self.sides.before, &self.sides.after]
            .into_iter()
            .flatten()
    }

    fn is_mostly_set_up(&self) -> bool {
        self.seen().any(Seen::is_mostly_set_up)
    }

    /// What follows from the look for a benchmark that is alone in its processes.
    fn judge(&self, request: &Request<'_>) -> Calibrated {
        let slowest = |what: fn(&Seen) -> f64| self.seen().map(what).fold(0.0, f64::max);
        let timing = Timing::of(slowest(|seen| seen.iteration_seconds));
        let arguments = |role| timing.arguments([self.subject.on(role).id.as_str()]);
        let process_seconds = slowest(Seen::process_seconds);
        let exported = self.seen().filter(|seen| seen.exports_latencies()).count();
        let key = &self.subject.key;
        Calibrated {
            key: key.clone(),
            renamed_from: self.subject.renamed_from.clone(),
            sides: self.sides.clone(),
            unit: unit(request.workspace, &key.package, &key.id),
            arguments: Sides {
                before: arguments(Role::Before),
                after: arguments(Role::After),
            },
            group: 0,
            share_process: self.is_mostly_set_up(),
            multi_threaded: self.seen().any(|seen| seen.multi_threaded),
            tail: match exported {
                2 => Tail::Exported,
                _ => Tail::Unknown,
            },
            settings_override: self.seen().any(|seen| seen.settings_override),
            process_seconds,
            limit_seconds: groups::limit_seconds(process_seconds),
        }
    }
}

/// What the manifest of a benchmark's package says that it counts.
fn unit(workspace: &Workspace, package: &str, id: &str) -> Unit {
    let package = workspace.packages.get(package);
    let settings = package.and_then(|package| package.benchmarks.get(id));
    settings.map_or_else(Unit::default, |settings| settings.unit)
}
