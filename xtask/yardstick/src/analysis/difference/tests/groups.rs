//! How functions and stacks are gathered.

use super::*;
use crate::model::{
    difference::Grouping,
    profile::{Origin, OriginKind},
};

/// A recording whose functions come from where their names say: `app` is the workspace.
fn recording(stacks: &[(&str, u64)]) -> Profile {
    let mut recorded = profile("x", stacks);
    for (function, origin) in &mut recorded.origins {
        let path = crate::model::layers::path_of(function);
        let mut segments: Vec<&str> = path.split("::").collect();
        let first = segments.remove(0);
        let kind = match first {
            "app" => OriginKind::Workspace,
            "core" | "alloc" | "std" => OriginKind::Standard,
            bracketed if bracketed.starts_with('[') => OriginKind::Bracket,
            _ if segments.is_empty() => OriginKind::Native,
            _ => OriginKind::Dependency,
        };
        segments.pop();
        if kind == OriginKind::Standard {
            segments.insert(0, first);
        }
        *origin = Origin {
            kind,
            crate_name: match kind {
                OriginKind::Standard => "std".to_owned(),
                OriginKind::Native => "libc.so.6".to_owned(),
                _ => first.to_owned(),
            },
            module: segments.join("::"),
        };
    }
    recorded
}

/// Each group with its own and total time before, in ns of 1,000.
fn groups(stacks: &[(&str, u64)], grouping: Grouping) -> Vec<(String, f64, f64)> {
    let recorded = || vec![recording(stacks)];
    let paths = [("app::store", "store"), ("app::mailbox", "mailbox")];
    let layers = Layers::new(paths.map(|(path, layer)| (path.to_owned(), layer.to_owned())));
    let found = of_layers(
        Sides {
            before: recorded(),
            after: recorded(),
        },
        &layers,
    );
    let rows = found.groups[&grouping].iter();
    let mut groups: Vec<(String, f64, f64)> = rows
        .map(|row| (row.name.clone(), row.own.ns.before, row.total.ns.before))
        .collect();
    groups.sort_by(|a, b| a.0.cmp(&b.0));
    groups
}

fn own(stacks: &[(&str, u64)], grouping: Grouping) -> Vec<(String, f64)> {
    let groups = groups(stacks, grouping);
    let groups = groups.into_iter().filter(|group| group.1 > 0.0);
    groups.map(|(name, own, _)| (name, own)).collect()
}

#[test]
fn modules_and_crates_gather_what_they_define() {
    let stacks: &[(&str, u64)] = &[
        ("app::main;app::store::get", 40),
        ("app::main;app::store::get;core::ptr::drop_in_place", 30),
        ("app::main;app::store::get;malloc", 20),
        ("app::main", 10),
    ];
    assert_eq!(
        groups(stacks, Grouping::Module),
        [
            ("app".to_owned(), 100.0, 1_000.0),
            ("app::store".to_owned(), 400.0, 900.0),
            ("core::ptr".to_owned(), 300.0, 300.0),
            ("libc.so.6".to_owned(), 200.0, 200.0),
        ]
    );
    assert_eq!(
        groups(stacks, Grouping::Crate),
        [
            ("app".to_owned(), 500.0, 1_000.0),
            ("libc.so.6".to_owned(), 200.0, 200.0),
            ("std".to_owned(), 300.0, 300.0),
        ]
    );
}

#[test]
fn own_time_belongs_to_the_layer_nearest_the_leaf() {
    for (stack, layer) in [
        ("app::store::get;alloc::vec::Vec::push", "store"),
        ("app::store::get;alloc::vec::Vec::push;malloc", "allocation"),
        (
            "app::store::get;alloc::raw_vec::RawVec::grow_one;realloc",
            "allocation",
        ),
        ("app::store::get;__memcpy_avx512_unaligned_erms", "store"),
        (
            "app::store::get;std::sys::sync::mutex::futex::Mutex::lock",
            "locks",
        ),
        ("app::store::get;app::mailbox::push", "mailbox"),
        (
            "app::mailbox::push;tokio::sync::mpsc::Sender::send",
            "tokio",
        ),
        ("app::mailbox::push;tokio::x::f;app::store::get", "store"),
        (
            "app::store::get;serde_json::ser::to_vec;alloc::vec::Vec::push",
            "serialisation",
        ),
        (
            "app::store::get;<app::Row as serde::ser::Serialize>::serialize",
            "serialisation",
        ),
        (
            "app::main;<app::store::Table as core::clone::Clone>::clone",
            "store",
        ),
        ("app::store::get;clock_gettime", "system"),
        ("app::main;core::iter::f", "std"),
        ("app::main;hashbrown::map::f", "dependencies"),
        ("app::main", "other"),
        ("[runtime]", "tokio"),
    ] {
        assert_eq!(
            own(&[(stack, 10)], Grouping::Layer),
            [(layer.to_owned(), 1_000.0)],
            "{stack}"
        );
    }
}

#[test]
fn a_task_is_called_by_its_actor_or_else_by_its_async_function() {
    for (stack, task) in [
        (
            "[task];app::run::{closure};<app::Worker as app::Actor>::handle;app::f",
            "app::Worker",
        ),
        ("[task];app::run::{closure}::{closure};app::f", "app::run"),
        (
            "[task];[tokio-runtime-worker];<core::future::PollFn as core::future::Future>::poll;app::run::{closure}",
            "app::run",
        ),
        ("[task];hyper::serve;malloc", "hyper::serve"),
        ("[task app::Worker];app::run::{closure}", "app::Worker"),
        (
            "app::main;[runtime];[task app::root];app::root::{closure}",
            "app::root",
        ),
        ("app::routine;[runtime];app::f", "outside tasks"),
    ] {
        assert_eq!(
            own(&[(stack, 10)], Grouping::Task),
            [(task.to_owned(), 1_000.0)],
            "{stack}"
        );
    }
}

#[test]
fn threads_and_processes_are_told_by_the_brackets_at_the_root() {
    for (stack, thread) in [
        (
            "[task];[tokio-runtime-worker];app::f",
            "[tokio-runtime-worker]",
        ),
        ("[process server];app::f", "[process server]"),
        ("[process sh];[dash]", "[process sh]"),
        ("[writer];app::f", "[writer]"),
        ("[task];app::f", "main thread"),
        ("app::f;[runtime];app::g", "main thread"),
        ("[runtime];epoll_wait", "[runtime]"),
    ] {
        assert_eq!(
            own(&[(stack, 10)], Grouping::Thread),
            [(thread.to_owned(), 1_000.0)],
            "{stack}"
        );
    }
}
