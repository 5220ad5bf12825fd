//! The stored form of what was recorded after the verdicts of a comparison by rounds.
//!
//! ```text
//! comparisons/BEFORE..AFTER/RUN/where/BENCHMARK/recordings.json     everything but stacks and functions, with checksums
//! comparisons/BEFORE..AFTER/RUN/where/BENCHMARK/functions.jsonl     the functions of all recordings, one a line
//! comparisons/BEFORE..AFTER/RUN/where/BENCHMARK/before-N.stacks     the stacks of a recording: numbers of lines for names
//! comparisons/BEFORE..AFTER/RUN/where/BENCHMARK/after-N.stacks
//! ```
//!
//! Recordings of one benchmark have nearly all functions in common, and a stack has many: so their names are stored
//! once, and stacks hold numbers.

mod functions;
mod recordings;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use self::{functions::Functions, recordings::WireRecordings};
use super::layout::file_name;
use crate::{
    model::{benchmark::BenchmarkKey, whereabouts::Whereabouts},
    problem::Problem,
};

/// The format that this version writes, and the only one it reads.
pub const FORMAT: u32 = 1;

/// The folder of all recordings, below that of the run.
pub const WHERE: &str = "where";

const RECORDINGS: &str = "recordings.json";
const FUNCTIONS: &str = "functions.jsonl";

/// The folder of a benchmark's recordings, below [`WHERE`].
pub fn folder(key: &BenchmarkKey) -> String {
    file_name(&format!("{}/{}/{}", key.package, key.suite, key.id))
}

/// The files of a benchmark's recordings, by path below its folder.
///
/// Of the origins in a profile those are kept whose functions are in its stacks.
pub fn encode(whereabouts: &Whereabouts) -> BTreeMap<String, Vec<u8>> {
    let functions = Functions::of(whereabouts);
    let mut files = BTreeMap::from([(FUNCTIONS.to_owned(), functions.encode())]);
    for (side, profiles) in [
        ("before", &whereabouts.profiles.before),
        ("after", &whereabouts.profiles.after),
    ] {
        for (index, profile) in profiles.iter().enumerate() {
            files.insert(stacks_file(side, index), functions.encode_stacks(profile));
        }
    }
    let recordings = WireRecordings::encode(whereabouts, &files);
    files.insert(RECORDINGS.to_owned(), recordings);
    files
}

/// Reads the files of a folder of recordings, which the user knows as `shown`, and checks them.
///
/// # Errors
/// If one is missing, damaged or of another format; the problem names it.
pub fn decode(shown: &str, files: &BTreeMap<String, Vec<u8>>) -> Result<Whereabouts, Problem> {
    let damaged = |damage: super::Damage| {
        let path = &damage.path;
        let problem = Problem::failure(format!("the recordings `{shown}` are damaged: `{path}`"));
        let facts = damage.facts.into_iter();
        facts.fold(problem, Problem::fact).hint(format!(
            "remove the folder `{shown}`, and record again by `compare … --more`; verdicts do not depend on it"
        ))
    };
    let wire = WireRecordings::decode(shown, files, &damaged)?;
    let functions = Functions::decode(files).map_err(damaged)?;
    let whereabouts = wire.back(&functions, files).map_err(damaged)?;
    let of = folder(&whereabouts.key);
    match shown.rsplit('/').next() == Some(of.as_str()) {
        true => Ok(whereabouts),
        false => Err(damaged(super::Damage::new(
            RECORDINGS,
            format!("it is of another benchmark, whose folder is `{of}`"),
        ))),
    }
}

/// Recordings count from 1.
fn stacks_file(side: &str, index: usize) -> String {
    format!("{side}-{}.stacks", index + 1)
}
