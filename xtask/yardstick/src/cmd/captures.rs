//! Captures by name: read, changed, handed to Criterion.

use std::collections::BTreeMap;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use super::{
    Context,
    did_you_mean::{list_shortly, nearest},
};
use crate::{
    model::{capture::Capture, suite::Workspace},
    problem::Problem,
    store::{self, COMPARISONS, SELFTEST, Stored},
};

/// Where the captures of a workspace are stored: beside its manifest, unless the tour asks for another place.
pub fn store_folder(context: &Context<'_>, workspace: &Workspace) -> Utf8PathBuf {
    context
        .store
        .clone()
        .unwrap_or_else(|| workspace.root.join("profiles"))
}

/// Reads a capture.
///
/// # Errors
/// If there is none of that name, or it is damaged or of another format.
pub fn load(context: &Context<'_>, store: &Utf8Path, name: &str) -> Result<Stored> {
    match load_if_there(context, store, name)? {
        Some(stored) => Ok(stored),
        None => Err(unknown(context, store, name)?.into()),
    }
}

/// Reads a capture if there is one of that name.
///
/// # Errors
/// If it is damaged or of another format, or no capture can have that name.
pub fn load_if_there(
    context: &Context<'_>,
    store: &Utf8Path,
    name: &str,
) -> Result<Option<Stored>> {
    store::check_name(name)?;
    match context.host.read_capture(store, name)? {
        Some(files) => Ok(Some(store::decode(name, &files)?)),
        None => Ok(None),
    }
}

/// The names of the captures, in order.
///
/// # Errors
/// If the store cannot be read.
pub fn names(context: &Context<'_>, store: &Utf8Path) -> Result<Vec<String>> {
    let mut names = context.host.capture_names(store)?;
    names.retain(|name| ![COMPARISONS, SELFTEST].contains(&name.as_str()));
    Ok(names)
}

/// The problem that there is no capture of that name, with those that there are.
///
/// # Errors
/// If the store cannot be read.
pub fn unknown(context: &Context<'_>, store: &Utf8Path, name: &str) -> Result<Problem> {
    let names = names(context, store)?;
    let names = || names.iter().map(String::as_str);
    let problem = Problem::usage(format!(
        "capture `{name}` not found in `{}/`",
        context.shown(store)
    ))
    .fact(list_shortly("known captures", names()));
    Ok(match (nearest(name, names()), names().count()) {
        (Some(near), _) => problem.hint(format!("did you mean `{near}`?")),
        (None, 0) => problem.hint(format!(
            "measure one: `{} bench --save {name}`",
            context.program()
        )),
        (None, _) => problem,
    })
}

/// Replaces a capture by what `change` makes of it; an empty one where there is none yet.
///
/// `raw` maps paths below `raw/` to files that are moved there.
///
/// # Errors
/// If the capture is damaged, `change` fails, or it cannot be written; the old capture is then still there.
pub fn update(
    context: &Context<'_>,
    store: &Utf8Path,
    name: &str,
    raw: &BTreeMap<String, Utf8PathBuf>,
    change: &mut dyn FnMut(&mut Stored) -> Result<()>,
) -> Result<()> {
    store::check_name(name)?;
    context.host.update_capture(store, name, raw, &mut |files| {
        let mut stored = match files {
            Some(files) => store::decode(name, &files)?,
            None => Stored::new(name),
        };
        change(&mut stored)?;
        Ok(store::encode(&stored))
    })
}

/// Writes a capture as Criterion's own baseline of the same name, and returns Criterion's home.
///
/// # Errors
/// If it cannot be written.
pub fn install_baseline(
    context: &Context<'_>,
    workspace: &Workspace,
    capture: &Capture,
) -> Result<Utf8PathBuf> {
    let home = context.host.criterion_home(&workspace.target_directory);
    let mut files = BTreeMap::new();
    for benchmark in capture.benchmarks() {
        for (name, bytes) in &benchmark.criterion_files {
            files.insert(
                format!("{}/{}/{name}", benchmark.criterion_directory, capture.name),
                bytes.clone(),
            );
        }
    }
    context.host.write_files(&home, &files)?;
    Ok(home)
}
