//! Two profiles as one flame graph: red where the time grew, blue where it shrank.

use std::io;

use inferno::flamegraph::{self, Options};

use crate::model::{
    comparison::Sides,
    difference::{Difference, Node},
};

/// Weights are whole numbers. From this CPU time per iteration on, whole nanoseconds are
/// fine enough; below, picoseconds are drawn.
const FINE_ENOUGH_NS: f64 = 100_000.0;

/// The SVG drawn to the widths of each side. A stack has no width on the side that does
/// not have it, so what is gone shows only in the picture drawn to the widths before.
///
/// # Errors
///
/// Where the two profiles hold no time to draw.
pub fn draw(title: &str, difference: &Difference) -> io::Result<Sides<Vec<u8>>> {
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

fn draw_side(title: &str, difference: &Difference, widths: Widths) -> io::Result<Vec<u8>> {
    let mut options = Options::default();
    options.title = title.to_owned();
    options.subtitle = Some(
        match widths {
            Widths::Before => "widths: before; red grew, blue shrank or is gone",
            Widths::After => "widths: after; red grew or is new, blue shrank",
        }
        .to_owned(),
    );
    let (per_ns, unit) = match difference.cpu.ns.before.max(difference.cpu.ns.after) {
        longest if longest >= FINE_ENOUGH_NS => (1.0, "ns"),
        _ => (1_000.0, "ps"),
    };
    options.count_name = format!("{unit} per iteration");
    // The last column gives the widths; drawn to those before, growth is a negative step.
    options.negate_differentials = widths == Widths::Before;
    options.deterministic = true;

    let lines: Vec<String> = stacks(&difference.tree)
        .into_iter()
        .map(|(stack, ns)| {
            let Sides { before, after } = ns.map(|ns| (ns * per_ns).round() as u64);
            let (from, to) = match widths {
                Widths::Before => (after, before),
                Widths::After => (before, after),
            };
            format!("{stack} {from} {to}")
        })
        .collect();
    let mut svg = Vec::new();
    flamegraph::from_lines(&mut options, lines.iter().map(String::as_str), &mut svg)?;
    Ok(svg)
}

/// Every stack with the time that ends there: what its node has more than what it calls.
fn stacks(root: &Node) -> Vec<(String, Sides<f64>)> {
    let mut found = Vec::new();
    let mut open: Vec<(String, &Node)> = Vec::new();
    let below = |prefix: &str, node: &Node| match prefix.is_empty() {
        true => node.frame.clone(),
        false => format!("{prefix};{}", node.frame),
    };
    open.extend(
        root.children
            .iter()
            .rev()
            .map(|node| (below("", node), node)),
    );
    while let Some((stack, node)) = open.pop() {
        let called = |side: fn(&Sides<f64>) -> f64| -> f64 {
            let called: f64 = node
                .children
                .iter()
                .map(|child| side(&child.total.ns))
                .sum();
            let own = side(&node.total.ns) - called;
            // What is left of a sum may be less than nothing by its last digit.
            match own > 1e-9 * side(&node.total.ns) {
                true => own,
                false => 0.0,
            }
        };
        let own = Sides {
            before: called(|ns| ns.before),
            after: called(|ns| ns.after),
        };
        let children = node.children.iter().rev();
        open.extend(children.map(|child| (below(&stack, child), child)));
        if own.before > 0.0 || own.after > 0.0 {
            found.push((stack, own));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::comparison::sample;
    use super::*;
    use crate::model::{comparison::ProfileOutcome, difference::Delta};

    /// A tree in which every stack has a child of its own below each of its frames.
    fn add(node: &mut Node, stack: &str, ns: Sides<f64>) {
        node.total.ns.before += ns.before;
        node.total.ns.after += ns.after;
        if stack.is_empty() {
            return;
        }
        let (frame, rest) = stack.split_once(';').unwrap_or((stack, ""));
        let at = node.children.iter().position(|child| child.frame == frame);
        let at = at.unwrap_or_else(|| {
            node.children.push(Node {
                frame: frame.to_owned(),
                total: Delta::default(),
                children: Vec::new(),
            });
            node.children.len() - 1
        });
        add(&mut node.children[at], rest, ns);
    }

    fn drawn(stacks: &[(&str, f64, f64)]) -> Sides<String> {
        let mut comparison = sample();
        let ProfileOutcome::Compared(difference) = &mut comparison.profiles[0].outcome else {
            panic!("the first profile is compared");
        };
        difference.tree = Node::default();
        for (stack, before, after) in stacks {
            let ns = Sides {
                before: *before,
                after: *after,
            };
            add(&mut difference.tree, stack, ns);
        }
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
