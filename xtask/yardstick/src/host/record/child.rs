//! A program that is started, held before its first instruction where a recorder needs that,
//! watched, and never left behind.

use std::io::{self, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitStatus};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::Context as _;

use super::{KeepGoing, Plan, Subject, output::Output};
use crate::host::{Exit, signals};
use crate::problem::Problem;

/// How often a running program is looked after.
pub(super) const LOOK_INTERVAL: Duration = Duration::from_millis(50);

const RUN: u8 = b'r';
const GIVE_UP: u8 = b'g';

/// A program in a process group of its own. Dropping it kills the group and reaps the program.
#[derive(Debug)]
pub(super) struct Child {
    name: String,
    /// The process, known before it executes the program.
    pid: libc::pid_t,
    /// Lets the held process execute the program; gone once used.
    gate: Option<io::PipeWriter>,
    /// Spawns and reaps. The kernel ties the parent-death signal to the thread that forked, so
    /// that thread must live as long as the child; it also has to sit in `spawn` while the child is held.
    keeper: Option<JoinHandle<io::Result<Ended>>>,
    output: Output,
}

/// How long to wait for the orphans of a program after they were killed.
const ORPHANS_DIE_WITHIN: Duration = Duration::from_secs(2);

/// How a program ended.
#[derive(Clone, Debug)]
pub(super) struct Ended {
    /// Its exit status.
    pub(super) status: ExitStatus,
    /// CPU time that it and the processes it started spent outside the kernel. What left its process group is not in it.
    pub(super) user_ns: u64,
    /// How long it ran.
    pub(super) wall_ns: u64,
    /// The last lines that it printed, where it failed.
    pub(super) last_output: Vec<String>,
}

impl Ended {
    pub(super) fn exit(&self) -> Exit {
        match (self.status.code(), self.status.signal()) {
            (Some(code), _) => Exit::Code(code),
            (None, Some(signal)) => Exit::Signal(signal),
            (None, None) => Exit::Code(-1),
        }
    }
}

impl Child {
    /// Starts the program of `plan` up to the point before it executes; [`Self::release`] lets it go.
    pub(super) fn hold(plan: &Plan) -> anyhow::Result<Self> {
        let mut command = Command::new(&plan.program);
        command.args(&plan.arguments);
        plan.settle(&mut command)?;
        Self::hold_command(command, plan.program.as_str())
    }

    /// The same for any command; `name` is what messages call it.
    pub(super) fn hold_command(mut command: Command, name: &str) -> anyhow::Result<Self> {
        let output = Output::capture(&mut command).context("cannot keep the program's output")?;
        let (gate_reader, gate) = io::pipe()?;
        let (mut pid_reader, pid_writer) = io::pipe()?;
        command.process_group(0);
        adopt_orphans();
        let parent = std::process::id().cast_signed();
        // SAFETY: the closure runs between fork and exec, where only async-signal-safe calls are
        // allowed: it makes the system calls prctl, getppid, getpid, write and read, and allocates
        // nothing.
        unsafe { command.pre_exec(move || await_release(parent, &pid_writer, &gate_reader)) };
        let keeper = thread::Builder::new()
            .name("recorded".to_owned())
            .spawn(move || {
                let spawned = command.spawn();
                // The closure in the command holds the ends of the pipes that the child uses.
                // Dropping them here turns a failed fork into an end of file below.
                drop(command);
                reap(spawned?.id())
            })?;
        let mut child = Self {
            name: name.to_owned(),
            pid: 0,
            gate: Some(gate),
            keeper: Some(keeper),
            output,
        };
        let mut pid = [0; size_of::<libc::pid_t>()];
        match pid_reader.read_exact(&mut pid) {
            Ok(()) => {
                child.pid = libc::pid_t::from_ne_bytes(pid);
                // Known to the thread that waits for signals before it executes anything.
                signals::owned().groups.insert(child.pid);
                Ok(child)
            }
            // The fork itself failed: the keeper knows why.
            Err(_) => Err(match child.join() {
                Err(error) => child.cannot_start(&error),
                Ok(_) => anyhow::anyhow!("`{name}` ended before it was started"),
            }),
        }
    }

