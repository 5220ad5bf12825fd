//! The workflow engine and its store, through their public doors.

#![allow(clippy::unwrap_used)] // A test that cannot go on should say where.

mod failures;
mod flaky_store;
mod random_graphs;
mod recovery;
mod scenarios;
mod settling;
mod store_contract;
mod store_queries;
mod wiring;
