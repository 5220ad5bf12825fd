//! What it takes to have both sides of a comparison: sources of other revisions, builds, and links.

use std::{collections::BTreeSet, env};

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};

use super::{
    BuildPlan, Built, Host, RealHost, SideFolder, build, cache, executables, linker, links,
    replay::{Replay, not_recorded},
    worktree,
};
use crate::model::revision::Revision;

/// The part of [`Host`] that gets the sides of a comparison.
pub trait Workshop {
    /// Several builds side by side, in the order of the plans; `watch` gets the position of a plan and a line of its
    /// cargo's stderr. Each has a target folder of its own.
    fn build_all(
        &self,
        plans: &[BuildPlan],
        watch: &mut dyn FnMut(usize, &str),
    ) -> Result<Vec<Built>>;

    /// Where builds of sides and kept executables are: `yardstick` in the user's cache folder, and never in a workspace,
    /// because cargo merges the configuration of the folders above.
    fn cache_folder(&self) -> Result<Utf8PathBuf>;

    /// Our program as a linker that keeps what it links from, for the compiler to be told of; it links as `users_linker` does.
    ///
    /// Builds that use it set [`linker::USERS_LINKER`].
    fn linker(&self, users_linker: &str) -> Result<Utf8PathBuf>;

    /// The folder of the linker that can change the order of sections, as the toolchain in force in `source` has it, or
    /// the system; `None` where there is none.
    fn lld_folder(&self, source: &Utf8Path) -> Option<Utf8PathBuf>;

    /// What an executable can be linked again from, or why it cannot.
    fn link_kit(
        &self,
        executable: &Utf8Path,
        lld_folder: Option<&Utf8Path>,
    ) -> Result<LinkKit, String>;

    /// Links an executable again, with its functions and data in an order that follows from the seed.
    fn link(&self, kit: &LinkKit, layout_seed: u64, output: &Utf8Path) -> Result<()>;

    /// [`Workshop::link`] for two executables side by side.
    fn link_pair(&self, links: [(&LinkKit, u64, &Utf8Path); 2]) -> Result<()>;

    /// The repository around `folder`; `None` outside of one, without git, and before the first commit.
    fn repository(&self, folder: &Utf8Path) -> Result<Option<Repository>>;

    /// What a revision or a branch means in the repository around `folder`; `None` where it means nothing.
    fn find_snapshot(&self, folder: &Utf8Path, word: &str) -> Result<Option<Snapshot>>;

    /// The sources of a stored revision; `None` where git no longer has them.
    fn snapshot_of(&self, folder: &Utf8Path, revision: &Revision) -> Result<Option<Snapshot>>;

    /// The names of branches and tags around `folder`.
    fn branch_names(&self, folder: &Utf8Path) -> Result<Vec<String>>;

    /// Takes the folder of a side below the cache for this process, and waits for whoever has it. Folders that were
    /// not used for two weeks go, and of one repository all but the eight that were used last.
    fn side_folder(&self, repository: &str, name: &str) -> Result<SideFolder>;

    /// Checks a snapshot of the repository around `folder` out in a work tree of its own, submodules included. Nothing
    /// else of the repository changes.
    fn check_out(&self, folder: &Utf8Path, snapshot: &Snapshot, into: &Utf8Path) -> Result<()>;

    /// Keeps an executable in the cache by its content, so that a capture has it when its sources are gone.
    fn keep_executable(&self, executable: &Utf8Path, sha256: &str) -> Result<()>;

    /// A kept executable; `None` where it is not kept.
    fn kept_executable(&self, sha256: &str) -> Option<Utf8PathBuf>;

    /// Removes kept executables that are not `named` and were not used for 30 days.
    fn prune_executables(&self, named: &BTreeSet<String>);

    /// Has git keep a tree that no commit has: the uncommitted changes that a capture was measured with.
    fn keep_tree(&self, folder: &Utf8Path, tree: &str) -> Result<()>;

    /// Leaves a tree to git again, which then removes it some day.
    fn drop_tree(&self, folder: &Utf8Path, tree: &str) -> Result<()>;
}

/// A repository as the sides of a comparison need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    /// The folder that all its work trees share: its identity.
    pub git_folder: Utf8PathBuf,
    /// Where in the repository the folder is that was asked about.
    pub below: Utf8PathBuf,
}

/// A state of the sources that git holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The commit, in full.
    pub commit: String,
    /// What is checked out: the commit's tree, or that of a checkout with uncommitted changes on top of it.
    pub tree: String,
    /// The branch that was named, if one was.
    pub branch: Option<String>,
}

/// All that is needed to link an executable again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkKit {
    /// The folder that holds the linker's arguments and the objects that the compiler throws away after a link.
    pub folder: Utf8PathBuf,
    /// The executable as cargo linked it.
    pub executable: Utf8PathBuf,
    /// The folder that holds `ld.lld`.
    pub lld_folder: Utf8PathBuf,
    /// What becomes of the debug information.
    pub debug_info: DebugInfo,
}

/// What becomes of debug information when an executable is linked again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DebugInfo {
    /// It goes: it is not loaded, so it changes no layout, and writing it takes most of the time.
    #[default]
    Dropped,
    /// It stays, so that what runs can be named.
    Kept,
}

impl Workshop for RealHost {
    fn build_all(
        &self,
        plans: &[BuildPlan],
        watch: &mut dyn FnMut(usize, &str),
    ) -> Result<Vec<Built>> {
        build::build_all(plans, self.output.stderr_shows_styles(), watch)
    }

    fn cache_folder(&self) -> Result<Utf8PathBuf> {
        match &self.cache {
            Some(folder) => Ok(folder.clone()),
            None => cache::folder(),
        }
    }

