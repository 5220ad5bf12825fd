//! What the page's script makes tables from, as compact as it can be: lists instead of objects, and every name once.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::super::settlement::{Report, statistic, words};
use crate::{
    model::{
        course::{Course, Point, Standing},
        difference::{Delta, Difference, Evidence, FunctionRow, GroupRow, Grouping, Presence},
        round::Dropped,
        settlement::Settlement,
        units::Unit,
        verdict::Answer,
    },
    render::flame,
};

/// Functions with less than this share of the time, own and total, on both sides are counted together.
const LEAST_SHARE: f64 = 1e-3;

/// Every name once.
#[derive(Default)]
pub(super) struct Names {
    numbers: BTreeMap<String, usize>,
    names: Vec<String>,
    /// Those of frames, which come with the forms that their labels take.
    frames: Vec<Value>,
    frame_numbers: BTreeMap<String, usize>,
}

impl Names {
    fn frame(&mut self, forms: &Value) -> usize {
        let whole = forms[0].as_str().unwrap_or_default();
        if let Some(number) = self.frame_numbers.get(whole) {
            return *number;
        }
        let number = self.frames.len();
        self.frame_numbers.insert(whole.to_owned(), number);
        self.frames.push(forms.clone());
        number
    }

    fn number(&mut self, name: &str) -> usize {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.names.len();
        self.numbers.insert(name.to_owned(), number);
        self.names.push(name.to_owned());
        number
    }
}

/// What all pages of benchmarks share.
#[derive(Serialize)]
struct Data {
    /// The names of the sides.
    sides: [String; 2],
    /// What functions, crates and groups are called.
    names: Vec<String>,
    /// What frames are called, in the forms that the flame graphs want.
    frames: Vec<Value>,
    /// The rounds of every answer, in the order of the answers.
    courses: Vec<Rounds>,
}

/// The rounds of one answer.
#[derive(Serialize)]
struct Rounds {
    /// What stands for a process.
    by: &'static str,
    /// `ns`, `B` or `%`.
    unit: &'static str,
    points: Vec<Told>,
}

