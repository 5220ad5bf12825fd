//! The task or actor that a stack is part of.

use crate::{
    analysis::difference::ledger::{Ledger, Name},
    model::{layers::path_of, profile::OriginKind, stack::EXECUTOR},
};

/// What is part of no task: the routine itself, and what the executor does between tasks.
const NO_TASK: &str = "outside tasks";

/// The task of a stack whose root says that it has one: what its root calls it where that is more than `[task]`;
/// else the type of the first frame below that is a method of a trait, `<T as …>::…`, of the workspace, since that is
/// what an actor or a hand-written future is; else the first function of the workspace, which the async function that is polled is;
/// else the first function at all.
pub(super) fn task(ledger: &Ledger<'_>, stack: &[Name]) -> String {
    let Some(root) = stack.first().map(|&name| ledger.names[name]) else {
        return NO_TASK.to_owned();
    };
    let named = |name: &str| name.starts_with("[task ") || name.starts_with("[actor ");
    if !(root == "[task]" || named(root)) {
        return NO_TASK.to_owned();
    }
    let brackets = stack.iter().map(|&name| ledger.names[name]);
    let mut brackets = brackets.take_while(|name| name.starts_with('['));
    if let Some(name) = brackets.find(|name| named(name)) {
        return name.to_owned();
    }
    let ours = |name: &Name| {
        ledger.origins[*name].is_some_and(|origin| origin.kind == OriginKind::Workspace)
    };
    let text = |name: Name| ledger.names[name];
    let called = || {
        let below = stack.iter().copied();
        below.filter(|&name| text(name) != EXECUTOR && !text(name).starts_with('['))
    };
    if let Some(name) = called().find(|name| ours(name) && is_method_of_trait(text(*name))) {
        return path_of(text(name)).to_owned();
    }
    let first = called().find(ours).or_else(|| called().next());
    first.map_or_else(
        || root.to_owned(),
        |name| text(name).trim_end_matches("::{closure}").to_owned(),
    )
}

fn is_method_of_trait(function: &str) -> bool {
    function.starts_with('<') && function.contains(" as ")
}
