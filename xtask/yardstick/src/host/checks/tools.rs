//! Other programs: whether they are there, and whether they work.

use std::{collections::BTreeMap, env, path::Path, process::Command};

use nix::unistd::{AccessFlags, access};

use super::super::{process, record};
use crate::model::{profile::Sampler, readiness::Tool};

pub(super) fn all() -> BTreeMap<String, Tool> {
    let mut tools = BTreeMap::new();
    let mut add = |name: &str, tool| tools.insert(name.to_owned(), tool);
    add("samply", sampler("samply", Sampler::Samply));
    add("perf", sampler("perf", Sampler::Perf));
    add("valgrind", tool("valgrind"));
    add("git", tool("git"));
    add("lld", lld());
    tools
}

/// A sampler that is installed may still not fit this kernel or this machine.
fn sampler(program: &str, sampler: Sampler) -> Tool {
    match tool(program) {
        Tool::Missing => Tool::Missing,
        found => match record::obstacle(sampler) {
            Some(obstacle) => Tool::Broken(obstacle),
            None => found,
        },
    }
}

fn tool(program: &str) -> Tool {
    if !is_installed(program) {
        return Tool::Missing;
    }
    match process::text_of(Command::new(program).arg("--version")) {
        Ok(text) => Tool::Works(text.lines().next().unwrap_or(program).trim().to_owned()),
        Err(error) => Tool::Broken(first_line(&error)),
    }
}

/// Whether a program is on the path.
pub(in crate::host) fn is_installed(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| access(&folder.join(program), AccessFlags::X_OK).is_ok())
}

/// lld on the path, else the one that comes with the Rust toolchain.
fn lld() -> Tool {
    match tool("ld.lld") {
        Tool::Missing if has_rust_lld() => Tool::Works("rust-lld of the toolchain".to_owned()),
        found => found,
    }
}

fn has_rust_lld() -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let folder = process::text_of(Command::new(rustc).args(["--print", "target-libdir"]));
    // Its programs lie beside the libraries of the target.
    folder.is_ok_and(|libraries| {
        let rust_lld = Path::new(libraries.trim()).with_file_name("bin/gcc-ld/ld.lld");
        rust_lld.is_file()
    })
}

fn first_line(error: &anyhow::Error) -> String {
    let text = format!("{error:#}");
    text.lines().next().unwrap_or_default().to_owned()
}
