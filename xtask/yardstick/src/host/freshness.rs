//! Whether what is in a target folder was built from the sources as they are now.
//!
//! Cargo takes a source for unchanged whose time is not later than that of the build. A file that is put back together with
//! its time, as `cp -p`, `rsync -a` and `tar` do, would be measured as it was before. So a target folder of ours says what
//! the sources of its last build contained, and where cargo would be wrong about one of them, everything is built anew.
//!
//! The sources are those of which the compiler says that it read them. What build scripts read is left to cargo.

use std::{collections::BTreeSet, fs, io, time::SystemTime};

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};

use crate::{model::digest, parse::dep_info};

/// In a target folder: a line `SHA-256  PATH` for each source of the last build. Its time is that of the build's end.
const BUILT_FROM: &str = "built-from";

/// Parts of paths of sources that never change: cargo does not look at their times either.
const IMMUTABLE: [&str; 2] = ["/registry/src/", "/git/checkouts/"];

/// Empties a target folder where cargo would take something in it for fresh that is not.
///
/// # Errors
/// If it cannot be emptied.
pub(super) fn forget_stale(target: &Utf8Path, workspace_root: &Utf8Path) -> Result<()> {
    let record = target.join(BUILT_FROM);
    let is_stale = match (fs::read_to_string(&record), modified(&record)) {
        (Ok(record), Some(built_at)) => record
            .lines()
            .filter_map(|line| line.split_once("  "))
            .any(|(sha256, path)| is_stale(&workspace_root.join(path), sha256, built_at)),
        // Nobody knows what a build was made from that did not come to its end.
        _ => true,
    };
    if !is_stale {
        return Ok(());
    }
    match fs::remove_dir_all(target) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot empty `{target}`"))
        }
        _ => Ok(()),
    }
}

/// Writes down what a target folder was built from.
///
/// # Errors
/// If it cannot be written.
pub(super) fn remember(target: &Utf8Path, workspace_root: &Utf8Path) -> Result<()> {
    let mut record = String::new();
    for path in sources(target) {
        // What was generated and is gone cannot come back unseen.
        if let Some(sha256) = sha256(&workspace_root.join(&path)) {
            record.push_str(&format!("{sha256}  {path}\n"));
        }
    }
    let path = target.join(BUILT_FROM);
    let write = || {
        fs::create_dir_all(target)?;
        fs::write(&path, record)
    };
    write().with_context(|| format!("cannot write `{path}`"))
}

/// Whether a file has changed since, and cargo does not see it.
fn is_stale(path: &Utf8Path, recorded_sha256: &str, built_at: SystemTime) -> bool {
    // One that is gone, or younger than the build, is seen.
    modified(path).is_some_and(|modified| modified <= built_at)
        && sha256(path).is_some_and(|sha256| sha256 != recorded_sha256)
}

fn modified(path: &Utf8Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}

fn sha256(path: &Utf8Path) -> Option<String> {
    Some(digest::sha256(&fs::read(path).ok()?))
}

/// The files that everything below a target folder was compiled from, without those that never change.
fn sources(target: &Utf8Path) -> BTreeSet<Utf8PathBuf> {
    let mut found = BTreeSet::new();
    let mut folders = vec![target.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir_utf8().into_iter().flatten().flatten() {
            let path = entry.path();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(path.to_owned());
            } else if path.extension() == Some("d") {
                let text = fs::read_to_string(path).unwrap_or_default();
                found.extend(dep_info::sources(&text).map(Utf8PathBuf::from));
            }
        }
    }
    let never_changes = |path: &Utf8PathBuf| {
        IMMUTABLE.iter().any(|part| path.as_str().contains(part)) || path.starts_with(target)
    };
    found.retain(|path| !never_changes(path));
    found
}
