//! Where the time of a benchmark went, in the form that both kinds of comparisons share.
//!
//! Times are in ns per iteration. What is not known, such as an interval without a spread to make it from, is `null`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Key, Sides};
use crate::{
    model::{
        comparison::{ProfileOutcome, ProfileRow},
        difference::{self, Delta, Evidence, Finding, FunctionRow, GroupRow, Grouping, Presence},
    },
    render::difference::{findings, headline},
};

/// What can be said about the recordings of one benchmark.
#[derive(Serialize)]
pub(super) struct Profile<'d> {
    #[serde(flatten)]
    key: Key<'d>,
    /// `compared`, `not-comparable`, `added` or `removed`.
    state: &'static str,
    /// Why the two sides cannot be compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    reasons: Option<&'d [String]>,
    #[serde(flatten)]
    difference: Option<Difference<'d>>,
    /// The file with the differential flame graph.
    #[serde(skip_serializing_if = "Option::is_none")]
    flame_graph: Option<&'d str>,
}

pub(super) fn profile<'d>(row: &'d ProfileRow, flame_graph: Option<&'d str>) -> Profile<'d> {
    let (state, reasons, difference) = match &row.outcome {
        ProfileOutcome::Compared(found) => {
            ("compared", None, Some(Difference::of(&row.key.id, found)))
        }
        ProfileOutcome::NotComparable(reasons) => {
            ("not-comparable", Some(reasons.as_slice()), None)
        }
        ProfileOutcome::Added => ("added", None, None),
        ProfileOutcome::Removed => ("removed", None, None),
    };
    Profile {
        key: Key::from(&row.key),
        state,
        reasons,
        difference,
        flame_graph,
    }
}

#[derive(Serialize)]
struct Difference<'d> {
    /// What did it, in words.
    answer: String,
    /// `perf-event`, `in-process`, `perf` or `samply`.
    sampler: String,
    recordings: Sides<usize>,
    samples: Sides<u64>,
    cpu_ns: Time,
    wall_ns: Sides<f64>,
    /// CPU time over time on the wall.
    utilisation: Sides<Option<f64>>,
    iterations_derived: Sides<bool>,
    /// What the verdict says about the time of one iteration.
    end_to_end_ns: Option<Sides<f64>>,
    end_to_end_difference_ns: f64,
    /// What the functions do not account for: waiting, and what the recorder itself changes.
    beyond_functions_ns: f64,
    /// In a function with a tenth of the time.
    smallest_visible_ns: f64,
    findings: Vec<WireFinding<'d>>,
    /// All of them: their `self_ns` sum to `cpu_ns`.
    functions: Vec<Function<'d>>,
    /// By `module`, `crate`, `layer`, `task` and `thread`: the `self_ns` of each kind sum to `cpu_ns`.
    groups: BTreeMap<&'static str, Vec<Group<'d>>>,
}

/// A time on both sides with the 95 % interval of its difference.
#[derive(Serialize)]
struct Time {
    before: f64,
    after: f64,
    difference: f64,
    lower: f64,
    upper: f64,
    beyond_chance: bool,
}

#[derive(Serialize)]
struct Function<'d> {
    name: &'d str,
    /// `both`, `renamed`, `new` or `gone`.
    presence: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    renamed_from: Option<&'d str>,
    /// What the two names are taken for one function by: `same-name`, `same-context` or `similar-name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    renamed_because: Option<&'static str>,
    #[serde(rename = "crate")]
    crate_name: &'d str,
    self_ns: Time,
    total_ns: Time,
    /// Its part of the difference in CPU time: 0.92 is 92 %.
    explained: Option<f64>,
}

#[derive(Serialize)]
struct Group<'d> {
    name: &'d str,
    self_ns: Time,
    total_ns: Time,
}

#[derive(Serialize)]
struct WireFinding<'d> {
    kind: &'static str,
    text: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    functions: Vec<&'d str>,
}

impl<'d> Difference<'d> {
    /// Of the benchmark with this id.
    fn of(id: &str, found: &'d difference::Difference) -> Self {
        let busy = |cpu_ns: f64, wall_ns: f64| (wall_ns > 0.0).then(|| cpu_ns / wall_ns);
        Self {
            answer: headline(id, found),
            sampler: found.sampler.to_string(),
            recordings: Sides::from(&found.recordings),
            samples: Sides::from(&found.samples),
            cpu_ns: Time::from(&found.cpu),
            wall_ns: Sides::from(&found.wall_ns),
            utilisation: Sides {
                before: busy(found.cpu.ns.before, found.wall_ns.before),
                after: busy(found.cpu.ns.after, found.wall_ns.after),
            },
            iterations_derived: Sides::from(&found.derived),
            end_to_end_ns: found.end_to_end_ns.as_ref().map(Sides::from),
            end_to_end_difference_ns: found.end_to_end_difference_ns(),
            beyond_functions_ns: found.beyond_functions_ns(),
            smallest_visible_ns: found.smallest_visible_ns,
            findings: found
                .findings
                .iter()
                .zip(findings(found))
                .map(|(finding, text)| wire_finding(finding, text))
                .collect(),
            functions: found
                .functions
                .iter()
                .map(|row| function(found, row))
                .collect(),
            groups: found
                .groups
                .iter()
                .map(|(grouping, rows)| (kind(*grouping), rows.iter().map(Group::from).collect()))
                .collect(),
        }
    }
}

