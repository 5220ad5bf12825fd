//! From calibrated benchmarks to a plan: which questions are asked, how, and at what error rate.

pub mod calibrate;
pub mod fates;
pub mod forecast;
pub mod margins;
pub mod schedule;

use self::{calibrate::Calibrated, schedule::Draws};
use crate::{
    analysis::verdict,
    model::{
        benchmark::BenchmarkKey,
        question::{Aspect, Margins, Planned, Question, Tail},
        settlement::Plan,
        suite::Suite,
        units::Unit,
    },
};

/// The chance of one or more false verdicts in a whole run.
pub const ALPHA: f64 = 0.05;

/// A round that loses more than this share of its CPU to others is dropped, where nobody says otherwise.
pub const TOLERATED_LOSS: f64 = 0.67;

/// What a plan follows from, besides the benchmarks.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// What every random choice follows from.
    pub seed: u64,
    /// From where on a change matters.
    pub margins: &'a Margins,
    /// The suites, for their labels.
    pub suites: &'a [Suite],
    /// The CPUs that we may run on.
    pub cpus: &'a [u32],
    /// The share of its CPU that a round may lose to others before it is dropped, 0 to 1.
    pub tolerated_loss: f64,
}

/// Plans every question about the benchmarks: their work, and of those of several threads what these do to each other.
pub fn plan(benchmarks: &[Calibrated], terms: Terms<'_>) -> Plan {
    let draws = Draws::new(terms.seed);
    let groups = benchmarks.iter().map(|benchmark| benchmark.group + 1);
    let groups = groups.max().unwrap_or(0);
    let mut questions = Vec::new();
    for benchmark in benchmarks {
        // Threads gain and lose time by each other; bytes and shares of a CPU they do not.
        let aspects: &[Aspect] = match (benchmark.multi_threaded, benchmark.unit) {
            (true, Unit::Nanoseconds) => &[Aspect::Work, Aspect::Parallel],
            _ => &[Aspect::Work],
        };
        for &aspect in aspects {
            let question = Question {
                key: benchmark.key.clone(),
                aspect,
            };
            let label = label(terms.suites, &question);
            questions.push(Planned {
                renamed_from: benchmark.renamed_from.clone(),
                unit: benchmark.unit,
                margin: terms.margins.of(&question, label),
                tail: benchmark.tail,
                cpu: match aspect {
                    Aspect::Work => draws.cpu(leader(benchmarks, benchmark), terms.cpus),
                    Aspect::Parallel => None,
                },
                arguments: benchmark.arguments.clone(),
                // Pinned and free processes are different ones.
                group: match aspect {
                    Aspect::Work => benchmark.group,
                    Aspect::Parallel => groups + benchmark.group,
                },
                limit_seconds: benchmark.limit_seconds,
                process_seconds: benchmark.process_seconds,
                question,
            });
        }
    }
    questions.sort_by(|a, b| a.question.cmp(&b.question));
    let has_tail = |planned: &Planned| planned.tail == Tail::Exported;
    let tail = match questions.iter().any(has_tail) {
        true => Tail::Exported,
        false => Tail::Unknown,
    };
    let looks = verdict::looks(questions.len(), ALPHA, tail);
    Plan {
        seed: terms.seed,
        alpha: ALPHA,
        looks: looks.rounds,
        first_run_looks: looks.first_run,
        shares: questions.len(),
        questions,
        tolerated_loss: terms.tolerated_loss,
    }
}

/// The benchmark that stands for a group: one process has one CPU.
fn leader<'a>(benchmarks: &'a [Calibrated], benchmark: &'a Calibrated) -> &'a BenchmarkKey {
    let of_group = benchmarks
        .iter()
        .filter(|other| other.group == benchmark.group);
    of_group
        .map(|other| &other.key)
        .min()
        .unwrap_or(&benchmark.key)
}

fn label<'a>(suites: &'a [Suite], question: &Question) -> &'a str {
    let key = &question.key;
    suites
        .iter()
        .find(|suite| suite.package == key.package && suite.name == key.suite)
        .map_or("", |suite| suite.label.as_str())
}
