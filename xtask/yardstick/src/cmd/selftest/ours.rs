//! Our verdicts on a suite and itself, by the plan, the looks and the rounds of `compare`.

use std::collections::BTreeMap;

use anyhow::Result;

use crate::{
    analysis::verdict::{self, Extent},
    cmd::{
        Context,
        compare::{
            planning::{self, Terms, calibrate::Calibrated},
            rounds::{
                self, Course, End, Witness,
                executor::{Linking, OnHost},
            },
            sides::runnable::Runnable,
        },
    },
    model::{
        comparison::Sides,
        question::{Margin, Margins, Planned, Question},
        round::Round,
        selftest::{Claim, Judged},
        settlement::Plan,
        suite::Suite,
        verdict::Answer,
    },
};

/// What one comparison of the suite with itself is made of.
#[derive(Clone, Copy, Debug)]
pub struct Trial<'a> {
    /// Both sides: the same executables, told of different amounts of work.
    pub sides: Sides<&'a [Runnable]>,
    /// What is known of the benchmarks.
    pub calibrated: &'a [Calibrated],
    /// δ, as a ratio less one.
    pub margin: f64,
    /// What a verdict may take.
    pub seconds_per_verdict: f64,
    /// What every random choice of this comparison follows from.
    pub seed: u64,
}

/// Our verdicts, and the seconds that they took together.
///
/// # Errors
/// If an executable cannot be linked or started, or a signal asked us to end.
pub fn judge(context: &Context<'_>, trial: Trial<'_>) -> Result<(Vec<Judged>, f64)> {
    let suites: Vec<Suite> = trial
        .sides
        .before
        .iter()
        .map(|runnable| runnable.suite.clone())
        .collect();
    let plan = plan(context, trial, &suites);
    let course = Course {
        plan: &plan,
        extent: Extent::FirstRun,
        suites: &suites,
        budget_seconds: trial.seconds_per_verdict * plan.questions.len() as f64,
    };
    let begun = context.host.elapsed_seconds();
    let mut executor = OnHost::new(context, trial.sides, Linking::Fresh)?;
    let mut rounds = Vec::new();
    match rounds::run(&mut executor, course, &mut rounds, &mut Nobody)? {
        End::Interrupted(signal) => return Err(signal),
        End::Done | End::BudgetSpent => (),
    }
    let seconds = context.host.elapsed_seconds() - begun;
    let answers = verdict::answers(&plan, &rounds, Extent::FirstRun);
    Ok((judged(&answers, &rounds), seconds))
}

/// The plan that `compare` would make of these benchmarks.
fn plan(context: &Context<'_>, trial: Trial<'_>, suites: &[Suite]) -> Plan {
    let margins = Margins {
        default: Margin::of(trial.margin),
        ..Margins::default()
    };
    let terms = Terms {
        seed: trial.seed,
        margins: &margins,
        suites,
        cpus: &context.host.allowed_cpus(),
        tolerated_loss: planning::TOLERATED_LOSS,
    };
    planning::plan(trial.calibrated, terms)
}

fn judged(answers: &[Answer], rounds: &[Round]) -> Vec<Judged> {
    let mut process_ns: BTreeMap<&Question, u64> = BTreeMap::new();
    for round in rounds {
        let halves = [&round.halves.before, &round.halves.after];
        *process_ns.entry(&round.question).or_default() +=
            halves.map(|half| half.guards.wall_ns).iter().sum::<u64>();
    }
    let judged = |answer: &Answer| Judged {
        question: answer.question.clone(),
        claim: Claim::from(&answer.verdict),
        change: answer.floor.map(|interval| interval.change()),
        half_width: answer
            .floor
            .map(|interval| interval.smallest_visible_change()),
        rounds: answer.rounds,
        process_seconds: process_ns.get(&answer.question).copied().unwrap_or(0) as f64 / 1e9,
    };
    answers.iter().map(judged).collect()
}

/// A self-test keeps what its rounds say, not the rounds.
struct Nobody;

impl Witness for Nobody {
    fn round(&mut self, _: &Round) -> Result<()> {
        Ok(())
    }

    fn progress(&mut self, _: usize, _: &Planned, _: u32) {}
}
