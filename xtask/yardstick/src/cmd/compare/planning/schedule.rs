//! Every random choice of a settlement, each a function of the seed and of what it is about, so that a run can be
//! repeated, and continued where it ended.

use sha2::{Digest, Sha256};

use crate::model::{
    benchmark::BenchmarkKey,
    comparison::Sides,
    question::{Aspect, Question},
    round::First,
    suite::Suite,
};

/// The longest padding, in bytes: one page less one.
const MAX_PADDING_BYTES: u64 = 4095;
/// The linker takes 32 bits; 0 asks it for a seed of its own.
const MAX_LAYOUT_SEED: u64 = u32::MAX as u64;

/// Draws from a seed.
#[derive(Clone, Copy, Debug)]
pub struct Draws {
    seed: u64,
}

impl Draws {
    /// The draws of a plan.
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// Which half of a round runs first.
    pub fn first(self, question: &Question, number: u32) -> First {
        match self.of_round("first", question, number) % 2 {
            0 => First::Before,
            _ => First::After,
        }
    }

    /// The lengths of the variables that move the stacks of a round's halves, in bytes.
    pub fn padding_bytes(self, question: &Question, number: u32) -> Sides<u32> {
        ["padding before", "padding after"]
            .map(|what| (self.of_round(what, question, number) % (MAX_PADDING_BYTES + 1)) as u32)
            .into()
    }

    /// The seeds of a suite's two layouts in a sweep.
    pub fn layout_seeds(self, suite: &Suite, sweep: u32) -> Sides<u64> {
        ["layout before", "layout after"]
            .map(|what| {
                1 + self.number(&[what, &suite.package, &suite.name, &sweep.to_string()])
                    % MAX_LAYOUT_SEED
            })
            .into()
    }

    /// The CPU for both halves of all rounds of a benchmark, one of `allowed`.
    pub fn cpu(self, key: &BenchmarkKey, allowed: &[u32]) -> Option<u32> {
        let count = u64::try_from(allowed.len())
            .ok()
            .filter(|count| *count > 0)?;
        let drawn = self.number(&["cpu", &key.package, &key.suite, &key.id]) % count;
        allowed.get(drawn as usize).copied()
    }

    /// A coin that is thrown for `what` about the thing of this name.
    pub fn coin(self, what: &str, name: &str) -> bool {
        self.number(&["coin", what, name]).is_multiple_of(2)
    }

    /// The seed of a settlement among several, by its name.
    pub fn seed_of(self, name: &str) -> u64 {
        self.number(&["seed", name])
    }

    /// Puts things in a random order; `name` tells them apart.
    pub fn shuffle<T>(self, sweep: u32, things: &mut [T], name: impl Fn(&T) -> String) {
        things
            .sort_by_cached_key(|thing| self.number(&["order", &sweep.to_string(), &name(thing)]));
    }

    fn of_round(self, what: &str, question: &Question, number: u32) -> u64 {
        let aspect = match question.aspect {
            Aspect::Work => "work",
            Aspect::Parallel => "parallel",
        };
        let key = &question.key;
        self.number(&[
            what,
            &key.package,
            &key.suite,
            &key.id,
            aspect,
            &number.to_string(),
        ])
    }

    fn number(self, words: &[&str]) -> u64 {
        let mut hash = Sha256::new();
        hash.update(self.seed.to_le_bytes());
        for word in words {
            // The length keeps `a`, `bc` and `ab`, `c` apart.
            hash.update((word.len() as u64).to_le_bytes());
            hash.update(word.as_bytes());
        }
        let digest = hash.finalize();
        digest
            .iter()
            .take(8)
            .fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(id: &str) -> Question {
        Question {
            key: BenchmarkKey {
                package: "p".to_owned(),
                suite: "s".to_owned(),
                id: id.to_owned(),
            },
            aspect: Aspect::Work,
        }
    }

    fn suite() -> Suite {
        Suite {
            package: "p".to_owned(),
            name: "s".to_owned(),
            required_features: Vec::new(),
            label: "s".to_owned(),
        }
    }

    #[test]
    fn the_same_seed_draws_the_same_and_another_seed_draws_otherwise() {
        let padding = |seed| -> Vec<Sides<u32>> {
            (1..50)
                .map(|number| Draws::new(seed).padding_bytes(&question("a"), number))
                .collect()
        };
        assert_eq!(padding(7), padding(7));
        assert_ne!(padding(7), padding(8));
    }

    #[test]
    fn either_half_is_first_about_as_often() {
        let before = (0..1000)
            .filter(|number| Draws::new(1).first(&question("a"), *number) == First::Before)
            .count();
        assert!((400..600).contains(&before), "{before} of 1000");
    }

    #[test]
    fn the_halves_of_a_round_differ_in_layout_and_padding() {
        let draws = Draws::new(3);
        let same = (1..1000)
            .filter(|number| {
                let seeds = draws.layout_seeds(&suite(), *number);
                let padding = draws.padding_bytes(&question("a"), *number);
                assert!(padding.before <= 4095 && padding.after <= 4095);
                assert!(seeds.before > 0 && seeds.after > 0);
                seeds.before == seeds.after
            })
            .count();
        assert_eq!(same, 0);
    }

    #[test]
    fn a_cpu_is_one_of_the_allowed_ones_and_stays_the_same() {
        let draws = Draws::new(5);
        let cpus: Vec<Option<u32>> = (0..100)
            .map(|n| draws.cpu(&question(&n.to_string()).key, &[2, 5]))
            .collect();
        assert!(cpus.contains(&Some(2)) && cpus.contains(&Some(5)));
        assert_eq!(cpus[0], draws.cpu(&question("0").key, &[2, 5]));
        assert_eq!(draws.cpu(&question("a").key, &[]), None);
    }

    #[test]
    fn every_sweep_has_an_order_of_its_own() {
        let order = |sweep| {
            let mut things: Vec<u32> = (0..20).collect();
            Draws::new(9).shuffle(sweep, &mut things, u32::to_string);
            things
        };
        assert_eq!(order(1), order(1));
        assert_ne!(order(1), order(2));
    }
}
