//! The whole procedure on simulated machines.

mod alarms;
mod circumstances;
mod coverage;
mod modes;
mod spending;
mod verdicts;
pub(super) mod world;
