//! The stored form of a capture: paths, versioned wire types, checksums.
//!
//! ```text
//! manifest.json                                 format, tool, provenance of the runs, checksum of every other file and of itself
//! benchmarks.json                               the benchmarks of the runs, samples included
//! criterion/PACKAGE/SUITE/DIRECTORY/*.json      Criterion's own files, verbatim
//! profiles/PACKAGE/SUITE/ID/profile.json        a profile without its stacks
//! profiles/PACKAGE/SUITE/ID/stacks.folded       its stacks
//! profiles/…/*.svg                              pictures of them
//! ```
//!
//! Reading checks everything: a file that is missing, cut, changed, or of another format is an error that names it.

mod layout;
mod manifest;
mod names;
mod seal;
pub mod selftest;
pub mod settlement;
pub mod whereabouts;
mod wire;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::{model::capture::Capture, problem::Problem};

pub use layout::{profile_folder, suite_folder};
pub use names::{COMPARISONS, SELFTEST, check_name};

/// The format that this version writes, and the only one it reads.
pub const FORMAT: u32 = 1;

/// A capture and the pictures stored with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// The capture.
    pub capture: Capture,
    /// SVGs by path below the capture's folder.
    pub pictures: BTreeMap<String, Vec<u8>>,
}

impl Stored {
    /// An empty capture.
    pub fn new(name: &str) -> Self {
        Self {
            capture: Capture {
                name: name.to_owned(),
                runs: Vec::new(),
                profiles: BTreeMap::new(),
            },
            pictures: BTreeMap::new(),
        }
    }
}

/// The files of a capture, by path below its folder.
pub fn encode(stored: &Stored) -> BTreeMap<String, Vec<u8>> {
    let mut files = stored.pictures.clone();
    let capture = &stored.capture;
    files.insert(
        layout::BENCHMARKS.to_owned(),
        wire::benchmark::encode(&capture.runs),
    );
    for benchmark in capture.runs.iter().flat_map(|run| run.benchmarks.values()) {
        let folder = layout::criterion_folder(&benchmark.key, &benchmark.criterion_directory);
        for (name, bytes) in &benchmark.criterion_files {
            files.insert(format!("{folder}/{name}"), bytes.clone());
        }
    }
    for profile in capture.profiles.values() {
        let folder = profile_folder(&profile.key);
        files.insert(
            format!("{folder}/{}", layout::PROFILE),
            wire::profile::encode(profile),
        );
        files.insert(
            format!("{folder}/{}", layout::STACKS),
            profile.stacks.to_string().into_bytes(),
        );
    }
    let provenances = capture.runs.iter().map(|run| &run.provenance);
    files.insert(
        layout::MANIFEST.to_owned(),
        manifest::encode(provenances, &files),
    );
    files
}

/// Reads the files of the capture `name` and checks them.
///
/// # Errors
/// If a file is missing or damaged, or the capture is of another format.
pub fn decode(name: &str, files: &BTreeMap<String, Vec<u8>>) -> Result<Stored, Problem> {
    let damaged = |damage: Damage| damage.of(name);
    let manifest = manifest::decode(name, files)?;
    let runs = wire::benchmark::decode(&manifest.provenances, files).map_err(damaged)?;
    let profiles = wire::profile::decode(&manifest.files, files).map_err(damaged)?;
    let pictures = manifest
        .files
        .iter()
        .filter(|path| path.ends_with(".svg"))
        .filter_map(|path| Some((path.clone(), files.get(path)?.clone())))
        .collect();
    Ok(Stored {
        capture: Capture {
            name: name.to_owned(),
            runs,
            profiles,
        },
        pictures,
    })
}

/// What wrote a file, in the words that a reader of another version is told.
fn tool() -> String {
    format!("yardstick {}", env!("CARGO_PKG_VERSION"))
}

/// What is wrong with a file of a capture.
#[derive(Debug)]
struct Damage {
    path: String,
    facts: Vec<String>,
}

impl Damage {
    fn new(path: &str, fact: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            facts: vec![fact.into()],
        }
    }

    fn of(self, capture: &str) -> Problem {
        let problem = Problem::failure(format!(
            "the capture `{capture}` is damaged: `{}`",
            self.path
        ));
        self.facts.into_iter().fold(problem, Problem::fact).hint(format!(
            "restore it (`git checkout -- profiles/{capture}` where it is committed), or measure it again with `--overwrite` after removing it"
        ))
    }
}
