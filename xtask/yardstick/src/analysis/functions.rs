//! Where the CPU time of two profiles went, function by function.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    comparison::{CrateRow, FunctionRow, Share, Sides},
    profile::Profile,
    stack::{Stack, Stacks},
};

/// The CPU time of two profiles, laid on functions, crates and stacks.
pub(super) struct Attribution {
    pub(super) functions: Vec<FunctionRow>,
    pub(super) crates: Vec<CrateRow>,
    pub(super) stacks: BTreeMap<Stack, Sides<f64>>,
}

/// Lays `cpu_ns` per iteration on what the samples of each side saw. The functions' own
/// times, the crates' and the stacks' each sum to `cpu_ns`. Both profiles hold samples.
pub(super) fn attribute(profiles: Sides<&Profile>, cpu_ns: Sides<f64>) -> Attribution {
    let scales = Sides {
        before: Scale::new(&profiles.before.stacks, cpu_ns.before),
        after: Scale::new(&profiles.after.stacks, cpu_ns.after),
    };
    let costs = profiles.map(|profile| profile.stacks.costs());
    let names: BTreeSet<&str> = costs
        .before
        .keys()
        .chain(costs.after.keys())
        .copied()
        .collect();

    let mut functions = Vec::with_capacity(names.len());
    let mut crate_weights: BTreeMap<&str, Sides<u64>> = BTreeMap::new();
    for name in names {
        let crate_name = crate_of(profiles, name);
        let cost = costs
            .as_ref()
            .map(|side| side.get(name).copied().unwrap_or_default());
        let own = cost.map(|cost| cost.self_weight);
        let total = cost.map(|cost| cost.total_weight);
        let of_crate = crate_weights.entry(crate_name).or_default();
        of_crate.before += own.before;
        of_crate.after += own.after;
        functions.push(FunctionRow {
            function: name.to_owned(),
            crate_name: crate_name.to_owned(),
            own: share(scales, own),
            total_ns: nanoseconds(scales, total),
        });
    }
    let mut crates: Vec<CrateRow> = crate_weights
        .into_iter()
        .map(|(crate_name, own)| CrateRow {
            crate_name: crate_name.to_owned(),
            own: share(scales, own),
        })
        .collect();
    // Stable: rows that differ equally stay in the order of their names.
    functions.sort_by(|a, b| by_difference(&a.own, &b.own).then(by_size(&a.total_ns, &b.total_ns)));
    crates.sort_by(|a, b| by_difference(&a.own, &b.own));
    Attribution {
        functions,
        crates,
        stacks: stacks(profiles, scales),
    }
}

/// What turns the samples of one profile into time.
#[derive(Clone, Copy)]
struct Scale {
    samples: f64,
    cpu_ns: f64,
}

impl Scale {
    fn new(stacks: &Stacks, cpu_ns: f64) -> Self {
        Self {
            samples: stacks.total() as f64,
            cpu_ns,
        }
    }

    fn nanoseconds(self, weight: u64) -> f64 {
        self.cpu_ns * weight as f64 / self.samples
    }

    /// The variance of `nanoseconds` for a binomial weight. The share is estimated with one
    /// sample more that saw the function and one that did not (Laplace): a function that no
    /// sample saw may still have run.
    fn variance(self, weight: u64) -> f64 {
        let share = (weight as f64 + 1.0) / (self.samples + 2.0);
        self.cpu_ns * self.cpu_ns * share * (1.0 - share) / self.samples
    }
}

fn nanoseconds(scales: Sides<Scale>, weights: Sides<u64>) -> Sides<f64> {
    Sides {
        before: scales.before.nanoseconds(weights.before),
        after: scales.after.nanoseconds(weights.after),
    }
}

fn share(scales: Sides<Scale>, weights: Sides<u64>) -> Share {
    let variance = scales.before.variance(weights.before) + scales.after.variance(weights.after);
    Share {
        ns: nanoseconds(scales, weights),
        standard_error_ns: variance.sqrt(),
    }
}

fn crate_of<'p>(profiles: Sides<&'p Profile>, name: &'p str) -> &'p str {
    let origins = [&profiles.after.origins, &profiles.before.origins];
    let origin = origins.into_iter().find_map(|origins| origins.get(name));
    // What stands for no function, like `[task]`, is its own origin.
    origin.map_or(name, |origin| origin.crate_name.as_str())
}

fn stacks(profiles: Sides<&Profile>, scales: Sides<Scale>) -> BTreeMap<Stack, Sides<f64>> {
    let mut joined: BTreeMap<Stack, Sides<f64>> = BTreeMap::new();
    for (stack, weight) in &profiles.before.stacks.0 {
        joined.entry(stack.clone()).or_default().before = scales.before.nanoseconds(*weight);
    }
    for (stack, weight) in &profiles.after.stacks.0 {
        joined.entry(stack.clone()).or_default().after = scales.after.nanoseconds(*weight);
    }
    joined
}

