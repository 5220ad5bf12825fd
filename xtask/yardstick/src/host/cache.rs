//! The folder for what can be made again: builds of sides, and executables kept by their content.

use std::{
    env,
    fs::{self, File},
    io,
    os::unix::fs::MetadataExt,
    process::Command,
    thread,
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use nix::{
    errno::Errno,
    fcntl::{Flock, FlockArg},
};

use super::{process, signals, utf8};

/// The folder with the builds of sides.
const SIDES: &str = "sides";

/// In the folder of a side: who holds a lock on it uses the side, and its time is that of the last use.
const LOCK_FILE: &str = "lock";

/// In the folder of a side: its checkout.
pub(super) const SOURCE: &str = "source";

/// A side that nobody used for so long is removed.
const KEPT_FOR: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// How many sides of one repository are kept: a build of a large workspace has gigabytes.
const KEPT_SIDES: usize = 8;

/// The folder of a side, which is ours as long as this is there.
#[derive(Debug)]
pub struct SideFolder {
    path: Utf8PathBuf,
    /// Two processes that build in one folder would run each other's executables.
    _lock: Option<Flock<File>>,
}

impl SideFolder {
    /// A folder that nobody else knows of.
    pub fn of_our_own(path: Utf8PathBuf) -> Self {
        Self { path, _lock: None }
    }

    /// Where it is.
    pub fn path(&self) -> &Utf8Path {
        &self.path
    }

    /// Where its sources are checked out, if they are.
    pub fn source(&self) -> Utf8PathBuf {
        self.path.join(SOURCE)
    }
}

pub(super) fn folder() -> Result<Utf8PathBuf> {
    let of = |name: &str| {
        let folder = env::var(name).ok().map(Utf8PathBuf::from);
        // The rules for `XDG_CACHE_HOME` say that a relative path counts for nothing.
        folder.filter(|folder| folder.is_absolute())
    };
    let caches = of("XDG_CACHE_HOME")
        .or_else(|| of("HOME").map(|home| home.join(".cache")))
        .map_or_else(|| utf8(&env::temp_dir()), Ok)?;
    Ok(caches.join("yardstick"))
}

/// Takes the folder of a side for this process. `wait` is called once if somebody else has it.
pub(super) fn side(
    cache: &Utf8Path,
    repository: &str,
    name: &str,
    wait: &mut dyn FnMut(),
) -> Result<SideFolder> {
    let all = cache.join(SIDES).join(repository);
    let path = all.join(name);
    let mut waiting = false;
    let lock = loop {
        signals::check()?;
        if let Some(lock) = lock(&path)? {
            break lock;
        }
        if !waiting {
            wait();
            waiting = true;
        }
        // Whoever has it measures; a blocking lock would not see Ctrl-C.
        thread::sleep(Duration::from_millis(200));
    };
    // A time that cannot be set makes the folder go earlier, and nothing else.
    let _ = lock.set_modified(SystemTime::now());
    prune(&all);
    Ok(SideFolder {
        path,
        _lock: Some(lock),
    })
}

fn lock(folder: &Utf8Path) -> Result<Option<Flock<File>>> {
    let path = folder.join(LOCK_FILE);
    loop {
        fs::create_dir_all(folder).with_context(|| format!("cannot make `{folder}`"))?;
        let opened = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path);
        let file = match opened {
            // Whoever prunes removed the folder between the two steps.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            opened => opened.with_context(|| format!("cannot open `{path}`"))?,
        };
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            // A lock on a file that was removed keeps nobody out of the new one.
            Ok(lock) if is_at(&lock, &path) => return Ok(Some(lock)),
            Ok(_) => {}
            Err((_, Errno::EWOULDBLOCK)) => return Ok(None),
            Err((_, errno)) => return Err(errno).with_context(|| format!("cannot lock `{path}`")),
        }
    }
}

fn is_at(file: &File, path: &Utf8Path) -> bool {
    let (Ok(open), Ok(named)) = (file.metadata(), fs::metadata(path)) else {
        return false;
    };
    open.dev() == named.dev() && open.ino() == named.ino()
}

