//! Other programs: whether they are there, and whether they work.

use std::{collections::BTreeMap, env, path::PathBuf, process::Command};

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
    if super::super::find_program(program).is_none() {
        return Tool::Missing;
    }
    match process::text_of(Command::new(program).arg("--version")) {
        Ok(text) => Tool::Works(text.lines().next().unwrap_or(program).trim().to_owned()),
        Err(error) => Tool::Broken(first_line(&error)),
    }
}

/// lld on the path, else the one that comes with the Rust toolchain.
fn lld() -> Tool {
    match tool("ld.lld") {
        Tool::Missing => rust_lld().map_or(Tool::Missing, |path| {
            Tool::Works(format!("rust-lld of the toolchain ({})", file_name(&path)))
        }),
        found => found,
    }
}

fn rust_lld() -> Option<PathBuf> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let sysroot = process::text_of(Command::new(&rustc).args(["--print", "sysroot"])).ok()?;
    let version = process::text_of(Command::new(&rustc).arg("-vV")).ok()?;
    let target = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))?;
    let path = PathBuf::from(sysroot.trim())
        .join("lib/rustlib")
        .join(target)
        .join("bin/gcc-ld/ld.lld");
    path.is_file().then_some(path)
}

fn file_name(path: &std::path::Path) -> String {
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}

fn first_line(error: &anyhow::Error) -> String {
    let text = format!("{error:#}");
    text.lines().next().unwrap_or_default().to_owned()
}
