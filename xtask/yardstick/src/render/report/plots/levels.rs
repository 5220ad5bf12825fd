//! The levels of both sides' processes: a dot each, stacked where they are alike.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::{at, linear::Linear, points::Dots};
use crate::{
    model::{
        comparison::Sides,
        course::{Course, Standing},
        units::Unit,
        verdict::Answer,
    },
    render::{
        quantity::amount,
        settlement::{statistic, words},
    },
};

const WIDTH: f64 = 400.0;
const STRIP: f64 = 64.0;
const LABEL: f64 = 15.0;
const AXIS: f64 = 22.0;

/// How wide a stack of dots is, and how far its dots are apart where there is room.
const STACK: f64 = 4.6;

/// One side: its name, its class, and its levels with how they stand.
struct Strip<'a> {
    name: &'a str,
    class: &'static str,
    levels: Vec<(Standing, f64)>,
}

impl Strip<'_> {
    fn counting(&self) -> Vec<f64> {
        let counts = |(standing, _): &&(Standing, f64)| *standing == Standing::Counts;
        let mut levels: Vec<f64> = self
            .levels
            .iter()
            .filter(counts)
            .map(|(_, level)| *level)
            .collect();
        levels.sort_by(f64::total_cmp);
        levels
    }

    /// The middle one of the levels that count.
    fn median(&self) -> Option<f64> {
        let levels = self.counting();
        let middle = levels.len() / 2;
        let upper = *levels.get(middle)?;
        Some(match levels.len() % 2 {
            0 => f64::midpoint(levels[middle - 1], upper),
            _ => upper,
        })
    }
}

/// The picture and its caption; nothing where no round has both numbers.
pub(in super::super) fn figure(
    answer: &Answer,
    course: &Course,
    names: Sides<&str>,
    unit: Unit,
) -> Markup {
    let levels = |side: fn(Sides<f64>) -> f64| {
        let points = course.points.iter();
        points
            .filter_map(|point| Some((point.standing, side(point.levels?))))
            .collect()
    };
    let strips = [
        Strip {
            name: names.before,
            class: "before",
            levels: levels(|levels| levels.before),
        },
        Strip {
            name: names.after,
            class: "after",
            levels: levels(|levels| levels.after),
        },
    ];
    if strips[0].levels.is_empty() {
        return html! {};
    }
    let all = strips.iter().flat_map(|strip| &strip.levels);
    let scale = Linear::over(all.map(|(_, level)| *level), 4.0, WIDTH - 4.0);
    let bottom = 2.0 * STRIP;
    html! {
        figure {
            svg.levels viewBox={ "0 0 " (WIDTH) " " (bottom + AXIS) } role="img" aria-label=(alternative(&strips, unit)) {
                @for (position, strip) in strips.iter().enumerate() {
                    (drawn(strip, &scale, STRIP * position as f64, unit))
                }
                @for level in ticks(&scale, unit) {
                    text.tick x=(at(scale.place(level).clamp(22.0, WIDTH - 22.0))) y=(at(bottom + 15.0)) { (amount(level, unit)) }
                }
            }
            figcaption {
                "The " (statistic(course.statistic)) " of every process; the line is their median."
                @if let Some(modes) = &answer.modes {
                    " It falls into modes, depending on the layout: before " (words::modes(&modes.before, unit)) "; after " (words::modes(&modes.after, unit)) "."
                }
            }
        }
    }
}

/// Levels that are round numbers in the unit in which they are written.
fn ticks(scale: &Linear, unit: Unit) -> Vec<f64> {
    let divisor = match unit {
        Unit::Nanoseconds | Unit::Percent => 1.0,
        Unit::Bytes => 1024_f64.powf(scale.upper().max(1.0).log(1024.0).floor()),
    };
    scale.ticks_of(divisor, 6)
}

fn drawn(strip: &Strip<'_>, scale: &Linear, top: f64, unit: Unit) -> Markup {
    let base = top + STRIP - 4.0;
    let dots = Dots::of(stacked(strip, scale, base).into_iter());
    html! {
        line.axis x1="0" x2=(WIDTH) y1=(at(base + 3.5)) y2=(at(base + 3.5)) {}
        text.what x="2" y=(at(top + 11.0)) { (strip.name) }
        @if let Some(median) = strip.median() {
            line class={ "median " (strip.class) } x1=(at(scale.place(median))) x2=(at(scale.place(median))) y1=(at(top + LABEL)) y2=(at(base + 3.5)) {}
            text.value x=(WIDTH - 2.0) y=(at(top + 11.0)) { "median " (amount(median, unit)) }
        }
        (dots.drawn(strip.class))
    }
}

/// Places for the dots of a side: those that would lie on each other are piled up, closer where there are many.
fn stacked(strip: &Strip<'_>, scale: &Linear, base: f64) -> Vec<(Standing, f64, f64)> {
    let mut heights: BTreeMap<i64, usize> = BTreeMap::new();
    let mut places: Vec<(Standing, f64, usize)> = Vec::new();
    for (standing, level) in &strip.levels {
        let x = scale.place(*level);
        let height = heights.entry((x / STACK) as i64).or_default();
        places.push((*standing, x, *height));
        *height += 1;
    }
    let highest = heights.values().copied().max().unwrap_or(1);
    let step = STACK.min((STRIP - LABEL - 8.0) / highest as f64);
    places
        .into_iter()
        .map(|(standing, x, height)| (standing, x, base - height as f64 * step))
        .collect()
}

fn alternative(strips: &[Strip<'_>], unit: Unit) -> String {
    let said = strips.iter().filter_map(|strip| {
        let levels = strip.counting();
        Some(format!(
            "{}: median {}, from {} to {}",
            strip.name,
            amount(strip.median()?, unit),
            amount(*levels.first()?, unit),
            amount(*levels.last()?, unit)
        ))
    });
    format!(
        "Levels of the processes. {}",
        said.collect::<Vec<_>>().join("; ")
    )
}