fn by_difference(a: &Share, b: &Share) -> std::cmp::Ordering {
    b.ns.difference().abs().total_cmp(&a.ns.difference().abs())
}

fn by_size(a: &Sides<f64>, b: &Sides<f64>) -> std::cmp::Ordering {
    (b.before + b.after).total_cmp(&(a.before + a.after))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::samples::profile;
    use super::*;

    const CPU_NS: Sides<f64> = Sides {
        before: 1_000.0,
        after: 1_500.0,
    };

    fn attribution(before: &[(&str, u64)], after: &[(&str, u64)]) -> Attribution {
        let (before, after) = (profile("x", before), profile("x", after));
        attribute(
            Sides {
                before: &before,
                after: &after,
            },
            CPU_NS,
        )
    }

    fn row<'a>(attribution: &'a Attribution, function: &str) -> &'a FunctionRow {
        attribution
            .functions
            .iter()
            .find(|row| row.function == function)
            .expect("a row of this function")
    }

    #[test]
    fn own_time_is_the_leaf_s_and_total_time_includes_callees() {
        let attribution = attribution(&[("a", 25), ("a;b", 75)], &[("a;b", 100)]);
        let a = row(&attribution, "a");
        assert_eq!(
            a.own.ns,
            Sides {
                before: 250.0,
                after: 0.0
            }
        );
        assert_eq!(
            a.total_ns,
            Sides {
                before: 1_000.0,
                after: 1_500.0
            }
        );
    }

    #[test]
    fn recursion_counts_once() {
        let attribution = attribution(&[("a;b;a", 100)], &[("a", 100)]);
        assert_eq!(row(&attribution, "a").total_ns.before, 1_000.0);
    }

    #[test]
    fn functions_of_one_side_only_have_a_row() {
        let attribution = attribution(&[("old::f", 100)], &[("new::f", 100)]);
        assert_eq!(row(&attribution, "old::f").own.ns.after, 0.0);
        assert_eq!(row(&attribution, "new::f").own.ns.before, 0.0);
        assert_eq!(attribution.functions[0].function, "new::f");
    }

    #[test]
    fn crates_gather_their_functions() {
        let attribution = attribution(&[("tokio::a", 50), ("tokio::b", 50)], &[("tokio::a", 100)]);
        assert_eq!(attribution.crates.len(), 1);
        assert_eq!(attribution.crates[0].own.ns, CPU_NS);
    }

    #[test]
    fn the_standard_error_is_the_binomial_one() {
        // Half of 10,000 samples of 1,000 ns: 1,000 × √(0.25 / 10,000) = 5 ns a side.
        let stacks = [("a", 5_000), ("b", 5_000)];
        let (before, after) = (profile("x", &stacks), profile("x", &stacks));
        let sides = Sides {
            before: &before,
            after: &after,
        };
        let attribution = attribute(
            sides,
            Sides {
                before: 1_000.0,
                after: 1_000.0,
            },
        );
        let error = row(&attribution, "a").own.standard_error_ns;
        assert!((error - 50.0_f64.sqrt()).abs() < 1e-3, "{error}");
    }

    #[test]
    fn a_function_without_a_sample_has_a_standard_error() {
        let attribution = attribution(&[("a", 100), ("gone", 1)], &[("a", 100)]);
        assert!(row(&attribution, "gone").own.standard_error_ns > 0.0);
    }

    fn any_stacks() -> impl Strategy<Value = Vec<(String, u64)>> {
        let frames = proptest::collection::vec("[abc]::[fgh]", 1..6);
        proptest::collection::vec((frames.prop_map(|f| f.join(";")), 1..1_000_u64), 1..20)
    }

    proptest! {
        #[test]
        fn rows_and_remainder_are_the_whole_difference(
            before in any_stacks(),
            after in any_stacks(),
        ) {
            let borrowed = |stacks: &[(String, u64)]| profile(
                "x",
                &stacks.iter().map(|(s, w)| (s.as_str(), *w)).collect::<Vec<_>>(),
            );
            let (before, after) = (borrowed(&before), borrowed(&after));
            let found = attribute(Sides { before: &before, after: &after }, CPU_NS);
            let own: f64 = found.functions.iter().map(|row| row.own.ns.difference()).sum();
            let crates: f64 = found.crates.iter().map(|row| row.own.ns.difference()).sum();
            let stacks: f64 = found.stacks.values().map(Sides::difference).sum();
            for sum in [own, crates, stacks] {
                prop_assert!((sum - CPU_NS.difference()).abs() < 1e-6, "{sum}");
            }
            for row in &found.functions {
                prop_assert!(row.own.ns.before <= row.total_ns.before + 1e-9);
                prop_assert!(row.total_ns.after <= CPU_NS.after + 1e-9);
            }
        }
    }
}
