//! `profile`: record stacks, name them, say where the time went, store.

mod files;
mod parts;
mod program;
mod repeat;
mod source;

use anyhow::{Context as _, Result};
use camino::Utf8Path;

use super::{
    Context, captures,
    did_you_mean::list_shortly,
    provenance,
    recording::{self, Taken},
    save::Save,
    selection::{Selection, choose},
    suites::{self, BuildVariant, Listed},
};
use crate::{
    cli,
    host::record::SamplerChoice,
    model::{
        benchmark::BenchmarkKey,
        capture::Capture,
        profile::{Iterations, Profile, Sampler},
        revision::Provenance,
        suite::Workspace,
        target::TargetKind,
        units::Unit,
    },
    problem::Problem,
    render,
    symbolize::Member,
};
use files::Drawn;
use program::Found;

pub use program::Asked;
pub use source::Source;

/// Below this many busy CPUs a benchmark mostly waits, unless other programs take the CPU: its CPU time says little
/// about its time.
const MOSTLY_WAITING: f64 = 0.5;

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// What is recorded.
    pub subject: Subject,
    /// Where to store the profiles.
    pub save: Option<Save>,
    /// Where the stacks come from.
    pub source: Source,
    /// How many runs make one profile.
    pub repeat: u32,
    /// Cargo's own selection.
    pub selection: Selection,
}

/// What is recorded.
#[derive(Clone, Debug, PartialEq)]
pub enum Subject {
    /// A suite, an id, or a part of ids.
    Benchmarks(String),
    /// Another program.
    Program(Asked),
}

impl From<cli::Profile> for Request {
    fn from(typed: cli::Profile) -> Self {
        Self {
            subject: subject(
                typed.target,
                (typed.test, typed.lib),
                (typed.bin, typed.example),
                typed.arguments,
            ),
            repeat: typed.repeat,
            save: Save::typed(typed.save, typed.overwrite),
            source: match typed.import {
                Some(file) => Source::Imported { file },
                None => Source::Recorded {
                    sampler: sampler(typed.sampler),
                    rate_hz: typed.rate,
                    duration_s: typed.duration,
                },
            },
            selection: typed.cargo.into(),
        }
    }
}

fn subject(
    target: Option<String>,
    (test, lib): (Option<String>, bool),
    (bin, example): (Option<String>, Option<String>),
    arguments: Vec<String>,
) -> Subject {
    let named = [
        (TargetKind::Test, test),
        (TargetKind::Bin, bin),
        (TargetKind::Example, example),
    ];
    let named = named
        .into_iter()
        .find_map(|(kind, name)| Some((kind, Some(name?))));
    match named.or(lib.then_some((TargetKind::Lib, None))) {
        Some((kind, name)) => Subject::Program(Asked {
            kind,
            name,
            filter: target,
            arguments,
        }),
        None => Subject::Benchmarks(target.unwrap_or_default()),
    }
}

fn sampler(typed: cli::SamplerChoice) -> SamplerChoice {
    match typed {
        cli::SamplerChoice::Auto => SamplerChoice::Auto,
        cli::SamplerChoice::PerfEvent => SamplerChoice::Only(Sampler::PerfEvent),
        cli::SamplerChoice::InProcess => SamplerChoice::Only(Sampler::InProcess),
        cli::SamplerChoice::Perf => SamplerChoice::Only(Sampler::Perf),
        cli::SamplerChoice::Samply => SamplerChoice::Only(Sampler::Samply),
    }
}

/// Does it.
///
/// # Errors
/// Whatever kept it from being done; nothing is stored then.
pub fn run(context: &Context<'_>, request: Request) -> Result<()> {
    let workspace = suites::discover(context, &request.selection)?;
    let store = captures::store_folder(context, &workspace);
    let held = match &request.save {
        Some(save) => {
            captures::load_if_there(context, &store, &save.name)?.map(|stored| stored.capture)
        }
        None => None,
    };
    let variant = recording::variant(context, &workspace, &request.selection)?;
    let mut members = recording::members(&workspace);
    let (listed, program) = match &request.subject {
        Subject::Benchmarks(target) => {
            let listed = find(context, &workspace, target, &request.selection, &variant)?;
            refuse_several_imports(&request.source, target, &listed)?;
            (listed, None)
        }
        Subject::Program(asked) => {
            let found = program::find(context, &workspace, asked, &request.selection, &variant)?;
            found.name_crate(&mut members);
            (vec![found.listed.clone()], Some(found))
        }
    };
    if let Some(save) = &request.save {
        refuse_to_replace(save, held.as_ref(), &listed)?;
    }
    let session = Session {
        workspace: &workspace,
        source: &request.source,
        repeat: request.repeat,
        program,
        times: held.as_ref(),
        members,
        provenance: gather(context, &workspace, &request.selection, &variant, &listed)?,
    };
    let drawn = session.profile_all(context, &listed)?;
    files::keep(context, &workspace, &store, request.save.as_ref(), drawn)
}

