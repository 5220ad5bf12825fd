//! What was recorded of a benchmark after its verdict, on both sides in turn.

use super::{
    benchmark::BenchmarkKey, comparison::Sides, profile::Profile, question::Aspect,
    settlement::Layouts,
};

/// The recordings of one benchmark of a settlement.
#[derive(Clone, Debug, PartialEq)]
pub struct Whereabouts {
    /// The benchmark; its key is that of the side with the change.
    pub key: BenchmarkKey,
    /// How its processes ran: as those of this question's rounds.
    pub aspect: Aspect,
    /// How the executables came to their layouts.
    pub layouts: Layouts,
    /// One profile for each recording, in the order taken; the n-th of both sides are a pair.
    pub profiles: Sides<Vec<Profile>>,
    /// Why it cannot be recorded, in words; nothing where it can.
    pub obstacles: Vec<String>,
}

impl Whereabouts {
    /// Nothing yet.
    pub fn new(key: BenchmarkKey, aspect: Aspect, layouts: Layouts) -> Self {
        Self {
            key,
            aspect,
            layouts,
            profiles: Sides::default(),
            obstacles: Vec::new(),
        }
    }

    /// How many pairs of recordings there are.
    pub fn pairs(&self) -> usize {
        self.profiles.before.len().min(self.profiles.after.len())
    }
}
