//! Folded stacks.

use std::collections::BTreeMap;

/// A stack as normalised frame names, root first.
pub type Stack = Vec<String>;

/// Folded stacks: each distinct stack with its weight.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stacks(pub BTreeMap<Stack, u64>);

impl Stacks {
    /// Adds `weight` to `stack`.
    pub fn add(&mut self, stack: Stack, weight: u64) {
        *self.0.entry(stack).or_default() += weight;
    }

    /// The sum of all weights.
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }
}
