//! The functions that recordings share, and stacks in which they are numbers.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use serde::{Deserialize, Serialize};

use super::FUNCTIONS;
use crate::{
    model::{
        profile::{Origin, Profile},
        stack::{LARGEST_TOTAL_WEIGHT, Stacks},
        whereabouts::Whereabouts,
    },
    store::{Damage, wire::profile::WireOrigin},
};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireFunction {
    name: String,
    origin: Option<WireOrigin>,
}

/// A name, and where the function comes from.
type Function = (String, Option<Origin>);

/// All functions of some recordings. One name has several numbers where recordings disagree about its origin.
pub(super) struct Functions {
    all: Vec<Function>,
}

/// What the stacks of one recording say.
pub(super) struct Named {
    pub(super) stacks: Stacks,
    pub(super) origins: BTreeMap<String, Origin>,
}

impl Functions {
    /// Those of all recordings, in order.
    pub(super) fn of(whereabouts: &Whereabouts) -> Self {
        let sides = &whereabouts.profiles;
        let mut all = BTreeSet::new();
        for profile in sides.before.iter().chain(&sides.after) {
            for name in names(profile) {
                let origin = profile.origins.get(name);
                all.insert((name.to_owned(), origin.cloned()));
            }
        }
        Self {
            all: all.into_iter().collect(),
        }
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut lines = String::new();
        for (name, origin) in &self.all {
            let function = WireFunction {
                name: name.clone(),
                origin: origin.clone().map(WireOrigin),
            };
            let line = serde_json::to_string(&function).expect("strings are always JSON");
            lines.push_str(&line);
            lines.push('\n');
        }
        lines.into_bytes()
    }

    pub(super) fn decode(files: &BTreeMap<String, Vec<u8>>) -> Result<Self, Damage> {
        let function = |(index, line): (usize, &str)| {
            let wire: WireFunction = serde_json::from_str(line)
                .map_err(|error| Damage::new(FUNCTIONS, format!("line {}: {error}", index + 1)))?;
            Ok((wire.name, wire.origin.map(|origin| origin.0)))
        };
        let lines = text(FUNCTIONS, files)?.lines().enumerate();
        Ok(Self {
            all: lines.map(function).collect::<Result<_, _>>()?,
        })
    }

    /// Folded stacks with numbers for names, counted from 0.
    pub(super) fn encode_stacks(&self, profile: &Profile) -> Vec<u8> {
        let numbers: BTreeMap<&str, usize> = names(profile)
            .into_iter()
            .filter_map(|name| {
                let function = (name.to_owned(), profile.origins.get(name).cloned());
                Some((name, self.all.binary_search(&function).ok()?))
            })
            .collect();
        let mut lines = String::new();
        for (stack, weight) in &profile.stacks.0 {
            let frames = stack.iter().filter_map(|name| numbers.get(name.as_str()));
            let frames: Vec<String> = frames.map(usize::to_string).collect();
            lines.push_str(&format!("{} {weight}\n", frames.join(";")));
        }
        lines.into_bytes()
    }

    pub(super) fn decode_stacks(
        &self,
        path: &str,
        files: &BTreeMap<String, Vec<u8>>,
    ) -> Result<Named, Damage> {
        let mut named = Named {
            stacks: Stacks::default(),
            origins: BTreeMap::new(),
        };
        let mut total: u64 = 0;
        for (index, line) in text(path, files)?.lines().enumerate() {
            let strange = |what: &str| Damage::new(path, format!("line {} {what}", index + 1));
            let (functions, weight) = self
                .stack(line)
                .ok_or_else(|| strange("is no stack of functions that are known"))?;
            total = total
                .checked_add(weight)
                .filter(|total| *total <= LARGEST_TOTAL_WEIGHT)
                .ok_or_else(|| strange("has a weight that cannot be"))?;
            let stack = functions.iter().map(|(name, _)| name.clone()).collect();
            match named.stacks.0.entry(stack) {
                Entry::Vacant(entry) => _ = entry.insert(weight),
                Entry::Occupied(_) => return Err(strange("repeats a stack")),
            }
            for (name, origin) in functions {
                if let Some(origin) = origin {
                    named.origins.insert(name.clone(), origin.clone());
                }
            }
        }
        Ok(named)
    }

    fn stack(&self, line: &str) -> Option<(Vec<&Function>, u64)> {
        let (frames, weight) = line.rsplit_once(' ')?;
        let frames = frames.split(';').filter(|frame| !frame.is_empty());
        let function = |number: &str| self.all.get(number.parse::<usize>().ok()?);
        Some((
            frames.map(function).collect::<Option<_>>()?,
            weight.parse().ok()?,
        ))
    }
}

fn names(profile: &Profile) -> BTreeSet<&str> {
    let stacks = profile.stacks.0.keys();
    stacks.flatten().map(String::as_str).collect()
}

fn text<'a>(path: &str, files: &'a BTreeMap<String, Vec<u8>>) -> Result<&'a str, Damage> {
    let bytes = files.get(path);
    let bytes = bytes.ok_or_else(|| Damage::new(path, "it is missing"))?;
    std::str::from_utf8(bytes).map_err(|error| Damage::new(path, error.to_string()))
}
