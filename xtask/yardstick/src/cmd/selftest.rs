//! `selftest`: how honest the verdicts are on this machine now.
//!
//! One build of a suite is compared with itself, or with itself and a known amount of more work: by the rounds of
//! `compare`, and in the same time by Criterion. What is right is known, so verdicts can be counted as right and wrong.

mod agenda;
mod criterion;
mod kept;
mod ours;
mod request;
mod subject;

use anyhow::Result;

use self::{
    agenda::{Judge, Task, agenda},
    kept::Kept,
    ours::Trial,
    subject::Subject,
};
use super::{
    Context,
    compare::{Format, planning::schedule::Draws},
    counted,
    selection::Selection,
    suites,
};
use crate::{
    analysis,
    model::selftest::{CriterionJudged, Judged, Selftest, Try},
    problem::Problem,
    render,
};

pub use request::{Earlier, Place, Request, Tries};

/// Does it.
///
/// # Errors
/// If the suite cannot be built or run, the result not be kept, or a signal asked us to end.
pub fn run(context: &Context<'_>, request: Request) -> Result<()> {
    let Some(tries) = &request.tries else {
        let workspace = suites::discover(context, &Selection::default())?;
        let stored = kept::stored(context, &workspace)?;
        return show(context, &stored, request.format);
    };
    let workspace = suites::discover(context, &tries.selection)?;
    // What cannot be kept is better known before the work than after it.
    let mut kept = Kept::open(context, &workspace, tries.place, tries.earlier)?;
    let subject = Subject::prepare(context, &workspace, tries)?;
    kept.begin(subject.provenance(context)?)?;
    let session = Session {
        context,
        tries,
        subject: &subject,
    };
    let end = session.run(&mut kept);
    let made = kept.selftest.tries().count();
    if made > 0 {
        show(context, &kept.selftest, request.format)?;
        let kept = kept.shown(context);
        let text = format!("{} kept in {kept}\n", counted_tries(made));
        context.host.note(&text);
    }
    end
}

/// Counts what was right, and prints it.
fn show(context: &Context<'_>, selftest: &Selftest, format: Format) -> Result<()> {
    let injected = analysis::selftest::summarise(selftest.tries());
    let text = match format {
        Format::Terminal => render::selftest::terminal(&injected),
        Format::Markdown => render::selftest::markdown(&injected),
        Format::Json => render::json::selftest::json(&injected),
    };
    context.host.print(&text)
}

fn counted_tries(count: usize) -> String {
    match count {
        1 => "1 try".to_owned(),
        _ => format!("{count} tries"),
    }
}

/// One call of the verb.
struct Session<'a> {
    context: &'a Context<'a>,
    tries: &'a Tries,
    subject: &'a Subject,
}

impl Session<'_> {
    /// Makes the tries that are not made yet, and keeps each as soon as it ends.
    fn run(&self, kept: &mut Kept) -> Result<()> {
        let wanted = self.tries.injections(self.subject.can_be_slowed());
        if wanted.iter().any(|injection| injection.percent > 0) && !self.subject.can_be_slowed() {
            return Err(cannot_be_slowed().into());
        }
        let host = self.context.host;
        let draws = Draws::new(self.tries.seed.unwrap_or_else(|| host.random_seed()));
        let done: Vec<&Try> = kept.selftest.tries().collect();
        let tasks = agenda(&wanted, self.tries.count, &done, draws);
        self.announce(tasks.len());
        let progress = host.progress("self-test", tasks.len() as u64);
        for (index, task) in tasks.iter().enumerate() {
            let work = match task.injection.percent {
                0 => "no slowdown".to_owned(),
                percent => format!("a slowdown of {percent} %"),
            };
            progress.say(&work);
            let seed = draws.seed_of(&format!("{} {index}", kept.selftest.tries().count()));
            let one = self.try_one(task, seed, &kept.selftest)?;
            kept.add(self.context, one)?;
            progress.done(index as u64 + 1);
        }
        Ok(())
    }

    /// Says how long it will take.
    fn announce(&self, tasks: usize) {
        let benchmarks = self.subject.benchmarks();
        let verdicts = self.subject.verdicts();
        let seconds = self.tries.seconds_per_verdict;
        // Criterion takes as long as we do.
        let minutes = 2.0 * seconds * (tasks * verdicts) as f64 / 60.0;
        self.context.host.note(&format!(
            "{} of {}, {verdicts} verdicts each: at most {minutes:.0} min ({seconds} s a verdict, and as much for Criterion's)\n",
            counted_tries(tasks),
            counted(benchmarks, "benchmark"),
        ));
    }

    fn try_one(&self, task: &Task, seed: u64, earlier: &Selftest) -> Result<Try> {
        // Criterion gets the time that we took: where it is first, that of a try before.
        let of_same = earlier
            .tries()
            .filter(|one| one.injection == task.injection);
        let usual = of_same.last().or_else(|| earlier.tries().last());
        let usual = usual.map(|one| one.ours_seconds);
        let (ours, ours_seconds, criterion, criterion_seconds);
        match (task.first, usual) {
            (Judge::Criterion, Some(usual)) => {
                criterion_seconds = usual;
                criterion = self.ask_criterion(task, seed, criterion_seconds)?;
                (ours, ours_seconds) = self.ask_us(task, seed)?;
            }
            _ => {
                (ours, ours_seconds) = self.ask_us(task, seed)?;
                criterion_seconds = ours_seconds;
                criterion = self.ask_criterion(task, seed, criterion_seconds)?;
            }
        }
        Ok(Try {
            injection: task.injection,
            slowed: task.slowed,
            ours,
            ours_seconds,
            criterion,
            criterion_seconds,
        })
    }

    /// Our verdicts, and the seconds that they took.
    fn ask_us(&self, task: &Task, seed: u64) -> Result<(Vec<Judged>, f64)> {
        let sides = self.subject.sides(task);
        let trial = Trial {
            sides: sides.as_ref().map(Vec::as_slice),
            calibrated: self.subject.calibrated(),
            margin: task.injection.margin,
            seconds_per_verdict: self.tries.seconds_per_verdict,
            seed,
        };
        ours::judge(self.context, trial)
    }

    /// Criterion's verdicts, all of them from `seconds` of warm-ups and measurements.
    fn ask_criterion(&self, task: &Task, seed: u64, seconds: f64) -> Result<Vec<CriterionJudged>> {
        let each = seconds / self.subject.benchmarks().max(1) as f64;
        let laid_out = self.subject.lay_out(self.context, task, seed)?;
        let mut judged = Vec::new();
        for suite in &laid_out.suites {
            let sides = suite.sides.as_ref();
            judged.extend(criterion::judge(
                self.context,
                &suite.suite,
                sides,
                &suite.ids,
                each,
            )?);
        }
        Ok(judged)
    }
}

fn cannot_be_slowed() -> Problem {
    Problem::usage("only the suite that the workspace names for it can be slowed down by a known amount")
        .fact("`[workspace.metadata.yardstick.selftest]` names a suite, and the variable that tells it how much more work to do")
        .hint("ask for `--changes 0`: what the suite is compared with is itself")
}
