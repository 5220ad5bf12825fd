//! Both sides once more, built so that what runs can be named.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};

use super::{
    super::sides::{
        Batch, Prepared,
        builds::{self, Made, Order, SOURCE_PLACE},
    },
    chosen::Subject,
};
use crate::{
    cmd::{Context, provenance, recording, suites},
    host::{BenchPlan, DebugInfo, LinkKit},
    model::{
        benchmark::BenchmarkKey,
        comparison::Sides,
        digest,
        revision::{Executable, Provenance},
        suite::{BenchExecutable, Suite},
    },
    problem::Problem,
    symbolize::Member,
};

/// A suite of one side, to be recorded.
#[derive(Debug)]
pub(super) struct Recorded {
    pub(super) suite: Suite,
    /// How its executable is run; without arguments.
    pub(super) plan: BenchPlan,
    /// What it is linked from, or why it cannot be linked again.
    pub(super) links: Result<LinkKit, String>,
    /// The members of the workspace, by where their sources were as the executable tells it.
    pub(super) members: Vec<Member>,
    pub(super) provenance: Provenance,
    /// The benchmarks that are recorded with it.
    keys: BTreeSet<BenchmarkKey>,
}

/// What can be recorded.
#[derive(Debug, Default)]
pub(super) struct Built {
    pub(super) sides: Sides<Vec<Recorded>>,
    /// Why benchmarks cannot be recorded, by their keys after the change.
    pub(super) obstacles: BTreeMap<BenchmarkKey, String>,
}

impl Built {
    /// The executables of a benchmark, by position; `None` where a side has none.
    pub(super) fn executables_of(&self, subject: &Subject) -> Option<Sides<usize>> {
        let keys = subject.keys();
        let at = |side: &[Recorded], key| side.iter().position(|one| one.keys.contains(key));
        Some(Sides {
            before: at(&self.sides.before, keys.before)?,
            after: at(&self.sides.after, keys.after)?,
        })
    }

    /// The executables at these positions.
    pub(super) fn at(&self, executables: Sides<usize>) -> Sides<&Recorded> {
        Sides {
            before: &self.sides.before[executables.before],
            after: &self.sides.after[executables.after],
        }
    }

    pub(super) fn suite(&self, executables: Sides<usize>) -> &Suite {
        &self.at(executables).after.suite
    }

    /// Why these executables are recorded as cargo linked them; `None` where they can be linked again.
    pub(super) fn why_as_linked(&self, executables: Sides<usize>) -> Option<&str> {
        let Sides { before, after } = self.at(executables);
        let why = before.links.as_ref().err().or(after.links.as_ref().err());
        why.map(String::as_str)
    }
}

/// Builds the suites of these benchmarks on both sides, side by side.
///
/// # Errors
/// If cargo cannot be started, or a signal asked us to end. What does not build is an obstacle.
pub(super) fn build(
    context: &Context<'_>,
    sides: &Sides<Prepared>,
    subjects: &[Subject],
) -> Result<Built> {
    let names = sides.as_ref().map(|side| side.side.name.as_str());
    let mut jobs = jobs(&sides.before, subjects, |subject| subject.keys().before);
    let of_before = jobs.len();
    jobs.extend(self::jobs(&sides.after, subjects, |subject| {
        subject.keys().after
    }));
    let mut built = Built::default();
    let mut orders = Vec::new();
    for (at, job) in jobs.iter().enumerate() {
        let name = if at < of_before {
            names.before
        } else {
            names.after
        };
        orders.push(job.order(context, name)?);
    }
    let wanted: Vec<Order> = orders.iter().flatten().cloned().collect();
    let mut made = builds::build_all(context, &wanted)?.into_iter();
    for (at, (job, order)) in jobs.iter().zip(&orders).enumerate() {
        let (name, side) = match at < of_before {
            true => (names.before, &mut built.sides.before),
            false => (names.after, &mut built.sides.after),
        };
        let made = order.is_some().then(|| made.next()).flatten();
        let failed = job.finish(context, made, side)?;
        for (key, why) in failed {
            let subject = subjects.iter().find(|subject| {
                let keys = subject.keys();
                key == if at < of_before {
                    keys.before
                } else {
                    keys.after
                }
            });
            if let Some(subject) = subject {
                let why = format!("`{name}`: {}", in_a_line(&why));
                built
                    .obstacles
                    .entry(subject.question.key.clone())
                    .or_insert(why);
            }
        }
    }
    Ok(built)
}

/// What is built of one batch of a side.
struct Job<'a> {
    batch: &'a Batch,
    suites: Vec<Suite>,
    /// The benchmarks that are recorded with it, as the side knows them.
    keys: BTreeSet<&'a BenchmarkKey>,
}

