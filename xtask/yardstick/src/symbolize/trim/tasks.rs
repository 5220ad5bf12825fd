//! What a task is called: by its future.

use super::{Class, Step};
use crate::model::profile::OriginKind;

/// Whether a function is the code of a future, by its normalised name: the body of an async function or block, which looks
/// like a closure, or an implementation of `poll`.
pub(in crate::symbolize) fn is_future(function: &str) -> bool {
    function.ends_with("::{closure}") || function.ends_with("::poll")
}

/// Whether the code of a task may begin here: neither the executor's nor std's.
pub(super) fn is_code(step: &Step<'_>) -> bool {
    step.class == Class::Program
        && matches!(step.kind, OriginKind::Workspace | OriginKind::Dependency)
}

/// Whether the code of a future begins here.
pub(super) fn is_polled(step: &Step<'_>) -> bool {
    is_code(step) && is_future(step.function)
}

/// Whether an executor polls a future here on the thread that calls it, until it is done.
pub(super) fn blocks_on(step: &Step<'_>) -> bool {
    let function = step.function.trim_end_matches("::{closure}");
    matches!(step.class, Class::Executor | Class::Scheduler)
        && (function.ends_with("::block_on") || function.ends_with("::run_until"))
}

/// The name of the task whose code begins with `code`: the path of its future, and the types that tell it from other
/// uses of the same code. A future that only wraps one of the workspace gives way to it.
pub(super) fn name(code: &[Step<'_>]) -> String {
    let futures = code
        .iter()
        .take_while(|step| is_future(step.function) || step.class == Class::Glue);
    let of_workspace = futures
        .filter(|step| is_future(step.function))
        .find(|step| step.kind == OriginKind::Workspace);
    let Some(step) = of_workspace.or(code.first()) else {
        return String::new();
    };
    let path = path(step.function);
    match step.types {
        Some(types) => format!("{path}<{types}>"),
        None => path.to_owned(),
    }
}

/// `a::f` of `a::f::{closure}::{closure}`, and `a::F` of `<a::F as core::future::future::Future>::poll`.
fn path(function: &str) -> &str {
    let of_type = function
        .strip_prefix('<')
        .filter(|_| function.ends_with("::poll"))
        .and_then(|qualified| qualified.split_once(" as "));
    match of_type {
        Some((of_type, _)) => of_type,
        None => function
            .trim_end_matches("::{closure}")
            .trim_end_matches("::poll"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::symbolize::trim::class;

    fn step<'a>(function: &'a str, kind: OriginKind, types: Option<&'a str>) -> Step<'a> {
        Step {
            function,
            class: class(function),
            kind,
            types,
        }
    }

    #[test]
    fn a_task_is_called_by_its_future_and_the_types_it_is_used_with() {
        use OriginKind::{Dependency, Workspace};
        let live = step("runtime::live::{closure}", Workspace, Some("Counter"));
        let called = step("runtime::serve::{closure}", Workspace, Some("Counter, u8"));
        assert_eq!(name(&[live, called]), "runtime::live<Counter>");
        let block = step("e2e::f::{closure}::{closure}", Workspace, None);
        assert_eq!(name(&[block]), "e2e::f");
        let poll = step(
            "<runtime::Reply as core::future::future::Future>::poll",
            Workspace,
            None,
        );
        assert_eq!(name(&[poll]), "runtime::Reply");
        let wrapper = step(
            "<tracing::instrument::Instrumented as core::future::future::Future>::poll",
            Dependency,
            Some("live"),
        );
        assert_eq!(name(&[wrapper, live]), "runtime::live<Counter>");
        let other = step("tokio::fs::read", Dependency, None);
        assert_eq!(
            name(&[wrapper, other, live]),
            "tracing::instrument::Instrumented<live>"
        );
    }
}
