//! The loop: round after round, until every question has its answer, the last look is over, or the time is.

pub mod executor;
pub mod ground;
pub mod journal;
pub mod observe;
pub mod preflight;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::planning::schedule::Draws;
use crate::{
    analysis::verdict::{self, Extent},
    model::{
        comparison::Sides,
        question::Planned,
        round::{First, Half, Round},
        settlement::Plan,
        suite::Suite,
        verdict::{Answer, Reason, Verdict},
    },
    problem::{ExitCode, Problem},
};

/// What links executables and runs processes: this machine, or a stand-in.
pub trait Executor {
    /// Makes the executables of a suite for the next rounds, with fresh layouts where it can.
    ///
    /// Returns the seeds of the layouts; `None` for an executable as cargo linked it.
    ///
    /// # Errors
    /// If the linker fails, or a signal asked us to end.
    fn lay_out(&mut self, suite: &Suite, seeds: Sides<u64>) -> Result<Sides<Option<u64>>>;

    /// Runs one process and returns what it is to each question of the group.
    ///
    /// # Errors
    /// If it cannot be started, or a signal asked us to end. A process that fails is no error.
    fn run(&mut self, process: &Process<'_>) -> Result<Vec<Half>>;

    /// Seconds since some moment in the past.
    fn elapsed_seconds(&self) -> f64;
}

/// One half of a round.
#[derive(Clone, Copy, Debug)]
pub struct Process<'a> {
    /// Whose executable runs.
    pub role: First,
    /// The suite.
    pub suite: &'a Suite,
    /// The questions that the process answers, all of one group.
    pub group: &'a [&'a Planned],
    /// The layout that was made last.
    pub layout_seed: Option<u64>,
    /// The length of the variable that moves its stack.
    pub padding_bytes: u32,
}

/// What is told while rounds are run.
pub trait Witness {
    /// A round is over.
    ///
    /// # Errors
    /// If it cannot be kept; no further round is run then.
    fn round(&mut self, round: &Round) -> Result<()>;

    /// So many questions have their answers, and this one is being asked.
    fn progress(&mut self, closed: usize, asked: &Planned, number: u32);
}

/// Why the loop ended.
#[derive(Debug)]
pub enum End {
    /// Every question has its answer, or there is no further look.
    Done,
    /// The time is up.
    BudgetSpent,
    /// A signal asked us to end; the rounds so far are kept.
    Interrupted(anyhow::Error),
}

/// What a loop works on.
#[derive(Clone, Copy, Debug)]
pub struct Course<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// Which of its looks are to be taken.
    pub extent: Extent,
    /// The suites of the questions.
    pub suites: &'a [Suite],
    /// How long to go on, in seconds.
    pub budget_seconds: f64,
}

/// Runs rounds and adds them to `rounds`, which may hold those of an earlier run of the same plan.
///
/// # Errors
/// If a process cannot be started or a round cannot be kept. Ctrl-C is no error.
pub fn run(
    executor: &mut dyn Executor,
    course: Course<'_>,
    rounds: &mut Vec<Round>,
    witness: &mut dyn Witness,
) -> Result<End> {
    let deadline = executor.elapsed_seconds() + course.budget_seconds;
    let mut state = State::new(course, rounds);
    let end = state.sweeps(executor, deadline, witness);
    rounds.extend(state.added);
    match end {
        Err(error) if is_signal(&error) => Ok(End::Interrupted(error)),
        end => end,
    }
}

/// How many rounds a question lacks to its next look; `None` where it wants none any more.
pub fn lacking(plan: &Plan, answer: &Answer, extent: Extent) -> Option<u32> {
    let patience = 2 * plan.looks.first().copied().unwrap_or_default();
    match &answer.verdict {
        verdict if verdict::is_final(verdict) => None,
        // A machine that others have will not be ours soon.
        Verdict::Undecided(Reason::Starved { dropped }) if *dropped >= patience => None,
        _ => verdict::next_look(plan, answer.rounds, extent).map(|look| look - answer.rounds),
    }
}

/// Whether an error is a signal that asked us to end.
pub fn is_signal(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Problem>().is_some_and(|problem| {
        matches!(
            problem.exit_code(),
            ExitCode::Interrupted | ExitCode::Terminated
        )
    })
}

struct State<'a> {
    course: Course<'a>,
    draws: Draws,
    /// The rounds of each question of the plan, in its order.
    by_question: Vec<Vec<Round>>,
    /// The questions that want more rounds, with how many they lack to their next look.
    open: BTreeMap<usize, u32>,
    sweep: u32,
    added: Vec<Round>,
}

impl<'a> State<'a> {
    fn new(course: Course<'a>, earlier: &[Round]) -> Self {
        let plan = course.plan;
        let of_question = |planned: &Planned| -> Vec<Round> {
            let its = earlier
                .iter()
                .filter(|round| round.question == planned.question);
            its.cloned().collect()
        };
        let mut state = Self {
            course,
            draws: Draws::new(plan.seed),
            by_question: plan.questions.iter().map(of_question).collect(),
            open: BTreeMap::new(),
            sweep: earlier.iter().map(|round| round.number).max().unwrap_or(0),
            added: Vec::new(),
        };
        state.open = (0..plan.questions.len())
            .filter_map(|index| Some((index, state.lacking(index)?)))
            .collect();
        state
    }

