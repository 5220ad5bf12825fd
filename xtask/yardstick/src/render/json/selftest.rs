//! A self-test as JSON.
//!
//! The document is one object. `format` is always `yardstick-selftest`, and `version` rises when a field changes its
//! meaning or goes away; new fields do not raise it. Margins and half-widths are ratios less one.

use serde::Serialize;

use crate::model::{
    question::{Aspect, Question},
    selftest::{Injected, Pair, Tally},
};

/// The version of the document.
pub const VERSION: u32 = 1;

/// The summary as an indented JSON document that ends with a line feed.
pub fn json(injected: &[Injected]) -> String {
    let document = Document {
        format: "yardstick-selftest",
        version: VERSION,
        injections: injected.iter().map(Into::into).collect(),
    };
    // Lists of named numbers: nothing here can fail to serialise.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

#[derive(Serialize)]
struct Document<'i> {
    format: &'static str,
    version: u32,
    injections: Vec<WireInjected<'i>>,
}

#[derive(Serialize)]
struct WireInjected<'i> {
    margin: f64,
    slowdown_percent: u32,
    suites: u32,
    suites_with_false_verdicts: WirePair<u32>,
    seconds_per_verdict: f64,
    median_half_width: Option<f64>,
    work: WirePair<WireTally>,
    questions: Vec<WireQuestion<'i>>,
}

#[derive(Serialize)]
struct WirePair<T> {
    yardstick: T,
    criterion: T,
}

#[derive(Serialize)]
struct WireTally {
    found: u32,
    unchanged: u32,
    undecided: u32,
    wrong: u32,
}

#[derive(Serialize)]
struct WireQuestion<'i> {
    package: &'i str,
    suite: &'i str,
    id: &'i str,
    aspect: &'static str,
    #[serde(flatten)]
    verdicts: WirePair<WireTally>,
}

impl<'i> From<&'i Injected> for WireInjected<'i> {
    fn from(injected: &'i Injected) -> Self {
        let with_false = injected.suites_with_false_verdicts;
        Self {
            margin: injected.injection.margin,
            slowdown_percent: injected.injection.percent,
            suites: injected.suites,
            suites_with_false_verdicts: WirePair {
                yardstick: with_false.ours,
                criterion: with_false.criterion,
            },
            seconds_per_verdict: injected.seconds_per_verdict,
            median_half_width: injected.half_width,
            work: injected.work.into(),
            questions: injected.questions.iter().map(question).collect(),
        }
    }
}

fn question<'i>((question, pair): (&'i Question, &Pair<Tally>)) -> WireQuestion<'i> {
    WireQuestion {
        package: &question.key.package,
        suite: &question.key.suite,
        id: &question.key.id,
        aspect: match question.aspect {
            Aspect::Work => "work",
            Aspect::Parallel => "parallel",
        },
        verdicts: (*pair).into(),
    }
}

impl From<Pair<Tally>> for WirePair<WireTally> {
    fn from(pair: Pair<Tally>) -> Self {
        Self {
            yardstick: pair.ours.into(),
            criterion: pair.criterion.into(),
        }
    }
}

impl From<Tally> for WireTally {
    fn from(tally: Tally) -> Self {
        Self {
            found: tally.found,
            unchanged: tally.unchanged,
            undecided: tally.undecided,
            wrong: tally.wrong,
        }
    }
}
