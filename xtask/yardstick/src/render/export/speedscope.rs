//! speedscope's file format: a sampled profile over one table of frames.
//!
//! The format: <https://github.com/jlfwong/speedscope/blob/main/src/lib/file-format-spec.ts>.

use serde::Serialize;

use crate::model::profile::Profile;

use super::{Functions, crate_of, title};

const SCHEMA: &str = "https://www.speedscope.app/file-format-schema.json";

#[derive(Serialize)]
struct File<'p> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    shared: Shared<'p>,
    profiles: [Sampled; 1],
    name: String,
    #[serde(rename = "activeProfileIndex")]
    active_profile_index: usize,
    exporter: String,
}

#[derive(Serialize)]
struct Shared<'p> {
    frames: Vec<Frame<'p>>,
}

#[derive(Serialize)]
struct Frame<'p> {
    name: &'p str,
    /// Frames of one file are coloured alike, so this is the crate.
    #[serde(skip_serializing_if = "str::is_empty")]
    file: &'p str,
}

#[derive(Serialize)]
struct Sampled {
    #[serde(rename = "type")]
    kind: &'static str,
    name: String,
    unit: &'static str,
    #[serde(rename = "startValue")]
    start_value: f64,
    #[serde(rename = "endValue")]
    end_value: f64,
    /// Numbers of frames, root first.
    samples: Vec<Vec<usize>>,
    weights: Vec<f64>,
}

/// Weights are ns of CPU time per iteration where that is known, else stack samples.
pub(super) fn bytes(profile: &Profile) -> Vec<u8> {
    let functions = Functions::of(profile);
    let (unit, what, per_sample) = match profile.routine_ns_per_iteration() {
        Some(ns) => (
            "nanoseconds",
            "CPU time per iteration",
            ns / profile.stacks.total().max(1) as f64,
        ),
        None => ("none", "stack samples", 1.0),
    };
    let stacks = &profile.stacks.0;
    let weights: Vec<f64> = stacks
        .values()
        .map(|weight| *weight as f64 * per_sample)
        .collect();
    let file = File {
        schema: SCHEMA,
        shared: Shared {
            frames: functions
                .names()
                .map(|name| Frame {
                    name,
                    file: crate_of(profile, name),
                })
                .collect(),
        },
        profiles: [Sampled {
            kind: "sampled",
            name: format!("{}, {what}", profile.key.id),
            unit,
            start_value: 0.0,
            end_value: weights.iter().sum(),
            samples: stacks
                .keys()
                .map(|stack| functions.numbers(stack).collect())
                .collect(),
            weights,
        }],
        name: title(profile),
        active_profile_index: 0,
        exporter: concat!("yardstick ", env!("CARGO_PKG_VERSION")).to_owned(),
    };
    // Lists and text: nothing here can fail to serialise.
    serde_json::to_vec(&file).unwrap_or_default()
}
