//! What becomes of every benchmark of either side: asked about, unchanged without a round, added, removed, renamed.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    cmd::compare::sides::Prepared,
    model::{
        benchmark::BenchmarkKey,
        comparison::Sides,
        settlement::{Fate, Unbuilt},
        suite::Suite,
    },
};

/// How alike the names of a benchmark that vanished and of one that appeared must be to be taken for one, 0 to 1.
const ALIKE: f64 = 0.6;

/// Decides it.
///
/// `renamed` holds ids before the change by the ids that they have after it, as the user knows them. Other pairs of a
/// vanished and a new benchmark are taken for one where their names are near, agree in their numbers, and fit nothing else
/// as well. The new key of such a pair is asked about.
pub fn fates(
    sides: Sides<&Prepared>,
    renamed: &BTreeMap<String, String>,
) -> BTreeMap<BenchmarkKey, Fate> {
    of_catalogs(sides.map(Catalog::of).as_ref(), renamed)
}

/// The benchmarks of `fates` that were renamed: the key before the change by the key after it.
pub fn renamed_from(fates: &BTreeMap<BenchmarkKey, Fate>) -> BTreeMap<BenchmarkKey, BenchmarkKey> {
    let renamed = fates.iter().filter_map(|(from, fate)| match fate {
        Fate::Renamed { to } => Some((to.clone(), from.clone())),
        _ => None,
    });
    renamed.collect()
}

/// The suites of which a side runs nothing, and why: what both lack has no benchmarks that could have a fate.
pub fn unbuilt(sides: Sides<&Prepared>) -> Vec<Unbuilt> {
    let mut suites: BTreeMap<(String, String), Sides<Vec<String>>> = BTreeMap::new();
    let mut add = |side: &Prepared, of: fn(&mut Sides<Vec<String>>) -> &mut Vec<String>| {
        for (suite, why) in &side.unbuilt {
            let why = why.lines().map(str::to_owned).collect();
            *of(suites.entry(name(suite)).or_default()) = why;
        }
    };
    add(sides.before, |why| &mut why.before);
    add(sides.after, |why| &mut why.after);
    let suites = suites.into_iter();
    suites
        .map(|((package, suite), why)| Unbuilt {
            package,
            suite,
            why,
        })
        .collect()
}

fn name(suite: &Suite) -> (String, String) {
    (suite.package.clone(), suite.name.clone())
}

/// What a side has, and why it lacks what it lacks.
#[derive(Clone, Debug, Default)]
struct Catalog {
    name: String,
    /// The hash of the executable that has it, by benchmark.
    has: BTreeMap<BenchmarkKey, String>,
    /// Why nothing is known of a suite, by package and name.
    closed: BTreeMap<(String, String), String>,
    /// What its executables have though it is no part of the side.
    not_held: BTreeSet<BenchmarkKey>,
}

impl Catalog {
    fn of(side: &Prepared) -> Self {
        let hidden = side.hidden.iter().map(|hidden| {
            let needs = hidden.required_features.join(",");
            (
                name(hidden),
                format!("the suite needs `--features {needs}`"),
            )
        });
        let unbuilt = side.unbuilt.iter().map(|(unbuilt, _)| {
            let why = "the suite cannot be built, or does not list its benchmarks";
            (name(unbuilt), why.to_owned())
        });
        let is_meant = |key: &BenchmarkKey| {
            let part = side.id_part.as_deref();
            part.is_none_or(|part| key.id.contains(part))
        };
        let mut has = BTreeMap::new();
        for runnable in &side.runnables {
            let keys = runnable.keys().filter(is_meant);
            has.extend(keys.map(|key| (key, runnable.sha256.clone())));
        }
        Self {
            name: side.side.name.clone(),
            has,
            closed: hidden.chain(unbuilt).collect(),
            not_held: side.not_held.clone(),
        }
    }

    /// What to say of a benchmark that only the other side has; `None` where this side truly lacks it.
    fn why_unknown(&self, key: &BenchmarkKey) -> Option<String> {
        let suite = (key.package.clone(), key.suite.clone());
        if let Some(why) = self.closed.get(&suite) {
            return Some(format!("`{}`: {why}", self.name));
        }
        let not_held = self.not_held.contains(key);
        not_held.then(|| format!("the capture `{}` does not hold it", self.name))
    }
}

