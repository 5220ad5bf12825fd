//! The document of the semantics names a test for every statement; they must exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn tests_that_exist() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut tests = BTreeSet::new();
    for entry in fs::read_dir(folder).expect("this file is in it") {
        let path = entry.expect("the folder can be read").path();
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        let file = path.file_stem().unwrap_or_default().to_string_lossy();
        let functions = text.lines().filter_map(|line| {
            let rest = line.trim_start();
            let rest = rest.strip_prefix("async ").unwrap_or(rest);
            rest.strip_prefix("fn ")?
                .split_once('(')
                .map(|(name, _)| name)
        });
        tests.extend(functions.map(|name| format!("{file}::{name}")));
    }
    tests
}

#[test]
fn every_statement_is_backed_by_a_test() {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/SEMANTICS.md");
    let text = fs::read_to_string(document).expect("the document exists");
    let named: Vec<&str> = text
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|word| word.contains("::") && word.starts_with(|first: char| first.is_lowercase()))
        .filter(|word| *word != "file::test")
        .collect();
    assert!(named.len() > 40, "only {} tests are named", named.len());
    let tests = tests_that_exist();
    let missing: Vec<_> = named
        .iter()
        .filter(|name| !tests.contains(**name))
        .collect();
    assert!(missing.is_empty(), "these tests do not exist: {missing:#?}");

    let statements = text.split("\n- ").skip(1);
    let bare: Vec<_> = statements
        .filter(|statement| !statement.contains("::"))
        .collect();
    assert!(bare.is_empty(), "these statements name no test: {bare:#?}");
}
