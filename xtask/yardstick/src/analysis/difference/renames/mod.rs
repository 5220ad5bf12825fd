//! Which function before the change is which one after it, under another name.
//!
//! A function of the workspace that is on one side only is either gone, new, or the same one under two names. Two names are
//! taken for one function by what they are called and by what they lie between: callers and callees, weighted by time
//! ([`Context`]). Three kinds of evidence count, strongest first:
//!
//! - *the same name* elsewhere: the same function of the same type in another module, if callers and callees agree by a tenth; or of
//!   a type or module of another name, if they agree by a third. Both are asked under the assumption
//!   that all of a module, or of a type, moved at once, so that a rename of many is as good as one of a single function;
//! - *a similar name* (two thirds of its words or letters), if callers and callees agree by half;
//! - *the same context*: callers and callees agree by seven tenths, and what is called is two functions at least with a fifth of the
//!   time, since what a function calls tells it from others with its caller. Where it does not, the function must be the only one that
//!   vanished from its place (module and caller), the other one the only one that appeared there, and its time the same to a
//!   half: who writes another algorithm changes its time.
//!
//! A rename may change the time; more than tenfold it only counts with the same name and type, where it may be anything.
//! The pairs are one to one, the best first. Accepted pairs make more contexts agree, so that it is asked again until nothing is found.
//! Functions of dependencies and of Rust's own libraries are not renamed by a change of the workspace, and
//! what takes the place of one of them is another function; they are new and gone.

mod context;
mod names;

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    comparison::Sides,
    difference::Evidence,
    profile::{OriginKind, Profile},
};

use context::{Agreement, Context, Map, agreement};
use names::Name;

/// How much callers and callees must agree, from 0 to 1, for each kind of evidence.
const MOVED_WITH_TYPE: f64 = 0.1;
const MOVED: f64 = 1.0 / 3.0;
const SIMILAR: f64 = 0.5;
const SAME_PLACE: f64 = 0.7;

/// How much of two names must agree for them to be similar.
const SIMILAR_NAMES: f64 = 2.0 / 3.0;

/// From this part of its time on, what a function calls tells it from others.
const CALLS: f64 = 0.2;

/// How far the times of two names of one function may lie apart, as a ratio.
const TIME: f64 = 10.0;
/// The same where nothing but place and time speaks for it.
const SAME_TIME: f64 = 1.5;

/// More rounds than contexts can still hand a rename down; a limit, so that it ends.
const ROUNDS: usize = 8;

/// The functions with two names: the one after the change for each name before it, with the evidence.
pub(super) type Renames = BTreeMap<String, (String, Evidence)>;

/// Finds them. `profiles` are all recordings of each side.
pub(super) fn renames(profiles: &Sides<Vec<Profile>>) -> Renames {
    let contexts = profiles.as_ref().map(|side| Context::of(side));
    let only = |mine: &Context<'_>, other: &Context<'_>, side: &[Profile]| -> Vec<String> {
        let names = mine.names().filter(|name| !other.holds(name));
        let names = names.filter(|name| is_of_workspace(side, name));
        names.map(str::to_owned).collect()
    };
    let vanished = only(&contexts.before, &contexts.after, &profiles.before);
    let appeared = only(&contexts.after, &contexts.before, &profiles.after);
    let mut search = Search {
        names: [&vanished, &appeared]
            .map(|names| names.iter().map(|n| Name::new(n)).collect())
            .into(),
        contexts,
        found: Map::new(),
        evidence: BTreeMap::new(),
    };
    for _ in 0..ROUNDS {
        if !search.round() {
            break;
        }
    }
    let Search { evidence, .. } = search;
    evidence
        .into_iter()
        .map(|(from, (to, evidence))| (from.to_owned(), (to.to_owned(), evidence)))
        .collect()
}

