//! Where one benchmark's CPU time went.

use std::{collections::BTreeMap, fmt};

use super::{
    benchmark::BenchmarkKey,
    revision::Provenance,
    stack::{Stacks, process_of},
};

/// What recorded the stacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sampler {
    /// Our own recorder over the kernel's perf events.
    PerfEvent,
    /// The probe's timer signal inside the bench itself.
    InProcess,
    /// The `perf` tool.
    Perf,
    /// The `samply` tool.
    Samply,
}

impl fmt::Display for Sampler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PerfEvent => "perf-event",
            Self::InProcess => "in-process",
            Self::Perf => "perf",
            Self::Samply => "samply",
        })
    }
}

/// How the stacks were recorded. Profiles whose recordings differ in sampler, event,
/// rate or kernel share are not compared.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordingFacts {
    /// What recorded.
    pub sampler: Sampler,
    /// The event that triggered samples: `cpu-clock`, `cycles`, …
    pub event: String,
    /// The rate asked for, in samples per CPU second.
    pub asked_rate_hz: f64,
    /// The rate that came out, in samples per CPU second.
    pub real_rate_hz: f64,
    /// Whether time in the kernel is included.
    pub kernel_included: bool,
}

/// How far a profile can be trusted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Quality {
    /// Stack samples that were recorded, before trimming.
    pub samples: u64,
    /// Samples that the kernel or the ring lost.
    pub lost: u64,
    /// Samples whose stack ended before its root.
    pub truncated: u64,
    /// The share of frames with a function name, 0 to 1.
    pub symbolised_share: f64,
    /// The share of stacks that reach the start of their thread, 0 to 1.
    pub rooted_share: f64,
    /// The share of the weight in stacks that still hold a harness frame after trimming, 0 to 1.
    pub harness_share: f64,
    /// The share of the weight that trimming removed as not belonging to the routine, 0 to 1.
    pub trimmed_share: f64,
}

/// What ran while the stacks were recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct Work {
    /// Iterations of the routine, and how they are known.
    pub iterations: Iterations,
    /// CPU time of all that the stacks cover, in ns: of the process that was started, and of those that it started, whose
    /// stacks begin with `[process NAME]`. Every sample stands for the same part of it.
    pub cpu_ns: u64,
    /// Time on the wall, in ns.
    pub wall_ns: u64,
}

/// How many iterations a profile covers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Iterations {
    /// Counted by the probe.
    Counted(u64),
    /// Whole runs of a program, which counts as one iteration from its start to its end.
    Runs(u64),
    /// Derived from the stored time per iteration; a bench without the probe.
    Derived(f64),
    /// Not known: the bench has no probe and the capture no time for it.
    Unknown,
}

impl Iterations {
    /// The part of `total` that falls on one iteration.
    fn of(self, total: u64) -> Option<f64> {
        let iterations = match self {
            Self::Counted(count) | Self::Runs(count) => count as f64,
            Self::Derived(count) => count,
            Self::Unknown => return None,
        };
        // A stored number may be anything: NaN and infinity are no numbers of iterations.
        (iterations > 0.0 && iterations.is_finite()).then(|| total as f64 / iterations)
    }
}

impl Work {
    /// CPU time of one iteration, in ns; `None` where the iterations are not known.
    pub fn cpu_ns_per_iteration(&self) -> Option<f64> {
        self.iterations.of(self.cpu_ns)
    }

    /// Time on the wall of one iteration, in ns; `None` where the iterations are not known.
    pub fn wall_ns_per_iteration(&self) -> Option<f64> {
        self.iterations.of(self.wall_ns)
    }

    /// How many CPUs were busy on average: CPU time over time on the wall.
    pub fn utilisation(&self) -> Option<f64> {
        (self.wall_ns > 0).then(|| self.cpu_ns as f64 / self.wall_ns as f64)
    }
}

