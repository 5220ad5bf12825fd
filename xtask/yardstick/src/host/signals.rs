//! Ctrl-C and SIGTERM: children are killed, temporaries removed, and the process ends with
//! the code that the signal asks for.
//!
//! A thread of its own waits for signals. It kills the process groups of all children, which
//! wakes the main thread, and the main thread then fails with [`check`]'s problem and cleans up as it
//! does after any error. If it does not manage to within a short time, the signal
//! thread removes the temporary folders and ends the process itself.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI32, Ordering},
    },
    thread,
    time::Duration,
};

use anyhow::{Context, Result};
use nix::{
    libc::{SIGHUP, SIGINT, SIGTERM},
    sys::signal::{Signal, killpg},
    unistd::Pid,
};

use crate::problem::{ExitCode, Problem};

/// How long the main thread has for its own cleaning up.
const GRACE: Duration = Duration::from_secs(2);

/// The signal that asked the process to end; 0 before.
static RECEIVED: AtomicI32 = AtomicI32::new(0);

static OWNED: Mutex<Owned> = Mutex::new(Owned {
    groups: BTreeSet::new(),
    temporaries: BTreeSet::new(),
});

/// What must not outlive the process.
pub(super) struct Owned {
    /// Process groups of running children, by leader.
    pub(super) groups: BTreeSet<i32>,
    /// Folders.
    temporaries: BTreeSet<PathBuf>,
}

/// Starts the thread that waits for signals.
///
/// # Errors
/// If the handlers cannot be installed.
pub fn install() -> Result<()> {
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP])
        .context("cannot wait for signals")?;
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            for signal in &mut signals {
                // A second signal must not change the exit code that the first one asked for.
                let first =
                    RECEIVED.compare_exchange(0, signal, Ordering::SeqCst, Ordering::SeqCst);
                kill_groups();
                if first.is_ok() {
                    thread::spawn(|| {
                        thread::sleep(GRACE);
                        end();
                    });
                }
            }
        })
        .context("cannot start the thread that waits for signals")?;
    Ok(())
}

/// Fails if a signal asked the process to end.
///
/// # Errors
/// The problem that says so, with its exit code.
pub fn check() -> Result<()> {
    match received() {
        Some(problem) => Err(problem.into()),
        None => Ok(()),
    }
}

/// The problem that tells of the signal that asked the process to end.
pub fn received() -> Option<Problem> {
    match RECEIVED.load(Ordering::SeqCst) {
        0 => None,
        SIGINT => Some(Problem::interrupted(ExitCode::Interrupted, "interrupted")),
        _ => Some(Problem::interrupted(ExitCode::Terminated, "terminated")),
    }
}

/// The lock under which children are started and reaped: a child is either not started
/// yet or known to the signal thread.
pub(super) fn owned() -> MutexGuard<'static, Owned> {
    // The sets are valid after any panic: every change is one insertion or removal.
    OWNED.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn register_temporary(folder: &Path) {
    owned().temporaries.insert(folder.to_owned());
}

pub(super) fn unregister_temporary(folder: &Path) {
    owned().temporaries.remove(folder);
}

fn kill_groups() {
    for &group in &owned().groups {
        // A group that is gone already is what we want.
        let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
    }
}

/// The way out when the main thread is busy with something that nothing wakes it from.
fn end() {
    kill_groups();
    let owned = owned();
    for folder in &owned.temporaries {
        let _ = std::fs::remove_dir_all(folder);
    }
    let code = received().map_or(ExitCode::Failure, |problem| problem.exit_code());
    // Destructors of other threads must not run: the main thread is still at work.
    // The lock is held to the end, so that no child starts meanwhile.
    std::process::exit(code as i32);
}
