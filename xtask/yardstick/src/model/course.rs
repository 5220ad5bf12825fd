//! How the rounds of one question came out, one by one: what its intervals are formed from, to be looked at.

use super::{comparison::Sides, round::Dropped, verdict::Statistic};

/// The rounds of one question by one statistic.
#[derive(Clone, Debug, PartialEq)]
pub struct Course {
    /// What stands for a process: that of the verdict, or of the narrowest spread where there is none.
    pub statistic: Statistic,
    /// The rounds, in the order they were run.
    pub points: Vec<Point>,
}

/// One round.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Its number among the rounds of its question, from 1.
    pub number: u32,
    /// The levels of its two processes, in the benchmark's unit; `None` where one measured nothing.
    pub levels: Option<Sides<f64>>,
    /// ln(after/before) of them.
    pub log_ratio: Option<f64>,
    /// Whether the answer rests on it.
    pub standing: Standing,
}

/// Whether an answer rests on a round.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Standing {
    /// It does.
    Counts,
    /// It does not, for what was recorded around it.
    Dropped(Dropped),
    /// It does not yet: it was run after the look that made the answer.
    Later,
}
