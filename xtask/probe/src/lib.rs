//! What a Criterion bench may link, so that the toolkit learns more about it than its time.
//!
//! A bench that links nothing of this works with the toolkit everywhere; figures per iteration of its profile are then derived
//! from its time and labelled so. A bench that links the probe has its iterations, CPU time and allocations counted.
//!
//! # Adopt it in three lines
//!
//! ```no_run
//! use criterion::{Criterion, criterion_group, criterion_main};
//!
//! // 1. Count allocations.
//! #[global_allocator]
//! static ALLOCATOR: yardstick_probe::CountingAllocator = yardstick_probe::CountingAllocator::new();
//!
//! fn parse(criterion: &mut Criterion) {
//!     // 2. Time through the probe: the same loop as `bencher.iter`, whose iterations are counted.
//!     criterion.bench_function("parse", |bencher| yardstick_probe::iter(bencher, || "42".parse::<u32>()));
//! }
//!
//! criterion_group! {
//!     name = suite;
//!     // 3. Report to the toolkit.
//!     config = Criterion::default().with_profiler(yardstick_probe::ProbeProfiler::new());
//!     targets = parse
//! }
//! criterion_main!(suite);
//! ```
//!
//! A bench that measures its own interval marks it with a [`Region`], which is its stopwatch too. [`Latencies`] collects the
//! latency of single operations, [`LiveBytes`], [`ResidentBytes`] and [`CpuPercent`] are Criterion measurements of something else than time.
//!
//! # What it costs
//!
//! Under plain `cargo bench` nothing is counted and nothing is written: the price is one relaxed load per region, that is per call of
//! Criterion's timing loop and not per iteration, and one per allocation where the counting allocator is installed. The toolkit
//! switches the probe on through the variables of [`wire::environment`], in runs of their own that are never timed.

#[cfg(feature = "bench")]
mod allocator;
#[cfg(feature = "bench")]
mod clock;
#[cfg(feature = "bench")]
mod latencies;
#[cfg(feature = "bench")]
mod measurement;
#[cfg(feature = "bench")]
mod profiler;
#[cfg(feature = "bench")]
mod region;
#[cfg(feature = "bench")]
mod run;
#[cfg(feature = "bench")]
pub mod sampler;
#[cfg(feature = "bench")]
mod settings;
pub mod wire;

#[cfg(feature = "bench")]
pub use allocator::{AllocationCounts, CountingAllocator};
#[cfg(feature = "bench")]
pub use latencies::{Latencies, OperationStart};
#[cfg(feature = "bench")]
pub use measurement::{CpuPercent, LiveBytes, ResidentBytes};
#[cfg(feature = "bench")]
pub use profiler::ProbeProfiler;
#[cfg(feature = "bench")]
pub use region::{Region, iter};
