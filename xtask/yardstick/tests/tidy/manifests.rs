//! What the manifests must say.

use super::source::{files, report};

#[test]
fn libraries_and_programs_have_no_benches_of_their_own() {
    let mut complaints = Vec::new();
    for file in files()
        .iter()
        .filter(|file| file.path.ends_with("Cargo.toml"))
    {
        let manifest: toml::Table = file.text.parse().expect("cargo reads it, so it is TOML");
        if !manifest.contains_key("package") {
            continue;
        }
        let folder = file.path.strip_suffix("Cargo.toml").unwrap_or_default();
        let exists = |path: &str| files().iter().any(|f| f.path == format!("{folder}{path}"));
        let says_no =
            |target: &toml::Value| target.get("bench") == Some(&toml::Value::Boolean(false));
        if exists("src/lib.rs") && !manifest.get("lib").is_some_and(says_no) {
            complaints.push(format!("{}: `[lib]` needs `bench = false`", file.path));
        }
        let programs = manifest.get("bin").and_then(toml::Value::as_array);
        let programs = programs.map(Vec::as_slice).unwrap_or_default();
        if exists("src/main.rs") && programs.is_empty() {
            complaints.push(format!("{}: `[[bin]]` needs `bench = false`", file.path));
        }
        for program in programs.iter().filter(|program| !says_no(program)) {
            complaints.push(format!(
                "{}: `[[bin]]` {:?} needs `bench = false`",
                file.path,
                program.get("name")
            ));
        }
    }
    report(
        "`cargo bench -- --save-baseline` breaks on a libtest harness",
        &complaints,
    );
}

#[test]
fn every_member_takes_the_lints_of_the_workspace() {
    let complaints: Vec<String> = files()
        .iter()
        .filter(|file| file.path.ends_with("Cargo.toml") && file.path != "Cargo.toml")
        .filter(|file| !file.text.contains("[lints]\nworkspace = true"))
        .map(|file| format!("{}: add `[lints] workspace = true`", file.path))
        .collect();
    report("one set of lints", &complaints);
}
