//! Whether a machine is ready to measure and to record.

use std::time::Duration;

/// What was found on the machine. `None` where it does not say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Findings {
    /// Why our recorder cannot open perf events here; `None` where it did.
    pub perf_event_obstacle: Option<String>,
    /// `/proc/sys/kernel/perf_event_paranoid`.
    pub perf_event_paranoid: Option<i64>,
    /// Bytes of memory that one process may lock.
    pub locked_memory: Limit,
    /// Bytes of sampling buffers that the kernel grants on top of that, per CPU.
    pub perf_event_buffer_bytes: Option<u64>,
    /// The frequency governor of CPU 0.
    pub governor: Option<String>,
    /// Whether the CPU may exceed its nominal clock.
    pub turbo: Option<bool>,
    /// The load average over one minute.
    pub load_1min: Option<f64>,
    /// Logical CPUs online.
    pub cores: u32,
    /// Whether it runs on battery.
    pub on_battery: Option<bool>,
    /// The hypervisor, where the machine is a virtual one.
    pub hypervisor: Option<String>,
    /// The share of CPU time since boot that the hypervisor gave to others, 0 to 1.
    pub steal_share: Option<f64>,
    /// Whether two logical CPUs share a core.
    pub threads_share_cores: Option<bool>,
    /// The CPUs that this process may run on.
    pub allowed_cpus: Option<u32>,
    /// Whether a thread could be pinned to one of them.
    pub pinned: bool,
    /// samply, after a run on `true`.
    pub samply: Tool,
    /// perf, after a run on `true`.
    pub perf: Tool,
    /// valgrind.
    pub valgrind: Tool,
    /// The lld linker, on the path or in the toolchain.
    pub lld: Tool,
    /// git.
    pub git: Tool,
    /// Bytes free where builds and captures are written.
    pub free_disk_bytes: Option<u64>,
    /// What the workspace says about its Cargo profile for recording.
    pub profiling: ProfilingProfile,
}

/// A resource limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Limit {
    /// Not known.
    #[default]
    Unknown,
    /// So many bytes.
    Bytes(u64),
    /// No limit.
    Unlimited,
}

/// What is known of another program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Tool {
    /// Not installed.
    #[default]
    Missing,
    /// Installed, but it does not work here: why not.
    Broken(String),
    /// Works: its version, or where it is.
    Works(String),
}

/// The Cargo profile `profiling` of the workspace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProfilingProfile {
    /// There is no workspace here.
    #[default]
    NoWorkspace,
    /// Not defined: the recorder passes its own to cargo.
    Ours,
    /// Defined, and it keeps what naming inlined functions needs.
    Complete,
    /// Defined, but its debug information is missing, poor or stripped.
    Poor,
}

/// How one check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// As it should be.
    Ok,
    /// It works, with a limit that matters.
    Warn,
    /// It is not there.
    Missing,
}

/// One line of the doctor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// How it went.
    pub state: State,
    /// What was looked at.
    pub subject: &'static str,
    /// The value found.
    pub found: String,
    /// What it is needed for.
    pub needed_for: &'static str,
    /// A command to copy, or a step that no command can do; `None` where there is nothing to do.
    pub remedy: Option<&'static str>,
}

/// What a sampler costs.
#[derive(Clone, Debug, PartialEq)]
pub enum Overhead {
    /// So much.
    Measured(Cost),
    /// It cannot record here: why not.
    Impossible(String),
}

/// The CPU time of a fixed load with and without a sampler; medians.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// How often each side ran.
    pub rounds: usize,
    /// The load alone.
    pub bare_load: Duration,
    /// The load while it was recorded; a tool that records it included.
    pub recorded_load: Duration,
    /// Our own CPU time while recording.
    pub recorder: Duration,
}