    /// The process.
    pub(super) fn pid(&self) -> libc::pid_t {
        self.pid
    }

    /// Lets the program run.
    pub(super) fn release(&mut self) -> io::Result<()> {
        match self.gate.take() {
            Some(mut gate) => gate.write_all(&[RUN]),
            None => Ok(()),
        }
    }

    /// Whether the program has ended and was reaped.
    pub(super) fn has_ended(&self) -> bool {
        self.keeper.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Waits for the end of the program.
    ///
    /// # Errors
    /// If it could not be started, died by a signal, ended with a failure, or `keep_going` says so.
    pub(super) fn wait(self, keep_going: KeepGoing<'_>) -> anyhow::Result<Ended> {
        self.watch(keep_going)?;
        self.finish(Subject::Bench)
    }

    /// Waits for the end of the program, be it a failure.
    ///
    /// # Errors
    /// If it could not be started, or `keep_going` says so.
    pub(super) fn outcome(self, keep_going: KeepGoing<'_>) -> anyhow::Result<Ended> {
        self.watch(keep_going)?;
        self.finish(Subject::Program)
    }

    /// How the program ended; waits for it if it has not.
    ///
    /// # Errors
    /// If it could not be started, or is a bench and died by a signal or ended with a failure.
    pub(super) fn finish(mut self, subject: Subject) -> anyhow::Result<Ended> {
        let ended = self.join();
        let mut ended = ended.map_err(|error| self.cannot_start(&error))?;
        if ended.status.success() {
            return Ok(ended);
        }
        ended.last_output = self.output.last_lines();
        match subject {
            Subject::Bench => Err(self.failed(&ended).into()),
            Subject::Program => Ok(ended),
        }
    }

    fn watch(&self, keep_going: KeepGoing<'_>) -> anyhow::Result<()> {
        while !self.has_ended() {
            keep_going()?;
            thread::sleep(LOOK_INTERVAL);
        }
        // A signal that ends us has killed the program as well: then that is the reason.
        keep_going()
    }

    fn join(&mut self) -> io::Result<Ended> {
        let joined = self.keeper.take().map(JoinHandle::join);
        // A process that gave up before it executed was reaped by `spawn`.
        signals::owned().groups.remove(&self.pid);
        match joined {
            Some(Ok(result)) => result,
            Some(Err(_)) | None => Err(io::Error::other("the thread that waits for it is gone")),
        }
    }

    fn cannot_start(&self, error: &io::Error) -> anyhow::Error {
        Problem::failure(format!("cannot start `{}`: {error}", self.name)).into()
    }

    fn failed(&self, ended: &Ended) -> Problem {
        let status = ended.status;
        let how = match (status.signal(), status.code()) {
            (Some(signal), _) => format!("was killed by {}", signal_name(signal)),
            (None, Some(code)) => format!("ended with exit code {code}"),
            (None, None) => format!("ended with {status}"),
        };
        let problem = Problem::failure(format!("`{}` {how} while it was recorded", self.name));
        let lines = &ended.last_output;
        if lines.is_empty() {
            return problem.fact("it printed nothing");
        }
        lines
            .iter()
            .fold(problem.fact("its last output:"), |problem, line| {
                problem.fact(format!("  {line}"))
            })
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if let Some(mut gate) = self.gate.take() {
            // A child that never started ends by itself; if it is gone already, so be it.
            let _ = gate.write_all(&[GIVE_UP]);
        } else if self.pid > 0 && !self.has_ended() {
            kill_group(self.pid);
        }
        if self.keeper.is_some() {
            let _ = self.join();
        }
    }
}

/// What the child does between fork and exec: asks to die with its parent, tells its process id,
/// and waits until it may go on.
fn await_release(
    parent: libc::pid_t,
    mut pid_writer: &io::PipeWriter,
    mut gate: &io::PipeReader,
) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        // SAFETY: this request takes a signal number and touches no memory of ours.
        if unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) } != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    // SAFETY: neither call has preconditions.
    let (pid, living_parent) = unsafe { (libc::getpid(), libc::getppid()) };
    // We may have died before the kernel was told to watch for it.
    if living_parent != parent {
        return Err(io::Error::from_raw_os_error(libc::ESRCH));
    }
    pid_writer.write_all(&pid.to_ne_bytes())?;
    let mut answer = [GIVE_UP];
    gate.read_exact(&mut answer)?;
    if answer == [RUN] {
        Ok(())
    } else {
        Err(io::Error::from_raw_os_error(libc::ECANCELED))
    }
}

