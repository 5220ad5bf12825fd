//! Runs a command and holds what it prints against a file.

use std::{
    collections::BTreeMap,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use yardstick::{model::capture::Capture, store};

/// A Cargo workspace in a temporary folder.
pub(crate) struct Workspace {
    folder: tempfile::TempDir,
}

impl Workspace {
    /// A workspace of one package without a dependency and without a bench.
    pub(crate) fn new() -> Self {
        let workspace = Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
        };
        workspace.write(
            "Cargo.toml",
            b"[package]\nname = \"plain\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[lib]\npath = \"lib.rs\"\n",
        );
        workspace.write("lib.rs", b"//! A library.\n");
        workspace
    }

    /// Stores a capture as the program would.
    pub(crate) fn store(&self, capture: Capture) -> &Self {
        let name = capture.name.clone();
        let stored = store::Stored {
            capture,
            pictures: BTreeMap::new(),
        };
        for (path, bytes) in store::encode(&stored) {
            self.write(&format!("profiles/{name}/{path}"), &bytes);
        }
        self
    }

    /// Writes a file, and the folders above it.
    pub(crate) fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("writable");
        fs::write(path, bytes).expect("writable");
    }

    /// Its root.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().canonicalize().expect("it exists")
    }

    /// Every file below a folder with its bytes.
    pub(crate) fn files(&self, below: &str) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        let mut folders = vec![self.path().join(below)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                match entry.file_type().expect("readable").is_dir() {
                    true => folders.push(entry.path()),
                    false => {
                        let bytes = fs::read(entry.path()).expect("readable");
                        found.insert(entry.path(), bytes);
                    }
                }
            }
        }
        found
    }

    /// Runs `cargo yardstick ARGUMENTS`, split at spaces.
    pub(crate) fn run(&self, arguments: &str) -> Output {
        Command::new(env!("CARGO_BIN_EXE_cargo-yardstick"))
            .arg("yardstick")
            .args(arguments.split_whitespace())
            .current_dir(self.path())
            .env("COLUMNS", "100")
            .env_remove("CARGO_TARGET_DIR")
            .env_remove("CARGO_BUILD_TARGET_DIR")
            .output()
            .expect("our own program starts")
    }

    /// Runs `cargo yardstick ARGUMENTS` and compares with the golden file `case`.
    pub(crate) fn check(&self, case: &str, arguments: &str) {
        let output = self.run(arguments);
        let mut text = format!("$ cargo yardstick {arguments}\n");
        let code = output
            .status
            .code()
            .map_or_else(|| "none".to_owned(), |code| code.to_string());
        let _ = writeln!(text, "exit code: {code}");
        for (name, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
            let printed = String::from_utf8(bytes.clone()).expect("it prints UTF-8");
            let root = self.path().display().to_string();
            let _ = write!(text, "──── {name}\n{}", printed.replace(&root, "[ROOT]"));
        }
        compare(case, &text);
    }
}

/// Compares a text with the golden file of that name.
fn compare(case: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/{case}.txt"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, text).expect("the golden file is writable");
        return;
    }
    let hint = "UPDATE_GOLDEN=1 takes over what is printed";
    let golden = fs::read_to_string(&path);
    let golden = golden.unwrap_or_else(|_| panic!("no golden file {case}.txt; {hint}"));
    let differs = golden.lines().zip(text.lines()).position(|(a, b)| a != b);
    let line = differs.unwrap_or(golden.lines().count().min(text.lines().count())) + 1;
    assert!(
        golden == text,
        "{case}.txt differs from line {line}; {hint}. Printed now:\n{text}"
    );
}
