//! The sources of a side: found in the working tree, or checked out in a folder of their own.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use super::{
    super::super::{Context, provenance::sha256, selection::Selection},
    meaning::Meaning,
};
use crate::{
    config,
    host::{MetadataRequest, Repository, SideFolder, Snapshot},
    model::{
        benchmark::BenchmarkKey,
        capture::{Capture, Run},
        comparison::Sides,
        revision::{Provenance, Revision},
        suite::Workspace,
    },
    problem::Problem,
};

/// Some of the benchmarks of a side: those that have the same sources and are built the same way.
#[derive(Debug)]
pub(super) struct Batch {
    /// The workspace at these sources.
    pub(super) workspace: Workspace,
    /// The root of the sources.
    pub(super) root: Utf8PathBuf,
    /// The folder that everything of it is built in.
    pub(super) folder: Rc<SideFolder>,
    /// What it is to git.
    pub(super) revision: Option<Revision>,
    /// Features and Cargo profile.
    pub(super) selection: Selection,
    /// Which benchmarks are meant; all without it.
    pub(super) held: Option<BTreeSet<BenchmarkKey>>,
}

/// Batches to be, and executables of those that can never be.
#[derive(Clone, Debug)]
struct Wanted {
    /// What is checked out; `None` for the working tree.
    snapshot: Option<Snapshot>,
    selection: Selection,
    held: Option<BTreeSet<BenchmarkKey>>,
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
        Meaning::WorkingTree => Ok(vec![Wanted {
            snapshot: None,
            selection: selection.clone(),
            held: None,
        }]),
        Meaning::Revision(snapshot) => Ok(vec![Wanted {
            snapshot: Some(snapshot.clone()),
            selection: selection.clone(),
            held: None,
        }]),
        Meaning::Capture(capture) => of_capture(context, here, name, selection, capture),
    };
    let wanted = Sides {
        before: wanted(&names.before, &meanings.before)?,
        after: wanted(&names.after, &meanings.after)?,
    };
    // In the same order in every process, or two of them would wait for each other.
    let all = wanted.before.iter().chain(&wanted.after);
    let folder_names: BTreeSet<String> = all.map(|one| place.folder_name(one)).collect();
    let mut folders = BTreeMap::new();
    for name in folder_names {
        let folder = context.host.side_folder(&place.group, &name)?;
        folders.insert(name, Rc::new(folder));
    }
    let open = |name: &str, wanted: Vec<Wanted>| -> Result<Vec<Batch>> {
        let one = |wanted: Wanted| {
            let folder = Rc::clone(&folders[&place.folder_name(&wanted)]);
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
        let held: BTreeSet<BenchmarkKey> = run.benchmarks.keys().cloned().collect();
        let selection = as_measured(selection, &run.provenance);
        let snapshot = match &run.provenance.revision {
            Some(revision) => context.host.snapshot_of(&here.root, revision)?,
            None => None,
        };
        let Some(snapshot) = snapshot else {
            return Err(gone(context, name, run).into());
        };
        let same = all.iter_mut().find(|other| {
            other.selection == selection
                && other.snapshot.as_ref().map(|one| &one.tree) == Some(&snapshot.tree)
        });
        match same {
            Some(other) => other.held.get_or_insert_default().extend(held),
            None => all.push(Wanted {
                snapshot: Some(snapshot),
                selection,
                held: Some(held),
            }),
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
        "see what is stored: `{} compare {name} . --stored`",
        context.program()
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

    fn folder_name(&self, wanted: &Wanted) -> String {
        match &wanted.snapshot {
            Some(snapshot) => short(&snapshot.tree),
            // A repository may have many work trees.
            None => short(&format!("working tree\0{}", self.here.root)),
        }
    }

    fn open(&self, name: &str, wanted: Wanted, folder: Rc<SideFolder>) -> Result<Batch> {
        let (root, workspace, revision) = match &wanted.snapshot {
            None => self.working_tree()?,
            Some(snapshot) => self.checked_out(name, snapshot, &wanted.selection, &folder)?,
        };
        Ok(Batch {
            workspace,
            root,
            folder,
            revision,
            selection: wanted.selection,
            held: wanted.held,
        })
    }

    fn below(&self) -> &Utf8Path {
        self.repository
            .as_ref()
            .map_or(Utf8Path::new(""), |repository| &repository.below)
    }

    fn working_tree(&self) -> Result<(Utf8PathBuf, Workspace, Option<Revision>)> {
        let depth = self.below().components().count();
        let root = self.here.root.ancestors().nth(depth);
        let revision = self.context.host.revision(&self.here.root)?;
        Ok((
            root.unwrap_or(&self.here.root).to_owned(),
            self.here.clone(),
            revision,
        ))
    }

    fn checked_out(
        &self,
        name: &str,
        snapshot: &Snapshot,
        selection: &Selection,
        folder: &SideFolder,
    ) -> Result<(Utf8PathBuf, Workspace, Option<Revision>)> {
        let host = self.context.host;
        let source = folder.source();
        host.check_out(&self.here.root, snapshot, &source)?;
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
        let workspace = config::workspace(&host.cargo_metadata(&request)?)?;
        let committed = host.find_snapshot(&self.here.root, &snapshot.commit)?;
        let is_committed = committed.is_some_and(|committed| committed.tree == snapshot.tree);
        let revision = Revision {
            commit: snapshot.commit.clone(),
            branch: snapshot.branch.clone(),
            dirty_tree: (!is_committed).then(|| snapshot.tree.clone()),
        };
        Ok((source, workspace, Some(revision)))
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
