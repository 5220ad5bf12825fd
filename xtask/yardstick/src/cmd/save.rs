//! Where a result is to be stored, and what becomes of what is there.

use anyhow::Result;

use super::did_you_mean::list_shortly;
use crate::{model::benchmark::BenchmarkKey, problem::Problem};

/// Where to store a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Save {
    /// The capture.
    pub name: String,
    /// What happens to what it already holds.
    pub existing: Existing,
}

/// What happens to what a capture already holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// It stays, and whoever would replace it is refused.
    Keep,
    /// It is replaced.
    Overwrite,
}

impl Save {
    /// What `--save NAME` and `--overwrite` mean.
    pub(super) fn typed(name: Option<String>, overwrite: bool) -> Option<Self> {
        let existing = match overwrite {
            true => Existing::Overwrite,
            false => Existing::Keep,
        };
        name.map(|name| Self { name, existing })
    }

    /// Fails if the capture holds something that it has to keep: `held` are such `things`.
    pub(super) fn refuse_to_replace<'a>(
        &self,
        things: &str,
        held: impl Iterator<Item = &'a BenchmarkKey>,
    ) -> Result<()> {
        let held: Vec<&str> = held.map(|key| key.id.as_str()).collect();
        if self.existing == Existing::Overwrite || held.is_empty() {
            return Ok(());
        }
        let problem = Problem::usage(format!(
            "the capture `{}` already holds {} of these {things}",
            self.name,
            held.len()
        ));
        Err(problem
            .fact(list_shortly("held", held))
            .hint("add `--overwrite` to replace them, or choose another name")
            .into())
    }
}
