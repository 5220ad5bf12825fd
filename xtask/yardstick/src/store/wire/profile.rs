//! Profiles.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{number, provenance::WireProvenance};
use crate::{
    model::{
        benchmark::BenchmarkKey,
        profile::{
            Iterations, Origin, OriginKind, Profile, Quality, RecordingFacts, Sampler, Work,
        },
        stack::{LARGEST_TOTAL_WEIGHT, Stacks},
    },
    store::{
        Damage,
        layout::{PROFILE, STACKS, profile_folder},
    },
};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireProfile {
    package: String,
    suite: String,
    id: String,
    #[serde(with = "WireFacts")]
    recording: RecordingFacts,
    #[serde(with = "WireWork")]
    work: Work,
    #[serde(with = "WireQuality")]
    quality: Quality,
    provenance: WireProvenance,
    origins: BTreeMap<String, WireOrigin>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "RecordingFacts", deny_unknown_fields)]
pub(in crate::store) struct WireFacts {
    #[serde(with = "WireSampler")]
    sampler: Sampler,
    event: String,
    #[serde(with = "number")]
    asked_rate_hz: f64,
    #[serde(with = "number")]
    real_rate_hz: f64,
    kernel_included: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Sampler", rename_all = "kebab-case")]
enum WireSampler {
    PerfEvent,
    InProcess,
    Perf,
    Samply,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Work", deny_unknown_fields)]
pub(in crate::store) struct WireWork {
    #[serde(with = "WireIterations")]
    iterations: Iterations,
    cpu_ns: u64,
    wall_ns: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Iterations", rename_all = "kebab-case")]
enum WireIterations {
    Counted(u64),
    Runs(u64),
    Derived(#[serde(with = "number")] f64),
    Unknown,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Quality", deny_unknown_fields)]
pub(in crate::store) struct WireQuality {
    samples: u64,
    lost: u64,
    truncated: u64,
    #[serde(with = "number")]
    symbolised_share: f64,
    #[serde(with = "number")]
    rooted_share: f64,
    #[serde(with = "number")]
    harness_share: f64,
    #[serde(with = "number")]
    trimmed_share: f64,
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct WireOrigin(
    #[serde(with = "WireOriginDef")] pub(in crate::store) Origin,
);

#[derive(Serialize, Deserialize)]
#[serde(remote = "Origin", deny_unknown_fields)]
pub(in crate::store) struct WireOriginDef {
    #[serde(with = "WireOriginKind")]
    kind: OriginKind,
    crate_name: String,
    module: String,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "OriginKind", rename_all = "lowercase")]
enum WireOriginKind {
    Workspace,
    Dependency,
    Standard,
    Native,
    Bracket,
}

pub(in crate::store) fn encode(profile: &Profile) -> Vec<u8> {
    let wire = WireProfile {
        package: profile.key.package.clone(),
        suite: profile.key.suite.clone(),
        id: profile.key.id.clone(),
        recording: profile.facts.clone(),
        work: profile.work.clone(),
        quality: profile.quality.clone(),
        provenance: (&profile.provenance).into(),
        origins: profile
            .origins
            .iter()
            .map(|(name, origin)| (name.clone(), WireOrigin(origin.clone())))
            .collect(),
    };
    let mut text =
        serde_json::to_string_pretty(&wire).expect("strings, numbers and lists are always JSON");
    text.push('\n');
    text.into_bytes()
}

/// Reads the profiles among the files that a manifest names.
pub(in crate::store) fn decode(
    named: &[String],
    files: &BTreeMap<String, Vec<u8>>,
) -> Result<BTreeMap<BenchmarkKey, Profile>, Damage> {
    let mut profiles = BTreeMap::new();
    for path in named {
        if path.starts_with("profiles/")
            && let Some(folder) = path.strip_suffix(PROFILE)
        {
            let profile = profile(path, &format!("{folder}{STACKS}"), files)?;
            profiles.insert(profile.key.clone(), profile);
        }
    }
    Ok(profiles)
}

fn profile(
    path: &str,
    stacks_path: &str,
    files: &BTreeMap<String, Vec<u8>>,
) -> Result<Profile, Damage> {
    let bytes = |path: &str| {
        files
            .get(path)
            .ok_or_else(|| Damage::new(path, "it is missing"))
    };
    let wire: WireProfile = serde_json::from_slice(bytes(path)?)
        .map_err(|error| Damage::new(path, error.to_string()))?;
    let key = BenchmarkKey {
        package: wire.package,
        suite: wire.suite,
        id: wire.id,
    };
    if format!("{}/{PROFILE}", profile_folder(&key)) != path {
        return Err(Damage::new(
            path,
            format!("it is the profile of another benchmark, `{key}`"),
        ));
    }
    Ok(Profile {
        key,
        facts: wire.recording,
        work: wire.work,
        quality: wire.quality,
        stacks: stacks(stacks_path, bytes(stacks_path)?)?,
        origins: wire
            .origins
            .into_iter()
            .map(|(name, origin)| (name, origin.0))
            .collect(),
        provenance: wire.provenance.into(),
    })
}

fn stacks(path: &str, bytes: &[u8]) -> Result<Stacks, Damage> {
    let text = std::str::from_utf8(bytes).map_err(|error| Damage::new(path, error.to_string()))?;
    let mut stacks = Stacks::default();
    for (index, line) in text.lines().enumerate() {
        let read = line
            .rsplit_once(' ')
            .and_then(|(stack, weight)| Some((stack, weight.parse::<u64>().ok()?)));
        let (stack, weight) = read
            .ok_or_else(|| Damage::new(path, format!("line {} is no folded stack", index + 1)))?;
        stacks.add(stack.split(';').map(str::to_owned).collect(), weight);
    }
    match stacks.total() <= LARGEST_TOTAL_WEIGHT {
        true => Ok(stacks),
        false => Err(Damage::new(path, "its weights add up to more than 2⁵³")),
    }
}
