//! Child processes that never outlive us.

mod watched;

use std::{
    io::{BufRead, BufReader, Read},
    os::unix::process::CommandExt,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use anyhow::{Context, Result};
use nix::{
    sys::{
        signal::{Signal, killpg},
        wait::{Id, WaitPidFlag, waitid},
    },
    unistd::Pid,
};

use super::{Exit, signals};

pub use watched::{Ended, Usage, Watch};

/// What a process wrote and how it ended.
#[derive(Clone, Debug)]
pub struct Finished {
    /// How it ended.
    pub exit: Exit,
    /// Its stdout.
    pub stdout: Vec<u8>,
    /// Its stderr.
    pub stderr: Vec<u8>,
}

/// A child in its own process group. The group is killed and the child reaped when this is
/// dropped, when a signal ends us, and by the kernel if we die without a chance to.
#[derive(Debug)]
pub struct Running {
    child: Child,
    reaped: bool,
}

/// Starts a child; stdin is empty.
///
/// # Errors
/// If it cannot be started, or a signal asked us to end.
pub fn start(command: &mut Command) -> Result<Running> {
    let parent = std::process::id();
    // SAFETY: between fork and exec the closure only makes system calls that are
    // async-signal-safe (prctl, getppid), and it allocates nothing.
    unsafe {
        command.pre_exec(move || {
            nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)?;
            // We may have died before the kernel was told to watch for it.
            if nix::unistd::getppid().as_raw() as u32 != parent {
                return Err(std::io::Error::from_raw_os_error(libc::ESRCH));
            }
            Ok(())
        });
    }
    command.process_group(0).stdin(Stdio::null());
    let mut owned = signals::owned();
    signals::check()?;
    let child = command
        .spawn()
        .with_context(|| format!("cannot start `{}`", command.get_program().to_string_lossy()))?;
    owned.groups.insert(child.id() as i32);
    Ok(Running {
        child,
        reaped: false,
    })
}

/// Runs a command to its end; `watch` gets the lines of both streams as they come.
///
/// # Errors
/// If it cannot be started, or a signal asked us to end. A bad exit is not an error here.
pub fn run(command: &mut Command, watch: &mut dyn FnMut(&str)) -> Result<Finished> {
    run_with(command, None, watch).map(|(finished, _)| finished)
}

/// Runs a command that is killed with all its children after `limit`; `None` then.
///
/// # Errors
/// As [`run`].
pub fn run_within(command: &mut Command, limit: Duration) -> Result<Option<Finished>> {
    let (finished, in_time) = run_with(command, Some(limit), &mut |_| ())?;
    Ok(in_time.then_some(finished))
}

fn run_with(
    command: &mut Command,
    limit: Option<Duration>,
    watch: &mut dyn FnMut(&str),
) -> Result<(Finished, bool)> {
    let mut running = start(command.stdout(Stdio::piped()).stderr(Stdio::piped()))?;
    let (stdout, stderr) = (running.child.stdout.take(), running.child.stderr.take());
    let (lines, watched) = mpsc::channel();
    let leader = running.leader();
    let (alive, ended) = mpsc::channel::<()>();
    let in_time = AtomicBool::new(true);
    let (stdout, stderr) = thread::scope(|scope| {
        // What the child leaves in the background would keep its streams open.
        scope.spawn(move || {
            let _alive = alive;
            leader.wait_and_kill_the_rest()
        });
        if let Some(limit) = limit {
            let in_time = &in_time;
            scope.spawn(move || {
                if ended.recv_timeout(limit) == Err(mpsc::RecvTimeoutError::Timeout) {
                    in_time.store(false, Ordering::Relaxed);
                    leader.kill_group();
                }
            });
        }
        let for_stdout = lines.clone();
        let stdout = scope.spawn(move || read_lines(stdout, &for_stdout));
        let stderr = scope.spawn(move || read_lines(stderr, &lines));
        for line in watched {
            watch(&line);
        }
        (stdout.join(), stderr.join())
    });
    let exit = running.wait()?;
    let finished = Finished {
        exit,
        stdout: stdout.expect("the reader of stdout does not panic")?,
        stderr: stderr.expect("the reader of stderr does not panic")?,
    };
    Ok((finished, in_time.into_inner()))
}

/// Runs a command that is expected to succeed and returns its stdout as text.
///
/// # Errors
/// If it cannot be started or fails; the message quotes its stderr.
pub fn text_of(command: &mut Command) -> Result<String> {
    let finished = run(command, &mut |_| ())?;
    let program = command.get_program().to_string_lossy().into_owned();
    anyhow::ensure!(
        finished.exit.is_success(),
        "`{program}` failed ({}): {}",
        finished.exit,
        String::from_utf8_lossy(&finished.stderr).trim()
    );
    String::from_utf8(finished.stdout).with_context(|| format!("`{program}` wrote no UTF-8"))
}

impl Running {
    /// The process id, which is also the id of its group.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The child's streams, for whoever started it with pipes.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Waits for the end, then kills what is left of its group.
    ///
    /// # Errors
    /// If a signal asked us to end, or the kernel does not let us wait.
    pub fn wait(mut self) -> Result<Exit> {
        self.leader().wait_and_kill_the_rest()?;
        let (status, _) = self.kill_and_reap()?;
        signals::check()?;
        Ok(exit_of(status))
    }

