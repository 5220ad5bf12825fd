//! How the recordings of a benchmark were made, and what proves that they are whole.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{FORMAT, RECORDINGS, functions::Functions, stacks_file};
use crate::{
    model::{
        benchmark::BenchmarkKey,
        comparison::Sides,
        profile::{Profile, Quality, RecordingFacts, Work},
        question::Aspect,
        revision::Provenance,
        settlement::Layouts,
        whereabouts::Whereabouts,
    },
    problem::Problem,
    store::{
        Damage, manifest,
        manifest::WireFile,
        seal::{self, NO_CHECKSUM, seal},
        settlement::plan::{AspectDefinition, KeyDefinition, LayoutsDefinition},
        tool,
        wire::{
            profile::{WireFacts, WireQuality, WireWork},
            provenance::WireProvenance,
        },
    },
};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WireRecordings {
    format: u32,
    tool: String,
    /// The SHA-256 of this file with zeros in this place.
    checksum: String,
    #[serde(with = "KeyDefinition")]
    benchmark: BenchmarkKey,
    #[serde(with = "AspectDefinition")]
    aspect: Aspect,
    #[serde(with = "LayoutsDefinition")]
    layouts: Layouts,
    obstacles: Vec<String>,
    before: Vec<WireRecording>,
    after: Vec<WireRecording>,
    /// What recordings have in common; they refer to it by position.
    provenances: Vec<WireProvenance>,
    files: BTreeMap<String, WireFile>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireRecording {
    /// The side may know the benchmark by another id.
    #[serde(with = "KeyDefinition")]
    benchmark: BenchmarkKey,
    #[serde(with = "WireFacts")]
    recording: RecordingFacts,
    #[serde(with = "WireWork")]
    work: Work,
    #[serde(with = "WireQuality")]
    quality: Quality,
    provenance: usize,
}

/// What has to be known before anything else can be read.
#[derive(Deserialize)]
struct FormatOnly {
    format: u32,
    tool: Option<String>,
}

impl WireRecordings {
    pub(super) fn encode(whereabouts: &Whereabouts, files: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
        let mut provenances: Vec<&Provenance> = Vec::new();
        let sides = &whereabouts.profiles;
        for profile in sides.before.iter().chain(&sides.after) {
            if !provenances.contains(&&profile.provenance) {
                provenances.push(&profile.provenance);
            }
        }
        let recording = |profile: &Profile| WireRecording {
            benchmark: profile.key.clone(),
            recording: profile.facts.clone(),
            work: profile.work.clone(),
            quality: profile.quality.clone(),
            provenance: provenances
                .iter()
                .position(|known| **known == profile.provenance)
                .unwrap_or_default(),
        };
        let file = Self {
            format: FORMAT,
            tool: tool(),
            checksum: NO_CHECKSUM.to_owned(),
            benchmark: whereabouts.key.clone(),
            aspect: whereabouts.aspect,
            layouts: whereabouts.layouts.clone(),
            obstacles: whereabouts.obstacles.clone(),
            before: sides.before.iter().map(recording).collect(),
            after: sides.after.iter().map(recording).collect(),
            provenances: provenances.iter().map(|known| (*known).into()).collect(),
            files: files
                .iter()
                .map(|(path, bytes)| (path.clone(), WireFile::of(bytes)))
                .collect(),
        };
        let mut text = serde_json::to_string_pretty(&file)
            .expect("strings, numbers and lists are always JSON");
        text.push('\n');
        seal(&text)
    }

    /// Reads it, and checks all files that it names.
    pub(super) fn decode(
        shown: &str,
        files: &BTreeMap<String, Vec<u8>>,
        damaged: &dyn Fn(Damage) -> Problem,
    ) -> Result<Self, Problem> {
        let damage = |fact: String| damaged(Damage::new(RECORDINGS, fact));
        let bytes = files.get(RECORDINGS);
        let bytes = bytes.ok_or_else(|| damage("it is missing".to_owned()))?;
        let text = std::str::from_utf8(bytes).map_err(|error| damage(error.to_string()))?;
        let unreadable = |error: serde_json::Error| damage(error.to_string());
        let FormatOnly { format, tool } = serde_json::from_str(text).map_err(unreadable)?;
        if format != FORMAT {
            return Err(foreign_format(shown, format, tool));
        }
        let file: Self = serde_json::from_str(text).map_err(unreadable)?;
        seal::check(text, &file.checksum).map_err(damage)?;
        for (path, wanted) in &file.files {
            manifest::check(path, wanted, files.get(path)).map_err(damaged)?;
        }
        Ok(file)
    }

    pub(super) fn back(
        self,
        functions: &Functions,
        files: &BTreeMap<String, Vec<u8>>,
    ) -> Result<Whereabouts, Damage> {
        let provenances: Vec<Provenance> = self.provenances.into_iter().map(Into::into).collect();
        let side = |side: &str, recordings: Vec<WireRecording>| -> Result<Vec<Profile>, Damage> {
            let recordings = recordings.into_iter().enumerate();
            recordings
                .map(|(index, wire)| {
                    let named = functions.decode_stacks(&stacks_file(side, index), files)?;
                    let provenance = provenances.get(wire.provenance).cloned();
                    Ok(Profile {
                        key: wire.benchmark,
                        facts: wire.recording,
                        work: wire.work,
                        quality: wire.quality,
                        stacks: named.stacks,
                        origins: named.origins,
                        provenance: provenance.ok_or_else(|| {
                            Damage::new(RECORDINGS, "it lacks the provenance of a recording")
                        })?,
                    })
                })
                .collect()
        };
        let profiles = Sides {
            before: side("before", self.before)?,
            after: side("after", self.after)?,
        };
        Ok(Whereabouts {
            key: self.benchmark,
            aspect: self.aspect,
            layouts: self.layouts,
            profiles,
            obstacles: self.obstacles,
        })
    }
}

fn foreign_format(shown: &str, format: u32, writer: Option<String>) -> Problem {
    let writer = writer.unwrap_or_else(|| "an unknown version".to_owned());
    Problem::failure(format!(
        "the recordings `{shown}` have a format that this version does not read"
    ))
    .fact(format!("found:  format {format}, written by {writer}"))
    .fact(format!("wanted: format {FORMAT}, which {} reads", tool()))
    .hint(format!(
        "read them with {writer}, or remove the folder `{shown}` and record again"
    ))
}
