//! What a capture needs besides its numbers to be measured again: its executables, and the tree of a dirty checkout.

use std::collections::BTreeSet;

use camino::Utf8Path;

use super::{Context, captures};
use crate::model::{
    capture::Capture,
    revision::Provenance,
    suite::{BenchExecutable, Workspace},
};

/// Keeps what a run was measured with. The numbers are saved already, so that what fails here is no more than a warning.
pub fn keep<'a>(
    context: &Context<'_>,
    workspace: &Workspace,
    provenance: &Provenance,
    executables: impl Iterator<Item = &'a BenchExecutable>,
) {
    // A scratch store is gone before anybody could ask for more.
    if context.store.is_some() {
        return;
    }
    let host = context.host;
    for executable in executables {
        let recorded = provenance.executables.iter().find(|recorded| {
            let suite = &executable.suite;
            recorded.package == suite.package && recorded.suite == suite.name
        });
        if let Some(recorded) = recorded
            && let Err(error) = host.keep_executable(&executable.path, &recorded.sha256)
        {
            context.warn(&format!(
                "an executable of the capture is not kept: {error:#}"
            ));
        }
    }
    let tree = provenance
        .revision
        .as_ref()
        .and_then(|revision| revision.dirty_tree.as_ref());
    if let Some(tree) = tree
        && let Err(error) = host.keep_tree(&workspace.root, tree)
    {
        context.warn(&format!(
            "git may lose the sources of the capture: {error:#}"
        ));
    }
    let store = captures::store_folder(context, workspace);
    if let Some(all) = all(context, &store) {
        let named = all.iter().flat_map(|capture| &capture.runs);
        let executables = named.flat_map(|run| &run.provenance.executables);
        host.prune_executables(&executables.map(|one| one.sha256.clone()).collect());
    }
}

/// The trees of dirty checkouts that a capture was measured with.
pub fn trees(capture: &Capture) -> BTreeSet<String> {
    let revisions = capture
        .runs
        .iter()
        .filter_map(|run| run.provenance.revision.as_ref());
    revisions
        .filter_map(|revision| revision.dirty_tree.clone())
        .collect()
}

/// Leaves trees to git that a capture named which is gone now, unless another one names them.
pub fn drop_trees(
    context: &Context<'_>,
    workspace: &Workspace,
    store: &Utf8Path,
    mut trees: BTreeSet<String>,
) {
    // Where one cannot be read it may name any of them.
    let Some(all) = all(context, store) else {
        return;
    };
    for capture in &all {
        let named = self::trees(capture);
        trees.retain(|tree| !named.contains(tree));
    }
    for tree in trees {
        if let Err(error) = context.host.drop_tree(&workspace.root, &tree) {
            context.warn(&format!("git keeps a tree that nobody needs: {error:#}"));
        }
    }
}

/// All captures; `None` where not every one can be read.
fn all(context: &Context<'_>, store: &Utf8Path) -> Option<Vec<Capture>> {
    let names = context.host.capture_names(store).ok()?;
    names
        .iter()
        .map(|name| Some(captures::load(context, store, name).ok()?.capture))
        .collect()
}
