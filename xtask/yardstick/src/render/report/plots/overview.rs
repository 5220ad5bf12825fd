//! The interval of one answer on the scale that all rows share.

use maud::{Markup, html};

use super::{at, compressed::Compressed, tick};
use crate::{model::verdict::Answer, render::report::summary::look};

/// The size of a row's picture.
const WIDTH: f64 = 240.0;
const HEIGHT: f64 = 22.0;

/// How near labels may be to each other, as a part of the width.
const APART: f64 = 0.145;

/// The labels over all rows.
pub(in super::super) fn axis(scale: &Compressed) -> Markup {
    html! {
        svg.axis viewBox={ "0 0 " (WIDTH) " 14" } aria-hidden="true" {
            @for (change, place) in scale.ticks(APART) {
                text x=(at(place * WIDTH)) y="11" { (tick(change)) }
            }
        }
    }
}

/// Margin, zero, interval and estimate; nothing but the margin where there is no interval.
pub(in super::super) fn interval(scale: &Compressed, answer: &Answer) -> Markup {
    let x = |log_ratio: f64| scale.place(log_ratio) * WIDTH;
    let margin = answer.margin.log_ratio();
    let (left, right) = (x(-margin), x(margin));
    let middle = HEIGHT / 2.0;
    html! {
        svg class={ "interval " (look(&answer.verdict).name) } viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } {
            rect.margin x=(at(left)) y="0" width=(at(right - left)) height=(HEIGHT) {}
            line.zero x1=(at(x(0.0))) x2=(at(x(0.0))) y1="0" y2=(HEIGHT) {}
            @if let Some(interval) = answer.decisive() {
                @let (from, to) = (x(interval.lower), x(interval.upper));
                line.reach x1=(at(from.min(to - 1.0))) x2=(at(to)) y1=(middle) y2=(middle) {}
                circle.estimate cx=(at(x(interval.estimate))) cy=(middle) r="4.5" {}
            }
        }
    }
}