fn of_catalogs(
    sides: Sides<&Catalog>,
    renamed: &BTreeMap<String, String>,
) -> BTreeMap<BenchmarkKey, Fate> {
    let Sides { before, after } = sides;
    let mut fates = BTreeMap::new();
    let alone = |one: &Catalog, other: &Catalog, fate: Fate, fates: &mut BTreeMap<_, _>| {
        for key in one.has.keys().filter(|key| !other.has.contains_key(key)) {
            let fate = other.why_unknown(key).map_or(fate.clone(), Fate::Unasked);
            fates.insert(key.clone(), fate);
        }
    };
    alone(before, after, Fate::Removed, &mut fates);
    alone(after, before, Fate::Added, &mut fates);
    for (key, sha256) in &after.has {
        match before.has.get(key) {
            Some(same) if same == sha256 => fates.insert(key.clone(), Fate::SameExecutable),
            Some(_) => fates.insert(key.clone(), Fate::Asked),
            None => None,
        };
    }
    join_known(&mut fates, renamed);
    join_alike(&mut fates);
    fates
}

fn of_fate(fates: &BTreeMap<BenchmarkKey, Fate>, wanted: &Fate) -> Vec<BenchmarkKey> {
    let of_it = fates.iter().filter(|(_, fate)| *fate == wanted);
    of_it.map(|(key, _)| key.clone()).collect()
}

fn join(fates: &mut BTreeMap<BenchmarkKey, Fate>, from: &BenchmarkKey, to: &BenchmarkKey) {
    fates.insert(from.clone(), Fate::Renamed { to: to.clone() });
    fates.insert(to.clone(), Fate::Asked);
}

/// Joins what the user says to be one. Of several suites with such ids those of the same name are meant.
fn join_known(fates: &mut BTreeMap<BenchmarkKey, Fate>, renamed: &BTreeMap<String, String>) {
    for (to_id, from_id) in renamed {
        let removed = of_fate(fates, &Fate::Removed);
        let added = of_fate(fates, &Fate::Added);
        for to in added.iter().filter(|key| key.id == *to_id) {
            let from = removed
                .iter()
                .filter(|key| key.id == *from_id && key.package == to.package)
                .max_by_key(|key| key.suite == to.suite);
            if let Some(from) = from {
                join(fates, from, to);
            }
        }
    }
}

/// Joins what is alike, where both are the other's best match and no second one is as good.
fn join_alike(fates: &mut BTreeMap<BenchmarkKey, Fate>) {
    let removed = of_fate(fates, &Fate::Removed);
    let added = of_fate(fates, &Fate::Added);
    let pairs: Vec<(BenchmarkKey, BenchmarkKey)> = removed
        .iter()
        .filter_map(|from| Some((from, best(from, &added)?)))
        .filter(|(from, to)| best(to, &removed) == Some(from))
        .map(|(from, to)| (from.clone(), to.clone()))
        .collect();
    for (from, to) in pairs {
        join(fates, &from, &to);
    }
}

/// The candidate that is nearest to a benchmark; `None` where none is near, or two are equally so.
fn best<'a>(key: &BenchmarkKey, candidates: &'a [BenchmarkKey]) -> Option<&'a BenchmarkKey> {
    let mut near: Vec<(f64, &BenchmarkKey)> = candidates
        .iter()
        .map(|candidate| (likeness(key, candidate), candidate))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .collect();
    near.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    match near.as_slice() {
        [(first, _), (second, _), ..] if first == second => None,
        [(_, best), ..] => Some(best),
        [] => None,
    }
}

/// How alike two benchmarks are, 0 to 1. Other numbers make another benchmark: `sum/10` is not `sum/20`.
fn likeness(a: &BenchmarkKey, b: &BenchmarkKey) -> f64 {
    if a.package != b.package || numbers(&a.id) != numbers(&b.id) {
        return 0.0;
    }
    let whole = |key: &BenchmarkKey| format!("{}/{}", key.suite, key.id);
    strsim::normalized_damerau_levenshtein(&whole(a), &whole(b))
}

