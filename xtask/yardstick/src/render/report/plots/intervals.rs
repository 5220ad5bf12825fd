//! All intervals of one answer on one scale: floor, typical iteration, tail.

use maud::{Markup, html};

use super::{at, linear::Changes, tick};
use crate::{
    model::verdict::{Answer, Ground, Interval},
    render::{
        report::{summary::look, table::bounds},
        settlement::{statistic, words::signed},
    },
};

const WIDTH: f64 = 400.0;
const ROW: f64 = 34.0;
const TOP: f64 = 4.0;
const AXIS: f64 = 20.0;

/// One interval with what it is about.
struct Row<'a> {
    interval: &'a Interval,
    what: &'static str,
    ground: Ground,
}

fn rows(answer: &Answer) -> Vec<Row<'_>> {
    let row = |interval, what, ground| Row {
        interval,
        what,
        ground,
    };
    let floor = answer.floor.iter();
    let floor = floor.map(|interval| row(interval, "floor", Ground::Floor));
    let typical = answer.typical.iter();
    let typical = typical.map(|interval| row(interval, "typical", Ground::Typical));
    let tail = answer.tail.iter();
    let tail = tail.map(|interval| row(interval, "tail", Ground::Tail));
    floor.chain(typical).chain(tail).collect()
}

/// The picture and its caption; nothing before the first look.
pub(in super::super) fn figure(answer: &Answer) -> Markup {
    let rows = rows(answer);
    if rows.is_empty() {
        return html! {};
    }
    let margin = answer.margin.log_ratio();
    let ends = rows
        .iter()
        .flat_map(|row| [row.interval.lower, row.interval.upper]);
    let ends = ends.chain([0.0, -margin, margin]);
    let scale = Changes::over(ends, 0.0, WIDTH);
    let bottom = TOP + ROW * rows.len() as f64;
    let is_decisive = |row: &Row<'_>| {
        answer.ground == Some(row.ground) && answer.decisive() == Some(row.interval)
    };
    html! {
        figure {
            svg class={ "intervals " (look(&answer.verdict).name) } viewBox={ "0 0 " (WIDTH) " " (bottom + AXIS) } role="img" aria-label=(alternative(&rows)) {
                rect.margin x=(at(scale.place(-margin))) y="0" width=(at(scale.place(margin) - scale.place(-margin))) height=(at(bottom)) {}
                line.zero x1=(at(scale.place(0.0))) x2=(at(scale.place(0.0))) y1="0" y2=(at(bottom)) {}
                @for (position, row) in rows.iter().enumerate() {
                    @let top = TOP + ROW * position as f64;
                    @let (from, to) = (scale.place(row.interval.lower), scale.place(row.interval.upper));
                    g class=[(!is_decisive(row)).then_some("aside")] {
                        text.what x="2" y=(at(top + 11.0)) { (row.what) ", " (statistic(row.interval.statistic)) }
                        text.value x=(WIDTH - 2.0) y=(at(top + 11.0)) { (signed(row.interval.change())) " % " (bounds(row.interval)) }
                        line.reach x1=(at(from.min(to - 1.0))) x2=(at(to)) y1=(at(top + 23.0)) y2=(at(top + 23.0)) {}
                        circle.estimate cx=(at(scale.place(row.interval.estimate))) cy=(at(top + 23.0)) r="5" {}
                    }
                }
                (axis(&scale, bottom))
            }
            figcaption {
                "The change by what stands for a process. "
                @if rows.iter().any(is_decisive) { "The strong one made the verdict. " }
                "The grey band is the margin."
            }
        }
    }
}

fn axis(scale: &Changes, bottom: f64) -> Markup {
    html! {
        line.axis x1="0" x2=(WIDTH) y1=(at(bottom)) y2=(at(bottom)) {}
        @for (change, x) in scale.ticks(5, 58.0) {
            line.axis x1=(at(x)) x2=(at(x)) y1=(at(bottom)) y2=(at(bottom + 4.0)) {}
            text.tick x=(at(x.clamp(18.0, WIDTH - 18.0))) y=(at(bottom + 16.0)) { (tick(change)) }
        }
    }
}

fn alternative(rows: &[Row<'_>]) -> String {
    let said = rows.iter().map(|row| {
        format!(
            "{}, {}: {} % {}",
            row.what,
            statistic(row.interval.statistic),
            signed(row.interval.change()),
            bounds(row.interval)
        )
    });
    format!("Intervals. {}", said.collect::<Vec<_>>().join("; "))
}
