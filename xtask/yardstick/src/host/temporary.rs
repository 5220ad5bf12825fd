//! Temporary folders that do not outlive their process.
//!
//! The name of a folder holds the id of its process, and the process holds a lock on the
//! folder. A folder without a lock whose process is gone was left by a crash or a kill, and
//! the next run removes it.

use std::{
    env,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use nix::{
    fcntl::{Flock, FlockArg},
    unistd::{AccessFlags, access},
};

use super::signals;

/// A folder of this process, removed with everything in it when this is dropped, when a
/// signal ends the process, or else by the next run.
#[derive(Debug)]
pub struct TemporaryFolder {
    path: PathBuf,
    /// Held as long as the folder is in use, and temporary.
    lock: Option<Flock<File>>,
}

impl TemporaryFolder {
    /// Makes a new folder `<prefix><pid>-<random>` in `parent`.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn new(parent: &Path, prefix: &str) -> Result<Self> {
        let path = tempfile::Builder::new()
            .prefix(&format!("{prefix}{}-", std::process::id()))
            .tempdir_in(parent)
            .with_context(|| format!("cannot make a temporary folder in `{}`", parent.display()))?
            .keep();
        signals::register_temporary(&path);
        match lock(&path) {
            Ok(lock) => Ok(Self {
                path,
                lock: Some(lock),
            }),
            Err(error) => {
                remove(&path);
                Err(error).context("cannot lock a temporary folder")
            }
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Forgets the folder without removing it: it has become something permanent.
    pub(super) fn keep(mut self) {
        signals::unregister_temporary(&self.path);
        // Others may want to lock what it has become.
        drop(self.lock.take());
        std::mem::forget(self);
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        remove(&self.path);
    }
}

/// Where folders for small files belong that live for one process: in memory, where the system has a place for that, so that
/// a busy disk delays nobody.
pub(super) fn in_memory() -> PathBuf {
    const SHARED_MEMORY: &str = "/dev/shm";
    match access(SHARED_MEMORY, AccessFlags::W_OK | AccessFlags::X_OK) {
        Ok(()) => SHARED_MEMORY.into(),
        Err(_) => env::temp_dir(),
    }
}

/// Removes the folders that processes which are gone left in `parent`.
///
/// What cannot be removed stays: it is litter, not an obstacle.
pub(super) fn sweep(parent: &Path, prefix: &str) {
    let Ok(entries) = fs::read_dir(parent) else {
        return;
    };
    for entry in entries.flatten() {
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| owner(name, prefix));
        if is_folder && owner.is_some_and(is_gone) && lock(&entry.path()).is_ok() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn remove(path: &Path) {
    // A folder that is gone already is what we want, and one that cannot be removed is litter.
    let _ = fs::remove_dir_all(path);
    signals::unregister_temporary(path);
}

fn owner(name: &str, prefix: &str) -> Option<i32> {
    name.strip_prefix(prefix)?.split_once('-')?.0.parse().ok()
}

fn is_gone(pid: i32) -> bool {
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), None) == Err(nix::errno::Errno::ESRCH)
}

fn lock(folder: &Path) -> io::Result<Flock<File>> {
    Flock::lock(File::open(folder)?, FlockArg::LockExclusiveNonblock)
        .map_err(|(_, errno)| errno.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No process has it: it is above the greatest id that the kernel gives out.
    const NOBODY: u32 = 1 << 23;

    #[test]
    fn a_folder_disappears_with_its_guard() {
        let parent = tempfile::tempdir().expect("a folder");
        let folder = TemporaryFolder::new(parent.path(), "t-").expect("a folder");
        fs::write(folder.path().join("file"), "x").expect("writable");
        let path = folder.path().to_owned();
        drop(folder);
        assert!(!path.exists());
    }

    #[test]
    fn the_next_run_removes_only_what_dead_processes_left() {
        let parent = tempfile::tempdir().expect("a folder");
        let ours = TemporaryFolder::new(parent.path(), "t-").expect("a folder");
        let dead = parent.path().join(format!("t-{NOBODY}-abc"));
        let foreign = parent.path().join("t-not-ours");
        fs::create_dir_all(dead.join("nested")).expect("writable");
        fs::create_dir(&foreign).expect("writable");
        sweep(parent.path(), "t-");
        assert!(ours.path().exists(), "a folder in use was removed");
        assert!(foreign.exists(), "a folder of somebody else was removed");
        assert!(!dead.exists(), "a dead process's folder was kept");
    }

    #[test]
    fn a_locked_folder_stays_though_its_process_seems_gone() {
        let parent = tempfile::tempdir().expect("a folder");
        let path = parent.path().join(format!("t-{NOBODY}-abc"));
        fs::create_dir(&path).expect("writable");
        let _held = lock(&path).expect("nobody else holds it");
        sweep(parent.path(), "t-");
        assert!(
            path.exists(),
            "a process of another namespace lost its folder"
        );
    }
}
