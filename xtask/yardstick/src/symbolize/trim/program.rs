//! Stacks of programs that no benchmark harness runs: `main` is their root, or a test.

use super::{
    Class, Place, Rooted, Step, TRUNCATED, beheaded, executor, folded, is_executor, task,
    thread_frame,
};
use crate::model::profile::OriginKind;

/// Where threads start, before any code of a program.
const STARTS: [&str; 10] = [
    "_start",
    "main",
    "__libc_start_main",
    "__libc_start_main_impl",
    "__libc_start_call_main",
    "start_thread",
    "clone",
    "clone3",
    "__clone",
    "__clone3",
];

/// So many frames from the root lie between the start of a thread and the program at most.
const START_FRAMES: usize = 6;

/// Whether a thread starts in a function of this name.
pub(in crate::symbolize) fn starts_a_thread(function: &str) -> bool {
    STARTS.contains(&function) || function.ends_with("::thread_start")
}

/// All of a program: what is above `main`, or above the function of a thread, is left out, and tasks get their roots.
pub(super) fn whole(stack: &[Step<'_>], place: Place<'_>, rooted: Rooted) -> Vec<String> {
    let poll = stack.iter().rposition(|step| step.class == Class::TaskPoll);
    if let Some(at) = poll {
        return task(&stack[at + 1..], place);
    }
    if rooted == Rooted::No {
        let mut frames = vec![TRUNCATED.to_owned()];
        frames.extend(folded(stack));
        return frames;
    }
    let program = &stack[start(stack)..];
    if program
        .iter()
        .all(|step| step.kind != OriginKind::Workspace)
        && program.first().is_some_and(is_executor)
    {
        return executor(program);
    }
    let mut frames: Vec<String> = thread_frame(place).into_iter().collect();
    frames.extend(folded(program));
    // Of functions without a name it does not matter how many call each other.
    frames.dedup_by(|next, before| next == before && next.starts_with('['));
    frames
}

/// Where the program begins in a stack: behind the start of its thread, and what std does there.
fn start(stack: &[Step<'_>]) -> usize {
    let outermost = &stack[..stack.len().min(START_FRAMES)];
    let entry = outermost
        .iter()
        .rposition(|step| starts_a_thread(step.function))
        .map_or(0, |at| at + 1);
    stack[entry..]
        .iter()
        .position(|step| step.class != Class::Glue)
        // The start itself is work as well, if little.
        .map_or(stack.len().saturating_sub(1), |at| entry + at)
}

/// What a test does, on its own thread or on those that it starts. What libtest itself does is left out.
pub(super) fn tested(stack: &[Step<'_>], place: Place<'_>, rooted: Rooted) -> Option<Vec<String>> {
    let called = stack
        .iter()
        .rposition(|step| matches!(step.class, Class::Harness | Class::TaskPoll));
    match called {
        Some(at) if stack[at].class == Class::Harness => test(&stack[at + 1..]),
        None if rooted == Rooted::No => beheaded(stack),
        _ => Some(whole(stack, place, rooted)),
    }
}

/// The function of a test and what it calls, without the closure that libtest calls it through.
fn test(called: &[Step<'_>]) -> Option<Vec<String>> {
    let start = called.iter().position(|step| step.class != Class::Glue)?;
    let test = &called[start..];
    if test[0].kind != OriginKind::Workspace {
        return None;
    }
    let is_wrapper = test.get(1).is_some_and(|second| {
        test[0].function.strip_suffix("::{closure}") == Some(second.function)
    });
    Some(folded(&test[usize::from(is_wrapper)..]))
}

#[cfg(test)]
mod tests {
    use super::super::{
        Ground, Place, Rooted,
        tests::{WORKER, stack},
        trim,
    };
    use crate::symbolize::Harness;

    fn trimmed(ground: Ground<'_>, names: &str, rooted: Rooted) -> Option<String> {
        trim(&stack(names), ground, rooted).map(|frames| frames.join(";"))
    }

    #[track_caller]
    fn check(harness: Harness, place: Place<'_>, names: &str, wanted: Option<&str>) {
        let ground = Ground {
            process: None,
            place,
            harness,
        };
        assert_eq!(trimmed(ground, names, Rooted::Yes).as_deref(), wanted);
    }

    const START: &str = "_start;__libc_start_main_impl;main;std::rt::lang_start::{closure};\
        std::sys::backtrace::__rust_begin_short_backtrace;core::ops::function::FnOnce::call_once";
    const THREAD: &str = "clone3;start_thread;std::sys::thread::unix::Thread::new::thread_start;\
        core::ops::function::FnOnce::call_once::{shim}";

    #[test]
    fn main_is_the_root_of_a_program() {
        check(
            Harness::None,
            Place::MainThread,
            &format!("{START};runtime::main;runtime::f;malloc"),
            Some("runtime::main;runtime::f;malloc"),
        );
        check(
            Harness::None,
            Place::MainThread,
            "_start;_dl_start;_dl_relocate_object",
            Some("_dl_start;_dl_relocate_object"),
        );
        check(Harness::None, Place::MainThread, "_start", Some("_start"));
    }

    #[test]
    fn every_thread_of_a_program_counts_and_tasks_have_their_roots() {
        check(
            Harness::None,
            Place::Thread("rayon-*"),
            &format!("{THREAD};rayon_core::registry::main_loop"),
            Some("[rayon-*];rayon_core::registry::main_loop"),
        );
        check(
            Harness::None,
            WORKER,
            &format!(
                "{THREAD};tokio::runtime::scheduler::multi_thread::worker::run;tokio::runtime::task::core::Core::poll;runtime::live::{{closure}};malloc"
            ),
            Some("[task runtime::live];[tokio-rt-worker];runtime::live::{closure};malloc"),
        );
        check(
            Harness::None,
            WORKER,
            &format!("{THREAD};tokio::runtime::blocking::pool::Inner::run;syscall"),
            Some("[runtime];syscall"),
        );
    }

    #[test]
    fn each_test_is_a_root_without_the_closure_that_calls_it() {
        let names = format!(
            "{THREAD};test::run_test::{{closure}};test::__rust_begin_short_backtrace;\
             <fn as core::ops::function::FnOnce>::call_once;core::ops::function::FnOnce::call_once;\
             e2e::runs::{{closure}};e2e::runs;runtime::f"
        );
        check(
            Harness::Libtest,
            Place::Thread("e2e::runs"),
            &names,
            Some("e2e::runs;runtime::f"),
        );
    }

    #[test]
    fn what_libtest_does_itself_is_dropped_and_what_a_test_starts_is_not() {
        check(
            Harness::Libtest,
            Place::MainThread,
            &format!(
                "{START};e2e::main;test::test_main_static;test::run_tests;std::sync::mpmc::list::Channel::recv;syscall"
            ),
            None,
        );
        check(
            Harness::Libtest,
            Place::Thread("pump"),
            &format!("{THREAD};runtime::pump;memcpy"),
            Some("[pump];runtime::pump;memcpy"),
        );
        check(
            Harness::Libtest,
            Place::Thread("e2e::runs"),
            &format!(
                "{THREAD};test::run_test::{{closure}};e2e::runs;tokio::runtime::runtime::Runtime::block_on;\
                tokio::runtime::task::core::Core::poll;runtime::live::{{closure}}"
            ),
            Some("[task runtime::live];[e2e::runs];runtime::live::{closure}"),
        );
    }

    #[test]
    fn another_process_is_told_apart_and_kept_whole_whatever_ran_the_first() {
        for harness in [Harness::Criterion, Harness::Libtest, Harness::None] {
            let ground = Ground {
                process: Some("sh"),
                place: Place::MainThread,
                harness,
            };
            let of = |names, rooted| trimmed(ground, names, rooted);
            assert_eq!(
                of("_start;main;[dash]", Rooted::Yes).as_deref(),
                Some("[process sh];[dash]")
            );
            assert_eq!(
                of(
                    "[dash];__libc_start_main;[dash];[dash];strlen;[dash]",
                    Rooted::Yes
                )
                .as_deref(),
                Some("[process sh];[dash];strlen;[dash]")
            );
            assert_eq!(
                of("[dash]", Rooted::No).as_deref(),
                Some("[process sh];[truncated];[dash]")
            );
        }
    }
}
