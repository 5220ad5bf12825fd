//! The task or actor that a stack is part of.

use crate::{
    analysis::difference::ledger::{Ledger, Name},
    model::{layers::path_of, profile::OriginKind, stack::task_of},
};

/// What is part of no task: the routine itself, and what the executor does between tasks.
const NO_TASK: &str = "outside tasks";

/// The task of a stack, as its frames name it ([`task_of`]). Captures of earlier versions have tasks without a name: theirs is
/// the type of the first frame that is a method of a trait, `<T as …>::…`, of the workspace, since that is what an actor or a
/// hand-written future is; else the first function of the workspace, which the async function that is polled is.
pub(super) fn task(ledger: &Ledger<'_>, stack: &[Name]) -> String {
    let texts: Vec<&str> = stack.iter().map(|&name| ledger.names[name]).collect();
    let Some(named) = task_of(&texts) else {
        return NO_TASK.to_owned();
    };
    let innermost = texts.iter().rev().find(|text| text.starts_with("[task"));
    if innermost != Some(&"[task]") {
        return named.to_owned();
    }
    let ours = || {
        stack.iter().zip(&texts).filter(|(name, _)| {
            let origin = ledger.origins[**name];
            origin.is_some_and(|origin| origin.kind == OriginKind::Workspace)
        })
    };
    if let Some((_, text)) = ours().find(|(_, text)| is_method_of_trait(text)) {
        return path_of(text).to_owned();
    }
    let first = ours().next().map_or(named, |(_, text)| text);
    first.trim_end_matches("::{closure}").to_owned()
}

fn is_method_of_trait(function: &str) -> bool {
    function.starts_with('<') && function.contains(" as ")
}
