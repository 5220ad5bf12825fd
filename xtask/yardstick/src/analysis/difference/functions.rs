//! The functions of both sides.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::difference::{Delta, Evidence, FunctionRow, Presence, Significance};

use super::{
    clock::Clock,
    discovery::FALSE_OF_TWO,
    family::{Found, differences, differences_among},
    ledger::{Counts, Ledger, Name, add},
};

/// What every function was seen, by its name's number.
pub(super) struct Functions {
    /// In stacks that end in it.
    pub(super) own: Vec<Counts>,
    /// In stacks that hold it, each counted once however often it recurs.
    pub(super) total: Vec<Counts>,
    /// The differences of `own`.
    pub(super) own_found: Vec<Found>,
    /// The differences of `total`.
    pub(super) total_found: Vec<Found>,
}

/// What was found below a caller makes the difference of its total time if it is so much of it.
const LED: f64 = 0.5;

impl Functions {
    /// Counts them, and finds which differ: own times as one family. Then the callers of what was found there, as far as that
    /// makes a half of their difference, are no search any more: each is one question, which its interval answers.
    /// All other total times are a second family.
    pub(super) fn new(ledger: &Ledger<'_>, clock: &Clock) -> Self {
        let mut own = vec![ledger.none(); ledger.names.len()];
        let mut total = own.clone();
        for line in &ledger.lines {
            if let Some(&leaf) = line.stack.last() {
                add(&mut own[leaf], &line.counts);
            }
            let held: BTreeSet<Name> = line.stack.iter().copied().collect();
            for name in held {
                add(&mut total[name], &line.counts);
            }
        }
        let own_found = differences(clock, &own, FALSE_OF_TWO);
        // The total time of what calls nothing is its own, and so is that of what only calls it.
        let answered: BTreeMap<&Counts, Found> =
            own.iter().zip(own_found.iter().copied()).collect();
        let asked: Vec<Name> = (0..total.len())
            .filter(|&name| !answered.contains_key(&total[name]))
            .collect();
        let asked_total: Vec<Counts> = asked.iter().map(|&name| total[name].clone()).collect();
        let parts = below(ledger, &own_found);
        let is_led = |name: Name| {
            let part = clock.nanoseconds(&parts[name]).difference();
            part / clock.nanoseconds(&total[name]).difference() >= LED
        };
        let is_searched = |place: usize| !is_led(asked[place]);
        let of_asked = differences_among(clock, &asked_total, FALSE_OF_TWO, &is_searched);
        let mut total_found: Vec<Option<Found>> = total
            .iter()
            .map(|counts| answered.get(counts).copied())
            .collect();
        for (name, mut found) in asked.into_iter().zip(of_asked) {
            if is_led(name) {
                found.delta.significance = by_interval(&found.delta);
            }
            total_found[name] = Some(found);
        }
        let total_found = total_found.into_iter().flatten().collect();
        Self {
            own_found,
            total_found,
            own,
            total,
        }
    }

    /// The rows: those whose own time differs beyond chance first, then by falling size of its difference.
    pub(super) fn rows(
        &self,
        ledger: &Ledger<'_>,
        renames: &BTreeMap<&str, (&str, Evidence)>,
    ) -> Vec<FunctionRow> {
        let mut rows: Vec<FunctionRow> = (0..ledger.names.len())
            .map(|name| FunctionRow {
                function: ledger.names[name].to_owned(),
                presence: self.presence(ledger, renames, name),
                crate_name: crate_of(ledger, name).to_owned(),
                own: self.own_found[name].delta,
                total: self.total_found[name].delta,
            })
            .collect();
        // Stable: rows that differ equally stay in the order of their names.
        rows.sort_by(|a, b| {
            let by_own = super::by_difference(&a.own, &b.own);
            let size = |row: &FunctionRow| row.total.ns.before + row.total.ns.after;
            by_own.then(size(b).total_cmp(&size(a)))
        });
        rows
    }

    fn presence(
        &self,
        ledger: &Ledger<'_>,
        renames: &BTreeMap<&str, (&str, Evidence)>,
        name: Name,
    ) -> Presence {
        let samples = ledger.samples(&self.total[name]);
        match (samples.before, samples.after) {
            (0, _) => Presence::New,
            (_, 0) => Presence::Gone,
            _ => renames
                .get(ledger.names[name])
                .map_or(Presence::Both, |(from, evidence)| Presence::Renamed {
                    from: (*from).to_owned(),
                    evidence: *evidence,
                }),
        }
    }
}

/// What each function has in stacks that end in one whose own time was found to differ.
fn below(ledger: &Ledger<'_>, own_found: &[Found]) -> Vec<Counts> {
    let mut parts = vec![ledger.none(); ledger.names.len()];
    for line in &ledger.lines {
        let leaf = line.stack.last();
        if leaf.is_some_and(|&leaf| own_found[leaf].delta.is_significant()) {
            let held: BTreeSet<Name> = line.stack.iter().copied().collect();
            for name in held {
                add(&mut parts[name], &line.counts);
            }
        }
    }
    parts
}

/// Whether a single question, asked by itself, finds a difference: at 5 %.
fn by_interval(delta: &Delta) -> Significance {
    match delta.lower_ns > 0.0 || delta.upper_ns < 0.0 {
        true => Significance::Beyond,
        false => Significance::WithinChance,
    }
}

/// The crate that defines a function. What stands for no function, like `[task]`, is its own.
pub(super) fn crate_of<'r>(ledger: &Ledger<'r>, name: Name) -> &'r str {
    ledger.origins[name].map_or(ledger.names[name], |origin| origin.crate_name.as_str())
}