fn is_of_workspace(side: &[Profile], name: &str) -> bool {
    let mut origins = side.iter().filter_map(|profile| profile.origins.get(name));
    origins
        .next()
        .is_some_and(|origin| origin.kind == OriginKind::Workspace)
}

struct Search<'n> {
    /// What vanished and what appeared, as far as it is not paired yet.
    names: Sides<Vec<Name<'n>>>,
    contexts: Sides<Context<'n>>,
    found: Map<'n>,
    evidence: BTreeMap<&'n str, (&'n str, Evidence)>,
}

/// Two names that may be one function's.
#[derive(Clone, Copy)]
struct Candidate<'n> {
    from: &'n str,
    to: &'n str,
    evidence: Evidence,
    score: f64,
}

impl<'n> Search<'n> {
    /// Looks for pairs by the strongest kind of evidence that finds any; whether it found some.
    fn round(&mut self) -> bool {
        let kinds: [fn(&Self) -> Vec<Candidate<'n>>; 3] =
            [Self::namesakes, Self::similar, Self::in_place];
        kinds.into_iter().any(|kind| {
            let candidates = kind(self);
            self.accept(candidates)
        })
    }

    /// Takes the best candidates, each name once.
    fn accept(&mut self, mut candidates: Vec<Candidate<'n>>) -> bool {
        candidates.sort_by(|a, b| {
            let by_score = b.score.total_cmp(&a.score);
            by_score.then_with(|| (a.from, a.to).cmp(&(b.from, b.to)))
        });
        let (mut from, mut to) = (BTreeSet::new(), BTreeSet::new());
        for candidate in candidates {
            if from.contains(candidate.from) || to.contains(candidate.to) {
                continue;
            }
            from.insert(candidate.from);
            to.insert(candidate.to);
            self.found.insert(candidate.from, candidate.to);
            self.evidence
                .insert(candidate.from, (candidate.to, candidate.evidence));
        }
        self.names.before.retain(|name| !from.contains(name.whole));
        self.names.after.retain(|name| !to.contains(name.whole));
        !from.is_empty()
    }

    /// Functions of one name in two places, asked for all that a module or a type may have taken along at once.
    fn namesakes(&self) -> Vec<Candidate<'n>> {
        type Moved<'s, 'n> = Vec<(&'s Name<'n>, &'s Name<'n>)>;
        let mut moves: BTreeMap<_, Moved<'_, 'n>> = BTreeMap::new();
        for from in &self.names.before {
            let namesakes = self.names.after.iter();
            for to in namesakes.filter(|to| from.is_namesake_of(to)) {
                moves.entry(from.move_to(to)).or_default().push((from, to));
            }
        }
        let mut candidates = Vec::new();
        for moved in moves.values() {
            let assumed: Map<'n> = moved
                .iter()
                .map(|(from, to)| (from.whole, to.whole))
                .collect();
            for (from, to) in moved {
                let whole = self.agreement(from, to, &assumed).whole;
                let same_type = from.common_end(to) > 0;
                let enough = match same_type {
                    true => whole >= MOVED_WITH_TYPE,
                    false => whole >= MOVED && self.ratio(from, to) <= TIME,
                };
                if enough {
                    candidates.push(Candidate {
                        from: from.whole,
                        to: to.whole,
                        evidence: Evidence::SameName,
                        // Of two that agree alike the one that moves with more others.
                        score: whole + 0.1 * (1.0 - 1.0 / moved.len() as f64),
                    });
                }
            }
        }
        candidates
    }

