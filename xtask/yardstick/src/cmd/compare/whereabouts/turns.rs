//! The loop: both sides in turn, pair after pair.

use std::collections::BTreeMap;

use anyhow::Result;

use super::{
    super::{planning::schedule::Draws, rounds::is_signal},
    PAIRS,
    builds::in_a_line,
    chosen::Subject,
};
use crate::{
    model::{
        comparison::Sides, profile::Profile, round::First, suite::Suite, whereabouts::Whereabouts,
    },
    problem::Problem,
};

/// A benchmark that can be recorded, with what was recorded of it so far.
#[derive(Clone, Debug)]
pub(super) struct Recordable {
    pub(super) subject: Subject,
    pub(super) suite: Suite,
    /// Which executables, as the recorder knows them.
    pub(super) executables: Sides<usize>,
    pub(super) whereabouts: Whereabouts,
}

/// What links executables and records: this machine, or a stand-in.
pub(super) trait Recorder {
    /// Makes a pair of executables for the next recordings, with fresh layouts where it can.
    ///
    /// # Errors
    /// If the linker fails, or a signal asked us to end.
    fn lay_out(&mut self, executables: Sides<usize>, seeds: Sides<u64>) -> Result<()>;

    /// Records one side of a benchmark.
    ///
    /// # Errors
    /// If the sampler fails, or a signal asked us to end. A recording that would mislead is none: the inner problem
    /// says why.
    fn take(
        &mut self,
        subject: &Subject,
        executables: Sides<usize>,
        role: First,
        padding_bytes: u32,
    ) -> Result<Result<Profile, Problem>>;

    /// A recording is about to be made, after so many of this many.
    fn progress(&mut self, done: usize, of: usize, subject: &Subject);
}

/// Records until each benchmark has all its pairs, or an obstacle. Every pair is kept before the next one begins.
///
/// # Errors
/// If a pair cannot be kept, or a signal asked us to end.
pub(super) fn run(
    mut recorder: impl Recorder,
    draws: Draws,
    mut all: Vec<Recordable>,
    keep: &mut dyn FnMut(&Whereabouts) -> Result<()>,
) -> Result<()> {
    let pairs_left = |one: &Recordable| PAIRS - one.whereabouts.pairs();
    let of = 2 * all.iter().map(pairs_left).sum::<usize>();
    let mut done = 0;
    for number in 1..=PAIRS {
        for group in groups(&all, number, draws) {
            let Some(first) = group.first().map(|at| &all[*at]) else {
                continue;
            };
            let seeds = draws.layout_seeds(&first.suite, number as u32);
            let laid_out = recorder.lay_out(first.executables, seeds);
            let laid_out = unless_signal(laid_out)?;
            for at in group {
                let one = &mut all[at];
                recorder.progress(done, of, &one.subject);
                done += 2;
                match &laid_out {
                    Ok(()) => pair(&mut recorder, draws, one, number as u32)?,
                    Err(why) => one.whereabouts.obstacles.push(why.clone()),
                }
                keep(&one.whereabouts)?;
            }
        }
    }
    Ok(())
}

/// The benchmarks that lack a pair of this number, by the executables that they share, in random order.
fn groups(all: &[Recordable], number: usize, draws: Draws) -> Vec<Vec<usize>> {
    let mut groups: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
    for (at, one) in all.iter().enumerate() {
        let lacks_it = one.whereabouts.pairs() < number;
        if lacks_it && one.whereabouts.obstacles.is_empty() {
            let Sides { before, after } = one.executables;
            groups.entry((before, after)).or_default().push(at);
        }
    }
    let mut groups: Vec<Vec<usize>> = groups.into_values().collect();
    for group in &mut groups {
        draws.shuffle(number as u32, group, |at| {
            all[*at].subject.question.key.to_string()
        });
    }
    draws.shuffle(number as u32, &mut groups, |group| format!("{group:?}"));
    groups
}

fn pair(
    recorder: &mut impl Recorder,
    draws: Draws,
    one: &mut Recordable,
    number: u32,
) -> Result<()> {
    let question = &one.subject.question;
    let padding = draws.padding_bytes(question, number);
    let mut half = |role| {
        let padding_bytes = match role {
            First::Before => padding.before,
            First::After => padding.after,
        };
        let mut take = || recorder.take(&one.subject, one.executables, role, padding_bytes);
        let taken = match unless_signal(take())? {
            // What failed once may have been an accident; what fails twice is none.
            Err(_) => unless_signal(take())?,
            taken => taken,
        };
        Ok::<_, anyhow::Error>(taken.and_then(|taken| taken.map_err(|why| in_a_line(&why))))
    };
    let (before, after) = match draws.first(question, number) {
        First::Before => {
            let before = half(First::Before)?;
            (before, half(First::After)?)
        }
        First::After => {
            let after = half(First::After)?;
            (half(First::Before)?, after)
        }
    };
    let whereabouts = &mut one.whereabouts;
    match (before, after) {
        (Ok(before), Ok(after)) => {
            whereabouts.profiles.before.push(before);
            whereabouts.profiles.after.push(after);
        }
        (before, after) => {
            let told = [("before", before.err()), ("after", after.err())];
            let told = told
                .into_iter()
                .filter_map(|(side, why)| Some((side, why?)));
            let obstacles = told.map(|(side, why)| format!("{side}: {why}"));
            whereabouts.obstacles.extend(obstacles);
        }
    }
    Ok(())
}

/// What goes wrong keeps one benchmark from being recorded; a signal ends everything.
fn unless_signal<T>(tried: Result<T>) -> Result<Result<T, String>> {
    match tried {
        Ok(done) => Ok(Ok(done)),
        Err(error) if is_signal(&error) => Err(error),
        Err(error) => Ok(Err(match error.downcast_ref::<Problem>() {
            Some(problem) => in_a_line(problem),
            None => format!("{error:#}"),
        })),
    }
}

#[cfg(test)]
mod tests;
