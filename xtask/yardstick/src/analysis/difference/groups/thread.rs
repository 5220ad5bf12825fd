//! The kind of thread, or the process, that a stack was recorded on.

use crate::{
    analysis::difference::ledger::{Ledger, Name},
    model::stack::EXECUTOR,
};

/// What stacks without a bracketed root were recorded on.
const MAIN: &str = "main thread";

/// The bracketed frames at the root that say what a stack is, and not on which thread it was.
const NO_THREADS: [&str; 3] = ["[task", "[actor", "[truncated]"];

/// The thread or process of a stack: another process than the one that was started, or else of the bracketed frames at its root the last one that names neither a task nor a loss. The executor's
/// own work, whose thread is not known, is a kind of its own.
pub(super) fn thread(ledger: &Ledger<'_>, stack: &[Name]) -> String {
    let names = stack.iter().map(|&name| ledger.names[name]);
    let bracketed: Vec<&str> = names.take_while(|name| name.starts_with('[')).collect();
    if let Some(process) = bracketed
        .first()
        .filter(|name| name.starts_with("[process"))
    {
        return (*process).to_owned();
    }
    let named = bracketed
        .iter()
        .rev()
        .find(|name| **name != EXECUTOR && !NO_THREADS.iter().any(|no| name.starts_with(no)));
    match named {
        Some(name) => (*name).to_owned(),
        None if bracketed.first() == Some(&EXECUTOR) => EXECUTOR.to_owned(),
        None => MAIN.to_owned(),
    }
}
