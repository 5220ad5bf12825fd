//! The change in every round, in the order they were run.

use maud::{Markup, html};

use super::{
    at,
    linear::{Changes, Linear},
    points::Dots,
    tick,
};
use crate::{
    model::{
        course::{Course, Point, Standing},
        verdict::{Answer, Interval},
    },
    render::{
        report::{summary::look, table::bounds},
        settlement::{statistic, words::signed},
    },
};

const WIDTH: f64 = 400.0;
const HEIGHT: f64 = 230.0;
const LEFT: f64 = 46.0;
const TOP: f64 = 6.0;
const AXIS: f64 = 32.0;

/// The interval that is formed from these very points.
fn interval<'a>(answer: &'a Answer, course: &Course) -> Option<&'a Interval> {
    let decisive = answer.decisive()?;
    (decisive.statistic == course.statistic).then_some(decisive)
}

/// The picture and its caption; nothing where no round has both numbers.
pub(in super::super) fn figure(answer: &Answer, course: &Course) -> Markup {
    let drawn: Vec<(&Point, f64)> = course
        .points
        .iter()
        .filter_map(|point| Some((point, point.log_ratio?)))
        .collect();
    let Some(last) = drawn.last().map(|(point, _)| f64::from(point.number)) else {
        return html! {};
    };
    let margin = answer.margin.log_ratio();
    let values = drawn.iter().map(|(_, log_ratio)| *log_ratio);
    let y = Changes::over(values.chain([0.0, margin, -margin]), HEIGHT - TOP, TOP);
    let x = Linear::over([1.0, last].into_iter(), LEFT, WIDTH);
    let dots = Dots::of(drawn.iter().map(|(point, log_ratio)| {
        (
            point.standing,
            x.place(f64::from(point.number)),
            y.place(*log_ratio),
        )
    }));
    html! {
        figure.tall {
            svg class={ "rounds " (look(&answer.verdict).name) } viewBox={ "0 0 " (WIDTH) " " (HEIGHT + AXIS) } role="img" aria-label=(alternative(answer, course)) {
                rect.margin x=(LEFT) width=(WIDTH - LEFT) y=(at(y.place(margin))) height=(at(y.place(-margin) - y.place(margin))) {}
                line.zero x1=(LEFT) x2=(WIDTH) y1=(at(y.place(0.0))) y2=(at(y.place(0.0))) {}
                @if let Some(interval) = interval(answer, course) {
                    rect.confidence x=(LEFT) width=(WIDTH - LEFT) y=(at(y.place(interval.upper))) height=(at((y.place(interval.lower) - y.place(interval.upper)).max(1.0))) {}
                    line.estimate x1=(LEFT) x2=(WIDTH) y1=(at(y.place(interval.estimate))) y2=(at(y.place(interval.estimate))) {}
                }
                @for (change, place) in y.ticks(6, 16.0) {
                    text.tick.left x=(LEFT - 6.0) y=(at(place + 3.5)) { (tick(change)) }
                }
                (dots.drawn("ratio"))
                line.axis x1=(LEFT) x2=(WIDTH) y1=(HEIGHT) y2=(HEIGHT) {}
                @for number in x.ticks(6).into_iter().filter(|number| *number >= 1.0 && number.fract() == 0.0) {
                    text.tick x=(at(x.place(number).min(WIDTH - 8.0))) y=(HEIGHT + 13.0) { (number) }
                }
                text.tick x=(f64::midpoint(LEFT, WIDTH)) y=(HEIGHT + 28.0) { "round" }
            }
            figcaption {
                "The change in every round, by the " (statistic(course.statistic)) " of a process"
                @if interval(answer, course).is_some() { ", with the estimate and its interval" }
                ". " (dots.legend())
            }
        }
    }
}

fn alternative(answer: &Answer, course: &Course) -> String {
    let count = |wanted: fn(&Standing) -> bool| {
        let points = course.points.iter();
        points.filter(|point| wanted(&point.standing)).count()
    };
    let mut text = format!(
        "Changes of {} rounds that count",
        count(|standing| matches!(standing, Standing::Counts))
    );
    let dropped = count(|standing| matches!(standing, Standing::Dropped(_)));
    if dropped > 0 {
        text.push_str(&format!(" and {dropped} that were dropped"));
    }
    if let Some(interval) = interval(answer, course) {
        text.push_str(&format!(
            "; estimate {} % {}",
            signed(interval.change()),
            bounds(interval)
        ));
    }
    text
}
