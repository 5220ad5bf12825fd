//! Equal stacks become one, with their weight; then each is trimmed and named.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    Harness,
    images::{self, AddressSpaces},
    places::{Places, Spot},
    resolve::{Frame, Named, Resolved, Site},
    trim::{self, Class, Ground, Rooted, Step},
    unwind::{KERNEL_START, Unwound},
};
use crate::model::{
    profile::{Origin, OriginKind},
    recording::{Recording, StackSample},
    stack::Stacks,
};

/// The distinct stacks of a recording, before any name is known.
pub(super) struct Chains {
    /// The distinct sites, sorted.
    pub(super) sites: Vec<Site>,
    /// Where the stacks were recorded.
    places: Vec<Spot>,
    stacks: Vec<(Chain, u64)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Chain {
    /// Position in `places`.
    place: usize,
    /// Whether the unwind tables said that it is whole.
    rooted: bool,
    /// Positions in `sites`, leaf first.
    sites: Vec<u32>,
}

/// Finds the distinct stacks among the unwound ones.
pub(super) fn chains(
    recording: &Recording,
    samples: &[&StackSample],
    unwound: &[Unwound],
    spaces: &AddressSpaces,
) -> Chains {
    let mut positions: HashMap<Site, u32> = HashMap::new();
    let mut places = Places::new(recording);
    let mut stacks: HashMap<Chain, u64> = HashMap::new();
    for (sample, unwound) in samples.iter().zip(unwound) {
        let mappings = spaces.of(sample.pid);
        let sites = unwound
            .addresses
            .iter()
            .enumerate()
            .map(|(depth, &address)| {
                let next = positions.len() as u32;
                *positions
                    .entry(site(mappings, address, depth))
                    .or_insert(next)
            });
        let chain = Chain {
            sites: sites.collect(),
            rooted: unwound.rooted(),
            place: places.position(sample),
        };
        add(stacks.entry(chain).or_default(), sample.weight);
    }
    sorted(positions, places, stacks)
}

/// A stack of many frames counts its weight for each, so that even possible weights may add up to more than there are numbers.
fn add(total: &mut u64, weight: u64) {
    *total = total.saturating_add(weight);
}

/// Renumbers the sites in their order.
fn sorted(
    positions: HashMap<Site, u32>,
    places: Places<'_>,
    stacks: HashMap<Chain, u64>,
) -> Chains {
    let mut sites: Vec<(Site, u32)> = positions.into_iter().collect();
    sites.sort_unstable();
    let mut rank = vec![0; sites.len()];
    for (at, (_, position)) in sites.iter().enumerate() {
        rank[*position as usize] = at as u32;
    }
    let renumbered = |mut chain: Chain| {
        chain
            .sites
            .iter_mut()
            .for_each(|site| *site = rank[*site as usize]);
        chain
    };
    Chains {
        sites: sites.into_iter().map(|(site, _)| site).collect(),
        places: places.spots(),
        stacks: stacks
            .into_iter()
            .map(|(chain, weight)| (renumbered(chain), weight))
            .collect(),
    }
}

fn site(mappings: &[images::Mapping], address: u64, depth: usize) -> Site {
    if address >= KERNEL_START {
        return Site::Kernel;
    }
    // A return address may lie behind the caller's last byte: what was called never returns.
    let called_from = if depth == 0 { address } else { address - 1 };
    match images::find(mappings, called_from) {
        Some(mapping) => Site::Code {
            image: mapping.image,
            address: called_from.wrapping_sub(mapping.bias),
        },
        None => Site::Unmapped,
    }
}

/// Folded stacks with everything that their quality is judged by.
#[derive(Debug, Default)]
pub(super) struct Folded {
    pub(super) stacks: Stacks,
    pub(super) origins: BTreeMap<String, Origin>,
    /// Samples before trimming.
    pub(super) samples: u64,
    /// Samples whose stack does not reach the start of its thread.
    pub(super) truncated: u64,
    /// Samples that trimming dropped.
    pub(super) trimmed: u64,
    /// Frames of the process that was started for which a name was looked for, before trimming.
    pub(super) frames: u64,
    /// Those that have none, by position in `Resolved::frames`.
    pub(super) nameless: BTreeMap<u32, u64>,
    /// Samples that hold a harness frame after trimming, by its name.
    pub(super) harness: BTreeMap<String, u64>,
}

/// Trims and names every stack. `origins` are those of `resolved.frames`.
pub(super) fn fold(
    chains: &Chains,
    resolved: &Resolved,
    origins: &[Origin],
    harness: Harness,
) -> Folded {
    let steps: Vec<Step<'_>> = resolved
        .frames
        .iter()
        .zip(origins)
        .map(|(frame, origin)| Step::new(frame, origin.kind))
        .collect();
    let inlined: Vec<&[u32]> = chains.sites.iter().map(|site| resolved.at(*site)).collect();
    let mut folded = Folded::default();
    let mut frame_weights = vec![0; resolved.frames.len()];
    for (chain, weight) in &chains.stacks {
        let frames: Vec<u32> = chain
            .sites
            .iter()
            .rev()
            .flat_map(|&site| inlined[site as usize])
            .copied()
            .collect();
        let spot = &chains.places[chain.place];
        if spot.process.is_none() {
            folded.count_frames(&frames, *weight, resolved);
        }
        for &at in &frames {
            add(&mut frame_weights[at as usize], *weight);
        }
        let stack: Vec<Step<'_>> = frames.iter().map(|&at| steps[at as usize]).collect();
        let rooted = if chain.rooted || begins_a_thread(&stack) {
            Rooted::Yes
        } else {
            Rooted::No
        };
        let ground = Ground {
            process: spot.process.as_deref(),
            place: spot.place(),
            harness,
        };
        folded.add(trim::trim(&stack, ground, rooted), ground, rooted, *weight);
    }
    folded.origins = origins_of(&folded.stacks, resolved, origins, &frame_weights);
    folded
}

impl Folded {
    fn count_frames(&mut self, frames: &[u32], weight: u64, resolved: &Resolved) {
        for &at in frames {
            match resolved.frames[at as usize].named {
                Named::Yes => add(&mut self.frames, weight),
                Named::No => {
                    add(&mut self.frames, weight);
                    add(self.nameless.entry(at).or_default(), weight);
                }
                Named::NotAsked => {}
            }
        }
    }

