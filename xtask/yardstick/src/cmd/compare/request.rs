//! What `compare` is asked for.

use std::collections::BTreeMap;

use super::super::selection::Selection;
use crate::{
    cli,
    model::{comparison::Sides, question::Margins},
};

/// What a benchmark is worth where no budget is given, in seconds.
const BUDGET_PER_BENCHMARK: f64 = 6.0;

/// The least budget: what is cheap may as well become certain.
const LEAST_BUDGET: f64 = 30.0;

/// What is left of the time until the first look, so that noise does not end the run just before it.
const SLACK: f64 = 1.3;

/// The most that nobody has to ask for: beyond it the program says what more would cost.
const MOST_BUDGET: f64 = 15.0 * 60.0;

/// What to compare, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The sides as they were typed: captures, revisions, or `.` for the working tree.
    pub names: Sides<String>,
    /// Where the answer comes from.
    pub way: Way,
    /// Of which benchmarks it is recorded where the time went.
    pub whereabouts: Where,
    /// Whether the exit code tells the answer.
    pub gate: Gate,
    /// The form of the answer.
    pub format: Format,
    /// Whether the report is opened as well.
    pub page: Page,
}

/// Where the answer comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Way {
    /// From the stored numbers of two captures: no verdict. Only what the filter means, if there is one.
    Stored(Option<String>),
    /// From the rounds of a stored settlement; the last one of these sides, or the one with this number.
    Replay(Option<u32>),
    /// From fresh rounds.
    Rounds(Box<Rounds>),
    /// From the rounds of the last stored settlement of these sides, and fresh ones for what is undecided in it.
    More {
        /// What the fresh rounds may take, in seconds.
        budget_seconds: Option<f64>,
    },
}

/// Of which benchmarks it is recorded where the time went, once they have their verdicts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Where {
    /// Of those that regressed or improved.
    #[default]
    Changed,
    /// Of all that were asked about.
    All,
    /// Of those of this suite, or with this part in their ids.
    Matching(String),
    /// Of none.
    Nowhere,
}

/// How fresh rounds are run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rounds {
    /// A suite or a part of benchmark ids; everything without it.
    pub filter: Option<String>,
    /// What the rounds may take, in seconds; [`default_budget_seconds`] without it.
    pub budget_seconds: Option<f64>,
    /// How long the first process of a benchmark may take before it counts as hung, in seconds.
    pub limit_seconds: Option<f64>,
    /// The share of its CPU that a round may lose to others before it does not count, 0 to 1; [`TOLERATED_LOSS`] without it.
    ///
    /// [`TOLERATED_LOSS`]: super::planning::TOLERATED_LOSS
    pub tolerated_loss: Option<f64>,
    /// The margin of every benchmark, as a ratio less one, whatever the manifest says.
    pub margin: Option<f64>,
    /// What every random choice follows from.
    pub seed: Option<u64>,
    /// How executables come to their layouts.
    pub layouts: LayoutChoice,
    /// What becomes of benchmarks whose executables are the same.
    pub identical: Identical,
    /// Ids before the change by the ids they have after it.
    pub renamed: BTreeMap<String, String>,
    /// How to build the sides that are no captures, and which suites of all sides are meant.
    pub selection: Selection,
}

/// How executables come to their layouts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LayoutChoice {
    /// A fresh pair for every round, where they can be linked again.
    #[default]
    Fresh,
    /// As cargo linked them.
    AsLinked,
}

/// What becomes of benchmarks whose executables are the same on both sides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Identical {
    /// They are unchanged without a round.
    #[default]
    Unchanged,
    /// They are asked about like any other: a test of the machine and of us.
    Asked,
}

/// Whether the exit code tells the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// To show a regression is success.
    Open,
    /// A regression, and what could not be decided, fail.
    Enforced,
}

/// What becomes of the page for a browser, which is always written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// Its path is told.
    Written,
    /// It is opened, too.
    Opened,
}

