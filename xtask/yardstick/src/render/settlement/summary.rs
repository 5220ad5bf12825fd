//! The answer in one sentence, and the counts behind it.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    benchmark::BenchmarkKey,
    settlement::{Fate, Settlement},
    units::Unit,
    verdict::{Answer, Grade, Verdict},
};

use super::{
    Quote,
    words::{self, counted, directions, level},
};

/// What is said about a benchmark, whatever it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// An answer says so.
    Regressed,
    /// An answer says so, and none the contrary.
    Improved,
    /// Something of it is undecided, and nothing is known to have changed.
    Undecided,
    /// All of it is unchanged.
    Unchanged,
}

/// How many benchmarks ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Benchmarks with a regression.
    pub regressed: usize,
    /// Benchmarks that only improved.
    pub improved: usize,
    /// Benchmarks that are unchanged, those of the same executable included.
    pub unchanged: usize,
    /// Benchmarks of which nothing is known to have changed, and not all is known to be unchanged.
    pub undecided: usize,
}

impl Tally {
    /// Counts the benchmarks of both sides.
    pub fn of(settlement: &Settlement) -> Self {
        let mut tally = Self::default();
        for outcome in outcomes(settlement).into_values() {
            *match outcome {
                Outcome::Regressed => &mut tally.regressed,
                Outcome::Improved => &mut tally.improved,
                Outcome::Unchanged => &mut tally.unchanged,
                Outcome::Undecided => &mut tally.undecided,
            } += 1;
        }
        tally
    }

    /// All that were asked about.
    pub fn benchmarks(&self) -> usize {
        self.regressed + self.improved + self.unchanged + self.undecided
    }
}

/// What is said about each benchmark that was asked about, or needed no question.
pub(super) fn outcomes(settlement: &Settlement) -> BTreeMap<&BenchmarkKey, Outcome> {
    let mut outcomes = BTreeMap::new();
    for (key, fate) in &settlement.fates {
        if *fate == Fate::SameExecutable {
            outcomes.insert(key, Outcome::Unchanged);
        }
    }
    for answer in &settlement.answers {
        let outcome = match answer.verdict {
            Verdict::Regressed => Outcome::Regressed,
            Verdict::Improved => Outcome::Improved,
            Verdict::Unchanged => Outcome::Unchanged,
            Verdict::Undecided(_) => Outcome::Undecided,
        };
        let known = outcomes.entry(&answer.question.key).or_insert(outcome);
        *known = (*known).min(outcome);
    }
    outcomes
}

/// The answer: which side is slower, how many benchmarks say so, and how sure that is.
pub(super) fn headline(settlement: &Settlement, quote: Quote) -> String {
    let tally = Tally::of(settlement);
    let names = settlement.sides.as_ref().map(|side| quote(&side.name));
    let (before, after) = (names.before, names.after);
    if tally.benchmarks() == 0 {
        return format!(
            "Nothing says how {after} compares with {before}: no benchmark could be asked about.{}",
            unbuilt(settlement)
        );
    }
    let (up, down) = comparatives(settlement);
    let answer = match (tally.regressed, tally.improved, tally.undecided) {
        (0, 0, 0) => match greatest_margin(settlement) {
            Some(margin) => format!("{after} is like {before}, to within {margin}"),
            None => format!("{after} is the same program as {before}"),
        },
        (0, 0, _) => format!("Nothing shows that {after} is {up} or {down} than {before}"),
        (_, 0, _) => format!("{after} is {up} than {before}"),
        (0, _, _) => format!("{after} is {down} than {before}"),
        _ => format!("{after} is {up} than {before} in some benchmarks and {down} in others"),
    };
    format!(
        "{answer}: {}. False alarms in at most {} of such runs.{}",
        counts(tally, failing(settlement)),
        level(settlement.plan.alpha),
        unbuilt(settlement)
    )
}

/// What the counts of benchmarks cannot tell: suites whose benchmarks nobody knows.
fn unbuilt(settlement: &Settlement) -> String {
    match settlement.unbuilt.len() {
        0 => String::new(),
        suites => format!(" {} could not be measured.", counted(suites, "suite")),
    }
}

/// How many benchmarks regressed by as much as fails a gate.
fn failing(settlement: &Settlement) -> usize {
    let answers = settlement.answers.iter();
    let failing = answers.filter(|answer| answer.grade == Grade::Fail);
    let keys: BTreeSet<&BenchmarkKey> = failing.map(|answer| &answer.question.key).collect();
    keys.len()
}

/// `of 31 benchmarks 2 regressed (1 by as much as fails), 1 improved, 26 are unchanged, 2 are undecided`.
fn counts(tally: Tally, failing: usize) -> String {
    let are = |count: usize| if count == 1 { "is" } else { "are" };
    let regressed = match failing {
        0 => "regressed".to_owned(),
        failing => format!("regressed ({failing} by as much as fails)"),
    };
    let mut parts = Vec::new();
    for (count, words) in [
        (tally.regressed, regressed),
        (tally.improved, "improved".to_owned()),
        (
            tally.unchanged,
            format!("{} unchanged", are(tally.unchanged)),
        ),
        (
            tally.undecided,
            format!("{} undecided", are(tally.undecided)),
        ),
    ] {
        if count > 0 {
            parts.push(format!("{count} {words}"));
        }
    }
    let all = counted(tally.benchmarks(), "benchmark");
    format!("of {all} {}", parts.join(", "))
}

/// The words for more and for less: those of the unit, where all that changed has the same.
fn comparatives(settlement: &Settlement) -> (String, String) {
    let has_changed =
        |answer: &&Answer| matches!(answer.verdict, Verdict::Regressed | Verdict::Improved);
    let unit_of =
        |answer| words::planned(settlement, answer).map_or(Unit::default(), |planned| planned.unit);
    let changed = settlement.answers.iter().filter(has_changed);
    let mut units: Vec<Unit> = changed.map(unit_of).collect();
    units.sort_unstable();
    units.dedup();
    match units.as_slice() {
        [] | [Unit::Nanoseconds] => ("slower".to_owned(), "faster".to_owned()),
        [Unit::Bytes] => ("larger".to_owned(), "smaller".to_owned()),
        [Unit::Percent] => ("busier".to_owned(), "less busy".to_owned()),
        units => {
            let both = |which: fn((&'static str, &'static str)) -> &'static str| {
                let words: Vec<&str> = units.iter().map(|unit| which(directions(*unit))).collect();
                format!("costlier ({})", words.join(", "))
            };
            (
                both(|(up, _)| up),
                both(|(_, down)| down).replace("costlier", "cheaper"),
            )
        }
    }
}

fn greatest_margin(settlement: &Settlement) -> Option<String> {
    let margins = settlement.answers.iter();
    let margins = margins.map(|answer| answer.margin.relevant);
    margins.max_by(f64::total_cmp).map(level)
}
