//! What the page's script makes tables from, as compact as it can be: lists instead of objects, and every name once.

use serde::Serialize;

use super::super::settlement::{Report, statistic, words};
use crate::model::{
    course::{Course, Point, Standing},
    round::Dropped,
    settlement::Settlement,
    units::Unit,
    verdict::Answer,
};

/// All of it.
#[derive(Serialize)]
struct Data {
    /// The names of the sides.
    sides: [String; 2],
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
pub(super) fn json(report: &Report<'_>) -> String {
    let settlement = report.settlement;
    let names = settlement.sides.as_ref().map(|side| side.name.clone());
    let answers = settlement.answers.iter().zip(&report.courses);
    let data = Data {
        sides: [names.before, names.after],
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

/// A number with so many significant digits: more would not be shown.
fn short(value: f64, digits: usize) -> f64 {
    let decimals = digits.saturating_sub(1);
    format!("{value:.decimals$e}").parse().unwrap_or(value)
}
