//! Where the time of one benchmark went, before and after: what stands behind its verdict.

use std::collections::BTreeMap;

use super::{
    benchmark::BenchmarkKey,
    comparison::Sides,
    profile::{Profile, Sampler},
};

/// The recordings that a difference rests on: several short ones a side, taken in turn, or the one that each of two
/// captures holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// The benchmark; its key is that of the side with the change.
    pub key: BenchmarkKey,
    /// One profile for each recording, in the order they were taken.
    pub profiles: Sides<Vec<Profile>>,
    /// What its verdict says about the time of one iteration, in ns; `None` where it has none that is in time.
    pub end_to_end_ns: Option<Sides<f64>>,
}

/// A time on both sides, and what chance alone explains of their difference.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Delta {
    /// Per iteration, in ns.
    pub ns: Sides<f64>,
    /// The lower end of the 95 % interval of after minus before, in ns per iteration; infinite where nothing is known of
    /// the spread, which is so of the CPU time of one recording a side.
    pub lower_ns: f64,
    /// Its upper end.
    pub upper_ns: f64,
    /// Whether it is more than chance, among all differences of its kind in this benchmark (Benjamini–Hochberg, 5 %).
    pub significance: Significance,
}

/// Whether a difference is more than chance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Significance {
    /// It may be chance.
    #[default]
    WithinChance,
    /// It is beyond chance.
    Beyond,
}

impl Delta {
    /// After minus before, in ns per iteration.
    pub fn difference_ns(&self) -> f64 {
        self.ns.difference()
    }

    /// Whether it is beyond chance.
    pub fn is_significant(&self) -> bool {
        self.significance == Significance::Beyond
    }
}

/// On which sides a function is.
#[derive(Clone, Debug, PartialEq)]
pub enum Presence {
    /// On both, under one name.
    Both,
    /// On both, under another name before.
    Renamed {
        /// The name before the change.
        from: String,
        /// What the two names are taken for one function by.
        evidence: Evidence,
    },
    /// Only after the change.
    New,
    /// Only before it.
    Gone,
}

/// What two names are taken for one function by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// The last part of the path is the same: it moved.
    SameName,
    /// Callers and callees are the same.
    SameContext,
    /// The names are similar, and so are callers or callees.
    SimilarName,
}

/// One function of one benchmark.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionRow {
    /// The normalised name; that after the change where it has two.
    pub function: String,
    /// On which sides it is.
    pub presence: Presence,
    /// The crate that defines it.
    pub crate_name: String,
    /// Time in the function itself. These sum to [`Difference::cpu`].
    pub own: Delta,
    /// Time in it and in what it calls, recursion counted once.
    pub total: Delta,
}

/// How functions, or stacks, are gathered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grouping {
    /// By the module that defines them.
    Module,
    /// By the crate that defines them.
    Crate,
    /// By the layers that the manifest names, and those that every program has.
    Layer,
    /// By the task or actor that ran.
    Task,
    /// By the kind of thread or the process.
    Thread,
}

/// One group of one grouping. The own times of a grouping's groups sum to [`Difference::cpu`].
#[derive(Clone, Debug, PartialEq)]
pub struct GroupRow {
    /// What the group is called.
    pub name: String,
    /// Time in the group itself.
    pub own: Delta,
    /// Time in it and in what it calls.
    pub total: Delta,
}

/// A frame in its place, with all that it calls: a node of the call tree.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    /// The frame; that after the change where it has two names; empty for the root, which stands for everything.
    pub frame: String,
    /// Time in it and in what it calls from here.
    pub total: Delta,
    /// What it calls, by name.
    pub children: Vec<Node>,
}