    /// Functions with similar names between the same others, and the closures of functions that are paired already.
    fn similar(&self) -> Vec<Candidate<'n>> {
        self.pairs(|from, to| {
            let outer = |name: &Name<'n>| &name.whole[..name.whole.len() - name.inner.len()];
            if !from.inner.is_empty()
                && from.inner == to.inner
                && let Some((paired, evidence)) = self.evidence.get(outer(from))
                && *paired == outer(to)
            {
                return Some((*evidence, 2.0));
            }
            let similarity = from.similarity(to);
            if similarity < SIMILAR_NAMES || self.ratio(from, to) > TIME {
                return None;
            }
            let whole = self.alone(from, to).whole;
            (whole >= SIMILAR).then_some((Evidence::SimilarName, similarity * whole))
        })
    }

    /// Functions in the same place of the program.
    fn in_place(&self) -> Vec<Candidate<'n>> {
        self.pairs(|from, to| {
            if from.inner != to.inner
                || self.ratio(from, to) > TIME
                || !self.share_a_caller(from, to)
            {
                return None;
            }
            let Agreement {
                whole,
                callees,
                common_callees,
                ..
            } = self.alone(from, to);
            let calls = [
                self.contexts.before.called_share(from.whole),
                self.contexts.after.called_share(to.whole),
            ];
            let by_calls = common_callees >= 2
                && callees.is_some_and(|callees| callees >= SAME_PLACE)
                && calls.iter().all(|share| *share >= CALLS);
            let by_place = || {
                from.place == to.place
                    && self.ratio(from, to) <= SAME_TIME
                    && self.is_alone(&self.names.before, &self.contexts.before, from)
                    && self.is_alone(&self.names.after, &self.contexts.after, to)
            };
            (whole >= SAME_PLACE && (by_calls || by_place()))
                .then_some((Evidence::SameContext, whole))
        })
    }

    /// Every pair for which `judge` gives evidence and a score.
    fn pairs(
        &self,
        judge: impl Fn(&Name<'n>, &Name<'n>) -> Option<(Evidence, f64)>,
    ) -> Vec<Candidate<'n>> {
        let mut candidates = Vec::new();
        for from in &self.names.before {
            for to in &self.names.after {
                if let Some((evidence, score)) = judge(from, to) {
                    candidates.push(Candidate {
                        from: from.whole,
                        to: to.whole,
                        evidence,
                        score,
                    });
                }
            }
        }
        candidates
    }

    /// Whether no other name on its side has the same module and a caller in common.
    fn is_alone(&self, side: &[Name<'n>], context: &Context<'n>, name: &Name<'n>) -> bool {
        let callers: BTreeSet<&str> = context.callers(name.whole).collect();
        let mut others = side.iter().filter(|other| other.whole != name.whole);
        !others.any(|other| {
            other.place == name.place
                && other.inner == name.inner
                && context
                    .callers(other.whole)
                    .any(|caller| callers.contains(caller))
        })
    }

    /// Whether anybody calls both: told quickly, since most pairs have no caller in common.
    fn share_a_caller(&self, from: &Name<'n>, to: &Name<'n>) -> bool {
        let callers: BTreeSet<&str> = self.contexts.after.callers(to.whole).collect();
        let mut before = self.contexts.before.callers(from.whole);
        before.any(|caller| callers.contains(self.found.get(caller).copied().unwrap_or(caller)))
    }

    fn alone(&self, from: &Name<'n>, to: &Name<'n>) -> Agreement {
        let assumed = Map::from([(from.whole, to.whole)]);
        self.agreement(from, to, &assumed)
    }

    /// How far callers and callees agree, if what is found already and what is assumed are renames.
    fn agreement(&self, from: &Name<'n>, to: &Name<'n>, assumed: &Map<'n>) -> Agreement {
        let renamed = |name: &'n str| {
            let new_name = self.found.get(name).or_else(|| assumed.get(name));
            new_name.copied().unwrap_or(name)
        };
        let Sides { before, after } = &self.contexts;
        agreement((before, after), (from.whole, to.whole), &renamed)
    }

    /// How far the times lie apart, from 1 on.
    fn ratio(&self, from: &Name<'n>, to: &Name<'n>) -> f64 {
        let before = self.contexts.before.total_ns(from.whole);
        let after = self.contexts.after.total_ns(to.whole);
        before.max(after) / before.min(after)
    }
}

#[cfg(test)]
mod tests;
