//! Where rounds are run: the executables of both sides on this machine, and what is written down meanwhile.

use anyhow::Result;

use super::{
    Course, End, Witness,
    executor::{Linking, OnHost},
    journal::Journal,
};
use crate::{
    analysis::verdict::{self, Extent},
    cmd::{
        Context,
        compare::{answering::opinions::opinions, sides::runnable::Runnable},
    },
    host::Progress,
    model::{
        comparison::Sides,
        question::Planned,
        round::Round,
        settlement::{Plan, Preflight, Settlement},
        suite::Suite,
    },
};

/// A settlement that is stored.
#[derive(Debug)]
pub struct Settled {
    /// All of it.
    pub settlement: Settlement,
    /// Where it is stored.
    pub journal: Journal,
    /// The signal that ended its rounds; what is stored can be continued.
    pub interrupted: Option<anyhow::Error>,
}

/// Both sides on this machine.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    /// The machine.
    pub context: &'a Context<'a>,
    /// The suites of both sides.
    pub sides: Sides<&'a [Runnable]>,
    /// Those of the side with the change.
    pub suites: &'a [Suite],
    /// Where executables get their layouts from.
    pub linking: Linking,
}

impl Ground<'_> {
    /// Compares the side before the change with itself.
    ///
    /// # Errors
    /// If a process cannot be started, or a signal asked us to end.
    pub fn preflight(&self, plan: &Plan) -> Result<Vec<Preflight>> {
        let sides = Sides {
            before: self.sides.before,
            after: self.sides.before,
        };
        let mut executor = OnHost::new(self.context, sides, self.linking)?;
        let questions = plan.questions.len() as u64;
        let title = "comparing with itself";
        let mut watching = Watching {
            progress: self.context.host.progress(title, questions),
            kept: None,
        };
        let mut run = Vec::new();
        let course = self.course(plan, Extent::FirstRun, f64::INFINITY);
        match super::run(&mut executor, course, &mut run, &mut watching)? {
            End::Interrupted(error) => Err(error),
            End::Done | End::BudgetSpent => {
                let answers = verdict::answers(plan, &run, Extent::FirstRun);
                let preflight = |answer: crate::model::verdict::Answer| Preflight {
                    key: answer.question.key.clone(),
                    answer,
                };
                Ok(answers.into_iter().map(preflight).collect())
            }
        }
    }

    /// Runs rounds until every question has its answer, the looks are over or the time is, and stores what came out.
    ///
    /// # Errors
    /// If a process cannot be started or a round cannot be stored. A signal is no error: it is in what is returned.
    pub fn go(
        &self,
        mut settlement: Settlement,
        journal: Journal,
        extent: Extent,
        budget_seconds: f64,
    ) -> Result<Settled> {
        let host = self.context.host;
        let begun = host.elapsed_seconds();
        let mut executor = OnHost::new(self.context, self.sides, self.linking)?;
        let questions = settlement.plan.questions.len() as u64;
        let mut watching = Watching {
            progress: host.progress("comparing", questions),
            kept: Some((self.context, &journal)),
        };
        let course = self.course(&settlement.plan, extent, budget_seconds);
        let end = super::run(&mut executor, course, &mut settlement.rounds, &mut watching);
        drop(watching);
        settlement.spent_seconds += host.elapsed_seconds() - begun;
        let interrupted = match end? {
            End::Interrupted(error) => Some(error),
            End::Done | End::BudgetSpent => None,
        };
        self.conclude(settlement, journal, extent, interrupted)
    }

    /// Draws the conclusions of the rounds so far, and stores them.
    ///
    /// # Errors
    /// If they cannot be stored.
    pub fn conclude(
        &self,
        mut settlement: Settlement,
        journal: Journal,
        extent: Extent,
        interrupted: Option<anyhow::Error>,
    ) -> Result<Settled> {
        settlement.answers = verdict::answers(&settlement.plan, &settlement.rounds, extent);
        journal.finish(self.context, &settlement)?;
        if interrupted.is_none() {
            settlement.second_opinions = opinions(
                self.context,
                self.sides,
                &settlement.plan,
                &settlement.answers,
            )?;
            journal.finish(self.context, &settlement)?;
        }
        Ok(Settled {
            settlement,
            journal,
            interrupted,
        })
    }

    fn course<'c>(&'c self, plan: &'c Plan, extent: Extent, budget_seconds: f64) -> Course<'c> {
        Course {
            plan,
            extent,
            suites: self.suites,
            budget_seconds,
        }
    }
}

/// Shows where the rounds are, and keeps them.
struct Watching<'a> {
    progress: Progress,
    kept: Option<(&'a Context<'a>, &'a Journal)>,
}

impl Witness for Watching<'_> {
    fn round(&mut self, round: &Round) -> Result<()> {
        match self.kept {
            Some((context, journal)) => journal.add(context, round),
            None => Ok(()),
        }
    }

    fn progress(&mut self, closed: usize, asked: &Planned, number: u32) {
        let id = &asked.question.key.id;
        self.progress.done(closed as u64);
        self.progress.say(&format!("round {number}: {id}"));
    }
}
