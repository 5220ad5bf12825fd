//! Whether what is drawn can be read.

use std::collections::BTreeMap;

use crate::render::flame::STYLE;

/// The channels of `#rrggbb` or `#rrggbbaa`, 0 to 1.
fn channels(colour: &str) -> Vec<f64> {
    let channel = |at: usize| u8::from_str_radix(&colour[at..at + 2], 16).expect("a channel");
    (1..colour.len())
        .step_by(2)
        .map(|at| f64::from(channel(at)) / 255.0)
        .collect()
}

/// Relative luminance (WCAG 2.2).
fn luminance(colour: &[f64]) -> f64 {
    let channel = |at: usize| {
        let value = colour[at];
        match value <= 0.04045 {
            true => value / 12.92,
            false => ((value + 0.055) / 1.055).powf(2.4),
        }
    };
    0.2126 * channel(0) + 0.7152 * channel(1) + 0.0722 * channel(2)
}

fn contrast(a: &[f64], b: &[f64]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// A colour below lines that let some of it through.
fn hatched(colour: &[f64], line: &[f64]) -> Vec<f64> {
    let over = colour.iter().zip(line);
    over.map(|(below, above)| below * (1.0 - line[3]) + above * line[3])
        .collect()
}

#[test]
fn text_is_readable_on_every_colour_in_light_and_in_dark() {
    let named = |line: &'static str| {
        let (name, value) = line
            .trim()
            .strip_prefix("--flame-")?
            .split_once(": light-dark(")?;
        let (light, dark) = value.strip_suffix(");")?.split_once(", ")?;
        Some((name, [light, dark]))
    };
    let colours: BTreeMap<&str, [&str; 2]> = STYLE.lines().filter_map(named).collect();
    assert_eq!(colours.len(), 15, "{colours:?}");
    for theme in [0, 1] {
        let colour = |name: &str| channels(colours[name][theme]);
        let tints: Vec<&str> = colours
            .keys()
            .copied()
            .filter(|name| name.contains('-'))
            .collect();
        assert_eq!(tints.len(), 8);
        for name in tints.into_iter().chain(["chance", "page"]) {
            let plain = contrast(&colour("ink"), &colour(name));
            let marked = contrast(&colour("ink"), &hatched(&colour(name), &colour("line")));
            assert!(
                plain >= 4.5 && marked >= 4.5,
                "{name}: {plain:.2}, {marked:.2}"
            );
        }
        for name in ["chance", "page"] {
            let contrast = contrast(&colour("quiet"), &colour(name));
            assert!(contrast >= 4.5, "notes on {name}: {contrast:.2}");
        }
    }
    // Where variables are unknown, the light colours are there as they are.
    for (name, [light, _]) in colours.iter().filter(|(name, _)| name.contains('-')) {
        assert!(STYLE.contains(&format!("fill: {light}; fill: var(--flame-{name});")));
    }
}
