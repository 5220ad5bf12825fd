//! A settlement as JSON: a versioned wire form of its own.
//!
//! The document is one object. `format` is always `yardstick-settlement`, and `version` rises when a field changes its meaning
//! or goes away; new fields do not raise it. Changes are ratios less one: 0.03 is 3 % more after than before. What is not
//! known is `null`.

mod question;

use serde::Serialize;

use crate::{
    model::{
        benchmark::BenchmarkKey,
        comparison::{self, Warning},
        round::Dropped,
        settlement::{self, Fate, Layouts, Origin, SecondOpinion},
    },
    render::settlement::{Report, Tally, headline, seconds_to_decide},
};

use self::question::{Question, Sides};

/// The version of the document.
pub const VERSION: u32 = 1;

/// The report as an indented JSON document that ends with a line feed.
pub fn json(report: &Report<'_>) -> String {
    let document = Document::of(report);
    // Maps with string keys and finite depth: nothing here can fail to serialise.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

#[derive(Serialize)]
struct Document<'s> {
    format: &'static str,
    version: u32,
    /// The answer in words.
    answer: String,
    /// How many benchmarks ended how.
    regressed: usize,
    improved: usize,
    unchanged: usize,
    undecided: usize,
    /// Geometric mean of after/before over what both sides have: a summary, no verdict.
    mean_ratio: Option<f64>,
    before: Side<'s>,
    after: Side<'s>,
    begun_at: &'s str,
    commands: &'s [Vec<String>],
    /// The run among those of the same sides, and its folder.
    run: u32,
    folder: &'s str,
    plan: Plan<'s>,
    layouts: Layout<'s>,
    warnings: Vec<&'s str>,
    preflight: Vec<Question<'s>>,
    questions: Vec<Question<'s>>,
    benchmarks: Vec<Benchmark<'s>>,
    /// Where the time went in what was recorded after the rounds.
    profiles: Vec<super::Profile<'s>>,
    /// The suites of which a side runs nothing.
    unbuilt: Vec<Unbuilt<'s>>,
    rounds: usize,
    dropped: DroppedRounds,
    spent_seconds: f64,
    /// What all that is undecided would probably take.
    seconds_to_decide: Option<f64>,
}

#[derive(Serialize)]
struct Side<'s> {
    name: &'s str,
    /// `capture`, `revision` or `working-tree`.
    origin: &'static str,
    commits: Vec<&'s str>,
}

#[derive(Serialize)]
struct Plan<'s> {
    seed: u64,
    alpha: f64,
    shares: usize,
    looks: &'s [u32],
    first_run_looks: usize,
    tolerated_loss: f64,
}

#[derive(Serialize)]
struct Layout<'s> {
    fresh_each_round: bool,
    /// Why not.
    because: Option<&'s str>,
}

#[derive(Serialize)]
struct Benchmark<'s> {
    #[serde(flatten)]
    key: Key<'s>,
    /// `asked`, `same-executable`, `removed`, `added`, `renamed` or `unasked`.
    fate: &'static str,
    renamed_to: Option<Key<'s>>,
    unasked_because: Option<&'s str>,
    allocations: Option<Sides<f64>>,
    allocated_bytes: Option<Sides<f64>>,
    instructions: Option<Sides<f64>>,
    /// What explains its answers, in words.
    explanation: &'s [String],
}

#[derive(Serialize)]
struct Unbuilt<'s> {
    package: &'s str,
    suite: &'s str,
    /// A sentence and what the compiler said, by side; none where it runs the suite, or has no such one.
    why: Sides<&'s [String]>,
}

#[derive(Serialize)]
struct Key<'s> {
    package: &'s str,
    suite: &'s str,
    id: &'s str,
}

#[derive(Default, Serialize)]
struct DroppedRounds {
    foreign_work: usize,
    stolen: usize,
    throttled: usize,
    failed: usize,
}