/// What is worth a sentence of its own.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// Everything takes longer, or less long, by about the same factor: no function did it.
    Uniform {
        /// After over before.
        ratio: f64,
    },
    /// What one function lost another one gained.
    Moved {
        /// The function that lost.
        from: String,
        /// The function that gained.
        to: String,
        /// How much, in ns per iteration.
        ns: f64,
    },
    /// A function that was no hot path is one: at least 5 % of the time, and one of the five hottest.
    NewHotPath {
        /// The function.
        function: String,
        /// Its share of the time in itself, 0 to 1.
        share: Sides<f64>,
    },
    /// More time in the slow paths of locks than before.
    MoreContention(Delta),
    /// More time in the allocator.
    MoreAllocation(Delta),
    /// More time in clones.
    MoreCloning(Delta),
    /// Passing messages is more than 5 % of the time.
    MessagePassing {
        /// Its share of the time, 0 to 1.
        share: Sides<f64>,
    },
    /// A function calls itself, directly or by others.
    Recursion {
        /// The function.
        function: String,
        /// How often it is in one stack: the median over the samples that hold it, and the most.
        depth: Sides<Depth>,
    },
    /// It mostly waits: CPU time says little about its time.
    MostlyWaits {
        /// CPU time over time on the wall.
        utilisation: Sides<f64>,
    },
    /// What the flame graph of a side looks like.
    Shape {
        /// Before the change, and after it; `None` where it is none of the known patterns.
        pattern: Sides<Option<Pattern>>,
    },
}

/// How often a function is in one stack.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Depth {
    /// The median over the samples that hold it.
    pub median: u32,
    /// The most.
    pub most: u32,
}

/// The patterns of flame graphs that say what to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pattern {
    /// Few functions have most of the time in themselves: make them faster.
    WideFlat,
    /// Most of the time is far from the root: fewer layers, or less recursion.
    Deep,
    /// The time is spread over many small functions: no single one will help.
    Fragmented,
}

/// Where the time of one benchmark went, before and after.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// What recorded both sides.
    pub sampler: Sampler,
    /// How many recordings each side has.
    pub recordings: Sides<usize>,
    /// Stack samples that the functions rest on.
    pub samples: Sides<u64>,
    /// CPU time of the routine. The functions' own times sum to it.
    pub cpu: Delta,
    /// Time on the wall while recording, in ns per iteration.
    pub wall_ns: Sides<f64>,
    /// Whether the iterations were derived from a time per iteration instead of counted.
    pub derived: Sides<bool>,
    /// What the verdict says about the time of one iteration, in ns; it was measured without a recorder.
    pub end_to_end_ns: Option<Sides<f64>>,
    /// Every function of either side: those whose own time differs beyond chance first, then by falling size of its difference.
    pub functions: Vec<FunctionRow>,
    /// The groups of each grouping, in the same order.
    pub groups: BTreeMap<Grouping, Vec<GroupRow>>,
    /// The call tree of both sides.
    pub tree: Node,
    /// What is worth a sentence, most important first.
    pub findings: Vec<Finding>,
    /// The smallest difference in the own time of a function with a tenth of the time that would have been found four times
    /// in five; in ns per iteration.
    pub smallest_visible_ns: f64,
}

impl Difference {
    /// The end-to-end difference: that of the verdict where there is one, else that of the recordings.
    pub fn end_to_end_difference_ns(&self) -> f64 {
        self.end_to_end_ns
            .map_or_else(|| self.cpu.difference_ns(), |ns| ns.difference())
    }

    /// What the functions do not account for of the end-to-end difference, in ns per iteration: waiting, and what the
    /// recorder itself changes.
    pub fn beyond_functions_ns(&self) -> f64 {
        self.end_to_end_difference_ns() - self.cpu.difference_ns()
    }

    /// The part of the CPU time's difference that a row explains: 0.92 is 92 %. `None` where the CPU time does not
    /// differ beyond chance, so that there is nothing to explain.
    pub fn explained(&self, row: &Delta) -> Option<f64> {
        let whole = self.cpu.difference_ns();
        (self.cpu.is_significant() && whole != 0.0).then(|| row.difference_ns() / whole)
    }
}
