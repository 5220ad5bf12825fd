//! The sources of a side: found in the working tree, or checked out in a folder of their own.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use super::meaning::Meaning;
use crate::{
    cmd::{Context, selection::Selection},
    config,
    host::{MetadataRequest, Repository, SideFolder, Snapshot},
    model::{
        benchmark::BenchmarkKey,
        capture::{Capture, Run},
        comparison::Sides,
        digest::sha256,
        revision::{Build, Executable, Provenance, Revision},
        suite::Workspace,
    },
    problem::Problem,
};

/// Some of the benchmarks of a side: those that have the same sources and are built the same way.
#[derive(Debug)]
pub(in crate::cmd::compare) struct Batch {
    /// The workspace at these sources.
    pub(in crate::cmd::compare) workspace: Workspace,
    /// The root of the sources.
    pub(in crate::cmd::compare) root: Utf8PathBuf,
    /// The folder that everything of it is built in; `None` where nothing can be built.
    pub(in crate::cmd::compare) folder: Option<Rc<SideFolder>>,
    /// What it is to git.
    pub(in crate::cmd::compare) revision: Option<Revision>,
    /// Features and Cargo profile.
    pub(in crate::cmd::compare) selection: Selection,
    /// Which benchmarks are meant; all without it.
    pub(in crate::cmd::compare) held: Option<BTreeSet<BenchmarkKey>>,
    /// What it was measured with, where it was measured already.
    pub(in crate::cmd::compare) recorded: Vec<Executable>,
    /// How that was built.
    pub(in crate::cmd::compare) recorded_build: Option<Build>,
    /// Why its sources cannot be had.
    pub(in crate::cmd::compare) gone: Option<Problem>,
}

/// A batch to be.
#[derive(Clone, Debug)]
struct Wanted {
    at: At,
    selection: Selection,
    held: Option<BTreeSet<BenchmarkKey>>,
    recorded: Vec<Executable>,
    recorded_build: Option<Build>,
}

/// Where sources are.
#[derive(Clone, Debug)]
enum At {
    WorkingTree,
    Git(Snapshot),
    /// Nowhere any more; why, and what they were to git.
    Gone(Problem, Option<Revision>),
}

impl Wanted {
    /// Sources of which nothing was measured yet.
    fn unmeasured(at: At, selection: &Selection) -> Self {
        Self {
            at,
            selection: selection.clone(),
            held: None,
            recorded: Vec::new(),
            recorded_build: None,
        }
    }

    /// Whether another run is of the same sources, built the same way.
    fn is_as(&self, other: &Self) -> bool {
        let same_sources = match (&self.at, &other.at) {
            (At::Git(one), At::Git(other)) => one.tree == other.tree,
            _ => false,
        };
        same_sources && self.selection == other.selection
    }
}

/// Opens the sources of both sides.
pub(super) fn open(
    context: &Context<'_>,
    here: &Workspace,
    selection: &Selection,
    names: &Sides<String>,
    meanings: &Sides<Meaning>,
) -> Result<Sides<Vec<Batch>>> {
    let place = Place::of(context, here)?;
    let wanted = |name: &str, meaning: &Meaning| match meaning {
        Meaning::WorkingTree => Ok(vec![Wanted::unmeasured(At::WorkingTree, selection)]),
        Meaning::Revision(snapshot) => {
            let at = At::Git(snapshot.clone());
            Ok(vec![Wanted::unmeasured(at, selection)])
        }
        Meaning::Capture(capture) => of_capture(context, here, name, selection, capture),
    };
    let wanted = Sides {
        before: wanted(&names.before, &meanings.before)?,
        after: wanted(&names.after, &meanings.after)?,
    };
    // In the same order in every process, or two of them would wait for each other.
    let all = wanted.before.iter().chain(&wanted.after);
    let folder_names: BTreeSet<String> = all.filter_map(|one| place.folder_name(one)).collect();
    let mut folders = BTreeMap::new();
    for name in folder_names {
        let folder = context.host.side_folder(&place.group, &name)?;
        folders.insert(name, Rc::new(folder));
    }
    let open = |name: &str, wanted: Vec<Wanted>| -> Result<Vec<Batch>> {
        let one = |wanted: Wanted| {
            let folder = place.folder_name(&wanted);
            let folder = folder.and_then(|name| folders.get(&name).map(Rc::clone));
            place.open(name, wanted, folder)
        };
        wanted.into_iter().map(one).collect()
    };
    Ok(Sides {
        before: open(&names.before, wanted.before)?,
        after: open(&names.after, wanted.after)?,
    })
}

/// What a capture was measured from: one for each distinct source and build.
fn of_capture(
    context: &Context<'_>,
    here: &Workspace,
    name: &str,
    selection: &Selection,
    capture: &Capture,
) -> Result<Vec<Wanted>> {
    let mut all: Vec<Wanted> = Vec::new();
    for run in &capture.runs {
        let revision = &run.provenance.revision;
        let snapshot = match revision {
            Some(revision) => context.host.snapshot_of(&here.root, revision)?,
            None => None,
        };
        let new = Wanted {
            at: match snapshot {
                Some(snapshot) => At::Git(snapshot),
                None => At::Gone(gone(context, name, run), revision.clone()),
            },
            selection: as_measured(selection, &run.provenance),
            held: Some(run.benchmarks.keys().cloned().collect()),
            recorded: run.provenance.executables.clone(),
            recorded_build: Some(run.provenance.build.clone()),
        };
        match all.iter_mut().find(|other| other.is_as(&new)) {
            Some(same) => {
                let held = same.held.get_or_insert_default();
                held.extend(new.held.into_iter().flatten());
                same.recorded.extend(new.recorded);
            }
            None => all.push(new),
        }
    }
    Ok(all)
}

