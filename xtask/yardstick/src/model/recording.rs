//! A raw recording: stacks as addresses, before any name is known.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    sync::Arc,
};

use super::{profile::Sampler, stack};

/// What one recorder wrote down about one run of one benchmark.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// What recorded.
    pub sampler: Sampler,
    /// The processes that were started, one for each run that is recorded; all others descend from them.
    pub started: BTreeSet<u32>,
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
    /// The CPU time of the processes that the event covers, in ns: without the kernel's share unless
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

    /// The share of the weight in a window of time that is of processes which the started ones started, 0 to 1.
    pub fn children_share(&self, window_ns: Option<&Range<u64>>) -> f64 {
        let (mut all, mut of_children) = (0_u64, 0_u64);
        for sample in self.samples.iter().filter(|it| it.is_within(window_ns)) {
            all += sample.weight;
            if !self.started.contains(&sample.pid) {
                of_children += sample.weight;
            }
        }
        match all {
            0 => 0.0,
            all => of_children as f64 / all as f64,
        }
    }

    /// Drops the samples outside a window of time.
    pub fn keep_window(&mut self, window_ns: Option<&Range<u64>>) {
        self.samples.retain(|sample| sample.is_within(window_ns));
    }

    /// Adds another run of the same program, recorded alike. The kernel uses the numbers of processes again, so those
    /// of the `run`-th run, from 1, become others.
    pub fn add_run(&mut self, mut other: Self, run: u32) {
        let apart = |id: u32| id.wrapping_add(run.wrapping_mul(IDS_OF_A_KERNEL));
        for sample in &mut other.samples {
            (sample.pid, sample.tid) = (apart(sample.pid), apart(sample.tid));
        }
        for module in &mut other.modules {
            module.pid = apart(module.pid);
        }
        let threads = other.threads.into_iter();
        self.threads
            .extend(threads.map(|((pid, tid), name)| ((apart(pid), apart(tid)), name)));
        self.started.extend(other.started.into_iter().map(apart));
        self.modules.append(&mut other.modules);
        self.samples.append(&mut other.samples);
        self.lost = self.lost.saturating_add(other.lost);
        let both = self.cpu_ns.zip(other.cpu_ns);
        self.cpu_ns = both.map(|(before, after)| before.saturating_add(after));
    }
}

/// The kernel numbers processes and threads below this.
const IDS_OF_A_KERNEL: u32 = 1 << 22;

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

impl StackSample {
    /// Whether it was taken in a window of time. Imported recordings may not know times; theirs are all 0, and within.
    pub fn is_within(&self, window_ns: Option<&Range<u64>>) -> bool {
        self.time_ns == 0 || window_ns.is_none_or(|window| window.contains(&self.time_ns))
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn run(samples: &[(u32, u64)]) -> Recording {
        Recording {
            sampler: Sampler::PerfEvent,
            started: BTreeSet::from([7]),
            event: "cpu-clock:u".to_owned(),
            asked_rate_hz: Some(999.0),
            kernel_included: false,
            threads: BTreeMap::from([((7, 7), "bench".to_owned())]),
            modules: Vec::new(),
            samples: samples
                .iter()
                .map(|&(pid, time_ns)| StackSample {
                    pid,
                    tid: pid,
                    time_ns,
                    weight: 1,
                    chain: Chain::Addresses(Vec::new()),
                })
                .collect(),
            lost: 1,
            cpu_ns: Some(10),
        }
    }

    #[test]
    fn the_share_of_children_is_that_of_their_samples_in_the_window() {
        let recording = run(&[(7, 10), (8, 11), (8, 12), (7, 13), (8, 99)]);
        assert_eq!(recording.children_share(None), 0.6);
        assert_eq!(recording.children_share(Some(&(10..20))), 0.5);
        assert_eq!(recording.children_share(Some(&(50..60))), 0.0);
    }

    #[test]
    fn runs_are_added_up_and_processes_of_the_same_number_stay_apart() {
        let mut joined = run(&[(7, 10), (8, 11)]);
        joined.add_run(run(&[(7, 20), (7, 21)]), 1);
        assert_eq!(
            (joined.samples.len(), joined.lost, joined.cpu_ns),
            (4, 2, Some(20))
        );
        assert_eq!((joined.started.len(), joined.threads.len()), (2, 2));
        assert_eq!(joined.children_share(None), 0.25);
        let last = &joined.samples[3];
        assert!(last.pid != 7 && last.pid == last.tid, "{last:?}");
    }
}
