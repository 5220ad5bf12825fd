//! A raw recording: stacks as addresses, before any name is known.

use std::{collections::BTreeMap, sync::Arc};

use super::{profile::Sampler, stack};

/// What one recorder wrote down about one run of one benchmark.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// What recorded.
    pub sampler: Sampler,
    /// The event that triggered samples: `cpu-clock`, `SIGPROF`, …
    pub event: String,
    /// The rate asked for, in samples per CPU second; `None` where an imported file does not say.
    pub asked_rate_hz: Option<f64>,
    /// Whether samples in the kernel are included.
    pub kernel_included: bool,
    /// Thread names by process and thread id.
    pub threads: BTreeMap<(u32, u32), String>,
    /// The files mapped as code.
    pub modules: Vec<Module>,
    /// The samples, in time order.
    pub samples: Vec<StackSample>,
    /// Samples that the recorder knows it lost.
    pub lost: u64,
    /// The CPU time of the process that the event covers, in ns: without the kernel's share unless
    /// `kernel_included`. `None` where an imported file does not tell.
    pub cpu_ns: Option<u64>,
}

impl Recording {
    /// The rate that came out, in samples per CPU second, lost ones included.
    ///
    /// `None` where the CPU time is not known.
    pub fn real_rate_hz(&self) -> Option<f64> {
        let cpu_s = self.cpu_ns.filter(|&ns| ns > 0)? as f64 / 1e9;
        Some(self.taken() as f64 / cpu_s)
    }

    /// How many samples were taken, lost ones included.
    pub fn taken(&self) -> u64 {
        let recorded = self.samples.iter().map(|sample| sample.weight);
        stack::sum(recorded.chain([self.lost]))
    }
}

/// The bytes of a file, mapped into memory or read.
pub type FileBytes = Arc<dyn AsRef<[u8]> + Send + Sync>;

/// A range of addresses that a file is mapped to as code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// The process.
    pub pid: u32,
    /// The first address.
    pub start: u64,
    /// The address after the last.
    pub end: u64,
    /// The offset in the file that `start` shows.
    pub file_offset: u64,
    /// The file, as the kernel names it; `[vdso]` and the like for what is no file.
    pub path: String,
    /// The build id of the file as it was when recorded, where the recorder tells.
    pub build_id: Option<Vec<u8>>,
}

/// One sample.
#[derive(Clone, Debug, PartialEq)]
pub struct StackSample {
    /// The process.
    pub pid: u32,
    /// The thread.
    pub tid: u32,
    /// When, on the monotonic clock; 0 where an imported file does not say.
    pub time_ns: u64,
    /// How many samples it stands for.
    pub weight: u64,
    /// Its stack.
    pub chain: Chain,
}

/// The stack of a sample.
#[derive(Clone, Debug, PartialEq)]
pub enum Chain {
    /// Unwound already: the instruction pointer, then return addresses, leaf first.
    Addresses(Vec<u64>),
    /// To be unwound here.
    Raw {
        /// The registers at the time of the sample.
        registers: Registers,
        /// A copy of the stack, beginning at the stack pointer.
        stack: Vec<u8>,
        /// What following frame pointers found: the instruction pointer, then return addresses.
        frame_pointer_chain: Vec<u64>,
    },
}

/// The registers that unwinding starts from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Registers {
    /// The instruction pointer.
    pub instruction_pointer: u64,
    /// The stack pointer.
    pub stack_pointer: u64,
    /// The frame pointer.
    pub frame_pointer: u64,
    /// The link register, on architectures that have one.
    pub link_register: Option<u64>,
}
