//! A raw recording of stacks: the stream that the probe's sampler and the toolkit's recorder write, and the toolkit reads.
//!
//! A recording holds what can be copied quickly while a program runs: registers, a copy of the stack, where the kernel
//! followed frame pointers also its chain of addresses. Unwinding and symbols come later, from this file and the modules it names.
//!
//! # Layout
//!
//! All integers are little-endian. A file is a header and then records until one end marker.
//!
//! | part | fields |
//! |---|---|
//! | header | magic `YSTACKS\0`, version u32, length u32 of the rest; architecture u8, clock u8, pid u32, requested rate u32 (Hz), start time u64 (ns), event as text |
//! | record | kind u8, length u32, payload |
//! | 1 thread name | tid u32, name as text |
//! | 2 module | start u64, end u64, file offset u64, build id as bytes, path as text |
//! | 3 sample | time u64 (ns), tid u32, cpu u32, weight u64, ip u64, sp u64, bp u64, lr u64, chain count u32, chain u64 each, stack length u32, stack |
//! | 4 lost | count u64 |
//! | 5 end | samples u64, lost u64, end time u64 (ns), CPU time u64 (ns) |
//! | 6 process | pid u32: whose the thread names, modules and samples are that follow, up to the next such record |
//!
//! What stands before the first process record is of the header's process; version 1 has no process records.
//!
//! Text and bytes are a u32 length and then the bytes; text is UTF-8. A path that is not UTF-8 is written with replacement
//! characters, because such a file could not be named in a report either.
//!
//! # Damage
//!
//! A stream that stops before its end marker was cut off: the records before the cut are read and [`Recording::truncated`]
//! says so. Anything else that does not fit is a [`ReadError`], which names the byte, what was wanted and what was found.
//! Reading allocates in proportion to the bytes present, whatever the lengths in them claim, and never panics.

mod reader;
mod writer;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeMap;

pub use reader::{ReadError, Records};
pub use writer::Writer;

/// The first eight bytes of every recording.
pub const MAGIC: [u8; 8] = *b"YSTACKS\0";

/// The version this code writes. It reads all from the first one on.
pub const VERSION: u32 = 2;

/// The end of a recording's file name.
pub const FILE_EXTENSION: &str = "stacks";

/// The instruction set of the recorded process, which decides what the registers mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Architecture {
    /// 64-bit x86.
    X86_64,
    /// 64-bit Arm.
    Aarch64,
}

impl Architecture {
    /// The architecture this code was compiled for, if recordings know it.
    #[must_use]
    pub const fn of_this_process() -> Option<Self> {
        if cfg!(target_arch = "x86_64") {
            Some(Self::X86_64)
        } else if cfg!(target_arch = "aarch64") {
            Some(Self::Aarch64)
        } else {
            None
        }
    }
}

/// The clock of all times in a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// `CLOCK_MONOTONIC`, the clock of [`Measured`](super::Measured) windows.
    Monotonic,
    /// `CLOCK_MONOTONIC_RAW`.
    MonotonicRaw,
    /// A clock that only the recorder knows, such as perf's default; times are comparable within the recording alone.
    Unknown,
}

/// How a recording was made; written first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The instruction set of the recorded process.
    pub architecture: Architecture,
    /// The clock of all times.
    pub clock: Clock,
    /// The recorded process.
    pub pid: u32,
    /// Samples per second of CPU time that were asked for; the real rate follows from [`End`].
    pub requested_rate_hz: u32,
    /// When recording began, on [`Header::clock`].
    pub start_time_ns: u64,
    /// What was counted, as its recorder names it: `cpu-clock`, `cycles`, `SIGPROF`.
    pub event: String,
}

/// A file mapped into the recorded process, as a line of `/proc/self/maps` or an mmap event tells it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Module {
    /// The first address.
    pub start: u64,
    /// The address behind the last one.
    pub end: u64,
    /// The offset in the file of the byte at `start`.
    pub file_offset: u64,
    /// The linker's build id, empty if it is not known.
    pub build_id: Vec<u8>,
    /// The mapped file, or a name in brackets such as `[vdso]`.
    pub path: String,
}

