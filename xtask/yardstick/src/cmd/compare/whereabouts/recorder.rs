//! Recordings on this machine: executables with fresh layouts, each run as a process of a round and sampled.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use camino::Utf8PathBuf;

use super::{
    builds::{Built, Recorded},
    chosen::Subject,
    turns::Recorder,
};
use crate::{
    cmd::{
        Context,
        recording::{self, Take, Taken, refusal_problem},
    },
    host::{
        Progress, TemporaryFolder,
        record::{SamplerChoice, Surroundings},
        utf8,
    },
    model::{
        comparison::Sides,
        profile::{Profile, Sampler},
        round::First,
        settlement::{Layouts, Settlement},
    },
    problem::Problem,
};

/// Samples per CPU second to ask for.
const RATE_HZ: u32 = 999;

/// What records here: our own recorder, or else the sampler in the probe. It is the same one for all recordings, or they
/// could not be compared.
pub(super) fn sampler(context: &Context<'_>) -> Sampler {
    match context.host.obstacle(Sampler::PerfEvent) {
        None => Sampler::PerfEvent,
        Some(why) => {
            context.host.note(&format!(
                "{why}; the sampler in the probe records instead\n"
            ));
            Sampler::InProcess
        }
    }
}

/// How long one recording is, in seconds. The kernel's timer gives the sampler in the probe a quarter of the samples.
pub(super) fn duration_seconds(sampler: Sampler) -> f64 {
    match sampler {
        Sampler::InProcess => 4.0,
        Sampler::PerfEvent | Sampler::Perf | Sampler::Samply => 2.0,
    }
}

/// Records on this machine.
pub(super) struct OnHost<'a> {
    context: &'a Context<'a>,
    built: &'a Built,
    sampler: Sampler,
    layouts: &'a Layouts,
    /// Holds the executables of the current pair, both sides' under paths of equal length.
    folder: TemporaryFolder,
    laid_out: BTreeMap<(usize, usize), Sides<Utf8PathBuf>>,
    progress: Option<Progress>,
    /// What was said once already.
    said: BTreeSet<String>,
}

impl<'a> OnHost<'a> {
    /// A recorder of what was built.
    ///
    /// # Errors
    /// If there is no room for executables.
    pub(super) fn new(
        context: &'a Context<'a>,
        built: &'a Built,
        sampler: Sampler,
        settlement: &'a Settlement,
    ) -> Result<Self> {
        Ok(Self {
            context,
            built,
            sampler,
            layouts: &settlement.layouts,
            folder: context.host.temporary_folder()?,
            laid_out: BTreeMap::new(),
            progress: None,
            said: BTreeSet::new(),
        })
    }

    fn paths(&self, executables: Sides<usize>) -> Result<Sides<Utf8PathBuf>> {
        let folder = utf8(self.folder.path())?;
        let suite = self.built.suite(executables);
        let Sides { before, after } = executables;
        let name = format!("{}-{}-{before}-{after}", suite.package, suite.name);
        Ok(Sides {
            before: folder.join("a").join(&name),
            after: folder.join("b").join(&name),
        })
    }

    fn profile(
        &self,
        recorded: &Recorded,
        subject: &Subject,
        role: First,
        taken: &Taken,
    ) -> Result<Profile, Problem> {
        let host = self.context.host;
        let keys = subject.keys();
        let (key, time_ns) = match role {
            First::Before => (keys.before, subject.times_ns.map(|ns| ns.before)),
            First::After => (keys.after, subject.times_ns.map(|ns| ns.after)),
        };
        let map = |path: &str| host.map_file(path.into());
        let symbolized = taken
            .symbolize(self.context, &recorded.members, &map)
            .map_err(|refusal| refusal_problem(&refusal, &key.id, &recorded.plan.executable))?;
        Ok(Profile {
            key: key.clone(),
            facts: taken.facts(),
            work: taken.work(time_ns),
            quality: symbolized.quality,
            stacks: symbolized.stacks,
            origins: symbolized.origins,
            provenance: recorded.provenance.clone(),
        })
    }
}

impl Recorder for OnHost<'_> {
    fn lay_out(&mut self, executables: Sides<usize>, seeds: Sides<u64>) -> Result<()> {
        let Sides { before, after } = self.built.at(executables);
        let paths = self.paths(executables)?;
        let at = (executables.before, executables.after);
        let host = self.context.host;
        match (self.layouts, &before.links, &after.links) {
            (Layouts::FreshEachRound, Ok(kit_before), Ok(kit_after)) => host.link_pair([
                (kit_before, seeds.before, &paths.before),
                (kit_after, seeds.after, &paths.after),
            ])?,
            _ if self.laid_out.contains_key(&at) => {}
            _ => {
                host.copy_executable(&before.plan.executable, &paths.before)?;
                host.copy_executable(&after.plan.executable, &paths.after)?;
            }
        }
        self.laid_out.insert(at, paths);
        Ok(())
    }

    fn take(
        &mut self,
        subject: &Subject,
        executables: Sides<usize>,
        role: First,
        padding_bytes: u32,
    ) -> Result<Result<Profile, Problem>> {
        let laid_out = self
            .laid_out
            .get(&(executables.before, executables.after))
            .context("executables were not laid out")?;
        let both = self.built.at(executables);
        let (recorded, path, id) = match role {
            First::Before => (both.before, &laid_out.before, &subject.keys().before.id),
            First::After => (both.after, &laid_out.after, &subject.keys().after.id),
        };
        let mut bench = recorded.plan.clone();
        bench.executable.clone_from(path);
        let taken = recording::take(
            self.context,
            &Take {
                bench,
                id,
                sampler: SamplerChoice::Only(self.sampler),
                rate_hz: RATE_HZ,
                duration_s: duration_seconds(self.sampler),
                surroundings: Surroundings::OfARound {
                    cpu: subject.cpu,
                    padding_bytes,
                },
            },
        )?;
        for notice in taken.notices() {
            if self.said.insert(notice.clone()) {
                self.context.warn(notice);
            }
        }
        Ok(self.profile(recorded, subject, role, &taken))
    }

    fn progress(&mut self, done: usize, of: usize, subject: &Subject) {
        let host = self.context.host;
        let progress = self
            .progress
            .get_or_insert_with(|| host.progress("recording", of as u64));
        progress.done(done as u64);
        progress.say(&subject.question.key.id);
    }
}
