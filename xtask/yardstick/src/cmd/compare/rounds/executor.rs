//! Rounds on this machine: executables with fresh layouts, each process pinned where its question asks for it.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use camino::{Utf8Path, Utf8PathBuf};

use super::{Executor, Process, observe::observe};
use crate::{
    cmd::{Context, compare::sides::runnable::Runnable},
    host::{TemporaryFolder, TrialPlan, utf8},
    model::{
        comparison::Sides,
        question::Planned,
        round::{First, Half},
        suite::Suite,
    },
};

/// Where executables get their layouts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linking {
    /// A fresh pair for every sweep, where both sides can be linked again.
    Fresh,
    /// As cargo linked them.
    AsLinked,
}

/// Runs rounds on this machine.
pub struct OnHost<'a> {
    context: &'a Context<'a>,
    sides: Sides<&'a [Runnable]>,
    linking: Linking,
    /// Holds the executables of the current sweep, both sides' under paths of equal length.
    folder: TemporaryFolder,
    executables: BTreeMap<(String, String), Sides<Utf8PathBuf>>,
}

impl<'a> OnHost<'a> {
    /// An executor for the suites of two sides.
    ///
    /// # Errors
    /// If there is no room for executables.
    pub fn new(
        context: &'a Context<'a>,
        sides: Sides<&'a [Runnable]>,
        linking: Linking,
    ) -> Result<Self> {
        Ok(Self {
            context,
            sides,
            linking,
            folder: context.host.temporary_folder()?,
            executables: BTreeMap::new(),
        })
    }

    fn runnable(&self, role: First, suite: &Suite) -> Result<&'a Runnable> {
        let runnables = match role {
            First::Before => self.sides.before,
            First::After => self.sides.after,
        };
        runnables
            .iter()
            .find(|runnable| {
                runnable.suite.package == suite.package && runnable.suite.name == suite.name
            })
            .with_context(|| format!("a side lost its suite `{}`", suite.label))
    }

    /// The paths of a suite's executables; the sides' differ in one letter, so that they are equally long.
    fn paths(&self, suite: &Suite) -> Result<Sides<Utf8PathBuf>> {
        let folder = utf8(self.folder.path())?;
        let name = format!("{}-{}", suite.package, suite.name);
        Ok(Sides {
            before: folder.join("a").join(&name),
            after: folder.join("b").join(&name),
        })
    }

    /// Puts the executables as cargo linked them where the rounds look for them, once.
    fn place(&mut self, suite: &Suite, runnables: &Sides<&Runnable>) -> Result<()> {
        let key = (suite.package.clone(), suite.name.clone());
        if self.executables.contains_key(&key) {
            return Ok(());
        }
        let paths = self.paths(suite)?;
        for (runnable, path) in [
            (runnables.before, &paths.before),
            (runnables.after, &paths.after),
        ] {
            self.context
                .host
                .copy_executable(&runnable.plan.executable, path)?;
        }
        self.executables.insert(key, paths);
        Ok(())
    }
}

impl Executor for OnHost<'_> {
    fn lay_out(&mut self, suite: &Suite, seeds: Sides<u64>) -> Result<Sides<Option<u64>>> {
        let runnables = Sides {
            before: self.runnable(First::Before, suite)?,
            after: self.runnable(First::After, suite)?,
        };
        let kits = runnables.map(|runnable| runnable.links.as_ref());
        let (Linking::Fresh, Some(before), Some(after)) = (self.linking, kits.before, kits.after)
        else {
            // One side alone with fresh layouts would be linked in another way than the other.
            self.place(suite, &runnables)?;
            return Ok(Sides::default());
        };
        let paths = self.paths(suite)?;
        self.context.host.link_pair([
            (before, seeds.before, &paths.before),
            (after, seeds.after, &paths.after),
        ])?;
        let key = (suite.package.clone(), suite.name.clone());
        self.executables.insert(key, paths);
        Ok(seeds.map(Some))
    }

    fn run(&mut self, process: &Process<'_>) -> Result<Vec<Half>> {
        let key = (process.suite.package.clone(), process.suite.name.clone());
        let executables = self
            .executables
            .get(&key)
            .with_context(|| format!("the suite `{}` was not laid out", process.suite.label))?;
        let executable: &Utf8Path = match process.role {
            First::Before => &executables.before,
            First::After => &executables.after,
        };
        let mut bench = self.runnable(process.role, process.suite)?.plan.clone();
        executable.clone_into(&mut bench.executable);
        let leader = process
            .group
            .first()
            .context("a group without a question")?;
        bench.arguments = match process.role {
            First::Before => leader.arguments.before.clone(),
            First::After => leader.arguments.after.clone(),
        };
        let trial = self.context.host.trial(&TrialPlan {
            bench,
            cpu: leader.cpu,
            padding_bytes: process.padding_bytes,
            limit_seconds: leader.limit_seconds,
            watch_threads: false,
        })?;
        let half = |planned: &&Planned| Half {
            result: observe(&trial, leader.limit_seconds, id_of(planned, process.role)),
            guards: trial.guards,
            layout_seed: process.layout_seed,
            padding_bytes: process.padding_bytes,
        };
        Ok(process.group.iter().map(half).collect())
    }

    fn elapsed_seconds(&self) -> f64 {
        self.context.host.elapsed_seconds()
    }
}

/// The id that a side knows a benchmark by.
fn id_of(planned: &Planned, role: First) -> &str {
    match (&planned.renamed_from, role) {
        (Some(before), First::Before) => &before.id,
        _ => &planned.question.key.id,
    }
}
