//! Folded stacks.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// What stands for the frames of the async executor.
pub const EXECUTOR: &str = "[runtime]";

/// A stack as normalised frame names, root first. A name never holds `;`.
pub type Stack = Vec<String>;

/// Folded stacks: each distinct stack with its weight.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stacks(pub BTreeMap<Stack, u64>);

/// What one function, module or crate cost, in the unit of the weights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// The weight of the stacks that end in it.
    pub self_weight: u64,
    /// The weight of the stacks that hold it, each counted once however often it recurs.
    pub total_weight: u64,
}

impl Stacks {
    /// Adds `weight` to `stack`.
    pub fn add(&mut self, stack: Stack, weight: u64) {
        *self.0.entry(stack).or_default() += weight;
    }

    /// The sum of all weights.
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// The cost of every function, by name.
    pub fn costs(&self) -> BTreeMap<&str, Cost> {
        self.costs_by(Some)
    }

    /// The cost of every group of functions. A function for which `group` is `None`
    /// belongs to none, and its self weight is no group's.
    pub fn costs_by<'a, K: Ord + Copy>(
        &'a self,
        group: impl Fn(&'a str) -> Option<K>,
    ) -> BTreeMap<K, Cost> {
        let mut costs: BTreeMap<K, Cost> = BTreeMap::new();
        for (stack, weight) in &self.0 {
            let groups: BTreeSet<K> = stack.iter().filter_map(|frame| group(frame)).collect();
            for key in groups {
                costs.entry(key).or_default().total_weight += weight;
            }
            if let Some(key) = stack.last().and_then(|leaf| group(leaf)) {
                costs.entry(key).or_default().self_weight += weight;
            }
        }
        costs
    }

    /// The weight of every stack, given to its owner: the frame nearest the leaf for which
    /// `owns` holds. `None` stands for the stacks without such a frame.
    ///
    /// Work that the executor does for an owner is the owner's, like that of any library. But where it
    /// drives other owners from there, what it does between them is its own.
    pub fn owners(&self, owns: impl Fn(&str) -> bool) -> BTreeMap<Option<&str>, u64> {
        let ends: Vec<(Vec<&str>, Option<&str>)> = self
            .0
            .keys()
            .map(|stack| {
                let frames = stack.iter().map(String::as_str);
                let mut told_apart: Vec<&str> =
                    frames.filter(|f| owns(f) || *f == EXECUTOR).collect();
                told_apart.dedup();
                let owner = told_apart.iter().rev().copied().find(|f| owns(f));
                (told_apart, owner)
            })
            .collect();
        let drives: BTreeSet<&str> = ends
            .iter()
            .flat_map(|(frames, _)| frames.windows(3))
            .filter(|frames| frames[1] == EXECUTOR)
            .map(|frames| frames[0])
            .collect();
        let mut owners = BTreeMap::new();
        for ((frames, owner), weight) in ends.iter().zip(self.0.values()) {
            let is_drivers = frames.last() == Some(&EXECUTOR)
                && owner.is_some_and(|owner| drives.contains(owner));
            let owner = frames.last().copied().filter(|_| is_drivers).or(*owner);
            *owners.entry(owner).or_default() += weight;
        }
        owners
    }
}

/// Folded text: one line `root;…;leaf weight` per stack, in order.
impl fmt::Display for Stacks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (stack, weight) in &self.0 {
            writeln!(f, "{} {weight}", stack.join(";"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stacks(lines: &[(&str, u64)]) -> Stacks {
        let mut stacks = Stacks::default();
        for (line, weight) in lines {
            stacks.add(line.split(';').map(str::to_owned).collect(), *weight);
        }
        stacks
    }

    #[test]
    fn equal_stacks_are_added_up() {
        let stacks = stacks(&[("a;b", 1), ("a;b", 2), ("a", 4)]);
        assert_eq!((stacks.0.len(), stacks.total()), (2, 7));
        assert_eq!(stacks.to_string(), "a 4\na;b 3\n");
    }

    #[test]
    fn recursion_counts_once_in_the_total_and_never_outgrows_it() {
        let stacks = stacks(&[("main;fib;fib;fib", 5), ("main;fib", 2), ("main", 1)]);
        let costs = stacks.costs();
        assert_eq!(
            (costs["fib"].self_weight, costs["fib"].total_weight),
            (7, 7)
        );
        assert_eq!(
            (costs["main"].self_weight, costs["main"].total_weight),
            (1, 8)
        );
    }

    #[test]
    fn self_weights_add_up_to_the_total_of_all_stacks() {
        let stacks = stacks(&[("a;b;c", 3), ("a;c", 5), ("b", 7)]);
        let sum: u64 = stacks.costs().values().map(|cost| cost.self_weight).sum();
        assert_eq!(sum, stacks.total());
    }

    #[test]
    fn a_stack_belongs_to_its_nearest_owner() {
        let stacks = stacks(&[
            ("app::f;app::g;malloc", 3),
            ("app::f;memcpy", 1),
            ("park", 2),
        ]);
        let owners = stacks.owners(|name| name.starts_with("app::"));
        assert_eq!(owners[&Some("app::g")], 3);
        assert_eq!(owners[&Some("app::f")], 1);
        assert_eq!(owners[&None], 2);
    }

    #[test]
    fn functions_outside_every_group_cost_no_group_anything() {
        let stacks = stacks(&[("a::x;[runtime]", 3), ("a::y;a::x", 1)]);
        let costs = stacks.costs_by(|name| name.split_once("::").map(|(head, _)| head));
        assert_eq!(
            costs.into_iter().collect::<Vec<_>>(),
            vec![(
                "a",
                Cost {
                    self_weight: 1,
                    total_weight: 4
                }
            )]
        );
    }

    #[test]
    fn an_executor_owns_what_it_does_between_the_owners_it_drives() {
        let stacks = stacks(&[
            ("app::main;[runtime];app::step;malloc", 4),
            ("app::main;[runtime];epoll_wait", 2),
            ("app::main;[runtime]", 1),
            ("app::main;malloc", 1),
            ("app::step;[runtime];malloc", 3),
        ]);
        let owners = stacks.owners(|name| name.starts_with("app::"));
        assert_eq!(owners[&Some("app::step")], 7);
        assert_eq!(owners[&Some("[runtime]")], 3);
        assert_eq!(owners[&Some("app::main")], 1);
    }
}
