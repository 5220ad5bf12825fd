//! The raw material of a settlement: pairs of processes, and what was going on around them.

use super::{comparison::Sides, question::Question};

/// What one process measured of one benchmark.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observation {
    /// Every measurement, per iteration and in the benchmark's unit, in the order taken.
    pub per_iteration: Vec<f64>,
    /// Latencies of single operations, where the bench exports enough of them.
    pub tail: Option<TailLatencies>,
}

/// Percentiles of the operations of one process; never pooled over several.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TailLatencies {
    /// How many operations they rest on.
    pub operations: u64,
    /// The 95th percentile.
    pub p95_ns: f64,
    /// The 99th; `None` with fewer than 10,000 operations.
    pub p99_ns: Option<f64>,
}

/// What was recorded around one process. Nothing here depends on what it measured.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Guards {
    /// Time on the wall, from start to end.
    pub wall_ns: u64,
    /// CPU time of the process in user mode.
    pub user_ns: u64,
    /// CPU time of the process in the kernel.
    pub system_ns: u64,
    /// The share of its CPU's time (of all CPUs' where it ran on all) that others used, 0 to 1.
    pub foreign_share: f64,
    /// The share of all other CPUs' time that others used, 0 to 1; 0 where it ran on all.
    pub elsewhere_share: f64,
    /// The share of its CPUs' time that the hypervisor gave to others, 0 to 1.
    pub steal_share: f64,
    /// How often the kernel took the CPU from it.
    pub involuntary_switches: u64,
    /// How often it gave the CPU back by waiting.
    pub voluntary_switches: u64,
    /// The most memory it had resident, in bytes.
    pub peak_resident_bytes: u64,
    /// The load average over one minute.
    pub load_1min: f64,
    /// Whether a CPU was throttled for heat meanwhile; `None` where the machine does not say.
    pub throttled: Option<bool>,
}

/// One of the two processes of a round.
#[derive(Clone, Debug, PartialEq)]
pub struct Half {
    /// What it measured, or why it measured nothing.
    pub result: Result<Observation, Failure>,
    /// What was going on around it.
    pub guards: Guards,
    /// The seed of the layout that it was linked with; `None` for the executable as cargo linked it.
    pub layout_seed: Option<u64>,
    /// The length of the variable that moved its stack, in bytes.
    pub padding_bytes: u32,
}

/// Why a process measured nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// It ended badly; how, and what it wrote last.
    Crashed {
        /// Exit code or signal, in words.
        exit: String,
        /// The last lines it wrote.
        output: String,
    },
    /// It was still running when its time was up, and was killed.
    Hung {
        /// The time it had, in seconds.
        limit_seconds: f64,
    },
    /// It ended well and measured nothing of this benchmark.
    NotMeasured,
}

/// Which half ran first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First {
    /// The side before the change.
    Before,
    /// The side with the change.
    After,
}

/// One pair of processes for one question, run one after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Round {
    /// What it is a round of.
    pub question: Question,
    /// Counts from 1 for each question, dropped rounds included.
    pub number: u32,
    /// Which half ran first.
    pub first: First,
    /// The two processes.
    pub halves: Sides<Half>,
}

/// Why a round does not count: always for what was recorded around it, never for its timing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Dropped {
    /// Others used more of its CPU than a round may lose.
    ForeignWork {
        /// The larger share of the two halves, 0 to 1.
        share: f64,
    },
    /// The hypervisor gave more of its CPU away than a round may lose.
    Stolen {
        /// The larger share of the two halves, 0 to 1.
        share: f64,
    },
    /// A CPU was throttled for heat.
    Throttled,
    /// A half failed.
    Failed,
}
