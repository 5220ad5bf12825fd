//! Folded stacks.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// What stands for the frames of the async executor.
pub const EXECUTOR: &str = "[runtime]";
/// How the frame of a task begins: `[task NAME]`. Captures of earlier versions have `[task]`, without a name.
const TASK: &str = "[task";
/// How the frame of a process besides the one that was started begins: `[process NAME]`.
const PROCESS: &str = "[process";

/// The most that all weights of a recording or of folded stacks may add up to: up to here a floating-point number counts
/// every one. Whoever reads weights from a file refuses more.
pub const LARGEST_TOTAL_WEIGHT: u64 = 1 << 53;

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

/// The frame that stands for a task: below it lies what the task's future does.
pub fn task_frame(name: &str) -> String {
    format!("{TASK} {name}]")
}

/// The frame that stacks of another process than the one that was started begin with.
pub fn process_frame(name: &str) -> String {
    format!("{PROCESS} {name}]")
}

/// The task that ran: the path of its future, with the types that tell it from others of the same code
/// (`runtime::incarnation::live<Counter>`). Of tasks within each other it is the innermost; what an executor polls on
/// the calling thread (`block_on`) is a task as well. `None` where no task ran.
pub fn task_of<S: AsRef<str>>(stack: &[S]) -> Option<&str> {
    let (at, name) = stack
        .iter()
        .enumerate()
        .rev()
        .find_map(|(at, frame)| Some((at, named(frame.as_ref(), TASK)?)))?;
    if !name.is_empty() {
        return Some(name);
    }
    let below = stack[at + 1..].iter();
    let first = below
        .map(AsRef::as_ref)
        .find(|name| !name.starts_with('['))?;
    Some(first.trim_end_matches("::{closure}"))
}

/// The process that ran, if it is another than the one that was started.
pub fn process_of(stack: &[String]) -> Option<&str> {
    named(stack.first()?, PROCESS)
}

/// What `[kind NAME]` names; empty for `[kind]`.
fn named<'a>(frame: &'a str, kind: &str) -> Option<&'a str> {
    let rest = frame.strip_prefix(kind)?.strip_suffix(']')?;
    match rest.strip_prefix(' ') {
        Some(name) => Some(name),
        None => rest.is_empty().then_some(rest),
    }
}

impl Stacks {
    /// Adds `weight` to `stack`.
    pub fn add(&mut self, stack: Stack, weight: u64) {
        let total = self.0.entry(stack).or_default();
        *total = total.saturating_add(weight);
    }

    /// The sum of all weights.
    pub fn total(&self) -> u64 {
        sum(self.0.values().copied())
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
                let cost = costs.entry(key).or_default();
                cost.total_weight = cost.total_weight.saturating_add(*weight);
            }
            if let Some(key) = stack.last().and_then(|leaf| group(leaf)) {
                let cost = costs.entry(key).or_default();
                cost.self_weight = cost.self_weight.saturating_add(*weight);
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
        let mut owners: BTreeMap<Option<&str>, u64> = BTreeMap::new();
        for ((frames, owner), weight) in ends.iter().zip(self.0.values()) {
            let is_drivers = frames.last() == Some(&EXECUTOR)
                && owner.is_some_and(|owner| drives.contains(owner));
            let owner = frames.last().copied().filter(|_| is_drivers).or(*owner);
            let total = owners.entry(owner).or_default();
            *total = total.saturating_add(*weight);
        }
        owners
    }
}

/// The sum of weights, at most the greatest number: more than [`LARGEST_TOTAL_WEIGHT`] is refused, not counted.
pub fn sum(weights: impl IntoIterator<Item = u64>) -> u64 {
    weights.into_iter().fold(0, u64::saturating_add)
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

    fn stack(line: &str) -> Stack {
        line.split(';').map(str::to_owned).collect()
    }

    #[test]
    fn a_stack_tells_the_task_that_ran() {
        for (line, task) in [
            (
                "[task a::live<Counter>];[worker];a::live::{closure};[runtime];write",
                Some("a::live<Counter>"),
            ),
            (
                "b::f;[runtime];[task b::root];b::root::{closure}",
                Some("b::root"),
            ),
            (
                "[task a::f];a::f::{closure};[task a::g];a::g::{closure}",
                Some("a::g"),
            ),
            ("[task];[worker];a::live::{closure};malloc", Some("a::live")),
            ("[process sh];[task a::f];a::f::{closure}", Some("a::f")),
            ("[tasks];b::f;[runtime];write", None),
            ("[task]", None),
        ] {
            assert_eq!(task_of(&stack(line)), task, "{line}");
        }
        assert_eq!(task_of(&[task_frame("a::f<[_]>")]), Some("a::f<[_]>"));
    }

    #[test]
    fn a_stack_tells_the_process_that_ran_unless_it_is_the_one_that_was_started() {
        assert_eq!(process_of(&stack("[process sh];[dash]")), Some("sh"));
        assert_eq!(process_of(&stack("a::f;[process sh]")), None);
        assert_eq!(process_of(&[process_frame("x y")]), Some("x y"));
        assert_eq!(process_of(&[]), None);
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
