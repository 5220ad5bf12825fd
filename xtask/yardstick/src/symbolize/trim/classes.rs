//! What a function is to a measurement, by its normalised name.

/// What a function is to a measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::symbolize) enum Class {
    /// The harness's loop over the routine.
    Iteration,
    /// The rest of the harness.
    Harness,
    /// The probe's wrappers around an iteration or an allocation.
    Probe,
    /// The executor's call of a task's `poll`.
    TaskPoll,
    /// The executor's loop over tasks.
    Scheduler,
    /// The rest of the executor: drivers, parking, `block_on`.
    Executor,
    /// Frames of std through which an executor or a thread calls on: nobody's work.
    Glue,
    /// Everything else: what the measurement is about.
    Program,
}

/// The class of a function.
pub(in crate::symbolize) fn class(function: &str) -> Class {
    let function = function
        .trim_end_matches("::{closure}")
        .trim_end_matches("::{shim}");
    if is_iteration(function) {
        return Class::Iteration;
    }
    let (of_type, of_trait) = match function.strip_prefix('<') {
        Some(qualified) => (
            qualified,
            qualified
                .split_once(" as ")
                .map_or("", |(_, of_trait)| of_trait),
        ),
        None => (function, ""),
    };
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| of_type.starts_with(prefix));
    let implements = |prefixes: &[&str]| prefixes.iter().any(|prefix| of_trait.starts_with(prefix));
    if starts(PROBE) {
        Class::Probe
    } else if starts(HARNESS) {
        Class::Harness
    } else if TASK_POLLS.contains(&function) {
        Class::TaskPoll
    } else if starts(SCHEDULER) {
        Class::Scheduler
    } else if starts(EXECUTOR) || implements(EXECUTOR) {
        Class::Executor
    } else if starts(GLUE) {
        Class::Glue
    } else {
        Class::Program
    }
}

/// `criterion::bencher::Bencher::iter_batched`, `AsyncBencher::iter`, and the same of forks.
fn is_iteration(function: &str) -> bool {
    let Some((path, method)) = function.rsplit_once("::") else {
        return false;
    };
    let of_bencher = path.ends_with("::Bencher") || path.ends_with("::AsyncBencher");
    of_bencher && (method == "iter" || method.starts_with("iter_"))
}

const PROBE: &[&str] = &["yardstick_probe::"];

const HARNESS: &[&str] = &[
    "criterion::",
    "criterion_plot::",
    "test::",
    "divan::",
    "libtest_mimic::",
];

const TASK_POLLS: &[&str] = &[
    "tokio::runtime::task::core::Core::poll",
    "async_task::raw::RawTask::run",
    "futures_executor::thread_pool::Task::run",
];

const SCHEDULER: &[&str] = &["tokio::runtime::scheduler::"];

const EXECUTOR: &[&str] = &[
    "tokio::runtime::",
    "tokio::task::coop::",
    "tokio::task::local::",
    "tokio::park::",
    "tokio::util::",
    "tokio::future::block_on",
    "mio::",
    "futures_executor::",
    "async_executor::",
    "async_task::",
    "async_io::",
    "polling::",
    "smol::",
];

const GLUE: &[&str] = &[
    "alloc::boxed::Box as core::ops::function::",
    "core::cell::",
    "core::future::",
    "core::hint::black_box",
    "core::ops::function::",
    "core::panic::",
    "core::pin::Pin as core::future::",
    "core::task::wake::",
    "fn as core::ops::function::",
    "&dyn core::ops::function::",
    "std::panic::",
    "std::panicking::",
    "std::rt::",
    "std::sys::backtrace::",
    "std::sys::pal::unix::thread",
    "std::sys::thread::",
    "std::thread::",
    // The names under which tokio uses std, not what it does.
    "tokio::loom::",
];
