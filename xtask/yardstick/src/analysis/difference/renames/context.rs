//! What a function lies between: who calls it, and what it calls.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::profile::Profile;

/// Names after the change, by names before it.
pub(super) type Map<'n> = BTreeMap<&'n str, &'n str>;

/// What stands for the caller of a root.
const NOBODY: &str = "";

/// The functions next to a function, each with the time of the stacks that show it there.
type Neighbours<'n> = BTreeMap<&'n str, f64>;

/// One function of one side.
#[derive(Default)]
struct Place<'n> {
    callers: Neighbours<'n>,
    callees: Neighbours<'n>,
    /// Time in it and in what it calls, in ns per iteration.
    total_ns: f64,
}

/// Every function of one side with its neighbours.
pub(super) struct Context<'n> {
    places: BTreeMap<&'n str, Place<'n>>,
    /// How many functions each function is next to: the more, the less it says about one of them.
    degrees: BTreeMap<&'n str, f64>,
}

impl<'n> Context<'n> {
    pub(super) fn of(side: &'n [Profile]) -> Self {
        let mut places: BTreeMap<&str, Place<'_>> = BTreeMap::new();
        for profile in side {
            let samples = profile.stacks.total() as f64 * side.len() as f64;
            let per_sample = profile.routine_ns_per_iteration().unwrap_or(0.0) / samples;
            for (stack, weight) in &profile.stacks.0 {
                add_stack(&mut places, stack, per_sample * *weight as f64);
            }
        }
        let mut next_to: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (name, place) in &places {
            for neighbour in place.callers.keys().chain(place.callees.keys()) {
                next_to.entry(neighbour).or_default().insert(name);
            }
        }
        let degrees = next_to.into_iter();
        Self {
            degrees: degrees.map(|(name, of)| (name, of.len() as f64)).collect(),
            places,
        }
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'n str> {
        self.places.keys().copied()
    }

    pub(super) fn holds(&self, name: &str) -> bool {
        self.places.contains_key(name)
    }

    pub(super) fn total_ns(&self, name: &str) -> f64 {
        self.places.get(name).map_or(0.0, |place| place.total_ns)
    }

    /// The part of a function's time that is in what it calls.
    pub(super) fn called_share(&self, name: &str) -> f64 {
        let Some(place) = self.places.get(name) else {
            return 0.0;
        };
        let called: f64 = place.callees.values().sum();
        (called / place.total_ns).clamp(0.0, 1.0)
    }

    /// The callers of a function.
    pub(super) fn callers(&self, name: &str) -> impl Iterator<Item = &'n str> {
        let place = self.places.get(name).into_iter();
        place.flat_map(|place| place.callers.keys().copied())
    }
}

fn add_stack<'n>(places: &mut BTreeMap<&'n str, Place<'n>>, stack: &'n [String], ns: f64) {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for (at, frame) in stack.iter().enumerate() {
        let caller = at
            .checked_sub(1)
            .map_or(NOBODY, |above| stack[above].as_str());
        let callee = stack.get(at + 1).map(String::as_str);
        let place = places.entry(frame).or_default();
        // A function that calls itself is no neighbour of itself.
        if caller != frame {
            *place.callers.entry(caller).or_default() += ns;
        }
        if let Some(callee) = callee.filter(|callee| callee != frame) {
            *place.callees.entry(callee).or_default() += ns;
        }
        if seen.insert(frame) {
            place.total_ns += ns;
        }
    }
}

/// How far two functions lie between the same others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Agreement {
    /// Of the callees, 0 to 1; nothing where neither calls any.
    pub(super) callees: Option<f64>,
    /// How many callees are the same.
    pub(super) common_callees: usize,
    /// Of both: callees count by the part of the time that they have.
    pub(super) whole: f64,
}

/// How far `before` and `after` agree, if names before the change mean what `renamed` says.
pub(super) fn agreement<'n>(
    contexts: (&Context<'n>, &Context<'n>),
    names: (&str, &str),
    renamed: &dyn Fn(&'n str) -> &'n str,
) -> Agreement {
    let (Some(before), Some(after)) = (
        contexts.0.places.get(names.0),
        contexts.1.places.get(names.1),
    ) else {
        return Agreement {
            callees: None,
            common_callees: 0,
            whole: 0.0,
        };
    };
    let similar = |mine: &Neighbours<'n>, its: &Neighbours<'n>| {
        let mut translated = Neighbours::new();
        for (name, ns) in mine {
            *translated.entry(renamed(name)).or_default() += ns / contexts.0.degrees[name];
        }
        let its = its
            .iter()
            .map(|(name, ns)| (*name, ns / contexts.1.degrees[name]));
        jaccard(&translated, &its.collect())
    };
    let callers = similar(&before.callers, &after.callers);
    let calls = contexts
        .0
        .called_share(names.0)
        .max(contexts.1.called_share(names.1));
    let callees = (calls > 0.0).then(|| similar(&before.callees, &after.callees));
    Agreement {
        callees,
        common_callees: before
            .callees
            .keys()
            .filter(|name| after.callees.contains_key(renamed(name)))
            .count(),
        whole: (callers + calls * callees.unwrap_or(0.0)) / (1.0 + calls),
    }
}

/// The weighted Jaccard index (Ioffe 2010) of two sets of neighbours, each brought to a sum of 1.
fn jaccard(mine: &Neighbours<'_>, its: &Neighbours<'_>) -> f64 {
    let sums = [mine, its].map(|set| set.values().sum::<f64>());
    if sums.iter().any(|sum| *sum <= 0.0) {
        return 0.0;
    }
    let names: BTreeSet<&str> = mine.keys().chain(its.keys()).copied().collect();
    let (mut least, mut most) = (0.0, 0.0);
    for name in names {
        let of = |set: &Neighbours<'_>, sum| set.get(name).map_or(0.0, |ns| ns / sum);
        let (a, b) = (of(mine, sums[0]), of(its, sums[1]));
        least += a.min(b);
        most += a.max(b);
    }
    least / most
}
