//! Functions that gained, and where it came from.

use crate::model::difference::{Delta, Finding};

use super::View;
use crate::analysis::difference::ledger::Name;

/// From this part of the time on a function is hot.
const HOT: f64 = 0.05;
/// And it must be one of so many hottest.
const HOTTEST: usize = 5;
/// What is less of the CPU time than this did not move: it is too little to look for.
const LEAST_MOVED: f64 = 0.01;
/// How much of the greater of two amounts their difference may be.
const ALIKE: f64 = 0.25;
/// More sentences of one kind are a table.
const MOST: usize = 3;

/// One function lost about what another one gained: both beyond chance in their own time, a hundredth of the CPU
/// time or more, and apart by no more than a quarter of the greater and by no more than chance. Where many functions
/// changed, some amounts are alike by accident, so neither of the two may be like any third one. The largest first.
pub(super) fn moved(view: &View<'_>) -> Vec<Finding> {
    let least = LEAST_MOVED * view.cpu.ns.before.max(view.cpu.ns.after);
    let own = |name: Name| &view.functions.own_found[name].delta;
    let size = |name: Name| own(name).difference_ns().abs();
    let mut names: Vec<Name> = view
        .names()
        .filter(|&name| own(name).is_significant() && size(name) >= least)
        .collect();
    names.sort_by(|&a, &b| size(b).total_cmp(&size(a)));
    let (gained, lost): (Vec<Name>, Vec<Name>) = names
        .into_iter()
        .partition(|&name| own(name).difference_ns() > 0.0);
    let are_alike = |a: Name, b: Name| {
        let apart = (size(a) - size(b)).abs();
        let chance = half_width(own(a)).hypot(half_width(own(b)));
        apart <= chance && apart <= ALIKE * size(a).max(size(b))
    };
    let only = |name: Name, others: &[Name]| {
        let mut alike = others
            .iter()
            .copied()
            .filter(|&other| are_alike(name, other));
        alike.next().filter(|_| alike.next().is_none())
    };
    let pair = |&from: &Name| {
        let to = only(from, &gained)?;
        only(to, &lost)?;
        Some(Finding::Moved {
            from: view.named(from),
            to: view.named(to),
            ns: size(from).min(size(to)),
        })
    };
    lost.iter().filter_map(pair).take(MOST).collect()
}

fn half_width(delta: &Delta) -> f64 {
    0.5 * (delta.upper_ns - delta.lower_ns)
}

/// A function has at least 5 % of the time in itself after the change and is one of the five with most, and was not so
/// before; and it gained beyond chance. The hottest first.
pub(super) fn new_hot_paths(view: &View<'_>) -> Vec<Finding> {
    let share = |name: Name| view.share(view.functions.own_found[name].delta.ns);
    let hottest = |of: &dyn Fn(Name) -> f64| -> Vec<Name> {
        let mut names: Vec<Name> = view.names().filter(|&name| of(name) >= HOT).collect();
        names.sort_by(|&a, &b| of(b).total_cmp(&of(a)));
        names.truncate(HOTTEST);
        names
    };
    let before = hottest(&|name| share(name).before);
    let after = hottest(&|name| share(name).after);
    after
        .into_iter()
        .filter(|name| !before.contains(name))
        .filter(|&name| {
            let own = &view.functions.own_found[name].delta;
            own.is_significant() && own.difference_ns() > 0.0
        })
        .map(|name| Finding::NewHotPath {
            function: view.named(name),
            share: share(name),
        })
        .collect()
}
