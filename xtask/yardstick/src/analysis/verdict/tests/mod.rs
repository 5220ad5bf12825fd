//! The whole procedure on simulated machines.

mod alarms;
mod circumstances;
mod coverage;
mod spending;
mod world;
