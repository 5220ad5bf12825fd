//! A comparison by fresh rounds: what was planned, what was run, what came out.

use std::collections::BTreeMap;

use super::{
    benchmark::BenchmarkKey,
    comparison::{Sides, Warning},
    machine::Machine,
    question::Planned,
    revision::{Build, Executable, Revision},
    round::Round,
    verdict::Answer,
};

/// What is fixed before the first round, and makes the error rate one that can be stated.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// What every random choice follows from.
    pub seed: u64,
    /// The chance of one or more false verdicts in the whole run.
    pub alpha: f64,
    /// The rounds after which intervals are formed, ascending.
    pub looks: Vec<u32>,
    /// Of `looks`, how many belong to the first run; the others are for continuing it, each with half of the error rate
    /// of the one before.
    pub first_run_looks: usize,
    /// The questions, in key order.
    pub questions: Vec<Planned>,
    /// How many questions share the error rate: at least those of `questions`.
    pub shares: usize,
    /// The share of its CPU that a round may lose to others or to the hypervisor, 0 to 1.
    pub tolerated_loss: f64,
}

/// What a side of a settlement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A stored capture: its commits and builds.
    Capture,
    /// A revision.
    Revision,
    /// The working tree as it was.
    WorkingTree,
}

/// One side of a settlement.
#[derive(Clone, Debug, PartialEq)]
pub struct Side {
    /// What was typed: `pre`, `main`, `.`.
    pub name: String,
    /// What that is.
    pub origin: Origin,
    /// The distinct sources that were built.
    pub revisions: Vec<Revision>,
    /// The distinct builds.
    pub builds: Vec<Build>,
    /// The executables as cargo linked them.
    pub executables: Vec<Executable>,
}

/// How the executables of the rounds came to their layouts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layouts {
    /// Every round had a fresh pair: the verdict is on the code.
    FreshEachRound,
    /// One executable a side: the verdict is on these two; why.
    AsLinked(String),
}

/// What became of a benchmark of either side.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// It was asked about.
    Asked,
    /// Both sides have the same executable, byte for byte, from two builds: unchanged without a round.
    SameExecutable,
    /// Only the side before the change has it.
    Removed,
    /// Only the side with the change has it.
    Added,
    /// It is `Removed` there and `Added` here under this new id, and its stored or measured times agree.
    Renamed {
        /// Its id after the change.
        to: BenchmarkKey,
    },
    /// It could not be asked about; why, in words.
    Unasked(String),
}

/// A suite of which a side runs nothing: it could not be built there, or does not list its benchmarks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unbuilt {
    /// Its package.
    pub package: String,
    /// Its name in it.
    pub suite: String,
    /// Why, by side: a sentence, and below it what the compiler or the executable said. None of it where the side runs
    /// the suite, or has no such one.
    pub why: Sides<Vec<String>>,
}

/// Counts that explain a verdict and never overrule it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SecondOpinion {
    /// Allocator calls per iteration.
    pub allocations: Option<Sides<f64>>,
    /// Bytes asked for per iteration.
    pub allocated_bytes: Option<Sides<f64>>,
    /// Instructions of one iteration, as callgrind counts them.
    pub instructions: Option<Sides<f64>>,
}

/// What a preflight A/A said about the machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Preflight {
    /// The benchmark that was compared with itself.
    pub key: BenchmarkKey,
    /// What came out; anything but unchanged or undecided says that this machine cannot be trusted now.
    pub answer: Answer,
}

/// A comparison by fresh rounds.
#[derive(Clone, Debug, PartialEq)]
pub struct Settlement {
    /// The sides.
    pub sides: Sides<Side>,
    /// The machine.
    pub machine: Machine,
    /// When it began: RFC 3339, UTC.
    pub begun_at: String,
    /// The command lines that led to it, the first one first.
    pub commands: Vec<Vec<String>>,
    /// The plan.
    pub plan: Plan,
    /// How layouts were made.
    pub layouts: Layouts,
    /// What became of every benchmark of either side.
    pub fates: BTreeMap<BenchmarkKey, Fate>,
    /// The suites of which a side runs nothing, in the order of package and suite.
    pub unbuilt: Vec<Unbuilt>,
    /// The rounds, in the order they were run.
    pub rounds: Vec<Round>,
    /// A/A runs before the first round.
    pub preflight: Vec<Preflight>,
    /// The answers, in question order; they follow from plan and rounds.
    pub answers: Vec<Answer>,
    /// What explains them.
    pub second_opinions: BTreeMap<BenchmarkKey, SecondOpinion>,
    /// What the reader must know.
    pub warnings: Vec<Warning>,
    /// What the rounds took so far, in seconds.
    pub spent_seconds: f64,
}

/// The geometric mean of after/before over several benchmarks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanRatio {
    /// The mean: 1.03 is 3 % more after than before.
    pub ratio: f64,
    /// Over how many benchmarks.
    pub benchmarks: usize,
}

/// All answers in one number: a summary, no verdict.
#[derive(Clone, Debug, PartialEq)]
pub struct Overall {
    /// Over all benchmarks that were measured on both sides.
    pub all: MeanRatio,
    /// Over those of each suite, by package and suite.
    pub suites: BTreeMap<(String, String), MeanRatio>,
}