/// The user's choice of suites, built as the capture was.
fn as_measured(selection: &Selection, provenance: &Provenance) -> Selection {
    let profile = &provenance.build.cargo_profile;
    Selection {
        features: provenance.build.features.clone(),
        cargo_profile: (profile != "bench").then(|| profile.clone()),
        ..selection.clone()
    }
}

fn gone(context: &Context<'_>, name: &str, run: &Run) -> Problem {
    let problem = Problem::failure(format!("the sources of the capture `{name}` cannot be had"));
    let problem = match &run.provenance.revision {
        None => problem.fact("it was measured outside of version control"),
        Some(revision) => match &revision.dirty_tree {
            Some(tree) => problem.fact(format!(
                "git has no tree `{tree}` any more: uncommitted changes on top of `{}`",
                revision.commit
            )),
            None => problem.fact(format!("git has no commit `{}`", revision.commit)),
        },
    };
    problem.hint(format!(
        "measure it anew: `{program} bench --save {name} --overwrite`, or see what is stored: `{program} compare {name} OTHER --stored`",
        program = context.program()
    ))
}

/// Where we are: what sources of other revisions are found by.
struct Place<'a> {
    context: &'a Context<'a>,
    here: &'a Workspace,
    repository: Option<Repository>,
    /// The folder in the cache for all sides of this repository.
    group: String,
}

impl<'a> Place<'a> {
    fn of(context: &'a Context<'a>, here: &'a Workspace) -> Result<Self> {
        let repository = context.host.repository(&here.root)?;
        let identity = repository
            .as_ref()
            .map_or(&here.root, |repository| &repository.git_folder);
        Ok(Self {
            context,
            here,
            group: short(identity.as_str()),
            repository,
        })
    }

    fn folder_name(&self, wanted: &Wanted) -> Option<String> {
        match &wanted.at {
            At::Git(snapshot) => Some(short(&snapshot.tree)),
            // A repository may have many work trees.
            At::WorkingTree => Some(short(&format!("working tree\0{}", self.here.root))),
            At::Gone(..) => None,
        }
    }

    fn open(&self, name: &str, wanted: Wanted, folder: Option<Rc<SideFolder>>) -> Result<Batch> {
        let (root, workspace, revision, gone) = match (wanted.at, &folder) {
            (At::Git(snapshot), Some(folder)) => {
                let source = folder.source();
                let workspace = self.check_out(name, &snapshot, &wanted.selection, &source)?;
                (source, workspace, Some(self.revision(&snapshot)?), None)
            }
            (At::Gone(why, revision), _) => (
                self.here.root.clone(),
                self.here.clone(),
                revision,
                Some(why),
            ),
            _ => {
                let revision = self.context.host.revision(&self.here.root)?;
                (self.working_tree(), self.here.clone(), revision, None)
            }
        };
        Ok(Batch {
            workspace,
            root,
            folder,
            revision,
            selection: wanted.selection,
            held: wanted.held,
            recorded: wanted.recorded,
            recorded_build: wanted.recorded_build,
            gone,
        })
    }

    fn below(&self) -> &Utf8Path {
        self.repository
            .as_ref()
            .map_or(Utf8Path::new(""), |repository| &repository.below)
    }

    /// The root of the sources around us.
    fn working_tree(&self) -> Utf8PathBuf {
        let depth = self.below().components().count();
        let root = self.here.root.ancestors().nth(depth);
        root.unwrap_or(&self.here.root).to_owned()
    }

    fn check_out(
        &self,
        name: &str,
        snapshot: &Snapshot,
        selection: &Selection,
        source: &Utf8Path,
    ) -> Result<Workspace> {
        let host = self.context.host;
        host.check_out(&self.here.root, snapshot, source)?;
        let root = source.join(self.below());
        let manifest = root.join("Cargo.toml");
        if host.read_file(&manifest)?.is_none() {
            return Err(
                Problem::failure(format!("`{name}` holds no such workspace"))
                    .fact(format!(
                        "wanted: `{}` in commit `{}`",
                        self.below().join("Cargo.toml"),
                        snapshot.commit
                    ))
                    .into(),
            );
        }
        self.bring_lock_file(&root)?;
        let request = MetadataRequest {
            manifest_path: Some(manifest),
            offline: selection.offline,
            locked: selection.locked,
        };
        config::workspace(&host.cargo_metadata(&request)?)
    }

    fn revision(&self, snapshot: &Snapshot) -> Result<Revision> {
        let host = self.context.host;
        let committed = host.find_snapshot(&self.here.root, &snapshot.commit)?;
        let is_committed = committed.is_some_and(|committed| committed.tree == snapshot.tree);
        Ok(Revision {
            commit: snapshot.commit.clone(),
            branch: snapshot.branch.clone(),
            dirty_tree: (!is_committed).then(|| snapshot.tree.clone()),
        })
    }

    /// Where the project commits no lock file, both sides are built with that of the working tree.
    fn bring_lock_file(&self, root: &Utf8Path) -> Result<()> {
        const NAME: &str = "Cargo.lock";
        let host = self.context.host;
        if host.read_file(&root.join(NAME))?.is_some() {
            return Ok(());
        }
        let Some(ours) = host.read_file(&self.here.root.join(NAME))? else {
            return Ok(());
        };
        host.write_files(root, &BTreeMap::from([(NAME.to_owned(), ours)]))
    }
}

/// A name of fixed length, so that the paths of both sides are equally long.
fn short(text: &str) -> String {
    sha256(text.as_bytes())[..16].to_owned()
}
