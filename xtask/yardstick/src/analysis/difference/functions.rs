//! The functions of both sides.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::difference::{Evidence, FunctionRow, Presence};

use super::{
    clock::Clock,
    family::{Found, differences},
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

impl Functions {
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
        Self {
            own_found: differences(clock, &own),
            total_found: differences(clock, &total),
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

/// The crate that defines a function. What stands for no function, like `[task]`, is its own.
pub(super) fn crate_of<'r>(ledger: &Ledger<'r>, name: Name) -> &'r str {
    ledger.origins[name].map_or(ledger.names[name], |origin| origin.crate_name.as_str())
}
