//! Whether a profile may be shown, and how far it can be trusted.

use std::collections::BTreeMap;

use super::{
    Harness, Symbolized,
    fold::Folded,
    images::Image,
    resolve::{self, Resolved},
};
use crate::model::{
    profile::{NoSymbols, Origin, OriginKind, Quality, Refusal, UnsymbolisedModule},
    stack,
};

/// The most files that a refusal names.
const WORST_MODULES: usize = 3;

/// Refuses what would mislead.
pub(super) fn judge(
    folded: Folded,
    lost: u64,
    resolved: &Resolved,
    images: &[Image<'_>],
    harness: Harness,
) -> Result<Symbolized, Refusal> {
    let kept = folded.stacks.total();
    let nameless = stack::sum(folded.nameless.values().copied());
    let quality = Quality {
        samples: folded.samples,
        lost,
        truncated: folded.truncated,
        symbolised_share: 1.0 - share(nameless, folded.frames),
        rooted_share: 1.0 - share(folded.truncated, folded.samples),
        harness_share: share(stack::sum(folded.harness.values().copied()), kept),
        trimmed_share: share(folded.trimmed, folded.samples),
    };
    if quality.symbolised_share < Quality::MIN_SYMBOLISED_SHARE {
        return Err(Refusal::Unsymbolised {
            share: quality.symbolised_share,
            worst: worst_modules(&folded.nameless, resolved, images),
        });
    }
    if kept == 0 {
        return Err(Refusal::NothingMeasured {
            trimmed: folded.trimmed,
        });
    }
    let is_own = |origin: &Origin| origin.kind == OriginKind::Workspace;
    // A program may leave all its work to others; a benchmark measures something of the workspace.
    if harness == Harness::Criterion && !folded.origins.values().any(is_own) {
        return Err(Refusal::MeasuredCrateAbsent);
    }
    if quality.harness_share > Quality::MAX_HARNESS_SHARE {
        let most_frequent = folded.harness.into_iter().max_by_key(|(_, weight)| *weight);
        return Err(Refusal::Harness {
            share: quality.harness_share,
            example: most_frequent.map(|(name, _)| name).unwrap_or_default(),
        });
    }
    Ok(Symbolized {
        stacks: folded.stacks,
        origins: folded.origins,
        quality,
    })
}

/// `part` of `whole`, 0 to 1; nothing of nothing is 0.
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

fn worst_modules(
    nameless: &BTreeMap<u32, u64>,
    resolved: &Resolved,
    images: &[Image<'_>],
) -> Vec<UnsymbolisedModule> {
    let mut frames_by_image: BTreeMap<Option<usize>, u64> = BTreeMap::new();
    for (&at, frames) in nameless {
        let image = resolved.frames[at as usize].image;
        let total = frames_by_image.entry(image).or_default();
        *total = stack::sum([*total, *frames]);
    }
    let mut modules: Vec<_> = frames_by_image
        .into_iter()
        .map(|(image, frames)| {
            let image = image.map(|image| &images[image]);
            UnsymbolisedModule {
                path: image.map_or_else(|| "[unmapped]".to_owned(), |image| image.path.to_owned()),
                frames,
                reason: image.map_or(NoSymbols::Unmapped, resolve::reason_without_name),
            }
        })
        .collect();
    modules.sort_by_key(|module| std::cmp::Reverse(module.frames));
    modules.truncate(WORST_MODULES);
    modules
}