/// Number, level before, level after, ln(after/before), and what else is to be said of a round.
type Told = (u32, Option<f64>, Option<f64>, Option<f64>, &'static str);

/// As JSON that may stand within a script element.
pub(super) fn json(report: &Report<'_>, names: Names) -> String {
    let settlement = report.settlement;
    let sides = settlement.sides.as_ref().map(|side| side.name.clone());
    let answers = settlement.answers.iter().zip(&report.courses);
    let data = Data {
        sides: [sides.before, sides.after],
        names: names.names,
        frames: names.frames,
        courses: answers
            .map(|(answer, course)| rounds(settlement, answer, course))
            .collect(),
    };
    within_script(&serde_json::to_string(&data).unwrap_or_default())
}

/// Nothing in it ends the element, or begins a comment: in JSON these stand within strings only.
fn within_script(json: &str) -> String {
    json.replace('<', "\\u003c")
}

fn rounds(settlement: &Settlement, answer: &Answer, course: &Course) -> Rounds {
    let unit = words::planned(settlement, answer).map_or(Unit::default(), |planned| planned.unit);
    Rounds {
        by: statistic(course.statistic),
        unit: match unit {
            Unit::Nanoseconds => "ns",
            Unit::Bytes => "B",
            Unit::Percent => "%",
        },
        points: course.points.iter().map(point).collect(),
    }
}

fn point(point: &Point) -> Told {
    let remark = match point.standing {
        Standing::Counts => "",
        Standing::Later => "after the look that the answer rests on",
        Standing::Dropped(Dropped::ForeignWork { .. }) => "dropped: others used its CPU",
        Standing::Dropped(Dropped::Stolen { .. }) => "dropped: the hypervisor took its CPU away",
        Standing::Dropped(Dropped::Throttled) => "dropped: a CPU was throttled",
        Standing::Dropped(Dropped::Failed) => "dropped: a process failed",
    };
    (
        point.number,
        point.levels.map(|levels| short(levels.before, 5)),
        point.levels.map(|levels| short(levels.after, 5)),
        point.log_ratio.map(|log_ratio| short(log_ratio, 4)),
        remark,
    )
}

/// The call tree for the flame graphs, but for its names: those are in the data that all pages share, or the same functions
/// would be written out for every benchmark.
pub(super) fn tree(difference: &Difference, names: &mut Names) -> String {
    let told = flame::data(difference);
    let mut tree: Value = serde_json::from_str(&told).unwrap_or_default();
    let frames = tree["names"].take();
    let frames: Vec<usize> = frames
        .as_array()
        .map(|frames| frames.iter().map(|forms| names.frame(forms)).collect())
        .unwrap_or_default();
    for node in tree["nodes"].as_array_mut().into_iter().flatten() {
        let number = node[1]
            .as_u64()
            .and_then(|number| frames.get(number as usize));
        if let Some(number) = number {
            node[1] = Value::from(*number);
        }
    }
    within_script(&tree.to_string())
}

/// Where the time of one benchmark went.
#[derive(Serialize)]
struct Functions {
    cpu: Numbers,
    functions: Vec<Function>,
    /// How many functions are left out, and their own times before and after.
    others: (usize, f64, f64),
    /// What a grouping is called, and its groups: name, own, total.
    groups: Vec<(&'static str, Vec<Group>)>,
}

/// Before, after, the ends of the interval of the difference (`None` where its spread is not known), all in ns per iteration,
/// and 1 where it is beyond chance.
type Numbers = (f64, f64, Option<f64>, Option<f64>, u8);

/// Name, crate, own, total, and on which sides it is where that is not both.
type Function = (usize, usize, Numbers, Numbers, String);

/// Name, own, and total.
type Group = (usize, Numbers, Numbers);

/// The functions and groups of one benchmark, as JSON that may stand within a script element.
pub(super) fn functions(difference: &Difference, names: &mut Names) -> String {
    let cpu = difference.cpu.ns;
    let least = LEAST_SHARE * cpu.before.max(cpu.after);
    let is_small = |delta: &Delta| {
        !delta.is_significant() && delta.ns.before < least && delta.ns.after < least
    };
    let (others, shown): (Vec<&FunctionRow>, Vec<&FunctionRow>) = difference
        .functions
        .iter()
        .partition(|row| is_small(&row.own) && is_small(&row.total));
    let sum = |side: fn(&Delta) -> f64| others.iter().map(|row| side(&row.own)).sum();
    let told = Functions {
        cpu: numbers(&difference.cpu),
        functions: shown.into_iter().map(|row| function(row, names)).collect(),
        others: (
            others.len(),
            short(sum(|own| own.ns.before), 4),
            short(sum(|own| own.ns.after), 4),
        ),
        groups: difference
            .groups
            .iter()
            .map(|(grouping, rows)| (called(*grouping), groups(rows, names)))
            .collect(),
    };
    within_script(&serde_json::to_string(&told).unwrap_or_default())
}

fn function(row: &FunctionRow, names: &mut Names) -> Function {
    (
        names.number(&row.function),
        names.number(&row.crate_name),
        numbers(&row.own),
        numbers(&row.total),
        presence(&row.presence),
    )
}

fn groups(rows: &[GroupRow], names: &mut Names) -> Vec<Group> {
    let told = |row: &GroupRow| {
        (
            names.number(&row.name),
            numbers(&row.own),
            numbers(&row.total),
        )
    };
    rows.iter().map(told).collect()
}

fn called(grouping: Grouping) -> &'static str {
    match grouping {
        Grouping::Module => "modules",
        Grouping::Crate => "crates",
        Grouping::Layer => "layers",
        Grouping::Task => "tasks",
        Grouping::Thread => "threads",
    }
}

fn presence(presence: &Presence) -> String {
    match presence {
        Presence::Both => String::new(),
        Presence::New => "new".to_owned(),
        Presence::Gone => "gone".to_owned(),
        Presence::Renamed { from, evidence } => {
            let evidence = match evidence {
                Evidence::SameName => "it moved",
                Evidence::SameContext => "same callers and callees",
                Evidence::SimilarName => "similar name, callers or callees",
            };
            format!("was {from} ({evidence})")
        }
    }
}

fn numbers(delta: &Delta) -> Numbers {
    let end = |ns: f64| ns.is_finite().then(|| short(ns, 4));
    (
        short(delta.ns.before, 4),
        short(delta.ns.after, 4),
        end(delta.lower_ns),
        end(delta.upper_ns),
        u8::from(delta.is_significant()),
    )
}

/// A number with so many significant digits: more would not be shown.
fn short(value: f64, digits: usize) -> f64 {
    let decimals = digits.saturating_sub(1);
    format!("{value:.decimals$e}").parse().unwrap_or(value)
}