fn find(
    context: &Context<'_>,
    workspace: &Workspace,
    target: &str,
    selection: &Selection,
    variant: &BuildVariant,
) -> Result<Vec<Listed>> {
    let chosen = choose(workspace, selection, Some(target))?;
    suites::name_hidden(context, workspace, selection, &chosen);
    let executables = suites::build(context, workspace, selection, &chosen.suites, variant)?;
    let mut listed = suites::list(context, workspace, executables, chosen.id_part.as_deref())?;
    match chosen.id_part {
        // Who types an id means it and not the ids that it is a part of.
        Some(id) if listed.iter().any(|suite| suite.ids.contains(&id)) => {
            keep_ids(&mut listed, |_, known| *known == id);
        }
        Some(_) => {}
        None => leave_out_controls(context, workspace, &mut listed),
    }
    Ok(listed)
}

fn keep_ids(listed: &mut Vec<Listed>, mut keep: impl FnMut(&str, &String) -> bool) {
    for suite in listed.iter_mut() {
        let package = suite.executable.suite.package.clone();
        suite.ids.retain(|id| keep(&package, id));
    }
    listed.retain(|suite| !suite.ids.is_empty());
}

/// Who types a suite means the program; its controls are there to time it against.
fn leave_out_controls(context: &Context<'_>, workspace: &Workspace, listed: &mut Vec<Listed>) {
    let is_control = |package: &str, id: &String| {
        workspace.packages.get(package).is_some_and(|package| {
            let mut settings = package.benchmarks.values();
            settings.any(|settings| settings.control.as_ref() == Some(id))
        })
    };
    let known = keys(listed).count();
    let controls = keys(listed)
        .filter(|key| is_control(&key.package, &key.id))
        .count();
    if controls > 0 && controls < known {
        keep_ids(listed, |package, id| !is_control(package, id));
        context.host.note(&format!(
            "left out {controls} controls; profile one by its id\n"
        ));
    }
}

fn gather(
    context: &Context<'_>,
    workspace: &Workspace,
    selection: &Selection,
    variant: &BuildVariant,
    listed: &[Listed],
) -> Result<Provenance> {
    let executables: Vec<_> = listed.iter().map(|suite| &suite.executable).collect();
    provenance::gather(context, workspace, selection, variant, &executables)
}

fn keys(listed: &[Listed]) -> impl Iterator<Item = BenchmarkKey> + '_ {
    listed
        .iter()
        .flat_map(|suite| suite.ids.iter().map(|id| key(suite, id)))
}

fn key(suite: &Listed, id: &str) -> BenchmarkKey {
    BenchmarkKey {
        package: suite.executable.suite.package.clone(),
        suite: suite.executable.suite.name.clone(),
        id: id.to_owned(),
    }
}

fn refuse_to_replace(save: &Save, capture: Option<&Capture>, listed: &[Listed]) -> Result<()> {
    let held = |key: &BenchmarkKey| capture.is_some_and(|it| it.profiles.contains_key(key));
    let held: Vec<BenchmarkKey> = keys(listed).filter(held).collect();
    save.refuse_to_replace("profiles", held.iter())
}

fn refuse_several_imports(source: &Source, target: &str, listed: &[Listed]) -> Result<()> {
    let Source::Imported { file } = source else {
        return Ok(());
    };
    let ids: Vec<BenchmarkKey> = keys(listed).collect();
    if ids.len() == 1 {
        return Ok(());
    }
    let what = format!(
        "the recording `{file}` is of one benchmark, and `{target}` means {}",
        ids.len()
    );
    Err(Problem::usage(what)
        .fact(list_shortly(
            "benchmark ids",
            ids.iter().map(|key| key.id.as_str()),
        ))
        .hint("name the id of the benchmark that was recorded")
        .into())
}

