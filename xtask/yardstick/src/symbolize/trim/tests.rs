use super::*;

/// A stack from `;`-separated names; a name's crate decides whose code it is.
pub(super) fn stack(names: &str) -> Vec<Step<'_>> {
    let kind = |name: &str| match name.trim_start_matches('<').split("::").next() {
        Some("runtime" | "e2e") => OriginKind::Workspace,
        Some("std" | "core" | "alloc") => OriginKind::Standard,
        _ if name.contains("::") => OriginKind::Dependency,
        _ => OriginKind::Native,
    };
    names
        .split(';')
        .map(|name| Step {
            function: name,
            class: class(name),
            kind: kind(name),
            types: None,
        })
        .collect()
}

fn bench(place: Place<'_>) -> Ground<'_> {
    Ground {
        process: None,
        place,
        harness: Harness::Criterion,
    }
}

#[track_caller]
fn check(place: Place<'_>, names: &str, wanted: Option<&str>) {
    let trimmed = trim(&stack(names), bench(place), Rooted::Yes).map(|frames| frames.join(";"));
    assert_eq!(trimmed.as_deref(), wanted);
}

pub(super) const WORKER: Place<'_> = Place::Thread("tokio-rt-worker");
const SCHEDULER: &str = "clone3;start_thread;std::sys::thread::unix::Thread::new::thread_start;\
    tokio::runtime::blocking::pool::Inner::run;tokio::runtime::task::core::Core::poll;\
    tokio::runtime::scheduler::multi_thread::worker::run";

#[test]
fn warm_up_and_measurement_become_one_stack() {
    for path in ["warm_up", "bench"] {
        let names = format!(
            "_start;main;e2e::main;criterion::routine::Function::{path};criterion::bencher::Bencher::iter;e2e::f::{{closure}};runtime::g"
        );
        check(
            Place::MainThread,
            &names,
            Some("e2e::f::{closure};runtime::g"),
        );
    }
}

#[test]
fn what_an_async_routine_runs_on_is_one_frame() {
    check(
        Place::MainThread,
        "main;criterion::bencher::AsyncBencher::iter;tokio::runtime::runtime::Runtime::block_on;\
         criterion::bencher::AsyncBencher::iter::{closure};e2e::f::{closure}",
        Some("e2e::f::{closure}"),
    );
    check(
        Place::MainThread,
        "main;criterion::bencher::Bencher::iter;e2e::f::{closure};tokio::runtime::runtime::Runtime::block_on;\
         std::thread::local::LocalKey::with;tokio::runtime::context::runtime::enter_runtime;\
         <core::pin::Pin as core::future::future::Future>::poll;runtime::workflow::run::{closure};malloc",
        Some(
            "e2e::f::{closure};[runtime];[task runtime::workflow::run];runtime::workflow::run::{closure};malloc",
        ),
    );
}

#[test]
fn a_task_has_the_same_root_whatever_thread_polls_it() {
    let polled = "tokio::runtime::task::core::Core::poll;tokio::runtime::task::core::Core::poll::{closure};\
        runtime::actor::spawn::{closure};tokio::sync::mpsc::chan::Rx::recv";
    check(
        WORKER,
        &format!("{SCHEDULER};{polled}"),
        Some(
            "[task runtime::actor::spawn];[tokio-rt-worker];runtime::actor::spawn::{closure};tokio::sync::mpsc::chan::Rx::recv",
        ),
    );
    check(
        Place::MainThread,
        &format!(
            "main;criterion::bencher::Bencher::iter;e2e::f;tokio::runtime::runtime::Runtime::block_on;{polled}"
        ),
        Some(
            "[task runtime::actor::spawn];runtime::actor::spawn::{closure};tokio::sync::mpsc::chan::Rx::recv",
        ),
    );
}

#[test]
fn an_executor_without_a_task_is_one_frame_and_what_it_calls() {
    check(
        WORKER,
        &format!(
            "{SCHEDULER};tokio::runtime::io::driver::Driver::turn;mio::poll::Poll::poll;epoll_wait"
        ),
        Some("[runtime];epoll_wait"),
    );
    check(WORKER, SCHEDULER, Some("[runtime]"));
    check(
        Place::Thread("blocking"),
        "clone3;start_thread;std::thread::lifecycle::f;tokio::runtime::blocking::pool::Inner::run;syscall",
        Some("[runtime];syscall"),
    );
}

#[test]
fn waking_a_task_is_the_executors_work_within_the_program() {
    check(
        WORKER,
        &format!(
            "{SCHEDULER};tokio::runtime::task::core::Core::poll;runtime::tell;tokio::sync::mpsc::Sender::send;\
             tokio::runtime::task::waker::wake_by_val;mio::waker::Waker::wake;write"
        ),
        Some(
            "[task runtime::tell];[tokio-rt-worker];runtime::tell;tokio::sync::mpsc::Sender::send;[runtime];write",
        ),
    );
}

#[test]
fn set_up_and_statistics_on_the_main_thread_are_dropped() {
    check(
        Place::MainThread,
        "_start;main;criterion::analysis::common;criterion::stats::bootstrap",
        None,
    );
    check(
        Place::MainThread,
        "_start;main;e2e::main;e2e::e2e;runtime::System::new",
        None,
    );
    check(
        Place::MainThread,
        "main;criterion::bencher::Bencher::iter",
        None,
    );
}

#[test]
fn threads_count_if_they_run_code_of_the_workspace() {
    check(
        Place::Thread("own-*"),
        "clone3;start_thread;std::thread::lifecycle::f;runtime::pump;memcpy",
        Some("[own-*];runtime::pump;memcpy"),
    );
    check(
        Place::Thread("rayon-*"),
        "clone3;start_thread;rayon_core::registry::main_loop",
        None,
    );
}

#[test]
fn wrappers_of_the_probe_are_seen_through() {
    check(
        Place::MainThread,
        "main;criterion::bencher::Bencher::iter_custom;yardstick_probe::count::iterations;runtime::f;\
         alloc::alloc::alloc;<yardstick_probe::alloc::Counting as core::alloc::global::GlobalAlloc>::alloc;malloc",
        Some("runtime::f;alloc::alloc::alloc;malloc"),
    );
}

#[test]
fn a_stack_without_its_beginning_keeps_what_is_the_programs() {
    let names = "serde::de::f;runtime::f;malloc";
    let trimmed = trim(&stack(names), bench(Place::MainThread), Rooted::No);
    assert_eq!(
        trimmed.map(|frames| frames.join(";")).as_deref(),
        Some("[truncated];runtime::f;malloc")
    );
    assert_eq!(
        trim(&stack("malloc"), bench(Place::MainThread), Rooted::No),
        None
    );
}

#[test]
fn harness_frames_below_the_cut_are_left_for_the_quality_check() {
    check(
        Place::MainThread,
        "main;criterion::bencher::Bencher::iter;e2e::f;criterion::black_box",
        Some("e2e::f;criterion::black_box"),
    );
}
