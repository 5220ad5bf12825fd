//! Children with a time limit, and what the kernel says that they used.

use std::{
    fmt, io,
    os::unix::process::ExitStatusExt,
    process::ExitStatus,
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use anyhow::Result;

use super::{Leader, Running, exit_of};
use crate::host::{Exit, signals};

/// How a watched child ended.
#[derive(Clone, Copy, Debug)]
pub struct Ended {
    /// How it ended.
    pub exit: Exit,
    /// Whether its time was up, so that it was killed.
    pub timed_out: bool,
    /// When it had ended and was not reaped yet.
    pub at: Instant,
    /// What it used, with the children that it waited for.
    pub usage: Usage,
}

/// What the kernel says that a process used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// CPU time in user mode.
    pub user_ns: u64,
    /// CPU time in the kernel.
    pub system_ns: u64,
    /// How often it gave the CPU back by waiting.
    pub voluntary_switches: u64,
    /// How often the kernel took the CPU from it.
    pub involuntary_switches: u64,
    /// The most memory it had resident, in bytes.
    pub peak_resident_bytes: u64,
}

/// How long a child may run, and what is done about it.
pub struct Watch<'a> {
    /// When its group is killed.
    pub deadline: Instant,
    /// Called every so often while it runs. Without it nothing of ours wakes up before the end.
    pub look: Option<(Duration, &'a mut dyn FnMut())>,
    /// Called once, when the child is dead and not reaped yet: the kernel still tells about it.
    pub at_end: &'a mut dyn FnMut(),
}

impl fmt::Debug for Watch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

impl Running {
    /// Waits for the end of the child or of its time, then kills what is left of its group.
    ///
    /// # Errors
    /// If a signal asked us to end, or the kernel does not let us wait.
    pub fn wait_watched(mut self, watch: Watch<'_>) -> Result<Ended> {
        let leader = self.leader();
        let (ended, end) = mpsc::channel();
        let (at, timed_out) = thread::scope(|scope| {
            scope.spawn(move || {
                let result = leader.wait_and_kill_the_rest();
                // The receiver only goes away with the whole wait.
                let _ = ended.send(result.map(|()| Instant::now()));
            });
            leader.until_end(&end, watch.deadline, watch.look)
        })?;
        (watch.at_end)();
        let (status, usage) = self.kill_and_reap()?;
        signals::check()?;
        Ok(Ended {
            exit: exit_of(status),
            timed_out,
            at,
            usage,
        })
    }
}

impl Leader {
    /// Waits for word that the child has ended, and kills its group when its time is up. Tells when it ended and whether
    /// it was killed for that.
    fn until_end(
        self,
        end: &mpsc::Receiver<Result<Instant>>,
        deadline: Instant,
        mut look: Option<(Duration, &mut dyn FnMut())>,
    ) -> Result<(Instant, bool)> {
        let mut timed_out = false;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let pause = look
                .as_ref()
                .map_or(left, |(interval, _)| left.min(*interval));
            let word = match timed_out {
                true => end.recv().map_err(|_| RecvTimeoutError::Disconnected),
                false => end.recv_timeout(pause),
            };
            match (word, &mut look) {
                (Ok(at), _) => return Ok((at?, timed_out)),
                (Err(RecvTimeoutError::Disconnected), _) => {
                    anyhow::bail!("the thread that waits for a child is gone")
                }
                (Err(RecvTimeoutError::Timeout), Some((_, look))) if pause < left => look(),
                (Err(RecvTimeoutError::Timeout), _) => {
                    timed_out = true;
                    self.kill_group();
                }
            }
        }
    }

    /// Reaps the child: its id may be another's afterwards.
    pub(super) fn reap(self) -> io::Result<(ExitStatus, Usage)> {
        let mut status = 0;
        // SAFETY: the structure is made of numbers, for which all zeros are valid.
        let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
        loop {
            // SAFETY: both pointers are to variables that live through the call.
            let pid = unsafe { libc::wait4(self.0.as_raw(), &raw mut status, 0, &raw mut usage) };
            if pid >= 0 {
                return Ok((ExitStatus::from_raw(status), Usage::from(usage)));
            }
            let error = io::Error::last_os_error();
            if error.kind() != io::ErrorKind::Interrupted {
                return Err(error);
            }
        }
    }
}

impl From<libc::rusage> for Usage {
    fn from(usage: libc::rusage) -> Self {
        let nanoseconds =
            |time: libc::timeval| time.tv_sec as u64 * 1_000_000_000 + time.tv_usec as u64 * 1_000;
        Self {
            user_ns: nanoseconds(usage.ru_utime),
            system_ns: nanoseconds(usage.ru_stime),
            voluntary_switches: usage.ru_nvcsw as u64,
            involuntary_switches: usage.ru_nivcsw as u64,
            // Linux counts in KiB.
            peak_resident_bytes: usage.ru_maxrss as u64 * 1024,
        }
    }
}