    fn linker(&self, users_linker: &str) -> Result<Utf8PathBuf> {
        let program = match &self.program {
            Some(program) => program.clone(),
            None => env::current_exe().context("cannot tell the path of this program")?,
        };
        linker::install(&self.cache_folder()?, &program, users_linker)
    }

    fn lld_folder(&self, source: &Utf8Path) -> Option<Utf8PathBuf> {
        links::lld_folder(source)
    }

    fn link_kit(
        &self,
        executable: &Utf8Path,
        lld_folder: Option<&Utf8Path>,
    ) -> Result<LinkKit, String> {
        links::kit(executable, lld_folder)
    }

    fn link(&self, kit: &LinkKit, layout_seed: u64, output: &Utf8Path) -> Result<()> {
        links::link(kit, layout_seed, output)
    }

    fn link_pair(&self, links: [(&LinkKit, u64, &Utf8Path); 2]) -> Result<()> {
        links::link_pair(links)
    }

    fn repository(&self, folder: &Utf8Path) -> Result<Option<Repository>> {
        worktree::repository(folder)
    }

    fn find_snapshot(&self, folder: &Utf8Path, word: &str) -> Result<Option<Snapshot>> {
        worktree::find(folder, word)
    }

    fn snapshot_of(&self, folder: &Utf8Path, revision: &Revision) -> Result<Option<Snapshot>> {
        worktree::of_revision(folder, revision)
    }

    fn branch_names(&self, folder: &Utf8Path) -> Result<Vec<String>> {
        worktree::names(folder)
    }

    fn side_folder(&self, repository: &str, name: &str) -> Result<SideFolder> {
        cache::side(&self.cache_folder()?, repository, name, &mut || {
            self.note("waiting for another run that uses the same build\n");
        })
    }

    fn check_out(&self, folder: &Utf8Path, snapshot: &Snapshot, into: &Utf8Path) -> Result<()> {
        worktree::check_out(folder, snapshot, into)
    }

    fn keep_executable(&self, executable: &Utf8Path, sha256: &str) -> Result<()> {
        executables::keep(&self.cache_folder()?, executable, sha256)
    }

    fn kept_executable(&self, sha256: &str) -> Option<Utf8PathBuf> {
        executables::find(&self.cache_folder().ok()?, sha256)
    }

    fn prune_executables(&self, named: &BTreeSet<String>) {
        // Without a cache there is nothing to prune.
        if let Ok(cache) = self.cache_folder() {
            executables::prune(&cache, named);
        }
    }

    fn keep_tree(&self, folder: &Utf8Path, tree: &str) -> Result<()> {
        worktree::keep_tree(folder, tree)
    }

    fn drop_tree(&self, folder: &Utf8Path, tree: &str) -> Result<()> {
        worktree::drop_tree(folder, tree)
    }
}

impl Workshop for Replay {
    fn build_all(
        &self,
        plans: &[BuildPlan],
        watch: &mut dyn FnMut(usize, &str),
    ) -> Result<Vec<Built>> {
        let one = |(position, plan)| self.build(plan, &mut |line| watch(position, line));
        plans.iter().enumerate().map(one).collect()
    }

    fn cache_folder(&self) -> Result<Utf8PathBuf> {
        Err(not_recorded("cache folder"))
    }

    fn linker(&self, _users_linker: &str) -> Result<Utf8PathBuf> {
        Err(not_recorded("linker"))
    }

    fn lld_folder(&self, _source: &Utf8Path) -> Option<Utf8PathBuf> {
        None
    }

    fn link_kit(
        &self,
        executable: &Utf8Path,
        _lld_folder: Option<&Utf8Path>,
    ) -> Result<LinkKit, String> {
        Err(format!("the recording holds no link of `{executable}`"))
    }

    fn link(&self, kit: &LinkKit, _layout_seed: u64, _output: &Utf8Path) -> Result<()> {
        Err(not_recorded(&format!("link of `{}`", kit.executable)))
    }

    fn link_pair(&self, links: [(&LinkKit, u64, &Utf8Path); 2]) -> Result<()> {
        let [(kit, seed, output), _] = links;
        self.link(kit, seed, output)
    }

    fn repository(&self, _folder: &Utf8Path) -> Result<Option<Repository>> {
        Ok(None)
    }

    fn find_snapshot(&self, _folder: &Utf8Path, _word: &str) -> Result<Option<Snapshot>> {
        Ok(None)
    }

    fn snapshot_of(&self, _folder: &Utf8Path, _revision: &Revision) -> Result<Option<Snapshot>> {
        Ok(None)
    }

    fn branch_names(&self, _folder: &Utf8Path) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    fn side_folder(&self, repository: &str, name: &str) -> Result<SideFolder> {
        Err(not_recorded(&format!("side `{name}` of `{repository}`")))
    }

    fn check_out(&self, _folder: &Utf8Path, snapshot: &Snapshot, _into: &Utf8Path) -> Result<()> {
        Err(not_recorded(&format!("commit `{}`", snapshot.commit)))
    }

    fn keep_executable(&self, _executable: &Utf8Path, _sha256: &str) -> Result<()> {
        Ok(())
    }

    fn kept_executable(&self, _sha256: &str) -> Option<Utf8PathBuf> {
        None
    }

    fn prune_executables(&self, _named: &BTreeSet<String>) {}

    fn keep_tree(&self, _folder: &Utf8Path, _tree: &str) -> Result<()> {
        Ok(())
    }

    fn drop_tree(&self, _folder: &Utf8Path, _tree: &str) -> Result<()> {
        Ok(())
    }
}
