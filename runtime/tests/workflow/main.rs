//! The workflow engine and its store, through their public doors.

#![allow(clippy::unwrap_used)] // A test that cannot go on should say where.

mod scenarios;
mod store_contract;
mod wiring;
