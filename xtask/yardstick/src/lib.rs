//! Yardstick: says whether a refactor made a Rust program slower, by how much, and where.
//!
//! Data flows one way, and the module list is the pipeline: [`cli`] → [`config`] →
//! [`host`] (build, run, record) → [`parse`] → [`symbolize`] → [`store`] → [`analysis`] →
//! [`render`]. [`cmd`] holds one file per verb; [`model`] holds the nouns and uses nothing.

pub mod analysis;
pub mod cli;
pub mod cmd;
pub mod config;
pub mod host;
pub mod model;
pub mod parse;
pub mod problem;
pub mod render;
pub mod store;
pub mod symbolize;

use std::process::ExitCode;

/// How the program was started: it changes what usage lines say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invocation {
    /// `cargo xtask …`
    Xtask,
    /// `cargo yardstick …`
    CargoSubcommand,
}

/// Runs the program on the process's arguments.
pub fn run(invocation: Invocation) -> ExitCode {
    // The compiler starts us as a linker while we build the sides of a comparison.
    match host::linker::stand_in(host::arguments()) {
        Some(code) => code,
        None => cmd::run(invocation, host::arguments()),
    }
}