/// Waits for the process to end, kills what is left of its group, and reaps it.
fn reap(pid: u32) -> io::Result<Ended> {
    let pid = libc::pid_t::try_from(pid).map_err(io::Error::other)?;
    let begun = Instant::now();
    // While the process is a zombie its id, which is also the group's, cannot be taken by others.
    retry_interrupted(|| {
        // SAFETY: an all-zero siginfo_t is valid, and the pointer is good for the call.
        unsafe {
            let mut information: libc::siginfo_t = std::mem::zeroed();
            libc::waitid(
                libc::P_PID,
                pid.cast_unsigned(),
                &raw mut information,
                libc::WEXITED | libc::WNOWAIT,
            )
        }
    })?;
    let wall_ns = u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX);
    let mut owned = signals::owned();
    kill_group(pid);
    let mut status = 0;
    // SAFETY: an all-zero rusage is valid.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are good for the call.
    retry_interrupted(|| unsafe { libc::wait4(pid, &raw mut status, 0, &raw mut usage) })?;
    owned.groups.remove(&pid);
    drop(owned);
    Ok(Ended {
        status: ExitStatus::from_raw(status),
        user_ns: nanoseconds(usage.ru_utime) + orphans_user_ns(pid),
        wall_ns,
        last_output: Vec::new(),
    })
}

/// Processes whose parent ends before them become ours, so that their CPU time can be told.
fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    // SAFETY: this request takes a number and touches no memory of ours. Where it fails, orphans are nobody's.
    unsafe {
        libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1)
    };
}

/// Reaps what is left of a group that was killed: services that the program did not wait for. Returns the CPU
/// time they spent outside the kernel.
fn orphans_user_ns(group: libc::pid_t) -> u64 {
    let deadline = Instant::now() + ORPHANS_DIE_WITHIN;
    let mut user_ns = 0;
    loop {
        let mut status = 0;
        // SAFETY: an all-zero rusage is valid.
        let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
        // SAFETY: both pointers are good for the call.
        let reaped = unsafe { libc::wait4(-group, &raw mut status, libc::WNOHANG, &raw mut usage) };
        match reaped {
            0 if Instant::now() < deadline => thread::sleep(Duration::from_millis(1)),
            pid if pid > 0 => user_ns += nanoseconds(usage.ru_utime),
            _ => return user_ns,
        }
    }
}

fn retry_interrupted(mut call: impl FnMut() -> libc::c_int) -> io::Result<()> {
    loop {
        if call() >= 0 {
            return Ok(());
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

fn kill_group(pid: libc::pid_t) {
    // SAFETY: kill touches no memory. A group that is gone already is what we want.
    unsafe { libc::kill(-pid, libc::SIGKILL) };
}

fn nanoseconds(time: libc::timeval) -> u64 {
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let microseconds = u64::try_from(time.tv_usec).unwrap_or(0);
    seconds * 1_000_000_000 + microseconds * 1_000
}

fn signal_name(signal: i32) -> String {
    nix::sys::signal::Signal::try_from(signal)
        .map_or_else(|_| format!("signal {signal}"), |name| name.to_string())
}
