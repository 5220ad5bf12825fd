//! Executables of a side become what can be run: each is asked for its benchmarks, hashed, and looked up in what was kept
//! of its link.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};

use super::{
    super::{
        super::{Context, provenance::sha256, selection::Chosen, suites},
        builds::Made,
        runnable::Runnable,
    },
    Prepared,
    meaning::Meaning,
    sources::Batch,
};
use crate::{
    model::{
        benchmark::BenchmarkKey,
        revision::Executable,
        settlement::Side,
        suite::{BenchExecutable, Suite},
    },
    problem::Problem,
};

/// What the parts of a side are put together for.
pub(super) struct Assembly<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) name: &'a str,
    pub(super) id_part: Option<String>,
}

impl Assembly<'_> {
    /// Puts the side together.
    pub(super) fn assemble(
        &self,
        meaning: &Meaning,
        batches: Vec<Batch>,
        chosen: Vec<Chosen>,
        made: Vec<Made>,
    ) -> Result<Prepared> {
        let mut prepared = Prepared {
            side: Side {
                name: self.name.to_owned(),
                origin: meaning.origin(),
                revisions: Vec::new(),
                builds: Vec::new(),
                executables: Vec::new(),
            },
            runnables: Vec::new(),
            unbuilt: Vec::new(),
            hidden: Vec::new(),
            not_held: BTreeSet::new(),
            workspace: batches
                .last()
                .map(|batch| batch.workspace.clone())
                .context("a side has no sources")?,
            as_linked: None,
            id_part: self.id_part.clone(),
            _folders: Vec::new(),
        };
        for ((batch, chosen), made) in batches.into_iter().zip(chosen).zip(made) {
            self.add(&mut prepared, batch, chosen, made)?;
        }
        let held: BTreeSet<BenchmarkKey> = prepared.keys().collect();
        prepared.not_held.retain(|key| !held.contains(key));
        prepared.hidden.sort();
        prepared.hidden.dedup();
        self.refuse_nothing(&prepared)?;
        Ok(prepared)
    }

    fn add(&self, prepared: &mut Prepared, batch: Batch, chosen: Chosen, made: Made) -> Result<()> {
        let side = &mut prepared.side;
        for revision in batch.revision.iter() {
            if !side.revisions.contains(revision) {
                side.revisions.push(revision.clone());
            }
        }
        if !side.builds.contains(&made.build) {
            side.builds.push(made.build.clone());
        }
        suites::name_hidden(self.context, &batch.workspace, &batch.selection, &chosen);
        prepared.hidden.extend(chosen.hidden);
        prepared.unbuilt.extend(made.unbuilt);
        let lld = self.context.host.lld_folder(&batch.workspace.root);
        for executable in made.executables {
            match self.list(&batch, &executable)? {
                Ok(Some(ids)) => {
                    let (held, others) = self.split(&batch, &executable.suite, ids);
                    prepared.not_held.extend(others);
                    let runnable = self.runnable(&batch, executable, held, lld.as_deref())?;
                    prepared.add(runnable);
                }
                Ok(None) => {}
                Err(problem) => prepared.unbuilt.push((executable.suite, problem)),
            }
        }
        prepared._folders.push(batch.folder);
        Ok(())
    }

    /// The ids; `None` where the executable is no Criterion suite, and a problem where it crashes.
    fn list(
        &self,
        batch: &Batch,
        executable: &BenchExecutable,
    ) -> Result<Result<Option<Vec<String>>, Problem>> {
        let plan = suites::bench_plan(&batch.workspace, executable, vec!["--list".to_owned()]);
        let run = self.context.host.bench(&plan, &mut |_| ())?;
        match suites::all_ids(&executable.suite, &run) {
            Ok(Ok(ids)) => Ok(Ok(Some(ids))),
            Ok(Err(harness)) => {
                self.context.warn(&format!(
                    "the suite `{}` of `{}` has {harness}, so it is left alone",
                    executable.suite.label, self.name
                ));
                Ok(Ok(None))
            }
            Err(error) => error.downcast().map(Err),
        }
    }

    /// The ids that the side has, and the benchmarks that only its executable has.
    fn split(
        &self,
        batch: &Batch,
        suite: &Suite,
        ids: Vec<String>,
    ) -> (Vec<String>, Vec<BenchmarkKey>) {
        let Some(held) = &batch.held else {
            return (ids, Vec::new());
        };
        let (held, others): (Vec<String>, Vec<String>) = ids
            .into_iter()
            .partition(|id| held.contains(&suite.key(id)));
        (held, others.iter().map(|id| suite.key(id)).collect())
    }

    fn runnable(
        &self,
        batch: &Batch,
        executable: BenchExecutable,
        ids: Vec<String>,
        lld: Option<&camino::Utf8Path>,
    ) -> Result<(Runnable, Option<String>)> {
        let host = self.context.host;
        let bytes = host.read_file(&executable.path)?;
        let bytes = bytes.with_context(|| format!("`{}` is gone", executable.path))?;
        let (links, why_not) = match host.link_kit(&executable.path, lld) {
            Ok(kit) => (Some(kit), None),
            Err(reason) => (None, Some(reason)),
        };
        let runnable = Runnable {
            ids,
            sha256: sha256(&bytes),
            plan: suites::bench_plan(&batch.workspace, &executable, Vec::new()),
            links,
            suite: executable.suite,
        };
        Ok((runnable, why_not))
    }

    /// A side of which nothing is left has something to say before any other work is done.
    fn refuse_nothing(&self, prepared: &Prepared) -> Result<()> {
        if !prepared.runnables.is_empty() || prepared.unbuilt.is_empty() {
            return Ok(());
        }
        let problem = Problem::failure(format!("nothing of `{}` can be built", self.name));
        let problem = prepared
            .unbuilt
            .iter()
            .take(1)
            .fold(problem, |problem, (_, why)| problem.fact(why.to_string()));
        let folder = &prepared.workspace.root;
        Err(problem
            .hint(format!(
                "see everything that cargo says: `cd {folder} && cargo bench --no-run`"
            ))
            .into())
    }
}

impl Prepared {
    /// The benchmarks that it has.
    pub fn keys(&self) -> impl Iterator<Item = BenchmarkKey> {
        self.runnables.iter().flat_map(Runnable::keys)
    }

    fn add(&mut self, (runnable, why_not): (Runnable, Option<String>)) {
        if self.as_linked.is_none() {
            self.as_linked = why_not.map(|reason| format!("`{}`: {reason}", runnable.suite.label));
        }
        self.side.executables.push(Executable {
            package: runnable.suite.package.clone(),
            suite: runnable.suite.name.clone(),
            sha256: runnable.sha256.clone(),
        });
        self.runnables.push(runnable);
    }
}