impl From<&Delta> for Time {
    fn from(delta: &Delta) -> Self {
        Self {
            before: delta.ns.before,
            after: delta.ns.after,
            difference: delta.difference_ns(),
            lower: delta.lower_ns,
            upper: delta.upper_ns,
            beyond_chance: delta.is_significant(),
        }
    }
}

impl<'d> From<&'d GroupRow> for Group<'d> {
    fn from(row: &'d GroupRow) -> Self {
        Self {
            name: &row.name,
            self_ns: Time::from(&row.own),
            total_ns: Time::from(&row.total),
        }
    }
}

fn function<'d>(found: &difference::Difference, row: &'d FunctionRow) -> Function<'d> {
    let (presence, renamed) = match &row.presence {
        Presence::Both => ("both", None),
        Presence::Renamed { from, evidence } => ("renamed", Some((from.as_str(), *evidence))),
        Presence::New => ("new", None),
        Presence::Gone => ("gone", None),
    };
    Function {
        name: &row.function,
        presence,
        renamed_from: renamed.map(|(from, _)| from),
        renamed_because: renamed.map(|(_, evidence)| match evidence {
            Evidence::SameName => "same-name",
            Evidence::SameContext => "same-context",
            Evidence::SimilarName => "similar-name",
        }),
        crate_name: &row.crate_name,
        self_ns: Time::from(&row.own),
        total_ns: Time::from(&row.total),
        explained: found.explained(&row.own),
    }
}

fn kind(grouping: Grouping) -> &'static str {
    match grouping {
        Grouping::Module => "module",
        Grouping::Crate => "crate",
        Grouping::Layer => "layer",
        Grouping::Task => "task",
        Grouping::Thread => "thread",
    }
}

fn wire_finding(finding: &Finding, text: String) -> WireFinding<'_> {
    let (kind, functions) = match finding {
        Finding::Uniform { .. } => ("uniform", Vec::new()),
        Finding::Moved { from, to, .. } => ("moved", vec![from.as_str(), to.as_str()]),
        Finding::NewHotPath { function, .. } => ("new-hot-path", vec![function.as_str()]),
        Finding::MoreContention(_) => ("more-contention", Vec::new()),
        Finding::MoreAllocation(_) => ("more-allocation", Vec::new()),
        Finding::MoreCloning(_) => ("more-cloning", Vec::new()),
        Finding::MessagePassing { .. } => ("message-passing", Vec::new()),
        Finding::Recursion { function, .. } => ("recursion", vec![function.as_str()]),
        Finding::MostlyWaits { .. } => ("mostly-waits", Vec::new()),
        Finding::Shape { .. } => ("shape", Vec::new()),
    };
    WireFinding {
        kind,
        text,
        functions,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::render::difference::sample;

    fn parsed(found: &difference::Difference) -> Value {
        serde_json::to_value(Difference::of("e2e/linear", found)).expect("maps with string keys")
    }

    #[test]
    fn functions_and_every_kind_of_groups_sum_to_the_cpu_time() {
        let document = parsed(&sample::difference());
        let whole = document["cpu_ns"]["difference"].as_f64();
        let sum = |rows: &Value| {
            let rows = rows.as_array().expect("a list");
            let own = rows.iter().map(|row| &row["self_ns"]["difference"]);
            Some(own.filter_map(Value::as_f64).sum::<f64>())
        };
        assert_eq!(sum(&document["functions"]), whole);
        for (_, rows) in document["groups"].as_object().expect("groups") {
            assert_eq!(sum(rows), whole);
        }
    }

    #[test]
    fn a_renamed_function_has_both_names_and_the_reason() {
        let document = parsed(&sample::difference());
        let function = &document["functions"][3];
        assert_eq!(function["name"], "runtime::workflow::plan");
        assert_eq!(function["presence"], "renamed");
        assert_eq!(function["renamed_from"], "runtime::engine::plan");
        assert_eq!(function["renamed_because"], "same-name");
        assert_eq!(document["functions"][0].get("renamed_from"), None);
    }

    #[test]
    fn a_finding_has_a_kind_for_programs_and_a_text_for_people() {
        let document = parsed(&sample::difference());
        let finding = &document["findings"][0];
        assert_eq!(finding["kind"], "new-hot-path");
        assert_eq!(finding["functions"], json!(["runtime::mailbox::push"]));
        let text = finding["text"].as_str().unwrap_or_default();
        assert!(
            text.starts_with("`mailbox::push` is a hot path now"),
            "{text}"
        );
    }

    #[test]
    fn an_interval_that_is_not_known_is_null() {
        let mut found = sample::within_chance();
        found.cpu.lower_ns = f64::NEG_INFINITY;
        found.cpu.upper_ns = f64::INFINITY;
        found.wall_ns.before = 0.0;
        let document = parsed(&found);
        assert_eq!(document["cpu_ns"]["lower"], Value::Null);
        assert_eq!(document["utilisation"]["before"], Value::Null);
        assert_eq!(document["end_to_end_ns"], Value::Null);
        assert_eq!(document["functions"][0]["explained"], Value::Null);
    }
}
