//! The workloads that the suites time and `tests` checks, one file per subject.
//!
//! Every workload is an async function that takes a number of iterations and returns the time of its timed part. What it says of
//! itself is checked after each timed part: messages are counted, incarnations compared, outputs recomputed. A wrong result panics, which fails the
//! suite and the test alike. Beside each workload stands its control: the same work with raw tokio, or by direct calls.
//!
//! Set-up and clean-up lie outside the timed part unless a workload says otherwise. Nothing sleeps or polls inside it. Data is made
//! from fixed seeds.
//!
//! Which tokio runtime a suite uses is part of what its ids mean, see [`executor`].

pub mod backpressure;
pub mod broadcast;
pub mod chunks;
pub mod counter;
pub mod cpu;
pub mod executor;
pub mod latch;
pub mod lifecycle;
pub mod mailbox;
pub mod memory;
pub mod raw;
pub mod receipt;
pub mod restart;
pub mod routing;
pub mod seed;
#[cfg(feature = "selftest")]
pub mod selftest;
pub mod settings;
pub mod share;
pub mod spawn;
pub mod state;
pub mod supervised;
pub mod throughput;
pub mod tree;
pub mod workflow;
