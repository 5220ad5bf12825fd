//! The machine that a number was measured on.

/// What must be equal before two measurements may be put side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The CPU's model name.
    pub cpu_model: String,
    /// Logical CPUs online.
    pub cores: u32,
    /// The architecture, as Rust names it: `x86_64`.
    pub architecture: String,
    /// The operating system, as Rust names it: `linux`.
    pub operating_system: String,
}

/// What may differ, and then calls for a warning.
#[derive(Clone, Debug, PartialEq)]
pub struct Circumstance {
    /// The kernel's release.
    pub kernel: String,
    /// The frequency governor of CPU 0; `None` where the machine shows none.
    pub governor: Option<String>,
    /// Whether the CPU may exceed its nominal clock; `None` where unknown.
    pub turbo: Option<bool>,
    /// The load average over one minute when the measurement began.
    pub load_1min: f64,
    /// The hypervisor, where the machine is a virtual one.
    pub hypervisor: Option<String>,
    /// Whether it ran on battery; `None` where there is none.
    pub on_battery: Option<bool>,
}

/// A machine at the time of a measurement.
#[derive(Clone, Debug, PartialEq)]
pub struct Machine {
    /// What must be equal.
    pub identity: Identity,
    /// What may differ.
    pub circumstance: Circumstance,
}
