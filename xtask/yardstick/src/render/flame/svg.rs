//! The picture as a file of its own.

use std::fmt::Write;

use super::{
    LEGEND, SCRIPT, STYLE, data,
    layout::{self, AFTER, BEFORE, Frame, Mark, Place, Side, share},
    name, text,
};
use crate::{
    model::{
        comparison::Sides,
        difference::{Delta, Difference},
    },
    render::quantity,
};

const STANDALONE: &str = include_str!("standalone.js");

/// The width of the picture where no script fits it to the window, in px.
const WIDTH: f64 = 1200.0;
const MARGIN: f64 = 12.0;
/// From the top of the file to the first frame, or to the controls.
const TOP: f64 = 92.0;
const ROW: f64 = 18.0;
/// Between two frames.
const GAP: f64 = 1.0;
/// From a frame's left end to its label.
const INSET: f64 = 4.0;
/// One column of the labels' font: 0.602 em, as wide as the common ones are.
const COLUMN: f64 = 6.63;

/// The flame graph of a difference as an SVG file: a picture with the widths after the change wherever it is shown
/// (those before, where nothing is left after it), and where scripts run, in a browser, with both, zoom and search.
/// The same difference gives the same bytes.
pub fn draw(title: &str, difference: &Difference) -> String {
    let frames = layout::frames(&difference.tree);
    let whole = difference.tree.total.ns;
    let (side, widths): (Side, &str) = match whole.after > 0.0 {
        true => (AFTER, "after"),
        false => (BEFORE, "before"),
    };
    let places = layout::places(&frames, side);
    let drawn: Vec<(&Frame<'_>, &Place)> = frames
        .iter()
        .zip(&places)
        .filter(|(frame, place)| frame.parent.is_none() || place.width >= layout::NARROWEST)
        .collect();
    let rows = drawn.iter().map(|(frame, _)| frame.depth + 1).max();
    let height = TOP + ROW * (rows.unwrap_or(1) + 1) as f64 + MARGIN;
    let mut svg = head(title, difference, height);
    let _ = write!(
        svg,
        "<g id=\"still\" data-top=\"{TOP}\" data-margin=\"{MARGIN}\">\
         <text class=\"flame-note\" x=\"{MARGIN}\" y=\"{}\">widths {widths}: all of it is {} per iteration; callers above \
         what they call</text>",
        TOP + 8.0,
        text::xml(&quantity::time(side(&whole))),
    );
    for (frame, place) in drawn {
        let caller = frame.parent.map_or(Mark::None, |at| frames[at].mark);
        draw_frame(&mut svg, frame, caller, *place, whole);
    }
    let _ = write!(
        svg,
        "</g>\n<script type=\"application/json\" id=\"flame-data\">{}</script>\n\
         <script><![CDATA[\n{SCRIPT}{STANDALONE}]]></script>\n</svg>\n",
        data(difference)
    );
    svg
}

fn head(title: &str, difference: &Difference, height: f64) -> String {
    let title = text::xml(title);
    let subtitle = text::xml(&subtitle(difference));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"flame\" width=\"{WIDTH}\" height=\"{height}\" \
         viewBox=\"0 0 {WIDTH} {height}\">\n<title>{title}</title>\n<style>:root {{ color-scheme: light dark; background: var(--flame-page); }}\n{STYLE}</style>\n\
         <defs><pattern id=\"hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" \
         patternTransform=\"rotate(45)\"><rect class=\"flame-line\" width=\"1.5\" height=\"6\"/></pattern></defs>\n\
         <rect class=\"flame-page\" width=\"100%\" height=\"100%\"/>\n\
         <text class=\"flame-title\" x=\"{MARGIN}\" y=\"26\">{title}</text>\n\
         <text class=\"flame-note\" x=\"{MARGIN}\" y=\"48\">{subtitle}</text>\n\
         <g transform=\"translate({MARGIN} 58)\">{}</g>\n",
        LEGEND.trim_end()
    )
}

