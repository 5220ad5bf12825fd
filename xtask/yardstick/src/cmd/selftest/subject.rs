//! The suites that a self-test compares with themselves: built once, and told of different amounts of work.

use anyhow::Result;
use camino::Utf8Path;

use super::{agenda::Task, request::Tries};
use crate::{
    cmd::{
        Context,
        compare::{
            planning::{
                calibrate::{self, Calibrated},
                schedule::Draws,
            },
            sides::{self, Prepared, SidesRequest, runnable::Runnable},
        },
        provenance,
        suites::LISTING_LIMIT_SECONDS,
    },
    host::{BenchPlan, TemporaryFolder, utf8},
    model::{
        benchmark::BenchmarkKey,
        comparison::Sides,
        revision::Provenance,
        selftest::Slowed,
        suite::{Suite, Workspace},
    },
    parse,
};

/// The working tree, as a side of a comparison.
const HERE: &str = ".";

/// The suites, and what is known of their benchmarks.
#[derive(Debug)]
pub struct Subject {
    prepared: Prepared,
    calibrated: Vec<Calibrated>,
    /// What tells the suite how many percent more work to do.
    slowdown_variable: Option<String>,
}

/// Executables as a user of Criterion would have them: one layout a side.
#[derive(Debug)]
pub struct LaidOut {
    /// The suites.
    pub suites: Vec<SuiteLaidOut>,
    /// Holds the executables.
    _folder: TemporaryFolder,
}

/// A suite of them.
#[derive(Debug)]
pub struct SuiteLaidOut {
    /// The suite.
    pub suite: Suite,
    /// The benchmarks that are compared.
    pub ids: Vec<String>,
    /// How to run either side's executable.
    pub sides: Sides<BenchPlan>,
}

impl Subject {
    /// Builds the suites that are meant, and runs each of their benchmarks once.
    ///
    /// # Errors
    /// If none can be built or run.
    pub fn prepare(context: &Context<'_>, workspace: &Workspace, tries: &Tries) -> Result<Self> {
        let mut selection = tries.selection.clone();
        let mut filter = tries.filter.clone();
        let mut slowdown_variable = None;
        if let Some(settings) = &workspace.selftest
            && filter
                .as_ref()
                .is_none_or(|filter| *filter == settings.suite)
        {
            filter = Some(settings.suite.clone());
            selection
                .features
                .named
                .extend(settings.features.named.iter().cloned());
            slowdown_variable = Some(settings.slowdown_variable.clone());
        }
        let request = SidesRequest {
            names: Sides {
                before: HERE.to_owned(),
                after: HERE.to_owned(),
            },
            filter,
            selection,
            limit_seconds: LISTING_LIMIT_SECONDS,
        };
        let prepared = sides::prepare(context, &request)?.before;
        let mut subject = Self {
            prepared,
            calibrated: Vec::new(),
            slowdown_variable,
        };
        subject.calibrated = subject.calibrate(context)?;
        Ok(subject)
    }

    fn calibrate(&self, context: &Context<'_>) -> Result<Vec<Calibrated>> {
        let runnables = self.prepared.runnables.as_slice();
        let subjects: Vec<calibrate::Subject> = runnables
            .iter()
            .flat_map(|runnable| self.ids(runnable).into_iter().map(|id| key(runnable, id)))
            .map(|key| calibrate::Subject {
                key,
                renamed_from: None,
            })
            .collect();
        let request = calibrate::Request {
            sides: Sides {
                before: runnables,
                after: runnables,
            },
            subjects: &subjects,
            workspace: &self.prepared.workspace,
            limit_seconds: calibrate::first_limit_seconds(0.0),
        };
        let calibrated = calibrate::calibrate(context, &request)?;
        let (runs, fails): (Vec<_>, Vec<_>) = calibrated.into_iter().partition(Calibrated::runs);
        for failed in fails {
            context.warn(&format!("`{}` fails, so it is left out", failed.key.id));
        }
        Ok(runs)
    }

    /// Whether it can be told to do more work.
    pub fn can_be_slowed(&self) -> bool {
        self.slowdown_variable.is_some()
    }

    /// What is known of the benchmarks.
    pub fn calibrated(&self) -> &[Calibrated] {
        &self.calibrated
    }

    /// How many benchmarks there are.
    pub fn benchmarks(&self) -> usize {
        self.calibrated.len()
    }

