//! The output of other tools, read into the model.

pub mod callgrind;
pub mod cargo;
pub mod criterion;
pub mod criterion_verdict;
pub mod dep_info;
pub mod flags;
pub mod folded;
pub mod libtest;
pub mod link;
pub mod perf_data;
pub mod probe;
pub mod probe_recording;
pub mod proc;
pub mod progress;
pub mod readiness;
pub mod recording;
pub mod replayed;
pub mod samply;
pub mod test_plan;
pub mod users_linker;