fn jobs<'a>(
    side: &'a Prepared,
    subjects: &'a [Subject],
    key: impl Fn(&'a Subject) -> &'a BenchmarkKey,
) -> Vec<Job<'a>> {
    let mut keys: BTreeSet<&BenchmarkKey> = subjects.iter().map(key).collect();
    let mut jobs = Vec::new();
    for batch in &side.batches {
        let is_held =
            |key: &&BenchmarkKey| batch.held.as_ref().is_none_or(|held| held.contains(key));
        let (its, others) = keys.into_iter().partition(is_held);
        keys = others;
        let is_meant = |suite: &&Suite| {
            let its: &BTreeSet<&BenchmarkKey> = &its;
            its.iter()
                .any(|key| key.package == suite.package && key.suite == suite.name)
        };
        let suites = batch.workspace.suites.iter().filter(is_meant);
        jobs.push(Job {
            batch,
            suites: suites.cloned().collect(),
            keys: its,
        });
    }
    jobs
}

impl<'a> Job<'a> {
    /// What to build; `None` where there is nothing, or nothing to build it from.
    fn order(&self, context: &Context<'_>, name: &str) -> Result<Option<Order>> {
        let Some(folder) = self
            .batch
            .folder
            .as_ref()
            .filter(|_| !self.suites.is_empty())
        else {
            return Ok(None);
        };
        let Batch {
            workspace,
            selection,
            root,
            ..
        } = self.batch;
        Ok(Some(Order {
            name: name.to_owned(),
            workspace: workspace.clone(),
            source: root.clone(),
            suites: self.suites.clone(),
            selection: selection.clone(),
            variant: recording::variant(context, workspace, selection)?,
            folder: folder.path().to_owned(),
        }))
    }

    /// Takes what was built, and returns what cannot be recorded and why.
    fn finish(
        &self,
        context: &Context<'_>,
        made: Option<Made>,
        side: &mut Vec<Recorded>,
    ) -> Result<Vec<(&'a BenchmarkKey, Problem)>> {
        let Some(made) = made else {
            let why = self
                .batch
                .gone
                .clone()
                .unwrap_or_else(|| Problem::failure("its sources hold no such suite"));
            return Ok(self.keys.iter().map(|key| (*key, why.clone())).collect());
        };
        let of = |suite: &Suite| -> Vec<&'a BenchmarkKey> {
            let keys = self.keys.iter().copied();
            keys.filter(|key| key.package == suite.package && key.suite == suite.name)
                .collect()
        };
        let lld = context.host.lld_folder(&self.batch.workspace.root);
        for executable in &made.executables {
            let kit = context.host.link_kit(&executable.path, lld.as_deref());
            side.push(Recorded {
                suite: executable.suite.clone(),
                plan: suites::bench_plan(&self.batch.workspace, executable, Vec::new()),
                links: kit.map(|kit| LinkKit {
                    debug_info: DebugInfo::Kept,
                    ..kit
                }),
                members: self.members(),
                provenance: self.provenance(context, &made, executable)?,
                keys: of(&executable.suite).into_iter().cloned().collect(),
            });
        }
        let unbuilt = made.unbuilt.into_iter();
        Ok(unbuilt
            .flat_map(|(suite, why)| of(&suite).into_iter().map(move |key| (key, why.clone())))
            .collect())
    }

    /// Executables of all sides believe that their sources were in one place.
    fn members(&self) -> Vec<Member> {
        let members = recording::members(&self.batch.workspace).into_iter();
        let moved = |member: Member| match member.root.strip_prefix(self.batch.root.as_str()) {
            Some(below) => Member {
                root: format!("{SOURCE_PLACE}{below}"),
                ..member
            },
            None => member,
        };
        members.map(moved).collect()
    }

    fn provenance(
        &self,
        context: &Context<'_>,
        made: &Made,
        executable: &BenchExecutable,
    ) -> Result<Provenance> {
        let host = context.host;
        let bytes = host.map_file(&executable.path);
        let bytes = bytes.with_context(|| format!("`{}` is gone", executable.path))?;
        Ok(Provenance {
            measured_at: host.now_utc(),
            command: provenance::command(context),
            revision: self.batch.revision.clone(),
            build: made.build.clone(),
            machine: provenance::machine(context),
            executables: vec![Executable {
                package: executable.suite.package.clone(),
                suite: executable.suite.name.clone(),
                sha256: digest::sha256((*bytes).as_ref()),
            }],
        })
    }
}

/// A problem as the reason for something else: without its hint, in one line.
pub(super) fn in_a_line(problem: &Problem) -> String {
    let text = problem.to_string();
    let lines: Vec<&str> = text
        .lines()
        .take_while(|line| !line.is_empty())
        .map(str::trim)
        .collect();
    lines.join("; ")
}
