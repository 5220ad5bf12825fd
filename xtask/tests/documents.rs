//! The `console` blocks of README.md and docs/ are tests.
//!
//! A block ```` ```console ```` is run: each line that begins with `$ ` is a command, and what
//! follows is what it prints. `...` on a line of its own stands for any lines, `[..]` for any
//! characters. A block ```` ```console,slow ```` takes too long or depends on the machine: its
//! command lines are only checked against what can be typed. `UPDATE_GOLDEN=1` writes what
//! the commands print now into the blocks.

#[path = "documents/block.rs"]
mod block;
#[path = "documents/pattern.rs"]
mod pattern;

use std::{
    fs,
    io::{Read, Seek},
    path::{Path, PathBuf},
    process::Command,
};

use block::{Block, Console, Speed};

#[test]
fn every_command_line_in_the_documents_can_be_typed() {
    let mut complaints = Vec::new();
    for document in documents() {
        for (console, words) in commands(&document) {
            let Some(arguments) = ours(&words) else {
                continue;
            };
            let arguments = arguments.iter().map(Into::into);
            let typed = std::iter::once("xtask".into()).chain(arguments);
            let parsed = yardstick::cmd::parse(yardstick::Invocation::Xtask, typed);
            if let Err(error) = parsed
                && error.use_stderr()
            {
                let at = document.at(console.line);
                complaints.push(format!("{at}: `{}`\n{error}", console.command));
            }
        }
    }
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn the_console_blocks_print_what_they_show() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut complaints = Vec::new();
    for document in documents() {
        let mut text = document.text.clone();
        // From the end, so that the lines of the blocks before stay where they are.
        for block in document.blocks.iter().rev() {
            if block.speed == Speed::Slow {
                continue;
            }
            for console in block.consoles.iter().rev() {
                let Some(arguments) = ours(&block::words(&console.command)) else {
                    let at = document.at(console.line);
                    complaints.push(format!(
                        "{at}: `{}` is no command of ours: mark the block `console,slow`",
                        console.command
                    ));
                    continue;
                };
                let printed = run(&arguments);
                if pattern::matches(&console.output, &printed) {
                    continue;
                }
                if update {
                    text = console.with_output(&text, &printed);
                } else {
                    let at = document.at(console.line);
                    complaints.push(format!(
                        "{at}: `{}` printed\n{printed}\ninstead of\n{}",
                        console.command, console.output
                    ));
                }
            }
        }
        if text != document.text {
            fs::write(&document.path, text).expect("the document is writable");
        }
    }
    let hint = "run with UPDATE_GOLDEN=1 to take over what is printed";
    assert!(
        complaints.is_empty(),
        "\n{}\n{hint}",
        complaints.join("\n\n")
    );
}

struct Document {
    path: PathBuf,
    text: String,
    blocks: Vec<Block>,
}

impl Document {
    fn at(&self, line: usize) -> String {
        let path = self.path.strip_prefix(root()).unwrap_or(&self.path);
        format!("{}:{line}", path.display())
    }
}

fn documents() -> Vec<Document> {
    let mut paths = vec![root().join("README.md")];
    let docs = fs::read_dir(root().join("docs")).expect("there is a folder of documents");
    paths.extend(docs.flatten().map(|entry| entry.path()));
    paths.retain(|path| path.extension().is_some_and(|end| end == "md"));
    paths.sort();
    let documents: Vec<Document> = paths
        .into_iter()
        .filter_map(|path| {
            let text = fs::read_to_string(&path).ok()?;
            let blocks = block::blocks(&text);
            Some(Document { path, text, blocks })
        })
        .collect();
    assert!(!documents.is_empty(), "no documents were found");
    documents
}

fn commands(document: &Document) -> impl Iterator<Item = (&Console, Vec<String>)> {
    let consoles = document.blocks.iter().flat_map(|block| &block.consoles);
    consoles.map(|console| (console, block::words(&console.command)))
}

/// The arguments of `cargo xtask …` or `cargo yardstick …`.
fn ours(words: &[String]) -> Option<Vec<String>> {
    match words {
        [cargo, verb, rest @ ..]
            if cargo == "cargo" && ["xtask", "yardstick"].contains(&verb.as_str()) =>
        {
            Some(rest.to_vec())
        }
        _ => None,
    }
}

/// Both streams in the order of their writing, as a terminal shows them.
fn run(arguments: &[String]) -> String {
    let mut screen = tempfile::tempfile().expect("a temporary file");
    let stream = || screen.try_clone().expect("a file has several handles");
    let (stdout, stderr) = (stream(), stream());
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(arguments)
        .current_dir(root())
        // The documents show the target folder of a fresh clone.
        .env_remove("CARGO_TARGET_DIR")
        .env_remove("CARGO_BUILD_TARGET_DIR")
        .stdout(stdout)
        .stderr(stderr)
        .status()
        .expect("our own program starts");
    let mut text = String::new();
    screen.rewind().expect("a file can be read again");
    screen.read_to_string(&mut text).expect("it prints UTF-8");
    text
}

fn root() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().expect("the package is in the workspace")
}
