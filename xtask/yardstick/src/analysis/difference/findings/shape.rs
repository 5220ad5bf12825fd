//! What the flame graph of a side looks like.

use std::collections::BTreeMap;

use crate::model::{
    comparison::Sides,
    difference::{Finding, Pattern},
};

use super::{View, recursion::median};
use crate::analysis::difference::ledger::add;

/// So many functions with so much of the time in themselves are few with most of it.
const FEW: usize = 5;
const MOST_OF_THE_TIME: f64 = 0.6;
/// So many functions with less than so much of the time, none of them hot, are many with little.
const MANY: usize = 10;
const LITTLE_OF_THE_TIME: f64 = 0.4;
const HOT: f64 = 0.05;
/// From so many frames on a stack is deep. Those of the end-to-end benchmarks here, through an executor, an actor
/// and a store with every inlined call shown, have a median of 11 to 19.
const DEEP: usize = 40;

/// The first pattern that fits each side; no finding where none fits either:
///
/// - wide and flat: the five functions with most time in themselves have 60 % of it. Making them faster helps, by Amdahl's law
///   up to 2.5 times;
/// - deep: half of the time is spent 40 frames or more below the root;
/// - fragmented: the ten with most have less than 40 %, and none has 5 %. Making any one of them twice as fast
///   wins less than 2.5 %, which is about the margin of a verdict.
pub(super) fn shape(view: &View<'_>) -> Option<Finding> {
    let before = pattern(view, |sides| sides.before, |samples| samples.before);
    let after = pattern(view, |sides| sides.after, |samples| samples.after);
    (before.is_some() || after.is_some()).then_some(Finding::Shape {
        pattern: Sides { before, after },
    })
}

fn pattern(
    view: &View<'_>,
    side: fn(Sides<f64>) -> f64,
    samples: fn(Sides<u64>) -> u64,
) -> Option<Pattern> {
    let own = view.functions.own_found.iter();
    let mut shares: Vec<f64> = own.map(|own| side(view.share(own.delta.ns))).collect();
    shares.sort_by(|a, b| b.total_cmp(a));
    let of_first = |count: usize| shares.iter().take(count).sum::<f64>();
    let mut depths = BTreeMap::new();
    for line in &view.ledger.lines {
        let counts = depths
            .entry(line.stack.len())
            .or_insert_with(|| view.ledger.none());
        add(counts, &line.counts);
    }
    let depths: Vec<(usize, u64)> = depths
        .into_iter()
        .map(|(depth, counts)| (depth, samples(view.ledger.samples(&counts))))
        .collect();
    if of_first(FEW) >= MOST_OF_THE_TIME {
        Some(Pattern::WideFlat)
    } else if median(&depths) >= DEEP {
        Some(Pattern::Deep)
    } else if of_first(MANY) < LITTLE_OF_THE_TIME && of_first(1) < HOT {
        Some(Pattern::Fragmented)
    } else {
        None
    }
}