impl<'s> Document<'s> {
    fn of(report: &'s Report<'_>) -> Self {
        let settlement = report.settlement;
        let tally = Tally::of(settlement);
        let plan = &settlement.plan;
        let question = |answer| question::of(settlement, answer);
        Self {
            format: "yardstick-settlement",
            version: VERSION,
            answer: headline(settlement),
            regressed: tally.regressed,
            improved: tally.improved,
            unchanged: tally.unchanged,
            undecided: tally.undecided,
            mean_ratio: report.overall.as_ref().map(|overall| overall.all.ratio),
            before: side(&settlement.sides.before),
            after: side(&settlement.sides.after),
            begun_at: &settlement.begun_at,
            commands: &settlement.commands,
            run: report.stored.0,
            folder: &report.stored.1,
            plan: Plan {
                seed: plan.seed,
                alpha: plan.alpha,
                shares: plan.shares,
                looks: &plan.looks,
                first_run_looks: plan.first_run_looks,
                tolerated_loss: plan.tolerated_loss,
            },
            layouts: layout(&settlement.layouts),
            warnings: settlement
                .warnings
                .iter()
                .map(|Warning { text, .. }| text.as_str())
                .collect(),
            preflight: settlement
                .preflight
                .iter()
                .map(|one| question(&one.answer))
                .collect(),
            questions: settlement.answers.iter().map(question).collect(),
            benchmarks: settlement
                .fates
                .iter()
                .map(|(key, fate)| benchmark(report, key, fate))
                .collect(),
            profiles: report
                .profiles
                .iter()
                .map(|row| super::profile(row, None))
                .collect(),
            unbuilt: settlement.unbuilt.iter().map(unbuilt).collect(),
            rounds: settlement.rounds.len(),
            dropped: dropped(&report.dropped),
            spent_seconds: settlement.spent_seconds,
            seconds_to_decide: seconds_to_decide(settlement),
        }
    }
}

fn side(side: &settlement::Side) -> Side<'_> {
    Side {
        name: &side.name,
        origin: match side.origin {
            Origin::Capture => "capture",
            Origin::Revision => "revision",
            Origin::WorkingTree => "working-tree",
        },
        commits: side
            .revisions
            .iter()
            .map(|revision| revision.commit.as_str())
            .collect(),
    }
}

fn layout(layouts: &Layouts) -> Layout<'_> {
    match layouts {
        Layouts::FreshEachRound => Layout {
            fresh_each_round: true,
            because: None,
        },
        Layouts::AsLinked(why) => Layout {
            fresh_each_round: false,
            because: Some(why),
        },
    }
}

fn benchmark<'s>(report: &'s Report<'_>, of: &'s BenchmarkKey, fate: &'s Fate) -> Benchmark<'s> {
    let none = SecondOpinion::default();
    let counts = report.settlement.second_opinions.get(of).unwrap_or(&none);
    let both = |sides: Option<comparison::Sides<f64>>| {
        sides.map(|comparison::Sides { before, after }| Sides { before, after })
    };
    Benchmark {
        key: key(of),
        fate: match fate {
            Fate::Asked => "asked",
            Fate::SameExecutable => "same-executable",
            Fate::Removed => "removed",
            Fate::Added => "added",
            Fate::Renamed { .. } => "renamed",
            Fate::Unasked(_) => "unasked",
        },
        renamed_to: match fate {
            Fate::Renamed { to } => Some(key(to)),
            _ => None,
        },
        unasked_because: match fate {
            Fate::Unasked(why) => Some(why),
            _ => None,
        },
        allocations: both(counts.allocations),
        allocated_bytes: both(counts.allocated_bytes),
        instructions: both(counts.instructions),
        explanation: report.opinions.get(of).map_or(&[], Vec::as_slice),
    }
}

fn unbuilt(suite: &settlement::Unbuilt) -> Unbuilt<'_> {
    Unbuilt {
        package: &suite.package,
        suite: &suite.suite,
        why: Sides {
            before: &suite.why.before,
            after: &suite.why.after,
        },
    }
}

fn key(key: &BenchmarkKey) -> Key<'_> {
    Key {
        package: &key.package,
        suite: &key.suite,
        id: &key.id,
    }
}

fn dropped(rounds: &[Dropped]) -> DroppedRounds {
    let mut counts = DroppedRounds::default();
    for why in rounds {
        *match why {
            Dropped::ForeignWork { .. } => &mut counts.foreign_work,
            Dropped::Stolen { .. } => &mut counts.stolen,
            Dropped::Throttled => &mut counts.throttled,
            Dropped::Failed => &mut counts.failed,
        } += 1;
    }
    counts
}
