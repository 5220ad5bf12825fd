//! Executables that captures were measured with, kept by their content.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io,
    os::unix::fs::PermissionsExt,
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};

/// Their folder in the cache.
const FOLDER: &str = "executables";

/// One that no capture names is kept for so long all the same: the capture may be on another branch.
const KEPT_FOR: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Copies an executable under the name of its content. One that is there already is as good as used today.
pub(super) fn keep(cache: &Utf8Path, executable: &Utf8Path, sha256: &str) -> Result<()> {
    let folder = cache.join(FOLDER);
    let path = folder.join(sha256);
    let copy = || -> io::Result<()> {
        if let Ok(there) = File::options().write(true).open(&path) {
            return there.set_modified(SystemTime::now());
        }
        fs::create_dir_all(&folder)?;
        let file = tempfile::Builder::new().tempfile_in(&folder)?;
        fs::copy(executable, file.path())?;
        fs::set_permissions(file.path(), fs::Permissions::from_mode(0o755))?;
        let kept = file.persist(&path)?;
        kept.set_modified(SystemTime::now())
    };
    copy().with_context(|| format!("cannot write `{path}`"))
}

/// Where the executable with this content is.
pub(super) fn find(cache: &Utf8Path, sha256: &str) -> Option<Utf8PathBuf> {
    let path = cache.join(FOLDER).join(sha256);
    path.is_file().then_some(path)
}

/// Removes what is not named and was not used for long. What cannot be removed is litter, not an obstacle.
pub(super) fn prune(cache: &Utf8Path, named: &BTreeSet<String>) {
    let Ok(entries) = cache.join(FOLDER).read_dir_utf8() else {
        return;
    };
    for entry in entries.flatten() {
        let used = entry.metadata().and_then(|metadata| metadata.modified());
        let is_old = used.is_ok_and(|used| used.elapsed().is_ok_and(|age| age > KEPT_FOR));
        if is_old && !named.contains(entry.file_name()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_executable_is_kept_once_and_can_be_run() {
        let cache = tempfile::tempdir().expect("a folder");
        let cache = crate::host::utf8(cache.path()).expect("UTF-8");
        let built = cache.join("built");
        fs::write(&built, "#!/bin/sh\n").expect("writable");
        assert_eq!(find(&cache, "abc"), None);
        for _ in 0..2 {
            keep(&cache, &built, "abc").expect("writable");
        }
        let kept = find(&cache, "abc").expect("it is kept");
        assert_eq!(fs::read(&kept).expect("readable"), b"#!/bin/sh\n");
        let mode = fs::metadata(&kept)
            .expect("it is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o111, 0o111);
        let all = cache.join(FOLDER).read_dir_utf8().expect("it is there");
        assert_eq!(all.count(), 1, "something else was left");
    }

    #[test]
    fn only_what_is_old_and_named_by_no_capture_goes() {
        let cache = tempfile::tempdir().expect("a folder");
        let cache = crate::host::utf8(cache.path()).expect("UTF-8");
        let built = cache.join("built");
        fs::write(&built, "").expect("writable");
        let long_ago = SystemTime::now() - KEPT_FOR - Duration::from_secs(60);
        for (name, is_old) in [("named", true), ("old", true), ("fresh", false)] {
            keep(&cache, &built, name).expect("writable");
            let file = File::options()
                .write(true)
                .open(cache.join(FOLDER).join(name));
            if is_old {
                file.and_then(|file| file.set_modified(long_ago))
                    .expect("it is ours");
            }
        }
        prune(&cache, &BTreeSet::from(["named".to_owned()]));
        let left = ["named", "old", "fresh"].map(|name| find(&cache, name).is_some());
        assert_eq!(left, [true, false, true]);
    }
}