/// Removes the folders that nobody will miss. What cannot be removed stays: it is litter, not an obstacle.
fn prune(all: &Utf8Path) {
    let Ok(entries) = all.read_dir_utf8() else {
        return;
    };
    let sides: Vec<(String, Duration)> = entries
        .flatten()
        .map(|entry| {
            let used = fs::metadata(entry.path().join(LOCK_FILE)).and_then(|file| file.modified());
            let unused = used.map(|used| used.elapsed().unwrap_or_default());
            (
                entry.file_name().to_owned(),
                unused.unwrap_or(Duration::ZERO),
            )
        })
        .collect();
    for name in superfluous(sides) {
        let folder = all.join(name);
        // One that is in use stays, however old the last start is.
        if let Ok(Some(_lock)) = lock(&folder) {
            remove(&folder);
        }
    }
}

/// Of sides with the time for which nobody used them, those to remove.
fn superfluous(mut sides: Vec<(String, Duration)>) -> Vec<String> {
    sides.sort_by(|(a_name, a), (b_name, b)| (a, a_name).cmp(&(b, b_name)));
    sides
        .into_iter()
        .enumerate()
        .filter(|(position, (_, unused))| *position >= KEPT_SIDES || *unused > KEPT_FOR)
        .map(|(_, (name, _))| name)
        .collect()
}

/// Removes the folder of a side, and what git knows about its checkout.
fn remove(folder: &Utf8Path) {
    let source = folder.join(SOURCE);
    if source.is_dir() {
        let common = ["rev-parse", "--path-format=absolute", "--git-common-dir"];
        let git = || {
            let mut git = Command::new("git");
            super::git::forget_surroundings(&mut git);
            git
        };
        if let Ok(common) = process::text_of(git().arg("-C").arg(&source).args(common)) {
            let remove = ["worktree", "remove", "--force"];
            let mut command = git();
            command.arg("--git-dir").arg(common.trim()).args(remove);
            // The repository may be gone; then there is nothing that it could know.
            let _ = process::text_of(command.arg(&source));
        }
    }
    let _ = fs::remove_dir_all(folder);
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(24 * 60 * 60);

    fn sides(days: &[u32]) -> Vec<(String, Duration)> {
        let side = |(at, days): (usize, &u32)| (format!("side-{at}"), DAY * *days);
        days.iter().enumerate().map(side).collect()
    }

    #[test]
    fn sides_go_when_nobody_used_them_for_two_weeks() {
        assert_eq!(superfluous(sides(&[0, 14, 15])), ["side-2"]);
    }

    #[test]
    fn of_many_sides_the_eight_used_last_stay() {
        let many = sides(&[9, 1, 2, 3, 4, 5, 6, 7, 8, 0]);
        assert_eq!(superfluous(many), ["side-8", "side-0"]);
    }

    #[test]
    fn a_side_that_is_in_use_is_waited_for_and_never_pruned() {
        let cache = tempfile::tempdir().expect("a folder");
        let cache = utf8(cache.path()).expect("UTF-8");
        let ours = side(&cache, "r", "one", &mut || ()).expect("nobody has it");
        let lock_file = File::options()
            .write(true)
            .open(ours.path().join(LOCK_FILE));
        let long_ago = SystemTime::now() - 20 * DAY;
        let set = lock_file.and_then(|file| file.set_modified(long_ago));
        set.expect("it is ours");
        let path = ours.path().to_owned();
        drop(side(&cache, "r", "two", &mut || ()).expect("nobody has it"));
        assert!(path.is_dir(), "a side in use was removed");
        let mut waited = false;
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(Duration::from_millis(50));
                drop(ours);
            });
            side(&cache, "r", "one", &mut || waited = true).expect("it is free in the end");
        });
        assert!(waited, "two processes had one side");
    }

    #[test]
    fn an_old_side_is_removed_when_another_is_taken() {
        let cache = tempfile::tempdir().expect("a folder");
        let cache = utf8(cache.path()).expect("UTF-8");
        let old = side(&cache, "r", "old", &mut || ()).expect("nobody has it");
        let path = old.path().to_owned();
        drop(old);
        let lock_file = File::options().write(true).open(path.join(LOCK_FILE));
        let long_ago = SystemTime::now() - 20 * DAY;
        let set = lock_file.and_then(|file| file.set_modified(long_ago));
        set.expect("it is ours");
        side(&cache, "r", "new", &mut || ()).expect("nobody has it");
        assert!(!path.exists());
    }
}
