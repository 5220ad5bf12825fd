//! What the program spends beside its work: waiting for locks, allocating, cloning, passing messages.

use crate::model::difference::Finding;

use super::View;
use crate::analysis::difference::{
    discovery::FALSE_ALONE,
    family::differences,
    groups::{passes_messages, work},
    ledger::{Counts, Name},
};

/// The ends of the names of functions that run only where a lock is not free, or somebody waits for it.
const CONTENDED: [&str; 20] = [
    "Mutex::lock_contended",
    "Mutex::wake",
    "Mutex::spin",
    "RwLock::read_contended",
    "RwLock::write_contended",
    "RwLock::wake_writer_or_readers",
    "RwLock::wake_writer",
    "RawMutex::lock_slow",
    "RawMutex::unlock_slow",
    "RawMutex::bump_slow",
    "RawRwLock::lock_exclusive_slow",
    "RawRwLock::lock_shared_slow",
    "RawRwLock::lock_upgradable_slow",
    "RawRwLock::unlock_exclusive_slow",
    "RawRwLock::unlock_shared_slow",
    "lll_lock_wait",
    "lll_lock_wait_private",
    "lll_lock_wake",
    "lll_lock_wake_private",
    "pthread_mutex_lock_full",
];

/// Beyond this part of the time passing messages is worth a word.
const MUCH_OF_MESSAGES: f64 = 0.05;

/// More time than before, beyond chance among the three: in stacks that hold
///
/// - the slow path of a lock, of std, parking_lot or libc. Waiting for work (a condition variable, a parked thread) is
///   none;
/// - the allocator: malloc, free and friends, `alloc::alloc`, the growth of vectors;
/// - a clone: `<T as Clone>::clone`, `to_vec`, `to_owned`.
pub(super) fn more(view: &View<'_>) -> Vec<Finding> {
    let is_allocator = |name: &str, at: Name| {
        work(name, view.ledger.origins[at]).is_some_and(|layer| layer == "allocation")
    };
    let counts = [
        counted(view, &|name, _| is_contended(name)),
        counted(view, &is_allocator),
        counted(view, &|name, _| is_clone(name)),
    ];
    let kinds = [
        Finding::MoreContention,
        Finding::MoreAllocation,
        Finding::MoreCloning,
    ];
    differences(view.clock, &counts, FALSE_ALONE)
        .into_iter()
        .zip(kinds)
        .filter(|(found, _)| found.delta.is_significant() && found.delta.difference_ns() > 0.0)
        .map(|(found, kind)| kind(found.delta))
        .collect()
}

/// After the change, more than 5 % of the time is in stacks that hold a function of a layer named after messages (mailbox,
/// message, broker, channel) or of a channel of std, tokio, crossbeam, flume or async-channel.
pub(super) fn message_passing(view: &View<'_>) -> Option<Finding> {
    let counts = counted(view, &|name, at| {
        passes_messages(name, view.layers.frame(at))
    });
    let share = view.share(view.clock.nanoseconds(&counts));
    (share.after > MUCH_OF_MESSAGES).then_some(Finding::MessagePassing { share })
}

/// The samples whose stack holds a function for which `is_meant` is true.
fn counted(view: &View<'_>, is_meant: &dyn Fn(&str, Name) -> bool) -> Counts {
    let ledger = view.ledger;
    let names = ledger.names.iter().enumerate();
    let meant: Vec<bool> = names.map(|(at, name)| is_meant(name, at)).collect();
    ledger.count(|stack| stack.iter().any(|&name| meant[name]))
}

fn is_contended(name: &str) -> bool {
    CONTENDED.iter().any(|end| name.ends_with(end))
}

fn is_clone(name: &str) -> bool {
    let method = name.rsplit("::").next();
    match name.starts_with('<') {
        true => {
            name.ends_with(" as core::clone::Clone>::clone")
                || name.ends_with(" as core::clone::Clone>::clone_from")
                || name.ends_with("::ToOwned>::to_owned")
        }
        false => matches!(method, Some("to_vec" | "to_owned")),
    }
}
