//! Folders in which one process at a time works.

use std::{
    fmt,
    fs::{self, File},
    os::unix::fs::MetadataExt,
};

use anyhow::{Context, Result};
use camino::Utf8Path;
use nix::{
    errno::Errno,
    fcntl::{Flock, FlockArg},
};

use crate::parse::proc::lock_holder;

/// What becomes of the wish to have a folder.
#[derive(Debug)]
pub enum Hold {
    /// It is ours.
    Ours(HeldFolder),
    /// Another process has it; which one, where the system says.
    Theirs(Option<Holder>),
}

/// A folder that is ours as long as this is there, and as long as we live.
#[derive(Debug)]
pub struct HeldFolder {
    _lock: Option<Flock<File>>,
}

impl HeldFolder {
    /// A folder that nobody else knows of.
    pub fn of_our_own() -> Self {
        Self { _lock: None }
    }
}

/// A process that has a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its id.
    pub pid: u32,
    /// How it was started; empty where the system does not say.
    pub command: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {}", self.pid)?;
        match self.command.as_str() {
            "" => Ok(()),
            command => write!(f, ": `{command}`"),
        }
    }
}

/// Takes a folder, without waiting for whoever has it. The lock is on the folder itself, so that nothing is left in it.
pub(super) fn hold(folder: &Utf8Path) -> Result<Hold> {
    let file = File::open(folder).with_context(|| format!("cannot open `{folder}`"))?;
    match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
        Ok(lock) => Ok(Hold::Ours(HeldFolder { _lock: Some(lock) })),
        Err((file, Errno::EWOULDBLOCK)) => Ok(Hold::Theirs(holder(&file))),
        Err((_, errno)) => Err(errno).with_context(|| format!("cannot lock `{folder}`")),
    }
}

fn holder(file: &File) -> Option<Holder> {
    let inode = file.metadata().ok()?.ino();
    let pid = lock_holder(&fs::read_to_string("/proc/locks").ok()?, inode)?;
    let words = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let words: Vec<String> = words
        .split(|byte| *byte == 0)
        .filter(|word| !word.is_empty())
        .map(|word| String::from_utf8_lossy(word).into_owned())
        .collect();
    Some(Holder {
        pid,
        command: words.join(" "),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_holder_until_it_is_given_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = crate::host::utf8(folder.path()).expect("UTF-8");
        let ours = hold(&path).expect("it can be locked");
        assert!(matches!(ours, Hold::Ours(_)), "{ours:?}");
        let Hold::Theirs(holder) = hold(&path).expect("it can be locked") else {
            panic!("two have one folder");
        };
        // Some file systems tell locks by other numbers than files.
        if let Some(holder) = holder {
            assert_eq!(holder.pid, std::process::id());
            assert!(!holder.command.is_empty());
        }
        drop(ours);
        let again = hold(&path).expect("it can be locked");
        assert!(matches!(again, Hold::Ours(_)), "{again:?}");
    }
}
