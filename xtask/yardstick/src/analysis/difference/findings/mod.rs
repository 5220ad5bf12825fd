//! What of a difference is worth a sentence of its own. Each rule stands with the function that applies it.

mod costs;
mod hot_paths;
mod recursion;
mod shape;
mod uniform;

use crate::model::{
    comparison::Sides,
    difference::{Delta, Finding},
    profile::{OriginKind, Profile},
};

use super::{
    clock::Clock,
    functions::Functions,
    groups::LayerOf,
    ledger::{Ledger, Name},
};

/// Below this utilisation a benchmark mostly waits.
const MOSTLY_WAITS: f64 = 0.5;

/// What the rules look at.
pub(super) struct View<'v> {
    pub(super) profiles: &'v Sides<Vec<Profile>>,
    pub(super) ledger: &'v Ledger<'v>,
    pub(super) clock: &'v Clock,
    pub(super) functions: &'v Functions,
    pub(super) layers: &'v LayerOf<'v>,
    pub(super) cpu: Delta,
}

impl View<'_> {
    /// The part of each side's time that `ns` is.
    fn share(&self, ns: Sides<f64>) -> Sides<f64> {
        let of = |ns: f64, whole: f64| if whole > 0.0 { ns / whole } else { 0.0 };
        Sides {
            before: of(ns.before, self.cpu.ns.before),
            after: of(ns.after, self.cpu.ns.after),
        }
    }

    /// Every function's name; not what stands for several, like `[runtime]`.
    fn names(&self) -> impl Iterator<Item = Name> {
        (0..self.ledger.names.len()).filter(|&name| {
            self.ledger.origins[name].is_some_and(|origin| origin.kind != OriginKind::Bracket)
        })
    }

    fn named(&self, name: Name) -> String {
        self.ledger.names[name].to_owned()
    }
}

/// Everything that is worth a sentence, most important first: what makes the rest say less, then what did it, then what it is
/// made of.
pub(super) fn findings(view: &View<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = mostly_waits(view).into_iter().collect();
    findings.extend(uniform::uniform(view));
    findings.extend(hot_paths::moved(view));
    findings.extend(hot_paths::new_hot_paths(view));
    findings.extend(costs::more(view));
    findings.extend(costs::message_passing(view));
    findings.extend(recursion::recursion(view));
    findings.extend(shape::shape(view));
    findings
}

/// CPU time is less than half of the time on the wall on a side, over all its recordings: of such a benchmark the functions
/// tell the smaller part.
fn mostly_waits(view: &View<'_>) -> Option<Finding> {
    let utilisation = view.profiles.as_ref().map(|side| {
        let sum = |of: fn(&Profile) -> u64| side.iter().map(of).sum::<u64>() as f64;
        let wall_ns = sum(|profile| profile.work.wall_ns);
        (wall_ns > 0.0).then(|| sum(|profile| profile.work.cpu_ns) / wall_ns)
    });
    let utilisation = Sides {
        before: utilisation.before?,
        after: utilisation.after?,
    };
    let lowest = utilisation.before.min(utilisation.after);
    (lowest < MOSTLY_WAITS).then_some(Finding::MostlyWaits { utilisation })
}

#[cfg(test)]
mod tests;
