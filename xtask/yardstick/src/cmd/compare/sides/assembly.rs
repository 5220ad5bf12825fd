//! Executables of a side become what can be run: each is asked for its benchmarks, hashed, and looked up in what was kept
//! of its link.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use camino::{Utf8Path, Utf8PathBuf};

use super::{Prepared, builds::Made, meaning::Meaning, runnable::Runnable, sources::Batch};
use crate::{
    cmd::{
        Context,
        selection::Chosen,
        suites::{self, Answered},
    },
    model::{
        benchmark::BenchmarkKey,
        digest,
        revision::Executable,
        settlement::Side,
        suite::{BenchExecutable, Suite},
    },
    problem::Problem,
};

/// What an executable can be linked again from.
enum Links<'a> {
    /// What was kept of its link, by the linker in this folder.
    Kept(Option<&'a Utf8Path>),
    /// Nothing; why.
    None(String),
}

/// The executable that a suite was measured with; of several runs the later one counts.
fn recorded<'a>(batch: &'a Batch, suite: &Suite) -> Option<&'a Executable> {
    let mut recorded = batch.recorded.iter().rev();
    recorded.find(|one| one.package == suite.package && one.suite == suite.name)
}

/// What the parts of a side are put together for.
pub(super) struct Assembly<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) name: &'a str,
    pub(super) id_part: Option<String>,
    /// How long an executable may take to list its benchmarks, in seconds.
    pub(super) limit_seconds: f64,
}

impl Assembly<'_> {
    /// Puts the side together.
    pub(super) fn assemble(
        &self,
        meaning: &Meaning,
        batches: Vec<Batch>,
        chosen: Vec<Chosen>,
        made: Vec<Option<Made>>,
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
            batches: Vec::new(),
        };
        for ((batch, chosen), made) in batches.into_iter().zip(chosen).zip(made) {
            self.add(&mut prepared, batch, chosen, made)?;
        }
        let held: BTreeSet<BenchmarkKey> = prepared.keys().collect();
        prepared.not_held.retain(|key| !held.contains(key));
        prepared.hidden.sort();
        prepared.hidden.dedup();
        drop_repetitions(&mut prepared.side.revisions);
        drop_repetitions(&mut prepared.side.builds);
        self.refuse_nothing(&prepared)?;
        Ok(prepared)
    }

    fn add(
        &self,
        prepared: &mut Prepared,
        batch: Batch,
        chosen: Chosen,
        made: Option<Made>,
    ) -> Result<()> {
        suites::name_hidden(self.context, &batch.workspace, &batch.selection, &chosen);
        prepared.hidden.extend(chosen.hidden);
        let (executables, unbuilt, build) = match (made, &batch.gone) {
            (Some(made), _) => (made.executables, made.unbuilt, Some(made.build)),
            (None, Some(why)) => {
                let all = chosen.suites.into_iter().map(|suite| (suite, why.clone()));
                (Vec::new(), all.collect(), batch.recorded_build.clone())
            }
            (None, None) => (Vec::new(), Vec::new(), None),
        };
        prepared.side.revisions.extend(batch.revision.clone());
        prepared.side.builds.extend(build);
        let lld = self.context.host.lld_folder(&batch.workspace.root);
        for executable in executables {
            self.add_executable(prepared, &batch, executable, &Links::Kept(lld.as_deref()))?;
        }
        for (suite, why) in unbuilt {
            self.add_kept(prepared, &batch, suite, why)?;
        }
        prepared.batches.push(batch);
        Ok(())
    }

    fn add_executable(
        &self,
        prepared: &mut Prepared,
        batch: &Batch,
        executable: BenchExecutable,
        links: &Links<'_>,
    ) -> Result<()> {
        match suites::ask(
            self.context,
            &batch.workspace,
            &executable,
            self.limit_seconds,
        )? {
            Answered::Ids(ids) => {
                let (held, others) = self.split(batch, &executable.suite, ids);
                prepared.not_held.extend(others);
                prepared.add(self.runnable(batch, executable, held, links)?);
            }
            Answered::OtherHarness(harness) => self.context.warn(&format!(
                "the suite `{}` of `{}` has {harness}, so it is left alone",
                executable.suite.label, self.name
            )),
            Answered::Failed(problem) => {
                let problem = problem.about(format!("`{}`", self.name));
                prepared.unbuilt.push((executable.suite, problem));
            }
        }
        Ok(())
    }

    /// Takes what the suite was measured with, where it cannot be built.
    fn add_kept(
        &self,
        prepared: &mut Prepared,
        batch: &Batch,
        suite: Suite,
        why: Problem,
    ) -> Result<()> {
        let Some(recorded) = recorded(batch, &suite) else {
            prepared.unbuilt.push((suite, why));
            return Ok(());
        };
        let Some(path) = self.kept(&recorded.sha256) else {
            let looked_for = format!(
                "nor is the executable kept that it was measured with: SHA-256 {}",
                recorded.sha256
            );
            prepared.unbuilt.push((suite, why.fact(looked_for)));
            return Ok(());
        };
        let reason = why.to_string();
        let reason = reason.lines().next().unwrap_or_default();
        self.context.warn(&format!(
            "the suite `{}` runs as it was kept with `{}`: {reason}",
            suite.label, self.name
        ));
        let executable = BenchExecutable {
            suite,
            path,
            // Nothing else is saved.
            optimised: true,
            library_folders: Vec::new(),
        };
        let links = Links::None(format!("it was kept, and cannot be built: {reason}"));
        self.add_executable(prepared, batch, executable, &links)
    }

    /// A kept executable to which nothing has happened since.
    fn kept(&self, sha256: &str) -> Option<Utf8PathBuf> {
        let host = self.context.host;
        let path = host.kept_executable(sha256)?;
        let bytes = host.read_file(&path).ok()??;
        (digest::sha256(&bytes) == sha256).then_some(path)
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
        links: &Links<'_>,
    ) -> Result<(Runnable, Option<String>)> {
        let host = self.context.host;
        let bytes = host.read_file(&executable.path)?;
        let bytes = bytes.with_context(|| format!("`{}` is gone", executable.path))?;
        let kit = match links {
            Links::Kept(lld) => host.link_kit(&executable.path, *lld),
            Links::None(why) => Err(why.clone()),
        };
        let (links, why_not) = match kit {
            Ok(kit) => (Some(kit), None),
            Err(reason) => (None, Some(reason)),
        };
        let runnable = Runnable {
            ids,
            sha256: digest::sha256(&bytes),
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
        let is_gone = prepared.batches.iter().all(|batch| batch.folder.is_none());
        if let (true, [(_, why), ..]) = (is_gone, &prepared.unbuilt[..]) {
            // There are no sources, and why is all that there is to say.
            return Err(why.clone().into());
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

fn drop_repetitions<T: PartialEq>(all: &mut Vec<T>) {
    let mut seen = Vec::new();
    for one in all.drain(..) {
        if !seen.contains(&one) {
            seen.push(one);
        }
    }
    *all = seen;
}
