//! Which part of a stack belongs to the program, and under which root.
//!
//! A stack as recorded begins with the start of a thread, the harness or the executor. The program
//! begins below one of two frames, whichever is nearer to the leaf:
//!
//! - `Bencher::iter…`: the routine that is measured. Cutting there merges warm-up and
//!   measurement, which Criterion runs along two paths.
//! - the executor's poll of a task: tasks run on any thread, so they get a root of
//!   their own, `[task NAME]`, and below it the name of their threads.
//!
//! The executor's own frames become one frame, `[runtime]`, wherever they are. What lies below neither
//! is the harness at work (set-up, statistics) and is dropped, except on threads that the program started.

mod classes;
mod program;
mod tasks;

pub(super) use classes::{Class, class};
pub(super) use program::starts_a_thread;
pub(super) use tasks::is_future;

use crate::model::{
    profile::OriginKind,
    stack::{EXECUTOR, process_frame, task_frame},
};

use super::Harness;

/// The root of stacks whose beginning is lost.
pub(super) const TRUNCATED: &str = "[truncated]";

/// A frame as far as trimming cares.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step<'a> {
    pub(super) function: &'a str,
    pub(super) class: Class,
    pub(super) kind: OriginKind,
    /// Of the code of a future, the types that it is used with.
    pub(super) types: Option<&'a str>,
}

/// Where a stack was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place<'a> {
    /// On the thread that runs the harness.
    MainThread,
    /// On another thread, with the name of its kind.
    Thread(&'a str),
}

/// What surrounds the program in a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ground<'a> {
    /// The process, unless it is the one that was started.
    pub(super) process: Option<&'a str>,
    pub(super) place: Place<'a>,
    /// What calls the program in the process that was started.
    pub(super) harness: Harness,
}

/// Whether a stack reaches the start of its thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rooted {
    Yes,
    No,
}

/// The program's part of a stack (root first), or `None` if it has none.
pub(super) fn trim(stack: &[Step<'_>], ground: Ground<'_>, rooted: Rooted) -> Option<Vec<String>> {
    let place = ground.place;
    let trimmed = match (ground.process, ground.harness) {
        (Some(name), _) => {
            let mut frames = vec![process_frame(name)];
            frames.extend(program::whole(stack, place, rooted));
            Some(frames)
        }
        (None, Harness::Criterion) => measured(stack, place, rooted),
        (None, Harness::Libtest) => program::tested(stack, place, rooted),
        (None, Harness::None) => Some(program::whole(stack, place, rooted)),
    };
    trimmed.filter(|frames| !frames.is_empty())
}

fn measured(stack: &[Step<'_>], place: Place<'_>, rooted: Rooted) -> Option<Vec<String>> {
    let cut = stack
        .iter()
        .rposition(|step| matches!(step.class, Class::Iteration | Class::TaskPoll));
    match cut {
        Some(at) if stack[at].class == Class::Iteration => routine(&stack[at + 1..]),
        Some(at) => Some(task(&stack[at + 1..], place)),
        None if rooted == Rooted::No => beheaded(stack),
        None => own_thread(stack, place),
    }
}

/// What the harness calls: without its wrappers around the routine.
fn routine(called: &[Step<'_>]) -> Option<Vec<String>> {
    let start = called
        .iter()
        .position(|step| step.class != Class::Harness && step.class != Class::Glue)?;
    Some(folded(&called[start..]))
}

/// What a task's poll leads to. The scheduler itself runs as a task of the pool for blocking
/// calls; what lies below it is the executor's.
fn task(polled: &[Step<'_>], place: Place<'_>) -> Vec<String> {
    let first = polled
        .iter()
        .position(|step| step.class == Class::Scheduler || tasks::is_code(step));
    match first.filter(|&first| polled[first].class != Class::Scheduler) {
        Some(start) => {
            let mut frames = vec![task_frame(&tasks::name(&polled[start..]))];
            frames.extend(thread_frame(place));
            frames.extend(folded(&polled[start..]));
            frames
        }
        None => executor(polled),
    }
}

/// A thread outside harness and executor counts if it runs code of the workspace or of the executor.
fn own_thread(stack: &[Step<'_>], place: Place<'_>) -> Option<Vec<String>> {
    if matches!(place, Place::MainThread) {
        return None;
    }
    if let Some(start) = stack
        .iter()
        .position(|step| step.kind == OriginKind::Workspace)
    {
        let mut frames: Vec<String> = thread_frame(place).into_iter().collect();
        frames.extend(folded(&stack[start..]));
        return Some(frames);
    }
    stack.iter().any(is_executor).then(|| executor(stack))
}

/// A stack without its beginning keeps its weight where code of the workspace shows that it belongs
/// to the program.
fn beheaded(stack: &[Step<'_>]) -> Option<Vec<String>> {
    let start = stack
        .iter()
        .position(|step| step.kind == OriginKind::Workspace)?;
    let mut frames = vec![TRUNCATED.to_owned()];
    frames.extend(folded(&stack[start..]));
    Some(frames)
}

/// `[runtime]` and what the executor calls beside tasks: `[runtime];epoll_wait`.
fn executor(stack: &[Step<'_>]) -> Vec<String> {
    let called = stack
        .iter()
        .rposition(is_executor)
        .map_or(stack, |last| &stack[last + 1..]);
    let mut frames = vec![EXECUTOR.to_owned()];
    frames.extend(folded(called).into_iter().filter(|name| name != EXECUTOR));
    frames
}

fn thread_frame(place: Place<'_>) -> Option<String> {
    match place {
        Place::MainThread => None,
        Place::Thread(name) => Some(format!("[{name}]")),
    }
}

/// The names of a stack with the executor's frames, and the glue around them, as one, and without the
/// wrappers of the probe.
fn folded(stack: &[Step<'_>]) -> Vec<String> {
    let mut frames: Vec<String> = Vec::with_capacity(stack.len());
    let mut at = 0;
    while at < stack.len() {
        let run = stack[at..]
            .iter()
            .take_while(|step| is_executor(step) || step.class == Class::Glue)
            .count();
        if stack[at..at + run].iter().any(is_executor) {
            frames.push(EXECUTOR.to_owned());
            let blocks = stack[at..at + run].iter().any(tasks::blocks_on);
            at += run;
            if blocks && stack.get(at).is_some_and(tasks::is_polled) {
                frames.push(task_frame(&tasks::name(&stack[at..])));
            }
        } else if run > 0 {
            frames.extend(
                stack[at..at + run]
                    .iter()
                    .map(|step| step.function.to_owned()),
            );
            at += run;
        } else {
            if stack[at].class != Class::Probe {
                frames.push(stack[at].function.to_owned());
            }
            at += 1;
        }
    }
    frames
}

fn is_executor(step: &Step<'_>) -> bool {
    matches!(
        step.class,
        Class::Executor | Class::Scheduler | Class::TaskPoll
    )
}

#[cfg(test)]
mod tests;