/// The form of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Tables for a terminal.
    Terminal,
    /// Markdown, for a pull request.
    Markdown,
    /// Versioned JSON.
    Json,
}

/// What rounds of so many benchmarks may take where nobody says it, in seconds.
pub fn default_budget_seconds(benchmarks: usize) -> f64 {
    (benchmarks as f64 * BUDGET_PER_BENCHMARK).clamp(LEAST_BUDGET, MOST_BUDGET)
}

/// The budget where nobody gives one, raised so that every benchmark reaches its first look if that is within what
/// nobody has to ask for: a run that ends before it has said nothing.
pub fn enough_for_a_look(default_seconds: f64, first_look_seconds: f64) -> f64 {
    let enough = SLACK * first_look_seconds;
    match enough <= MOST_BUDGET {
        true => default_seconds.max(enough),
        false => default_seconds,
    }
}

impl Rounds {
    /// The margins that hold: those of the manifest, unless one was typed.
    pub fn margins(&self, of_the_manifest: &Margins) -> Margins {
        match self.margin {
            Some(margin) => Margins::all(margin),
            None => of_the_manifest.clone(),
        }
    }
}

impl From<cli::Compare> for Request {
    fn from(typed: cli::Compare) -> Self {
        let way = if typed.stored {
            Way::Stored(typed.filter)
        } else if let Some(run) = typed.replay {
            Way::Replay(run)
        } else if typed.more {
            Way::More {
                budget_seconds: typed.budget,
            }
        } else {
            Way::Rounds(Box::new(Rounds {
                filter: typed.filter,
                budget_seconds: typed.budget,
                limit_seconds: typed.limit,
                tolerated_loss: typed.tolerate.map(|percent| percent / 100.0),
                margin: typed.margin.map(|percent| percent / 100.0),
                seed: typed.seed,
                layouts: match typed.layouts {
                    cli::Layouts::Fresh => LayoutChoice::Fresh,
                    cli::Layouts::AsLinked => LayoutChoice::AsLinked,
                },
                identical: match typed.measure_identical {
                    true => Identical::Asked,
                    false => Identical::Unchanged,
                },
                renamed: typed
                    .renamed
                    .into_iter()
                    .map(|(old, new)| (new, old))
                    .collect(),
                selection: typed.cargo.into(),
            }))
        };
        let whereabouts = match typed.whereabouts {
            _ if typed.no_where => Where::Nowhere,
            None => Where::Changed,
            Some(all) if all == "all" => Where::All,
            Some(filter) => Where::Matching(filter),
        };
        Self {
            whereabouts,
            names: Sides {
                before: typed.before,
                after: typed.after,
            },
            way,
            gate: match typed.gate {
                true => Gate::Enforced,
                false => Gate::Open,
            },
            page: match typed.open {
                true => Page::Opened,
                false => Page::Written,
            },
            format: match typed.format {
                cli::Format::Terminal => Format::Terminal,
                cli::Format::Markdown => Format::Markdown,
                cli::Format::Json => Format::Json,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suite_of_thirty_gets_three_minutes_and_no_suite_less_than_half_a_minute() {
        let cases = [
            (0, 30.0),
            (1, 30.0),
            (6, 36.0),
            (30, 180.0),
            (150, 900.0),
            (1_167, 900.0),
        ];
        for (benchmarks, seconds) in cases {
            assert_eq!(default_budget_seconds(benchmarks), seconds, "{benchmarks}");
        }
    }

    #[test]
    fn a_default_budget_reaches_the_first_look_unless_that_takes_more_than_anybody_expects() {
        let cases = [
            (108.0, 180.0, 234.0),
            (108.0, 60.0, 108.0),
            (900.0, 600.0, 900.0),
            (48.0, 900.0, 48.0),
        ];
        for (default_seconds, first_look_seconds, enough) in cases {
            assert_eq!(
                enough_for_a_look(default_seconds, first_look_seconds),
                enough
            );
        }
    }
}
