//! Two profiles as one flame graph: red where the time grew, blue where it shrank.

use std::io;

use inferno::flamegraph::{self, Options};

use crate::model::comparison::{ProfileDifference, Sides};

/// Weights are whole numbers. From this CPU time per iteration on, whole nanoseconds are
/// fine enough; below, picoseconds are drawn.
const FINE_ENOUGH_NS: f64 = 100_000.0;

/// The SVG drawn to the widths of each side. A stack has no width on the side that does
/// not have it, so what is gone shows only in the picture drawn to the widths before.
///
/// # Errors
///
/// Where the two profiles hold no time to draw.
pub fn draw(title: &str, difference: &ProfileDifference) -> io::Result<Sides<Vec<u8>>> {
    Ok(Sides {
        before: draw_side(title, difference, Widths::Before)?,
        after: draw_side(title, difference, Widths::After)?,
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Widths {
    Before,
    After,
}

fn draw_side(title: &str, difference: &ProfileDifference, widths: Widths) -> io::Result<Vec<u8>> {
    let mut options = Options::default();
    options.title = title.to_owned();
    options.subtitle = Some(
        match widths {
            Widths::Before => "widths: before; red grew, blue shrank or is gone",
            Widths::After => "widths: after; red grew or is new, blue shrank",
        }
        .to_owned(),
    );
    let (per_ns, unit) = match difference.cpu_ns.before.max(difference.cpu_ns.after) {
        longest if longest >= FINE_ENOUGH_NS => (1.0, "ns"),
        _ => (1_000.0, "ps"),
    };
    options.count_name = format!("{unit} per iteration");
    // The last column gives the widths; drawn to those before, growth is a negative step.
    options.negate_differentials = widths == Widths::Before;
    options.deterministic = true;

    let lines: Vec<String> = difference
        .stacks
        .iter()
        .map(|(stack, ns)| {
            let Sides { before, after } = ns.map(|ns| (ns * per_ns).round() as u64);
            let (from, to) = match widths {
                Widths::Before => (after, before),
                Widths::After => (before, after),
            };
            format!("{} {from} {to}", stack.join(";"))
        })
        .collect();
    let mut svg = Vec::new();
    flamegraph::from_lines(&mut options, lines.iter().map(String::as_str), &mut svg)?;
    Ok(svg)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::comparison::sample;
    use super::*;
    use crate::model::comparison::ProfileOutcome;

    fn drawn(stacks: &[(&str, f64, f64)]) -> Sides<String> {
        let mut comparison = sample();
        let ProfileOutcome::Compared(difference) = &mut comparison.profiles[0].outcome else {
            panic!("the first profile is compared");
        };
        difference.stacks = stacks
            .iter()
            .map(|(stack, before, after)| {
                let frames = stack.split(';').map(str::to_owned).collect();
                (
                    frames,
                    Sides {
                        before: *before,
                        after: *after,
                    },
                )
            })
            .collect::<BTreeMap<_, _>>();
        draw("e2e/linear", difference)
            .expect("stacks with time")
            .map(|svg| String::from_utf8(svg).expect("SVG is text"))
    }

    #[test]
    fn what_is_gone_shows_in_the_widths_before_and_what_is_new_in_those_after() {
        let drawn = drawn(&[
            ("main;kept", 100.0, 100.0),
            ("main;old_way", 50.0, 0.0),
            ("main;new_way", 0.0, 50.0),
        ]);
        assert!(drawn.before.contains("old_way") && !drawn.before.contains("new_way"));
        assert!(drawn.after.contains("new_way") && !drawn.after.contains("old_way"));
    }

    #[test]
    fn growth_has_one_sign_whatever_the_widths() {
        let drawn = drawn(&[("main;kept", 100.0, 100.0), ("main;grew", 50.0, 100.0)]);
        for svg in [&drawn.before, &drawn.after] {
            let title = svg
                .lines()
                .find_map(|line| {
                    line.split("<title>")
                        .nth(1)
                        .filter(|t| t.starts_with("grew"))
                })
                .expect("a frame of the function");
            assert!(title.contains('+'), "{title}");
        }
    }

    #[test]
    fn times_below_a_nanosecond_are_drawn() {
        let drawn = drawn(&[("main;tiny", 0.25, 0.5)]);
        assert!(drawn.after.contains("tiny"));
    }
}
