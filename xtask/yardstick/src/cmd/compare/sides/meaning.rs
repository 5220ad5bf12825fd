//! What a word means: the working tree, a capture, or a revision.

use anyhow::Result;
use camino::Utf8Path;

use crate::{
    cmd::{
        Context, captures,
        did_you_mean::{list_shortly, nearest},
    },
    host::Snapshot,
    model::{capture::Capture, settlement::Origin, suite::Workspace},
    problem::Problem,
    store::check_name,
};

/// The word for the working tree.
pub(super) const WORKING_TREE: &str = ".";

/// What a word means.
#[derive(Clone, Debug)]
pub(super) enum Meaning {
    /// The working tree as it is now.
    WorkingTree,
    /// A revision, a branch or a tag.
    Revision(Snapshot),
    /// A stored capture.
    Capture(Box<Capture>),
}

impl Meaning {
    pub(super) fn origin(&self) -> Origin {
        match self {
            Self::WorkingTree => Origin::WorkingTree,
            Self::Revision(_) => Origin::Revision,
            Self::Capture(_) => Origin::Capture,
        }
    }
}

/// Finds out. A capture wins over a revision of the same name, and that is said.
pub(super) fn resolve(
    context: &Context<'_>,
    workspace: &Workspace,
    store: &Utf8Path,
    word: &str,
) -> Result<Meaning> {
    if word == WORKING_TREE {
        return Ok(Meaning::WorkingTree);
    }
    let snapshot = context.host.find_snapshot(&workspace.root, word)?;
    // What cannot be the name of a capture may well be that of a branch.
    let capture = match check_name(word) {
        Ok(()) => captures::load_if_there(context, store, word)?,
        Err(_) => None,
    };
    match (capture, snapshot) {
        (Some(stored), snapshot) => {
            if snapshot.is_some() {
                context.warn(&format!(
                    "`{word}` is a capture and a revision; the capture is meant (`{word}^0` is the revision)"
                ));
            }
            Ok(Meaning::Capture(Box::new(stored.capture)))
        }
        (None, Some(snapshot)) => Ok(Meaning::Revision(snapshot)),
        (None, None) => Err(unknown(context, workspace, store, word)?.into()),
    }
}

fn unknown(
    context: &Context<'_>,
    workspace: &Workspace,
    store: &Utf8Path,
    word: &str,
) -> Result<Problem> {
    let captures = context.host.capture_names(store)?;
    let branches = match context.host.repository(&workspace.root)? {
        Some(_) => context.host.branch_names(&workspace.root)?,
        None => Vec::new(),
    };
    let captures = || captures.iter().map(String::as_str);
    let branches = || branches.iter().map(String::as_str);
    let problem = Problem::usage(format!("`{word}` is neither a capture nor a revision"))
        .fact(list_shortly("known captures", captures()))
        .fact(list_shortly("branches and tags", branches()));
    Ok(match nearest(word, captures().chain(branches())) {
        Some(near) => problem.hint(format!("did you mean `{near}`?")),
        None => problem.hint(format!(
            "compare with the last commit: `{} compare HEAD .`",
            context.program()
        )),
    })
}