/// Whose code a function is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OriginKind {
    /// A member of the workspace that was measured.
    Workspace,
    /// A crate that a member depends on.
    Dependency,
    /// Rust's own libraries.
    Standard,
    /// Foreign code: libc, the dynamic linker, C libraries.
    Native,
    /// No function: a bracketed frame that stands for several, such as `[runtime]`.
    Bracket,
}

/// Where a function comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// Whose code it is.
    pub kind: OriginKind,
    /// The crate that defines it; `std` for Rust's own libraries, the file name of the
    /// module for native code, the frame's own name for a bracketed one.
    pub crate_name: String,
    /// The module path below the crate; empty for the crate's root.
    pub module: String,
}

/// Why a recording is not made into a profile.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// It holds no samples.
    NoSamples,
    /// Too few frames have a function name.
    Unsymbolised {
        /// The share of frames with a function name, 0 to 1.
        share: f64,
        /// The files that hold most of the frames without one, heaviest first.
        worst: Vec<UnsymbolisedModule>,
    },
    /// No frame belongs to a member of the workspace.
    MeasuredCrateAbsent,
    /// No sample lies in a routine, in a task or in a thread of the program.
    NothingMeasured {
        /// Samples that trimming dropped.
        trimmed: u64,
    },
    /// The benchmark harness is still in too many stacks after trimming.
    Harness {
        /// The share of the weight in such stacks, 0 to 1.
        share: f64,
        /// The harness frame that is left most often.
        example: String,
    },
}

/// A file in which addresses found no function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsymbolisedModule {
    /// The file, as the kernel names it.
    pub path: String,
    /// Frames in it without a function name.
    pub frames: u64,
    /// Why there is none.
    pub reason: NoSymbols,
}

/// Why a file gives no names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoSymbols {
    /// The file could not be read.
    Unreadable,
    /// The file is not the one that was recorded: another build id.
    Rebuilt,
    /// The file has neither debug information nor a full symbol table.
    Stripped,
    /// The file has symbols, but none for these addresses.
    NoMatch,
    /// The addresses lie in no file: generated code, or a stack that was misread.
    Unmapped,
}

impl Quality {
    /// A profile with a smaller share of symbolised frames is refused.
    pub const MIN_SYMBOLISED_SHARE: f64 = 0.95;
    /// A profile with a greater share of harness frames is refused.
    pub const MAX_HARNESS_SHARE: f64 = 0.05;
}

/// The profile of one benchmark.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Which benchmark.
    pub key: BenchmarkKey,
    /// How it was recorded.
    pub facts: RecordingFacts,
    /// What ran meanwhile.
    pub work: Work,
    /// How far it can be trusted.
    pub quality: Quality,
    /// The folded stacks; a weight is a number of samples.
    pub stacks: Stacks,
    /// The origin of every function in `stacks`, by normalised name.
    pub origins: BTreeMap<String, Origin>,
    /// Source, build and machine.
    pub provenance: Provenance,
}

impl Profile {
    /// CPU time of one iteration of the routine, in ns; `None` where the iterations are not
    /// known. The process also ran what trimming removed from the stacks, and that share of
    /// its time is not the routine's.
    pub fn routine_ns_per_iteration(&self) -> Option<f64> {
        self.routine_ns_of(&self.work)
    }

    /// The part of [`Profile::routine_ns_per_iteration`] that went to processes which the measured one started.
    pub fn children_ns_per_iteration(&self) -> Option<f64> {
        let stacks = self.stacks.0.iter();
        let of_children = stacks.filter(|(stack, _)| process_of(stack).is_some());
        let weight: u64 = of_children.map(|(_, weight)| weight).sum();
        let share = weight as f64 / self.stacks.total().max(1) as f64;
        self.routine_ns_per_iteration().map(|ns| ns * share)
    }

    /// [`Profile::routine_ns_per_iteration`] for iterations that became known later.
    pub fn routine_ns_of(&self, work: &Work) -> Option<f64> {
        let routine = 1.0 - self.quality.trimmed_share.clamp(0.0, 1.0);
        work.cpu_ns_per_iteration()
            .map(|process_ns| process_ns * routine)
    }
}
