//! The source files, read once per test.

use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A tracked text file.
pub(crate) struct SourceFile {
    /// Its path below the root of the workspace, with `/`.
    pub(crate) path: String,
    /// Its text.
    pub(crate) text: String,
}

impl SourceFile {
    /// The lines with their numbers from 1 that are code: no comments, no test modules.
    ///
    /// A test module is everything from its `#[cfg(test)]` to the end of the file: tests
    /// come last.
    pub(crate) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let tests = self.tests_start();
        self.lines()
            .take_while(move |(number, _)| tests.is_none_or(|start| *number < start))
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// All lines with their numbers from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line))
    }

    /// Whether the whole file is for tests.
    pub(crate) fn is_test(&self) -> bool {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        self.path.contains("/tests/") || ["tests.rs", "samples.rs", "fixtures.rs"].contains(&name)
    }

    fn tests_start(&self) -> Option<usize> {
        let mut lines = self.lines().peekable();
        while let Some((number, line)) = lines.next() {
            let opens = |line: &str| line.starts_with("mod ") && line.ends_with('{');
            if line == "#[cfg(test)]" && lines.peek().is_some_and(|(_, next)| opens(next)) {
                return Some(number);
            }
        }
        None
    }
}

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package
        .join("../..")
        .canonicalize()
        .expect("the workspace exists")
}

/// Every text file of the workspace that is or would be tracked.
pub(crate) fn files() -> Vec<SourceFile> {
    let root = root();
    let listed = Command::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .current_dir(&root)
        .output();
    let paths: Vec<String> = match listed {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout)
            .split('\0')
            .filter(|path| !path.is_empty())
            .map(str::to_owned)
            .collect(),
        // A copy without git or its repository is checked all the same.
        _ => walk(&root, ""),
    };
    paths
        .into_iter()
        .filter_map(|path| {
            let text = fs::read_to_string(root.join(&path)).ok()?;
            Some(SourceFile { path, text })
        })
        .collect()
}

/// The Rust files of the toolkit's library, by module path: `host/build.rs`.
pub(crate) fn toolkit() -> Vec<SourceFile> {
    let prefix = "xtask/yardstick/src/";
    let found: Vec<SourceFile> = files()
        .into_iter()
        .filter(|file| file.path.starts_with(prefix) && file.path.ends_with(".rs"))
        .collect();
    assert!(found.len() > 20, "the toolkit's source was not found");
    found
}

/// The top-level module of the toolkit that a file belongs to: `host` for `host/build.rs`.
pub(crate) fn layer(file: &SourceFile) -> &str {
    let below = &file.path["xtask/yardstick/src/".len()..];
    let first = below.split('/').next().unwrap_or(below);
    first.strip_suffix(".rs").unwrap_or(first)
}

/// Fails with all complaints at once.
pub(crate) fn report(rule: &str, complaints: &[String]) {
    let mut text = String::new();
    for complaint in complaints {
        let _ = writeln!(text, "  {complaint}");
    }
    assert!(complaints.is_empty(), "{rule}\n{text}");
}

fn walk(root: &Path, below: &str) -> Vec<String> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(root.join(below)) else {
        return found;
    };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name == "target" || name == ".git" {
            continue;
        }
        let path = match below {
            "" => name,
            _ => format!("{below}/{name}"),
        };
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => found.extend(walk(root, &path)),
            _ => found.push(path),
        }
    }
    found
}
