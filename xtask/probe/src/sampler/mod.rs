//! Records stacks from within the process, where the kernel refuses perf events.
//!
//! A timer on the process's CPU clock raises SIGPROF in a thread that is running. The handler copies registers and up to
//! [`STACK_COPY_BYTES`] of stack into a ring; a thread drains the ring into a [`Recording`](crate::wire::Recording). Nothing is
//! unwound here: unwinders allocate and take locks, the toolkit does it later from the copies.
//!
//! The kernel gives at most one sample per scheduler tick, so the rate asked for is not the rate one gets (250 per
//! second of CPU time with `CONFIG_HZ=250`); the end marker of the recording has what it takes to compute the real one. Each
//! sample has weight 1.
//!
//! # Why the handler is safe
//!
//! It may interrupt any code, inside the memory allocator and with locks held. So it
//! - calls only functions that are async-signal-safe: `clock_gettime` and plain system calls;
//! - allocates nothing, takes no lock and waits for nobody: a full ring loses the sample and counts it;
//! - reads the stack by a system call, `process_vm_readv` on itself, which reports unmapped pages instead of faulting;
//! - cannot panic: it does no indexing that could fail, no arithmetic that could overflow, and calls nothing that does;
//! - leaves `errno` as it was;
//! - touches only statics and a ring that is never freed, so a signal that arrives late finds it still there.
//!
//! The handler stays installed after the first recording and ignores signals between recordings: the default action of a SIGPROF
//! that was raised before the timer stopped, and is delivered after, would end the process.

use std::fmt;
use std::io;

#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod linux;
#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
pub use linux::Sampler;

#[cfg(not(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
mod unsupported;
#[cfg(not(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
pub use unsupported::Sampler;

/// The name of the event in recordings.
pub const EVENT: &str = "SIGPROF";

/// Bytes of stack that a sample holds at most.
pub const STACK_COPY_BYTES: usize = 16 * 1024;

/// Why the sampler does not run.
#[derive(Debug)]
pub enum StartError {
    /// This operating system or architecture is not supported.
    NotSupported,
    /// Another recording is under way; there is one timer per process.
    AlreadyRunning,
    /// The kernel refused something.
    Refused {
        /// What was tried.
        call: &'static str,
        /// Its answer.
        error: io::Error,
    },
    /// The recording cannot be written.
    Output(io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSupported => write!(
                f,
                "the in-process sampler is not supported on {} {}",
                std::env::consts::OS,
                std::env::consts::ARCH
            ),
            Self::AlreadyRunning => write!(f, "the in-process sampler is already running"),
            Self::Refused { call, error } => write!(f, "the kernel refused `{call}`: {error}"),
            Self::Output(error) => write!(f, "the recording cannot be written: {error}"),
        }
    }
}

impl std::error::Error for StartError {}
