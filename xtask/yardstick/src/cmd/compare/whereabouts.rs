//! Where the time went: after the verdicts both sides are recorded in turn, a few seconds at a time.
//!
//! A single long recording of each side would tell what two processes did. Several short ones, in random order and each
//! with a layout of its own, tell how far such processes differ anyway, and so which difference is the change's.

mod builds;
mod chosen;
pub mod differences;
mod forecast;
mod recorder;
#[cfg(test)]
mod samples;
pub mod stored;
mod turns;

use std::collections::BTreeMap;

use anyhow::Result;

use self::{builds::build, chosen::choose, recorder::OnHost, turns::Recordable};
use super::{
    planning::schedule::Draws,
    request::Where,
    rounds::{is_signal, journal::Journal},
    sides::Prepared,
};
use crate::{
    cmd::Context,
    model::{
        benchmark::BenchmarkKey,
        comparison::Sides,
        question::Question,
        settlement::{Layouts, Settlement},
        whereabouts::Whereabouts,
    },
};

/// How many recordings each side gets.
const PAIRS: usize = 6;

/// Records what is asked for, as far as that has not been done, and stores every pair of recordings.
///
/// The verdicts are stored already, so that whatever fails here is a warning.
///
/// # Errors
/// If a signal asked us to end; what was recorded so far is stored.
pub fn record(
    context: &Context<'_>,
    asked: &Where,
    sides: &Sides<Prepared>,
    settlement: &Settlement,
    journal: &Journal,
) -> Result<()> {
    match try_to_record(context, asked, sides, settlement, journal) {
        Err(error) if !is_signal(&error) => {
            context.warn(&format!(
                "it is not recorded where the time went: {error:#}"
            ));
            Ok(())
        }
        done => done,
    }
}

fn try_to_record(
    context: &Context<'_>,
    asked: &Where,
    sides: &Sides<Prepared>,
    settlement: &Settlement,
    journal: &Journal,
) -> Result<()> {
    let mut chosen = choose(asked, settlement);
    chosen::say(context, asked, settlement, &chosen);
    let mut known = stored::read(context, journal)?;
    chosen.subjects.retain(|subject| {
        let known = known.get(&subject.question.key);
        known.is_none_or(|known| known.obstacles.is_empty() && known.pairs() < PAIRS)
    });
    if chosen.subjects.is_empty() {
        return Ok(());
    }
    let sampler = recorder::sampler(context);
    forecast::foretell(context, &chosen.subjects, &known, sampler);
    let built = build(context, sides, &chosen.subjects)?;
    let mut keep = |whereabouts: &Whereabouts| stored::write(context, journal, whereabouts);
    let mut recordables = Vec::new();
    for subject in chosen.subjects {
        let Question { key, aspect } = &subject.question;
        let new = |layouts| Whereabouts::new(key.clone(), *aspect, layouts);
        if let Some(why) = built.obstacles.get(key) {
            context.warn(&format!("`{}` cannot be recorded: {why}", key.id));
            let mut nothing = new(settlement.layouts.clone());
            nothing.obstacles.push(why.clone());
            keep(&nothing)?;
            continue;
        }
        let Some(executables) = built.executables_of(&subject) else {
            continue;
        };
        let layouts = layouts(settlement, built.why_as_linked(executables));
        let begun = known.remove(key);
        recordables.push(Recordable {
            whereabouts: begun.unwrap_or_else(|| new(layouts)),
            suite: built.suite(executables).clone(),
            executables,
            subject,
        });
    }
    let draws = Draws::new(settlement.plan.seed);
    let recorder = OnHost::new(context, &built, sampler, settlement)?;
    turns::run(
        recorder,
        Draws::new(draws.seed_of("where")),
        recordables,
        &mut keep,
    )
}

/// Recordings get their layouts as the rounds did.
fn layouts(settlement: &Settlement, why_as_linked: Option<&str>) -> Layouts {
    match (&settlement.layouts, why_as_linked) {
        (Layouts::FreshEachRound, Some(why)) => Layouts::AsLinked(why.to_owned()),
        (as_in_rounds, _) => as_in_rounds.clone(),
    }
}

/// Everything that was recorded of a settlement, by benchmark.
pub type Recorded = BTreeMap<BenchmarkKey, Whereabouts>;
