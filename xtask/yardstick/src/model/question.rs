//! What a settlement asks: one benchmark, run one way, with its margin.

use std::collections::BTreeMap;

use super::{benchmark::BenchmarkKey, comparison::Sides, units::Unit};

/// How the processes of a question run, and so what their times mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Aspect {
    /// Pinned to one CPU: the work that is done, whoever does it. Contention is hidden.
    Work,
    /// On all CPUs: what threads gain and lose by each other. Only benchmarks of several threads are asked this.
    Parallel,
}

/// One question of a settlement. Each has a share of the error rate of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Question {
    /// The benchmark.
    pub key: BenchmarkKey,
    /// How it runs.
    pub aspect: Aspect,
}

/// From where on a change matters; all of them ratios less one, so that 0.02 is 2 %.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Margin {
    /// δ of the verdict: what is smaller is no change worth a word.
    pub relevant: f64,
    /// A regression of at least this much is a warning.
    pub warn: f64,
    /// A regression of at least this much fails a gate.
    pub fail: f64,
}

impl Margin {
    /// A margin that warns and fails as soon as there is a verdict.
    pub fn of(relevant: f64) -> Self {
        Self {
            relevant,
            warn: relevant,
            fail: relevant,
        }
    }

    /// This margin, but for what scatters so much that less than `relevant` cannot be asked of it.
    #[must_use]
    pub fn at_least(self, relevant: f64) -> Self {
        Self {
            relevant: self.relevant.max(relevant),
            warn: self.warn.max(relevant),
            fail: self.fail.max(relevant),
        }
    }

    /// The margin on the scale of logarithms of ratios: d = ln(1 + δ).
    pub fn log_ratio(&self) -> f64 {
        self.relevant.ln_1p()
    }
}

/// A question as it was planned, before its first round.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// The question; its key is that of the side with the change.
    pub question: Question,
    /// The key before the change, where the benchmark was renamed since.
    pub renamed_from: Option<BenchmarkKey>,
    /// What its numbers count.
    pub unit: Unit,
    /// Its margin.
    pub margin: Margin,
    /// Whether its processes export latencies of single operations, so that its tail is asked for as well.
    pub tail: Tail,
    /// The CPU that both halves of each round run on; `None` on all of them.
    pub cpu: Option<u32>,
    /// The arguments of its processes after `--bench --noplot`.
    pub arguments: Sides<Vec<String>>,
    /// Other questions of the same processes, where set-up is so dear that several benchmarks share one: the number of
    /// the group. Questions of one group have the same arguments.
    pub group: usize,
    /// How long one of its processes may take before it counts as hung, in seconds.
    pub limit_seconds: f64,
    /// How long one of its processes is expected to take, in seconds.
    pub process_seconds: f64,
}

/// Whether latencies of single operations are at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail {
    /// The bench exports none.
    Unknown,
    /// It exports them.
    Exported,
}

/// The margins of a workspace: `[workspace.metadata.yardstick.margins]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Margins {
    /// Of what nothing else is said about.
    pub default: Margin,
    /// Of the aspect [`Aspect::Parallel`], of what nothing else is said about.
    pub parallel: Margin,
    /// Of all benchmarks of a suite, by the suite's label.
    pub suites: BTreeMap<String, Margin>,
    /// Of single benchmarks, by id.
    pub benchmarks: BTreeMap<String, Margin>,
}

impl Default for Margins {
    /// 2 %, and 5 % for what several threads do to each other.
    fn default() -> Self {
        Self {
            default: Margin::of(0.02),
            parallel: Margin::of(0.05),
            suites: BTreeMap::new(),
            benchmarks: BTreeMap::new(),
        }
    }
}

impl Margins {
    /// One margin for everything, which warns and fails as soon as there is a verdict.
    pub fn all(relevant: f64) -> Self {
        Self {
            default: Margin::of(relevant),
            parallel: Margin::of(relevant),
            suites: BTreeMap::new(),
            benchmarks: BTreeMap::new(),
        }
    }

    /// The margin of a question: that of its benchmark, else of its suite, else of its aspect; never less than what
    /// `parallel` says where it is asked about that.
    pub fn of(&self, question: &Question, suite_label: &str) -> Margin {
        let named = self
            .benchmarks
            .get(&question.key.id)
            .or_else(|| self.suites.get(suite_label));
        match (question.aspect, named) {
            (Aspect::Work, named) => *named.unwrap_or(&self.default),
            (Aspect::Parallel, Some(named)) => named.at_least(self.parallel.relevant),
            (Aspect::Parallel, None) => self.parallel,
        }
    }
}