    fn add(
        &mut self,
        trimmed: Option<Vec<String>>,
        ground: Ground<'_>,
        rooted: Rooted,
        weight: u64,
    ) {
        add(&mut self.samples, weight);
        // How far other programs can be symbolised says nothing about the one that is measured.
        if rooted == Rooted::No && ground.process.is_none() {
            add(&mut self.truncated, weight);
        }
        let Some(stack) = trimmed else {
            add(&mut self.trimmed, weight);
            return;
        };
        let harness =
            |name: &&String| matches!(trim::class(name), Class::Harness | Class::Iteration);
        let is_benchs = ground.process.is_none() && ground.harness == Harness::Criterion;
        if let Some(name) = stack.iter().find(harness).filter(|_| is_benchs) {
            add(self.harness.entry(name.clone()).or_default(), weight);
        }
        self.stacks.add(stack, weight);
    }
}

/// Of each function that is left, the origin that most of its samples tell.
fn origins_of(
    stacks: &Stacks,
    resolved: &Resolved,
    origins: &[Origin],
    frame_weights: &[u64],
) -> BTreeMap<String, Origin> {
    let left: BTreeSet<&str> = stacks.0.keys().flatten().map(String::as_str).collect();
    let mut told: BTreeMap<&str, BTreeMap<&Origin, u64>> = BTreeMap::new();
    for ((frame, origin), weight) in resolved.frames.iter().zip(origins).zip(frame_weights) {
        if left.contains(&*frame.function) {
            let votes = told.entry(&frame.function).or_default();
            add(votes.entry(origin).or_default(), *weight);
        }
    }
    left.into_iter()
        .map(|name| {
            let votes = told.get(name).into_iter().flatten();
            let heaviest = votes
                .max_by_key(|(_, weight)| **weight)
                .map(|(origin, _)| (*origin).clone());
            (name.to_owned(), heaviest.unwrap_or_else(|| bracket(name)))
        })
        .collect()
}

/// The origin of a frame that trimming made.
fn bracket(name: &str) -> Origin {
    Origin {
        kind: OriginKind::Bracket,
        crate_name: name.to_owned(),
        module: String::new(),
    }
}

/// Whether one of the outermost frames is where threads start. Recordings that were unwound by another tool, or
/// by frame pointers, do not say whether they are whole.
fn begins_a_thread(stack: &[Step<'_>]) -> bool {
    stack
        .iter()
        .take(3)
        .any(|step| trim::starts_a_thread(step.function))
}

impl<'a> Step<'a> {
    fn new(frame: &'a Frame, kind: OriginKind) -> Self {
        Self {
            function: &frame.function,
            class: trim::class(&frame.function),
            kind,
            types: frame.types.as_deref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_never_returns_belongs_to_its_caller() {
        let mappings = [images::Mapping {
            start: 0x1000,
            end: 0x2000,
            image: 3,
            bias: 0x800,
        }];
        let code = |address| Site::Code { image: 3, address };
        assert_eq!(site(&mappings, 0x1fff, 0), code(0x17ff));
        assert_eq!(
            site(&mappings, 0x2000, 1),
            code(0x17ff),
            "a return address behind the last byte"
        );
        assert_eq!(site(&mappings, 0x2000, 0), Site::Unmapped);
        assert_eq!(site(&mappings, KERNEL_START, 0), Site::Kernel);
    }
}
