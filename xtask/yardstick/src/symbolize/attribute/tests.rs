use super::*;

fn members() -> Vec<Member> {
    let member = |package: &str, crates: &[&str], root: &str| Member {
        package: package.to_owned(),
        crates: crates.iter().map(|name| (*name).to_owned()).collect(),
        root: root.to_owned(),
    };
    vec![
        member("root-package", &[], "/project"),
        member("runtime", &[], "/project/runtime"),
        member("benches", &["e2e"], "/project/benches"),
    ]
}

#[track_caller]
fn check(function: &str, file: Option<&str>, wanted: (OriginKind, &str, &str)) {
    let found = origin(function, file, Some("e2e-0123"), &members());
    assert_eq!(
        (found.kind, found.crate_name.as_str(), found.module.as_str()),
        wanted,
        "{function}"
    );
}

#[test]
fn the_file_decides_before_the_symbol() {
    check(
        "<runtime::Store as core::iter::traits::collect::IntoIterator>::into_iter",
        Some("/rustc/0123abcd/library/core/src/iter/traits/collect.rs"),
        (OriginKind::Standard, "std", "runtime"),
    );
    check(
        "fetch_add",
        Some("/rustc/0123abcd/library/core/src/sync/atomic.rs"),
        (OriginKind::Standard, "std", ""),
    );
    check(
        "tokio::sync::mpsc::chan::Rx::recv",
        Some("/cargo/registry/src/index-0123/tokio-1.47.0/src/sync/mpsc/chan.rs"),
        (OriginKind::Dependency, "tokio", "sync::mpsc::chan"),
    );
    check(
        "hashbrown::map::HashMap::get",
        Some("/rust/deps/hashbrown-0.15.2/src/map.rs"),
        (OriginKind::Standard, "std", "hashbrown::map"),
    );
    check(
        "<core::option::Option as runtime::Ext>::or_log",
        Some("/project/runtime/src/util/ext.rs"),
        (OriginKind::Workspace, "runtime", "util::ext"),
    );
    check(
        "e2e::linear::{closure}",
        Some("/project/benches/benches/e2e.rs"),
        (OriginKind::Workspace, "benches", ""),
    );
    check(
        "root_package::f",
        Some("/project/src/lib.rs"),
        (OriginKind::Workspace, "root_package", ""),
    );
}

#[test]
fn a_file_that_contradicts_the_name_does_not_count() {
    check(
        "<parking_lot::raw_mutex::RawMutex as lock_api::mutex::RawMutex>::lock",
        Some("/rustc/0123abcd/library/core/src/sync/atomic.rs"),
        (OriginKind::Dependency, "parking_lot", "raw_mutex"),
    );
    check(
        "core::sync::atomic::atomic_add",
        Some("/project/runtime/src/lib.rs"),
        (OriginKind::Standard, "std", "core::sync::atomic"),
    );
}

#[test]
fn dependencies_may_lie_below_a_member() {
    check(
        "serde::de::f",
        Some("/project/vendor/serde/src/de.rs"),
        (OriginKind::Dependency, "serde", "de"),
    );
    check(
        "kv_store::f::g",
        Some("/cargo/git/checkouts/kv-0123abcd/89ab/store/src/f.rs"),
        (OriginKind::Dependency, "kv_store", "f"),
    );
}

#[test]
fn without_a_file_the_symbol_decides() {
    check(
        "runtime::actor::Address::ask",
        None,
        (OriginKind::Workspace, "runtime", "actor"),
    );
    check(
        "e2e::linear::{closure}",
        None,
        (OriginKind::Workspace, "benches", ""),
    );
    check(
        "<&mut runtime::actor::Address as a::T>::f",
        None,
        (OriginKind::Workspace, "runtime", "actor"),
    );
    check(
        "core::slice::iter::f",
        None,
        (OriginKind::Standard, "std", "core::slice::iter"),
    );
    check(
        "usize::unchecked_add",
        None,
        (OriginKind::Standard, "std", "usize"),
    );
    check(
        "mio::poll::Poll::poll",
        None,
        (OriginKind::Dependency, "mio", "poll"),
    );
    check("malloc", None, (OriginKind::Native, "e2e-0123", ""));
    check(
        "malloc",
        Some("./malloc/malloc.c"),
        (OriginKind::Native, "e2e-0123", ""),
    );
    check("[libc.so.6]", None, (OriginKind::Native, "e2e-0123", ""));
}

#[test]
fn a_version_is_told_from_a_name_with_dashes_and_digits() {
    for (folder, name) in [
        ("sha2-0.10.8", "sha2"),
        ("utf-8-0.7.6", "utf-8"),
        ("x-1.0.0-rc.1+a-b", "x"),
        ("wasi-0.11.0+wasi-snapshot-preview1", "wasi"),
        ("serde", "serde"),
    ] {
        assert_eq!(without_version(folder), name, "{folder}");
    }
}

#[test]
fn a_method_of_any_type_belongs_to_its_trait_and_one_of_a_slice_to_rust() {
    check(
        "<T as core::convert::Into>::into",
        None,
        (OriginKind::Standard, "std", "core::convert"),
    );
    check(
        "<B as bytes::buf::Buf>::advance",
        None,
        (OriginKind::Dependency, "bytes", "buf"),
    );
    for function in ["<[_]>::to_vec", "<*const T>::read", "<u64>::pow"] {
        check(function, None, (OriginKind::Standard, "std", "core"));
    }
    check(
        "<T as <[_]>::to_vec_in::ConvertVec>::to_vec",
        None,
        (OriginKind::Standard, "std", ""),
    );
}
