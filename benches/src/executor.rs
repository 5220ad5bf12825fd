//! The two tokio runtimes of the suites.

use tokio::runtime::{Builder, Runtime};

/// One thread, that of the bench. For what one operation costs: no other thread's timing is in the number, and two builds can be
/// told apart by a percent.
///
/// # Panics
/// If the operating system refuses.
#[must_use]
pub fn current_thread() -> Runtime {
    Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a current-thread runtime can be built")
}

/// Two workers beside the bench's own thread, which only waits. For actors that work at the same time. Two on every machine, so
/// that a number means the same on another one.
///
/// # Panics
/// If the operating system refuses to start threads.
#[must_use]
pub fn two_workers() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("bench-worker")
        .enable_time()
        .build()
        .expect("a runtime with two workers can be built")
}
