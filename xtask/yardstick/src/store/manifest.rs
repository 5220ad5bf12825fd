//! The manifest: what a capture consists of, where it comes from, and what proves that it is whole.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Damage, FORMAT,
    layout::{MANIFEST, is_safe},
    seal::{self, NO_CHECKSUM, seal},
    tool,
    wire::provenance::WireProvenance,
};
use crate::{
    model::{digest::sha256, revision::Provenance},
    problem::Problem,
};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireManifest {
    format: u32,
    tool: String,
    /// The SHA-256 of this file with zeros in this place.
    checksum: String,
    runs: Vec<WireProvenance>,
    files: BTreeMap<String, WireFile>,
}

/// What proves that a file is whole.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WireFile {
    bytes: u64,
    sha256: String,
}

impl WireFile {
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self {
            bytes: bytes.len() as u64,
            sha256: sha256(bytes),
        }
    }
}

/// What has to be known before anything else of a manifest can be read.
#[derive(Deserialize)]
struct FormatOnly {
    format: u32,
    tool: Option<String>,
}

/// A manifest whose files have been checked.
#[derive(Debug)]
pub(super) struct Manifest {
    pub(super) provenances: Vec<Provenance>,
    pub(super) files: Vec<String>,
}

pub(super) fn encode<'a>(
    runs: impl Iterator<Item = &'a Provenance>,
    files: &BTreeMap<String, Vec<u8>>,
) -> Vec<u8> {
    let manifest = WireManifest {
        format: FORMAT,
        tool: tool(),
        checksum: NO_CHECKSUM.to_owned(),
        runs: runs.map(WireProvenance::from).collect(),
        files: files
            .iter()
            .map(|(path, bytes)| (path.clone(), WireFile::of(bytes)))
            .collect(),
    };
    let mut text = serde_json::to_string_pretty(&manifest)
        .expect("strings, numbers and lists are always JSON");
    text.push('\n');
    // The first occurrence is the field's: what comes before it holds no zeros.
    seal(&text)
}

pub(super) fn decode(name: &str, files: &BTreeMap<String, Vec<u8>>) -> Result<Manifest, Problem> {
    let damage = |fact: String| Damage::new(MANIFEST, fact).of(name);
    let bytes = files
        .get(MANIFEST)
        .ok_or_else(|| damage("it is missing".to_owned()))?;
    let text = std::str::from_utf8(bytes).map_err(|error| damage(error.to_string()))?;
    let FormatOnly { format, tool } =
        serde_json::from_str(text).map_err(|error| damage(error.to_string()))?;
    if format != FORMAT {
        return Err(foreign_format(name, format, tool));
    }
    let manifest: WireManifest =
        serde_json::from_str(text).map_err(|error| damage(error.to_string()))?;
    seal::check(text, &manifest.checksum).map_err(damage)?;
    for (path, wanted) in &manifest.files {
        check(path, wanted, files.get(path)).map_err(|damage| damage.of(name))?;
    }
    Ok(Manifest {
        provenances: manifest.runs.into_iter().map(Into::into).collect(),
        files: manifest.files.into_keys().collect(),
    })
}

/// Checks a file that a manifest names.
pub(super) fn check(path: &str, wanted: &WireFile, found: Option<&Vec<u8>>) -> Result<(), Damage> {
    if !is_safe(path) {
        return Err(Damage::new(
            MANIFEST,
            format!("it names `{path}`, which is not a file of a capture"),
        ));
    }
    let bytes = found.ok_or_else(|| Damage::new(path, "it is missing"))?;
    if bytes.len() as u64 != wanted.bytes {
        return Err(Damage::new(
            path,
            format!(
                "found:  {} bytes\nwanted: {} bytes",
                bytes.len(),
                wanted.bytes
            ),
        ));
    }
    let sha256 = sha256(bytes);
    if sha256 != wanted.sha256 {
        return Err(Damage::new(
            path,
            format!("found:  sha256 {sha256}\nwanted: sha256 {}", wanted.sha256),
        ));
    }
    Ok(())
}

fn foreign_format(name: &str, format: u32, writer: Option<String>) -> Problem {
    let writer = writer.unwrap_or_else(|| "an unknown version".to_owned());
    let problem = Problem::failure(format!(
        "the capture `{name}` has a format that this version does not read"
    ))
    .fact(format!("found:  format {format}, written by {writer}"))
    .fact(format!("wanted: format {FORMAT}, which {} reads", tool()));
    problem.hint(format!("read it with {writer}, or measure it again"))
}
