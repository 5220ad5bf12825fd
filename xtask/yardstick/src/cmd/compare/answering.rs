//! From what is stored to what is told: the report, the exit code, and what explains a verdict.

pub mod gate;
pub mod opinions;
pub mod page;
pub mod replay;
pub mod report;
pub mod stored;