/// What the profiles of one command have in common.
struct Session<'a> {
    workspace: &'a Workspace,
    source: &'a Source,
    /// How many runs make one profile.
    repeat: u32,
    /// What is recorded, where it is no bench.
    program: Option<Found>,
    /// The capture with stored times, for benches that count no iterations.
    times: Option<&'a Capture>,
    members: Vec<Member>,
    provenance: Provenance,
}

impl Session<'_> {
    fn profile_all(&self, context: &Context<'_>, listed: &[Listed]) -> Result<Vec<Drawn>> {
        let benchmarks: Vec<(&Listed, &String)> = listed
            .iter()
            .flat_map(|suite| suite.ids.iter().map(move |id| (suite, id)))
            .collect();
        let progress = context.host.progress("recording", benchmarks.len() as u64);
        let mut drawn = Vec::new();
        for (done, (suite, id)) in benchmarks.into_iter().enumerate() {
            progress.done(done as u64);
            progress.say(id);
            let recorded = repeat::runs(context, id, self.repeat, || match &self.program {
                Some(program) => program.record(context, self.source, id),
                None => source::of(context, self.workspace, self.source, suite, id),
            })?;
            if self.program.is_some() {
                recorded.require_samples(context, id)?;
            }
            let profiled = self.profile(context, suite, id, recorded)?;
            context.host.print(&self.text(context, &profiled.profile))?;
            drawn.push(profiled);
        }
        Ok(drawn)
    }

    fn profile(
        &self,
        context: &Context<'_>,
        suite: &Listed,
        id: &str,
        recorded: Taken,
    ) -> Result<Drawn> {
        let key = key(suite, id);
        let map = |path: &str| context.host.map_file(Utf8Path::new(path));
        let symbolized = recorded
            .symbolize(context, &self.members, &map)
            .map_err(|refusal| {
                let nothing = self
                    .program
                    .as_ref()
                    .and_then(|_| recording::nothing_in(&refusal, id));
                nothing.unwrap_or_else(|| {
                    recording::refusal_problem(&refusal, id, &suite.executable.path)
                })
            })?;
        let profile = Profile {
            work: recorded.work(self.stored_time_ns(&key)),
            facts: recorded.facts(),
            quality: symbolized.quality,
            stacks: symbolized.stacks,
            origins: symbolized.origins,
            provenance: self.provenance.clone(),
            key,
        };
        warn_of_waiting(context, &profile, self.program.is_some());
        let picture = render::flamegraph::draw(&profile)
            .with_context(|| format!("cannot draw the flame graph of `{id}`"))?;
        Ok(Drawn {
            profile,
            picture,
            raw: recorded.into_raw(),
        })
    }

    /// The stored time per iteration, in ns.
    fn stored_time_ns(&self, key: &BenchmarkKey) -> Option<f64> {
        let benchmark = self
            .times?
            .benchmarks()
            .find(|benchmark| benchmark.key == *key)?;
        let is_time = benchmark.unit == Unit::Nanoseconds;
        is_time.then(|| benchmark.estimates.typical().point)
    }

    fn text(&self, context: &Context<'_>, profile: &Profile) -> String {
        let columns = context.host.terminal().width.columns();
        let parts = parts::terminal(profile, &self.workspace.layers, columns);
        format!("{}{parts}\n", render::hot_paths::terminal(profile, columns))
    }
}

fn warn_of_waiting(context: &Context<'_>, profile: &Profile, is_program: bool) {
    let id = &profile.key.id;
    if profile.work.iterations == Iterations::Unknown && !is_program {
        context.warn(&format!(
            "`{id}` counts no iterations, so the profile has shares and no times; link the probe, or save its times first: `{} bench --save NAME`",
            context.program()
        ));
    }
    if let Some(busy) = profile
        .work
        .utilisation()
        .filter(|&busy| busy < MOSTLY_WAITING)
    {
        context.warn(&format!(
            "`{id}` had the CPU for {:.0} % of the time on the wall: it mostly waits, or other programs were busy; samples of the CPU show neither",
            100.0 * busy
        ));
    }
}
