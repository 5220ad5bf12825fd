//! The tree as the component reads it.

use std::{collections::BTreeMap, fmt::Write};

use super::{layout, name, text};
use crate::model::difference::Difference;

/// The call tree as compact JSON, in the form that the head of [`SCRIPT`](super::SCRIPT) describes: times in ns per
/// iteration in six significant digits, and `null` for what is no number. Frames below 0.1 % of the time on both sides
/// are left out. It holds no `<`, `>` or `&`, so it can be embedded in HTML and in XML as it is.
pub fn data(difference: &Difference) -> String {
    let frames = layout::frames(&difference.tree);
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    for frame in &frames {
        numbers.insert(frame.name(), 0);
    }
    for (position, number) in numbers.values_mut().enumerate() {
        *number = position;
    }
    let whole = difference.tree.total.ns.map(number);
    let names = numbers.keys().map(|whole| {
        let forms = name::forms(whole);
        let forms: Vec<String> = forms.iter().map(|form| text::json(form)).collect();
        format!("[{}]", forms.join(","))
    });
    let nodes = frames.iter().map(|frame| {
        let total = &frame.node.total;
        let mut node = format!("[{},{}", frame.depth, numbers[frame.name()]);
        for ns in [
            total.ns.before,
            total.ns.after,
            total.lower_ns,
            total.upper_ns,
        ] {
            let _ = write!(node, ",{}", number(ns));
        }
        let _ = write!(node, ",{},{}]", frame.tint, frame.mark as u8);
        node
    });
    format!(
        "{{\"ns\":[{},{}],\"names\":[{}],\"nodes\":[{}]}}",
        whole.before,
        whole.after,
        names.collect::<Vec<_>>().join(","),
        nodes.collect::<Vec<_>>().join(",")
    )
}

/// Six significant digits, as short as they can be written.
fn number(ns: f64) -> String {
    if !ns.is_finite() {
        return "null".to_owned();
    }
    let rounded: f64 = format!("{ns:.5e}").parse().unwrap_or(ns);
    // Minus nothing is nothing.
    format!("{}", rounded + 0.0)
}