    /// How many verdicts we give on them: two on those of several threads.
    pub fn verdicts(&self) -> usize {
        let threaded = self.calibrated.iter().filter(|one| one.multi_threaded);
        self.calibrated.len() + threaded.count()
    }

    /// Where the numbers come from.
    ///
    /// # Errors
    /// If the machine does not tell.
    pub fn provenance(&self, context: &Context<'_>) -> Result<Provenance> {
        let machine = context.host.machine();
        let side = &self.prepared.side;
        Ok(Provenance {
            measured_at: context.host.now_utc(),
            command: provenance::command(context),
            revision: side.revisions.first().cloned(),
            build: side.builds[0].clone(),
            machine: parse::proc::machine(
                &machine.architecture,
                &machine.operating_system,
                &machine.files,
            ),
            executables: side.executables.clone(),
        })
    }

    /// Both sides for our rounds, one of them told to do more work.
    pub fn sides(&self, task: &Task) -> Sides<Vec<Runnable>> {
        self.percents(task).map(|percent| {
            let mut runnables = self.prepared.runnables.clone();
            for runnable in &mut runnables {
                self.slow_down(&mut runnable.plan, percent);
            }
            runnables
        })
    }

    /// Both sides for Criterion, with a layout each.
    ///
    /// # Errors
    /// If the linker fails.
    pub fn lay_out(&self, context: &Context<'_>, task: &Task, seed: u64) -> Result<LaidOut> {
        let folder = context.host.temporary_folder()?;
        let root = utf8(folder.path())?;
        let mut suites = Vec::new();
        for runnable in &self.prepared.runnables {
            let ids = self.ids(runnable);
            if ids.is_empty() {
                continue;
            }
            let executables = link(context, runnable, &root, seed)?;
            let percents = self.percents(task);
            let plan = |executable, percent| {
                let mut plan = runnable.plan.clone();
                plan.executable = executable;
                self.slow_down(&mut plan, percent);
                plan
            };
            suites.push(SuiteLaidOut {
                suite: runnable.suite.clone(),
                ids,
                sides: Sides {
                    before: plan(executables.before, percents.before),
                    after: plan(executables.after, percents.after),
                },
            });
        }
        Ok(LaidOut {
            suites,
            _folder: folder,
        })
    }

    fn percents(&self, task: &Task) -> Sides<u32> {
        let percent = task.injection.percent;
        match task.slowed {
            Slowed::Before => [percent, 0].into(),
            Slowed::After => [0, percent].into(),
        }
    }

    /// Both sides get the variable, so that their environments differ as little as can be.
    fn slow_down(&self, plan: &mut BenchPlan, percent: u32) {
        if let Some(variable) = &self.slowdown_variable {
            let value = percent.to_string();
            plan.environment.insert(variable.clone(), value);
        }
    }

    /// The benchmarks of a suite that are meant and run.
    fn ids(&self, runnable: &Runnable) -> Vec<String> {
        let part = self.prepared.id_part.as_deref();
        let is_meant = |id: &&String| part.is_none_or(|part| id.contains(part));
        runnable.ids.iter().filter(is_meant).cloned().collect()
    }
}

fn key(runnable: &Runnable, id: String) -> BenchmarkKey {
    BenchmarkKey {
        package: runnable.suite.package.clone(),
        suite: runnable.suite.name.clone(),
        id,
    }
}

/// Two executables with different layouts; the same one twice where it cannot be linked again.
fn link(
    context: &Context<'_>,
    runnable: &Runnable,
    root: &Utf8Path,
    seed: u64,
) -> Result<Sides<camino::Utf8PathBuf>> {
    let Some(kit) = &runnable.links else {
        let executable = &runnable.plan.executable;
        return Ok([executable.clone(), executable.clone()].into());
    };
    let seeds = Draws::new(seed).layout_seeds(&runnable.suite, 0);
    let name = format!("{}-{}", runnable.suite.package, runnable.suite.name);
    let paths: Sides<camino::Utf8PathBuf> = [
        root.join(format!("a-{name}")),
        root.join(format!("b-{name}")),
    ]
    .into();
    context.host.link_pair([
        (kit, seeds.before, &paths.before),
        (kit, seeds.after, &paths.after),
    ])?;
    Ok(paths)
}