/// What was compared, and what it rests on.
fn subtitle(difference: &Difference) -> String {
    let cpu = &difference.cpu;
    let Sides { before, after } = difference.samples;
    let recordings = match difference.recordings {
        Sides {
            before: 1,
            after: 1,
        } => String::new(),
        Sides { before, after } => format!(" in {before} and {after} recordings"),
    };
    format!(
        "CPU time {} · {before} and {after} samples{recordings} by {}",
        change(cpu),
        difference.sampler
    )
}

/// `12.00 µs → 13.00 µs per iteration: +1.000 µs [+0.500 µs, +1.500 µs]`, and whether that may be chance.
fn change(delta: &Delta) -> String {
    let interval = match delta.lower_ns.is_finite() && delta.upper_ns.is_finite() {
        true => format!(
            " [{}, {}]",
            quantity::signed_time(delta.lower_ns),
            quantity::signed_time(delta.upper_ns)
        ),
        false => ", without an interval".to_owned(),
    };
    let chance = match delta.is_significant() {
        true => "",
        false => ", within chance",
    };
    format!(
        "{} → {} per iteration: {}{interval}{chance}",
        quantity::time(delta.ns.before),
        quantity::time(delta.ns.after),
        quantity::signed_time(delta.difference_ns()),
    )
}

/// Draws a frame whose caller is marked as `caller`.
fn draw_frame(svg: &mut String, frame: &Frame<'_>, caller: Mark, place: Place, whole: Sides<f64>) {
    let inner = WIDTH - 2.0 * MARGIN;
    let (x, y) = (
        MARGIN + place.start * inner,
        TOP + ROW * (frame.depth + 1) as f64,
    );
    let width = (place.width * inner - GAP).max(0.5);
    let height = ROW - GAP;
    let marked = match frame.mark {
        Mark::None => "",
        Mark::New => "\nnew: not there before",
        Mark::Gone => "\ngone: not there after",
    };
    let total = &frame.node.total;
    let percent = |ns: f64, whole: f64| format!("{:.1} %", 100.0 * share(ns, whole));
    let title = format!(
        "{}\n{}\n{} → {} of the time{marked}",
        frame.name(),
        change(total),
        percent(total.ns.before, whole.before),
        percent(total.ns.after, whole.after),
    );
    let _ = write!(
        svg,
        "\n<g class=\"flame-frame {}\" transform=\"translate({x:.2} {y})\"><title>{}</title>\
         <rect width=\"{width:.2}\" height=\"{height}\" rx=\"2\"/>",
        tint(frame.tint),
        text::xml(&title),
    );
    if frame.mark != Mark::None {
        let _ = write!(
            svg,
            "<path d=\"M0 0h{width:.2}v{height}H0z\" fill=\"url(#hatch)\"/>"
        );
    }
    let room = ((width - 2.0 * INSET) / COLUMN).max(0.0) as usize;
    if let Some(label) = name::label(&name::forms(frame.name()), prefix(frame, caller), room) {
        let _ = write!(
            svg,
            "<text x=\"{INSET}\" y=\"12.5\">{}</text>",
            text::xml(&label)
        );
    }
    svg.push_str("</g>");
}

/// What stands before a name, so that nothing is told by colour alone. What is called by something new is known to be
/// new.
fn prefix(frame: &Frame<'_>, caller: Mark) -> &'static str {
    match frame.mark {
        Mark::None if frame.tint > 0 => "▲ ",
        Mark::None if frame.tint < 0 => "▼ ",
        mark if mark == caller => "",
        Mark::None => "",
        Mark::New => "new · ",
        Mark::Gone => "gone · ",
    }
}

/// The class of a tint, as the component names it.
fn tint(tint: i8) -> String {
    match tint {
        0 => "flame-chance".to_owned(),
        more if more > 0 => format!("flame-more-{more}"),
        less => format!("flame-less-{}", less.unsigned_abs()),
    }
}
