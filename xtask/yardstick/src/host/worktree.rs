//! Sources of other revisions, checked out where nobody else looks.
//!
//! The user's index, work tree, branches and stash stay as they are; what git learns is one more work tree.

use std::fs;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};

use super::{Repository, Snapshot, git::Git, process};
use crate::{model::revision::Revision, problem::Problem};

pub(super) fn repository(folder: &Utf8Path) -> Result<Option<Repository>> {
    let git = Git::at(folder);
    if git.head()?.is_none() {
        return Ok(None);
    }
    let common = git.line(["rev-parse", "--path-format=absolute", "--git-common-dir"])?;
    Ok(Some(Repository {
        git_folder: common.into(),
        below: git.line(["rev-parse", "--show-prefix"])?.into(),
    }))
}

/// The commit that a word means.
pub(super) fn find(folder: &Utf8Path, word: &str) -> Result<Option<Snapshot>> {
    let git = Git::at(folder);
    if git.head()?.is_none() {
        return Ok(None);
    }
    let verify = ["rev-parse", "--verify", "--quiet", "--end-of-options"];
    let ask = |what: &str| process::text_of(git.command(verify).arg(what)).ok();
    let Some(commit) = ask(&format!("{word}^{{commit}}")) else {
        super::signals::check()?;
        return Ok(None);
    };
    let commit = commit.trim().to_owned();
    let name = process::text_of(
        git.command(["rev-parse", "--symbolic-full-name", "--end-of-options"])
            .arg(word),
    );
    let name = name.unwrap_or_default();
    let branch = name
        .lines()
        .find_map(|line| line.strip_prefix("refs/heads/"));
    Ok(Some(Snapshot {
        tree: git.line(["rev-parse", &format!("{commit}^{{tree}}")])?,
        commit,
        branch: branch.map(str::to_owned),
    }))
}

/// The sources of a stored revision, where git still has them.
pub(super) fn of_revision(folder: &Utf8Path, revision: &Revision) -> Result<Option<Snapshot>> {
    let Some(mut snapshot) = find(folder, &revision.commit)? else {
        return Ok(None);
    };
    snapshot.branch = revision.branch.clone();
    if let Some(tree) = &revision.dirty_tree {
        let git = Git::at(folder);
        let there = process::text_of(&mut git.command(["cat-file", "-e", tree]));
        if there.is_err() {
            super::signals::check()?;
            return Ok(None);
        }
        snapshot.tree.clone_from(tree);
    }
    Ok(Some(snapshot))
}

/// The names of branches and tags.
pub(super) fn names(folder: &Utf8Path) -> Result<Vec<String>> {
    let git = Git::at(folder);
    let format = "--format=%(refname:short)";
    let all = git.line([
        "for-each-ref",
        format,
        "refs/heads",
        "refs/remotes",
        "refs/tags",
    ])?;
    Ok(all.lines().map(str::to_owned).collect())
}

/// Checks a snapshot out in a work tree of its own. What is there already and differs is put right.
pub(super) fn check_out(folder: &Utf8Path, snapshot: &Snapshot, into: &Utf8Path) -> Result<()> {
    if !is_work_tree(into) {
        match fs::remove_dir_all(into) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("cannot remove `{into}`"));
            }
            _ => {}
        }
        // Forced, because the folder may have been removed behind git's back.
        let add = ["worktree", "add", "--quiet", "--force"];
        let mut command = Git::at(folder).command(add);
        command
            .args(["--detach", "--no-checkout"])
            .arg(into)
            .arg(&snapshot.commit);
        process::text_of(&mut command).map_err(|error| cannot(snapshot, &error))?;
    }
    let git = Git::at(into);
    let steps: [&[&str]; 3] = [
        &["update-ref", "--no-deref", "HEAD", &snapshot.commit],
        &["read-tree", "-u", "--reset", &snapshot.tree],
        &["clean", "-ffdxq"],
    ];
    for step in steps {
        process::text_of(git.command([]).args(step)).map_err(|error| cannot(snapshot, &error))?;
    }
    if into.join(".gitmodules").is_file() {
        let update = ["submodule", "update", "--init", "--recursive", "--quiet"];
        process::text_of(&mut git.command(update)).map_err(|error| cannot(snapshot, &error))?;
    }
    Ok(())
}

/// The ref that keeps a tree: no branch and no tag, so that nothing that the user lists shows it.
fn tree_ref(tree: &str) -> String {
    format!("refs/yardstick/{tree}")
}

pub(super) fn keep_tree(folder: &Utf8Path, tree: &str) -> Result<()> {
    let git = Git::at(folder);
    git.line(["update-ref", &tree_ref(tree), tree]).map(|_| ())
}

pub(super) fn drop_tree(folder: &Utf8Path, tree: &str) -> Result<()> {
    let git = Git::at(folder);
    git.line(["update-ref", "-d", &tree_ref(tree)]).map(|_| ())
}

/// Whether git takes a folder for a work tree of its own, and not for a part of one above.
fn is_work_tree(folder: &Utf8Path) -> bool {
    let top = || Git::at(folder).line(["rev-parse", "--show-toplevel"]);
    let real = |path: &Utf8Path| path.canonicalize_utf8().ok();
    folder.join(".git").is_file()
        && top().is_ok_and(|top| real(&Utf8PathBuf::from(top)) == real(folder))
}

fn cannot(snapshot: &Snapshot, error: &anyhow::Error) -> anyhow::Error {
    if let Some(signal) = super::signals::received() {
        return signal.into();
    }
    let what = format!("cannot check out the commit `{}`", snapshot.commit);
    Problem::failure(what).fact(format!("{error:#}")).into()
}