    fn leader(&self) -> Leader {
        Leader(Pid::from_raw(self.child.id() as i32))
    }

    fn kill_and_reap(&mut self) -> std::io::Result<(ExitStatus, Usage)> {
        let mut owned = signals::owned();
        let leader = self.leader();
        leader.kill_group();
        let reaped = leader.reap();
        owned.groups.remove(&leader.0.as_raw());
        self.reaped = true;
        reaped
    }
}

/// A child that is not reaped yet, so that its id, which is also its group's, is still its own.
#[derive(Clone, Copy, Debug)]
struct Leader(Pid);

impl Leader {
    fn wait_and_kill_the_rest(self) -> Result<()> {
        while let Err(error) = waitid(Id::Pid(self.0), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT)
        {
            if error != nix::errno::Errno::EINTR {
                return Err(error).context("cannot wait for a child process");
            }
        }
        self.kill_group();
        Ok(())
    }

    fn kill_group(self) {
        // It fails where nothing of the group is left, which is what we want.
        let _ = killpg(self.0, Signal::SIGKILL);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.reaped {
            // Nobody is left to tell; a child that cannot be waited for is gone.
            let _ = self.kill_and_reap();
        }
    }
}

fn exit_of(status: ExitStatus) -> Exit {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => Exit::Code(code),
        (None, signal) => Exit::Signal(signal.unwrap_or_default()),
    }
}

/// Reads to the end, handing over every line; a carriage return ends a line too, because
/// progress displays use it.
fn read_lines(stream: Option<impl Read>, lines: &mpsc::Sender<String>) -> std::io::Result<Vec<u8>> {
    let Some(stream) = stream else {
        return Ok(Vec::new());
    };
    let mut reader = BufReader::new(stream);
    let mut all = Vec::new();
    loop {
        let start = all.len();
        if reader.read_until(b'\n', &mut all)? == 0 {
            return Ok(all);
        }
        for line in String::from_utf8_lossy(&all[start..]).split(['\r', '\n']) {
            if !line.is_empty() {
                // The receiver only goes away with the whole run.
                let _ = lines.send(line.to_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    fn is_alive(pid: i32) -> bool {
        let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else {
            return false;
        };
        // A zombie waits for its parent and runs no more.
        !stat
            .rsplit(") ")
            .next()
            .unwrap_or_default()
            .starts_with('Z')
    }

    fn wait_until_gone(pid: i32) -> bool {
        let deadline = Instant::now() + Duration::from_secs(5);
        while Instant::now() < deadline {
            if !is_alive(pid) {
                return true;
            }
            thread::sleep(Duration::from_millis(5));
        }
        false
    }

    #[test]
    fn both_streams_are_kept_and_watched_line_by_line() {
        let mut seen = Vec::new();
        let finished = run(
            &mut shell("echo one; echo two >&2; printf 'a\\rb'; exit 3"),
            &mut |line| seen.push(line.to_owned()),
        )
        .expect("sh runs");
        assert_eq!(finished.exit, Exit::Code(3));
        assert_eq!(finished.stdout, b"one\na\rb");
        assert_eq!(finished.stderr, b"two\n");
        seen.sort();
        assert_eq!(seen, ["a", "b", "one", "two"]);
    }

    #[test]
    fn a_killed_child_is_told_from_one_that_returns() {
        let finished = run(&mut shell("kill -SEGV $$"), &mut |_| ()).expect("sh runs");
        assert_eq!(finished.exit, Exit::Signal(11));
        assert_eq!(finished.exit.to_string(), "killed by SIGSEGV");
    }

    #[test]
    fn what_a_child_leaves_in_the_background_is_killed_with_it() {
        let finished = run(&mut shell("sleep 100 & echo $!"), &mut |_| ()).expect("sh runs");
        let pid = String::from_utf8_lossy(&finished.stdout)
            .trim()
            .parse()
            .expect("a pid");
        assert!(
            wait_until_gone(pid),
            "the background process {pid} is still alive"
        );
    }

    #[test]
    fn a_dropped_child_is_killed_and_reaped() {
        let running = start(&mut shell("sleep 100")).expect("sh starts");
        let pid = running.pid() as i32;
        assert!(is_alive(pid));
        drop(running);
        assert!(!is_alive(pid), "the child {pid} is still alive");
    }

    #[test]
    fn a_command_that_takes_too_long_is_killed_and_one_in_time_is_not() {
        let begun = Instant::now();
        let late = run_within(&mut shell("sleep 100"), Duration::from_millis(50));
        assert!(late.expect("sh runs").is_none());
        assert!(begun.elapsed() < Duration::from_secs(50));
        let in_time = run_within(&mut shell("echo done"), Duration::from_secs(50));
        let finished = in_time.expect("sh runs").expect("it is in time");
        assert_eq!(finished.stdout, b"done\n");
    }

    #[test]
    fn a_program_that_does_not_exist_is_named() {
        let error =
            run(&mut Command::new("no-such-program"), &mut |_| ()).expect_err("nothing to run");
        assert!(
            format!("{error:#}").contains("cannot start `no-such-program`"),
            "{error:#}"
        );
    }
}