/// The registers from which unwinding starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Registers {
    /// The address of the interrupted instruction.
    pub ip: u64,
    /// The stack pointer; the first byte of the copied stack lay there.
    pub sp: u64,
    /// The frame pointer: `rbp`, `x29`.
    pub bp: u64,
    /// The link register `x30`; 0 on architectures that have none.
    pub lr: u64,
}

/// One interrupted thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample<'data> {
    /// When, on [`Header::clock`].
    pub time_ns: u64,
    /// The interrupted thread.
    pub tid: u32,
    /// The CPU it ran on, [`Sample::UNKNOWN_CPU`] if that was not asked.
    pub cpu: u32,
    /// How many samples this one stands for: 1, or more where timer expirations were merged. Never 0 by intention.
    pub weight: u64,
    /// The registers at the interruption.
    pub registers: Registers,
    /// Addresses from the innermost frame outwards where the recorder followed frame pointers, else empty.
    pub chain: Cow<'data, [u64]>,
    /// The bytes of the stack from [`Registers::sp`] upwards, as many as the recorder copied.
    pub stack: Cow<'data, [u8]>,
}

impl Sample<'_> {
    /// The value of [`Sample::cpu`] when it is not known.
    pub const UNKNOWN_CPU: u32 = u32::MAX;
}

/// The end marker: what a whole recording holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct End {
    /// Samples written.
    pub samples: u64,
    /// Samples lost because a buffer was full; the sum of the lost records.
    pub lost: u64,
    /// When recording ended, on [`Header::clock`].
    pub end_time_ns: u64,
    /// CPU time that the recorded processes used meanwhile, in all their threads and in the modes that the event covers:
    /// an event whose name ends in `:u` does not cover the kernel.
    pub cpu_ns: u64,
}

impl End {
    /// Samples, lost ones included, per second of CPU time; none if no CPU time passed.
    #[must_use]
    pub fn real_rate_hz(&self) -> Option<f64> {
        let cpu_s = self.cpu_ns as f64 / 1e9;
        (self.cpu_ns > 0).then(|| (self.samples + self.lost) as f64 / cpu_s)
    }
}

/// One record of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record<'data> {
    /// The name of a thread; a later one replaces an earlier one.
    ThreadName {
        /// The thread.
        tid: u32,
        /// Its name.
        name: Cow<'data, str>,
    },
    /// A mapped file.
    Module(Module),
    /// An interrupted thread.
    Sample(Sample<'data>),
    /// That many samples were lost since the last such record.
    Lost(u64),
    /// The last record.
    End(End),
    /// The process that the thread names, modules and samples behind it are of.
    Process(u32),
}

/// What a recording holds of one process besides that of the header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Process<'data> {
    /// Thread names by thread id.
    pub threads: BTreeMap<u32, String>,
    /// Mapped files, each once, in the order of their first mention.
    pub modules: Vec<Module>,
    /// Samples in the order they were written.
    pub samples: Vec<Sample<'data>>,
}

/// A recording read into memory; stacks borrow from the bytes it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording<'data> {
    /// How it was made.
    pub header: Header,
    /// Thread names by thread id.
    pub threads: BTreeMap<u32, String>,
    /// Mapped files, each once, in the order of their first mention.
    pub modules: Vec<Module>,
    /// Samples in the order they were written.
    pub samples: Vec<Sample<'data>>,
    /// What else was recorded, by process: the programs that the header's process started.
    pub others: BTreeMap<u32, Process<'data>>,
    /// Samples that were lost, by the records present.
    pub lost: u64,
    /// The end marker, absent when the stream was cut off.
    pub end: Option<End>,
}

impl<'data> Recording<'data> {
    /// Reads a whole recording.
    ///
    /// # Errors
    /// If the bytes are not a recording, are of another version, or are damaged otherwise than by being cut off.
    pub fn read(data: &'data [u8]) -> Result<Self, ReadError> {
        reader::read_all(data)
    }

    /// Whether the stream stops before its end marker, as when the recorder was killed or the disk was full.
    #[must_use]
    pub fn truncated(&self) -> bool {
        self.end.is_none()
    }
}
