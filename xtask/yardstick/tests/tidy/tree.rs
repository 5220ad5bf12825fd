//! The shape of the source tree.

use std::collections::BTreeSet;

use super::source::{SourceFile, files, report, root, toolkit};

/// The most lines of one Rust file: beyond them it has more than one subject.
const MAX_LINES: usize = 400;

/// Names that say nothing about what is inside.
const VAGUE_NAMES: [&str; 6] = ["utils", "util", "common", "shared", "imp", "helpers"];

/// The folders at the top of the repository.
const FOLDERS: [&str; 7] = [
    ".cargo", ".ci", "benches", "docs", "profiles", "runtime", "xtask",
];

/// The files at the top of the repository.
const FILES: [&str; 10] = [
    ".gitattributes",
    ".gitignore",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "clippy.toml",
    "deny.toml",
];

fn rust_files() -> impl Iterator<Item = SourceFile> {
    files()
        .into_iter()
        .filter(|file| file.path.ends_with(".rs"))
}

#[test]
fn a_file_has_one_subject() {
    let complaints: Vec<String> = rust_files()
        .filter(|file| file.text.lines().count() > MAX_LINES)
        .map(|file| {
            let lines = file.text.lines().count();
            format!(
                "{}: {lines} lines, {MAX_LINES} at most: split it by subject",
                file.path
            )
        })
        .collect();
    report("files are short because they have one subject", &complaints);
}

#[test]
fn a_module_s_name_says_what_is_inside() {
    let complaints: Vec<String> = rust_files()
        .filter(|file| {
            let path = file.path.strip_suffix(".rs").unwrap_or(&file.path);
            path.split('/').any(|part| VAGUE_NAMES.contains(&part))
        })
        .map(|file| format!("{}: name it after its subject", file.path))
        .collect();
    report("no module is called `utils` and the like", &complaints);
}

#[test]
fn the_top_of_the_repository_is_what_the_design_says() {
    let files = files();
    let folders: BTreeSet<&str> = files
        .iter()
        .filter_map(|file| file.path.split_once('/').map(|(folder, _)| folder))
        .collect();
    let top: BTreeSet<&str> = files
        .iter()
        .map(|file| file.path.as_str())
        .filter(|path| !path.contains('/'))
        .collect();
    let mut complaints = Vec::new();
    for folder in folders.difference(&FOLDERS.into()) {
        complaints.push(format!("{folder}/: no such folder in the design"));
    }
    for file in top.symmetric_difference(&FILES.into()) {
        let what = match top.contains(file) {
            true => "not in the design",
            false => "missing",
        };
        complaints.push(format!("{file}: {what}"));
    }
    report("the top level is exact", &complaints);
}

#[test]
fn no_toolchain_is_pinned() {
    let found = ["rust-toolchain", "rust-toolchain.toml"]
        .into_iter()
        .filter(|name| root().join(name).exists())
        .map(|name| format!("{name}: rustup would fetch it; `rust-version` says the minimum"))
        .collect::<Vec<_>>();
    report("no toolchain is pinned", &found);
}

#[test]
fn tracked_files_name_no_machine_and_no_registry() {
    // Put together here, so that this file does not find itself.
    let mut homes = vec![["/ro", "ot/"].concat(), format!("{}/", root().display())];
    homes.extend(std::env::var("HOME").map(|home| format!("{home}/")));
    let hosts = [
        ["index.", "crates", ".io"].concat(),
        ["static.", "crates", ".io"].concat(),
    ];
    let mut complaints = Vec::new();
    for file in files() {
        let generated = file.path.ends_with("Cargo.lock");
        for (number, line) in file.lines() {
            let found = homes.iter().chain(&hosts).find(|word| line.contains(*word));
            if let Some(word) = found.filter(|_| !generated) {
                complaints.push(format!("{}:{number}: `{word}`", file.path));
            }
        }
    }
    report("tracked files fit every machine", &complaints);
}

#[test]
fn every_exit_code_is_documented() {
    let toolkit = toolkit();
    let problem = toolkit
        .iter()
        .find(|file| file.path.ends_with("src/problem.rs"))
        .expect("problem.rs exists");
    let codes: Vec<(usize, String)> = problem
        .lines()
        .skip_while(|(_, line)| !line.contains("enum ExitCode"))
        .take_while(|(_, line)| *line != "}")
        .filter_map(|(number, line)| {
            let code = line.split_once(" = ")?.1.trim_end_matches(',').to_owned();
            Some((number, code))
        })
        .collect();
    assert!(
        codes.len() > 2,
        "no exit codes were found in {}",
        problem.path
    );
    let documents: Vec<SourceFile> = files()
        .into_iter()
        .filter(|file| file.path.ends_with(".md"))
        .collect();
    let complaints: Vec<String> = codes
        .iter()
        .filter(|(_, code)| {
            !documents
                .iter()
                .any(|document| documents_exit_code(document, code))
        })
        .map(|(number, code)| {
            format!(
                "{}:{number}: exit code {code} is on no line about exit codes in any document",
                problem.path
            )
        })
        .collect();
    report("every exit code is documented", &complaints);
}

/// Whether a line about exit codes, or a table below one, holds this code as a word.
fn documents_exit_code(document: &SourceFile, code: &str) -> bool {
    let mut about_exit_codes = false;
    document.text.lines().any(|line| {
        let names_them = line.to_lowercase().contains("exit code");
        about_exit_codes = names_them || (about_exit_codes && line.starts_with('|'));
        let mut words = line.split(|c: char| !c.is_alphanumeric());
        about_exit_codes && words.any(|word| word == code)
    })
}
