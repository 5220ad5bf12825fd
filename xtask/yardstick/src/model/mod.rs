//! The nouns of the toolkit: plain data, no I/O, no serialisation format.
//!
//! Everything else may use this module; it uses nothing.

pub mod benchmark;
pub mod capture;
pub mod comparison;
pub mod course;
pub mod difference;
pub mod digest;
pub mod estimate;
pub mod layers;
pub mod machine;
pub mod profile;
pub mod question;
pub mod readiness;
pub mod recording;
pub mod revision;
pub mod round;
pub mod sample;
pub mod selftest;
pub mod settlement;
pub mod stack;
pub mod suite;
pub mod target;
pub mod test_plan;
pub mod units;
pub mod verdict;
pub mod whereabouts;
