//! What `selftest` is asked for.

use crate::{
    cli,
    cmd::{compare::Format, selection::Selection},
    model::selftest::Injection,
};

/// What is injected where nobody says it, in percent.
const CHANGES: [u32; 6] = [0, 1, 2, 3, 5, 10];

/// What to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The tries to run; the stored result is shown without them.
    pub tries: Option<Tries>,
    /// The form of the answer.
    pub format: Format,
}

/// The tries that are wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct Tries {
    /// A suite, or a part of benchmark ids, to compare with itself.
    pub filter: Option<String>,
    /// How many of each change.
    pub count: u32,
    /// The slowdowns in percent; those that make sense without them.
    pub percents: Vec<u32>,
    /// δ, as a ratio less one.
    pub margin: f64,
    /// What a verdict may take.
    pub seconds_per_verdict: f64,
    /// Where the result is kept.
    pub place: Place,
    /// What becomes of the result that is there.
    pub earlier: Earlier,
    /// What every random choice follows from.
    pub seed: Option<u64>,
    /// Cargo's own selection.
    pub selection: Selection,
}

/// Where a result is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Below the target folder, where the next one replaces it.
    Scratch,
    /// Beside the captures.
    Store,
}

/// What becomes of the result that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Earlier {
    /// It stays, and we refuse, unless it is scratch.
    Keep,
    /// It is added to.
    Continue,
    /// It is replaced.
    Overwrite,
}

impl Tries {
    /// What is to be tried, where the suite can be slowed down or not.
    pub fn injections(&self, can_be_slowed: bool) -> Vec<Injection> {
        let percents: &[u32] = match (self.percents.is_empty(), can_be_slowed) {
            (false, _) => &self.percents,
            (true, true) => &CHANGES,
            (true, false) => &[0],
        };
        let mut percents = percents.to_vec();
        percents.sort_unstable();
        percents.dedup();
        let injection = |percent| Injection {
            margin: self.margin,
            percent,
        };
        percents.into_iter().map(injection).collect()
    }
}

impl From<cli::Selftest> for Request {
    fn from(typed: cli::Selftest) -> Self {
        let tries = Tries {
            filter: typed.filter,
            count: typed.tries,
            percents: typed.changes,
            margin: typed.margin / 100.0,
            seconds_per_verdict: typed.seconds_per_verdict,
            place: match typed.save {
                true => Place::Store,
                false => Place::Scratch,
            },
            earlier: match (typed.more, typed.overwrite) {
                (true, _) => Earlier::Continue,
                (_, true) => Earlier::Overwrite,
                _ => Earlier::Keep,
            },
            seed: typed.seed,
            selection: typed.cargo.into(),
        };
        Self {
            tries: (!typed.stored).then_some(tries),
            format: match typed.format {
                cli::Format::Terminal => Format::Terminal,
                cli::Format::Markdown => Format::Markdown,
                cli::Format::Json => Format::Json,
            },
        }
    }
}