fn numbers(id: &str) -> Vec<&str> {
    id.split(|c: char| !c.is_ascii_digit())
        .filter(|digits| !digits.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(suite: &str, id: &str) -> BenchmarkKey {
        BenchmarkKey {
            package: "p".to_owned(),
            suite: suite.to_owned(),
            id: id.to_owned(),
        }
    }

    fn catalog(name: &str, sha256: &str, ids: &[&str]) -> Catalog {
        Catalog {
            name: name.to_owned(),
            has: ids
                .iter()
                .map(|id| (key("s", id), sha256.to_owned()))
                .collect(),
            ..Catalog::default()
        }
    }

    fn decided(before: &Catalog, after: &Catalog) -> Vec<(String, Fate)> {
        let fates = of_catalogs(Sides { before, after }, &BTreeMap::new());
        fates
            .into_iter()
            .map(|(key, fate)| (key.id, fate))
            .collect()
    }

    fn one(id: &str, fate: Fate) -> (String, Fate) {
        (id.to_owned(), fate)
    }

    #[test]
    fn what_only_one_side_has_is_added_or_removed() {
        let found = decided(
            &catalog("a", "1", &["both", "old"]),
            &catalog("b", "2", &["both", "fresh"]),
        );
        assert_eq!(
            found,
            [
                one("both", Fate::Asked),
                one("fresh", Fate::Added),
                one("old", Fate::Removed)
            ]
        );
    }

    #[test]
    fn the_same_executable_needs_no_round() {
        let found = decided(&catalog("a", "1", &["x"]), &catalog("b", "1", &["x"]));
        assert_eq!(found, [one("x", Fate::SameExecutable)]);
    }

    #[test]
    fn a_near_name_is_taken_for_a_new_one() {
        let found = decided(
            &catalog("a", "1", &["mailbox/tell", "workflow"]),
            &catalog("b", "2", &["mailbox/send_tell", "journal"]),
        );
        let to = key("s", "mailbox/send_tell");
        assert_eq!(
            found,
            [
                one("journal", Fate::Added),
                one("mailbox/send_tell", Fate::Asked),
                one("mailbox/tell", Fate::Renamed { to }),
                one("workflow", Fate::Removed),
            ]
        );
    }

    #[test]
    fn another_number_is_another_benchmark_and_two_equal_matches_are_none() {
        let found = decided(
            &catalog("a", "1", &["sum/10"]),
            &catalog("b", "2", &["sum/20"]),
        );
        assert_eq!(
            found,
            [one("sum/10", Fate::Removed), one("sum/20", Fate::Added)]
        );
        let found = decided(
            &catalog("a", "1", &["sum/x"]),
            &catalog("b", "2", &["sum/y", "sum/z"]),
        );
        assert_eq!(found[0], one("sum/x", Fate::Removed));
    }

    #[test]
    fn a_name_that_the_user_knows_wins_over_one_that_is_near() {
        let (before, after) = (
            catalog("a", "1", &["queue/pop"]),
            catalog("b", "2", &["queue/pops", "take"]),
        );
        let sides = Sides {
            before: &before,
            after: &after,
        };
        let known = BTreeMap::from([("take".to_owned(), "queue/pop".to_owned())]);
        let fates = of_catalogs(sides, &known);
        assert_eq!(fates[&key("s", "take")], Fate::Asked);
        assert_eq!(fates[&key("s", "queue/pops")], Fate::Added);
        let from = renamed_from(&fates);
        assert_eq!(
            from,
            BTreeMap::from([(key("s", "take"), key("s", "queue/pop"))])
        );
    }

    #[test]
    fn what_is_not_known_is_neither_added_nor_removed() {
        let mut before = catalog("pre", "1", &[]);
        before.not_held.insert(key("s", "x"));
        let suite = ("p".to_owned(), "broken".to_owned());
        before.closed.insert(suite, "it does not build".to_owned());
        let mut after = catalog("b", "2", &["x"]);
        after.has.insert(key("broken", "y"), "3".to_owned());
        let found = decided(&before, &after);
        assert_eq!(
            found,
            [
                one("y", Fate::Unasked("`pre`: it does not build".to_owned())),
                one(
                    "x",
                    Fate::Unasked("the capture `pre` does not hold it".to_owned())
                ),
            ]
        );
    }
}
