//! Functions that call themselves.

use std::collections::BTreeMap;

use crate::model::{
    comparison::Sides,
    difference::{Depth, Finding},
    profile::OriginKind,
};

use super::View;
use crate::analysis::difference::ledger::{Name, add};

/// From this part of the time on that a function has below itself, its recursion is worth a word.
const LEAST: f64 = 0.01;
/// More sentences of one kind are a table.
const MOST: usize = 3;

/// A function of the workspace lies below itself, directly or by others, in at least 1 % of the time of a side. Its depth is how often it is in
/// one stack. Functions of libraries are left out: destructors and iterators of types within types have one name
/// and are no recursion. Those with most time below themselves first.
pub(super) fn recursion(view: &View<'_>) -> Vec<Finding> {
    let mut deep: BTreeMap<Name, f64> = BTreeMap::new();
    for name in view.names().filter(|&name| is_of_workspace(view, name)) {
        let counts = view.ledger.count(|stack| times_in(stack, name) >= 2);
        let share = view.share(view.clock.nanoseconds(&counts));
        let most = share.before.max(share.after);
        if most >= LEAST {
            deep.insert(name, most);
        }
    }
    let mut names: Vec<Name> = deep.keys().copied().collect();
    names.sort_by(|a, b| deep[b].total_cmp(&deep[a]));
    names.truncate(MOST);
    let finding = |name: Name| Finding::Recursion {
        function: view.named(name),
        depth: depth(view, name),
    };
    names.into_iter().map(finding).collect()
}

fn is_of_workspace(view: &View<'_>, name: Name) -> bool {
    let origin = view.ledger.origins[name];
    origin.is_some_and(|origin| origin.kind == OriginKind::Workspace)
}

fn times_in(stack: &[Name], name: Name) -> usize {
    stack.iter().filter(|frame| **frame == name).count()
}

/// How often a function is in one stack: the median over the samples that hold it, and the most.
fn depth(view: &View<'_>, name: Name) -> Sides<Depth> {
    let mut samples = BTreeMap::new();
    for line in &view.ledger.lines {
        let times = times_in(&line.stack, name);
        if times > 0 {
            let counts = samples.entry(times).or_insert_with(|| view.ledger.none());
            add(counts, &line.counts);
        }
    }
    let of_side = |side: fn(Sides<u64>) -> u64| {
        let samples = samples.iter();
        let samples: Vec<(usize, u64)> = samples
            .map(|(times, counts)| (*times, side(view.ledger.samples(counts))))
            .filter(|(_, count)| *count > 0)
            .collect();
        Depth {
            median: median(&samples) as u32,
            most: samples.last().map_or(0, |last| last.0) as u32,
        }
    };
    Sides {
        before: of_side(|samples| samples.before),
        after: of_side(|samples| samples.after),
    }
}

/// The median of ascending values, each with how often it is there; 0 of none.
pub(super) fn median(ascending: &[(usize, u64)]) -> usize {
    let all: u64 = ascending.iter().map(|value| value.1).sum();
    let mut below = 0;
    for (value, count) in ascending {
        below += count;
        if 2 * below >= all {
            return *value;
        }
    }
    0
}
