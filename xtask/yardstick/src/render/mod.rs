//! The model as text, Markdown, JSON and pictures.

pub mod benchmarks;
pub mod capture;
pub mod comparison;
pub mod difference;
pub mod export;
pub mod flame;
pub mod flamegraph;
mod grid;
pub mod hot_paths;
pub mod json;
pub mod quantity;
pub mod readiness;
pub mod report;
pub mod selftest;
pub mod settlement;
pub mod steps;
mod wrap;
