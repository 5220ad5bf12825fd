//! Where in the page a benchmark is: what stands behind the `#` of its address.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{benchmark::BenchmarkKey, settlement::Settlement};

/// The fragments of all benchmarks that have answers.
pub(super) struct Fragments<'s>(BTreeMap<&'s BenchmarkKey, String>);

impl<'s> Fragments<'s> {
    /// They follow from the ids, so that a link stays good from one run to the next.
    pub(super) fn of(settlement: &'s Settlement) -> Self {
        let mut fragments = BTreeMap::new();
        let mut taken = BTreeSet::new();
        let answers = settlement.answers.iter();
        let keys: BTreeSet<_> = answers.map(|answer| &answer.question.key).collect();
        for key in keys {
            let plain = format!("benchmark/{}", sanitised(&key.id));
            let mut fragment = plain.clone();
            let mut copy = 1;
            while !taken.insert(fragment.clone()) {
                copy += 1;
                fragment = format!("{plain}~{copy}");
            }
            fragments.insert(key, fragment);
        }
        Self(fragments)
    }

    /// That of one benchmark.
    pub(super) fn get(&self, key: &BenchmarkKey) -> &str {
        self.0.get(key).map_or("", String::as_str)
    }
}

/// Only what needs no escape in an address and is no space, so that it is the same text everywhere.
fn sanitised(id: &str) -> String {
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || "/-_.,:".contains(*c);
    id.chars()
        .map(|c| if is_plain(&c) { c } else { '_' })
        .collect()
}