    fn lacking(&self, index: usize) -> Option<u32> {
        let Course { plan, extent, .. } = self.course;
        let rounds: Vec<&Round> = self.by_question[index].iter().collect();
        let answer = verdict::answer(plan, &plan.questions[index], &rounds, extent);
        lacking(plan, &answer, extent)
    }

    fn sweeps(
        &mut self,
        executor: &mut dyn Executor,
        deadline: f64,
        witness: &mut dyn Witness,
    ) -> Result<End> {
        while !self.open.is_empty() {
            self.sweep += 1;
            let affordable = self.affordable(deadline - executor.elapsed_seconds());
            let mut suites: Vec<&Suite> = self.course.suites.iter().collect();
            self.draws
                .shuffle(self.sweep, &mut suites, |suite| suite.label.clone());
            for suite in suites {
                let groups = self.open_groups(suite, &affordable);
                if groups.is_empty() {
                    continue;
                }
                if executor.elapsed_seconds() >= deadline {
                    return Ok(End::BudgetSpent);
                }
                let seeds = executor.lay_out(suite, self.draws.layout_seeds(suite, self.sweep))?;
                for group in groups {
                    if executor.elapsed_seconds() >= deadline {
                        return Ok(End::BudgetSpent);
                    }
                    self.pair(executor, suite, &group, seeds, witness)?;
                }
            }
        }
        Ok(End::Done)
    }

    /// The groups that can be brought to their next looks in the time that is left, the cheapest first, and one in any case.
    ///
    /// Rounds that end before a look would say nothing, and take the time in which others could be answered.
    fn affordable(&self, seconds: f64) -> BTreeSet<usize> {
        let mut costs: BTreeMap<usize, f64> = BTreeMap::new();
        for (&index, &rounds) in &self.open {
            let planned = &self.course.plan.questions[index];
            let cost = costs.entry(planned.group).or_default();
            *cost = cost.max(f64::from(rounds) * 2.0 * planned.process_seconds);
        }
        let mut costs: Vec<(usize, f64)> = costs.into_iter().collect();
        costs.sort_by(|a, b| a.1.total_cmp(&b.1));
        let mut sum = 0.0;
        let cheap_enough = costs.iter().enumerate().take_while(|(nth, (_, cost))| {
            sum += cost;
            *nth == 0 || sum <= seconds
        });
        cheap_enough.map(|(_, (group, _))| *group).collect()
    }

    /// The groups of a suite in which a question is open, shuffled; only those that are affordable.
    fn open_groups(&self, suite: &Suite, affordable: &BTreeSet<usize>) -> Vec<Vec<usize>> {
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for &index in self.open.keys() {
            let planned = &self.course.plan.questions[index];
            let key = &planned.question.key;
            let is_here = key.package == suite.package && key.suite == suite.name;
            if is_here && affordable.contains(&planned.group) {
                groups.entry(planned.group).or_default().push(index);
            }
        }
        let mut groups: Vec<Vec<usize>> = groups.into_values().collect();
        self.draws.shuffle(self.sweep, &mut groups, |group| {
            format!("{} {:?}", suite.label, group.first())
        });
        groups
    }

    /// Runs both halves of a round of a group, and closes the questions that have their answers then.
    fn pair(
        &mut self,
        executor: &mut dyn Executor,
        suite: &Suite,
        group: &[usize],
        seeds: Sides<Option<u64>>,
        witness: &mut dyn Witness,
    ) -> Result<()> {
        let plan = self.course.plan;
        let planned: Vec<&Planned> = group.iter().map(|index| &plan.questions[*index]).collect();
        let Some(leader) = planned.first() else {
            return Ok(());
        };
        let closed = plan.questions.len() - self.open.len();
        witness.progress(closed, leader, self.sweep);
        let number = self.by_question[group[0]].len() as u32 + 1;
        let first = self.draws.first(&leader.question, number);
        let padding = self.draws.padding_bytes(&leader.question, number);
        let mut half = |role| {
            executor.run(&Process {
                role,
                suite,
                group: &planned,
                layout_seed: match role {
                    First::Before => seeds.before,
                    First::After => seeds.after,
                },
                padding_bytes: match role {
                    First::Before => padding.before,
                    First::After => padding.after,
                },
            })
        };
        let (before, after) = match first {
            First::Before => {
                let before = half(First::Before)?;
                (before, half(First::After)?)
            }
            First::After => {
                let after = half(First::After)?;
                (half(First::Before)?, after)
            }
        };
        for ((&index, before), after) in group.iter().zip(before).zip(after) {
            let round = Round {
                question: plan.questions[index].question.clone(),
                number: self.by_question[index].len() as u32 + 1,
                first,
                halves: Sides { before, after },
            };
            witness.round(&round)?;
            self.added.push(round.clone());
            self.by_question[index].push(round);
            match self.lacking(index) {
                Some(rounds) => self.open.insert(index, rounds),
                None => self.open.remove(&index),
            };
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
