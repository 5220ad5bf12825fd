//! The environment variables through which the toolkit talks to a bench executable.
//!
//! Without [`DIRECTORY`] the probe does nothing, and the others have no effect.

/// The folder that receives one [`Measured`](super::Measured) record, and one recording where the sampler ran, per
/// benchmark. The folder must exist.
pub const DIRECTORY: &str = "YARDSTICK_PROBE_DIR";

/// The full id of the one benchmark that this process was asked to run. Criterion tells the probe the id in its profile
/// mode only, so an ordinary timing run without this variable writes a record without an id.
pub const BENCHMARK_ID: &str = "YARDSTICK_BENCHMARK_ID";

/// `in-process` starts the SIGPROF sampler between the start and the end of each profiled benchmark.
pub const SAMPLER: &str = "YARDSTICK_SAMPLER";

/// Stack samples per second of CPU time asked of the in-process sampler; [`DEFAULT_RATE_HZ`] without it.
pub const RATE_HZ: &str = "YARDSTICK_SAMPLER_RATE";

/// `1` counts allocations where the bench installs the counting allocator. A run whose stacks are recorded leaves it out, so
/// that the counting is not in the profile.
pub const ALLOCATIONS: &str = "YARDSTICK_ALLOCATIONS";

/// `1` lets benches that export latencies take two clock readings per operation. A run whose stacks are recorded leaves
/// it out, so that the readings are not in the profile.
pub const LATENCIES: &str = "YARDSTICK_LATENCIES";

/// The value of [`SAMPLER`] that asks for the sampler inside the process.
pub const SAMPLER_IN_PROCESS: &str = "in-process";

/// A prime near 1,000, so that sampling does not fall into step with periodic work.
pub const DEFAULT_RATE_HZ: u32 = 997;
