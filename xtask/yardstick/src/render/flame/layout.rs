//! Which frames are drawn, where, and in which colour.

use crate::model::{
    comparison::Sides,
    difference::{Delta, Node},
};

/// What has a smaller part of everything is left out. It counts in its callers, whose widths do not change.
pub(super) const NARROWEST: f64 = 0.001;

/// From which part of the change on a frame has the second, third and fourth of the four tints.
const TINTS: [f64; 3] = [0.05, 0.2, 0.5];

/// On which sides a frame is, as far as that is beyond chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// On both, or nobody can tell.
    None,
    /// Only after the change.
    New,
    /// Only before it.
    Gone,
}

/// A frame in its place in the tree.
#[derive(Debug)]
pub(super) struct Frame<'t> {
    /// Its node.
    pub(super) node: &'t Node,
    /// How many frames call it.
    pub(super) depth: usize,
    /// The index of its caller.
    pub(super) parent: Option<usize>,
    /// −4 to 4: more time above zero, less below, and 0 where the difference may be chance.
    pub(super) tint: i8,
    /// Whether it is new or gone.
    pub(super) mark: Mark,
}

impl Frame<'_> {
    /// Its name; the root's is empty in the tree.
    pub(super) fn name(&self) -> &str {
        match self.parent {
            None if self.node.frame.is_empty() => "everything",
            _ => &self.node.frame,
        }
    }
}

/// Where a frame lies on one side, in parts of everything: 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Place {
    pub(super) start: f64,
    pub(super) width: f64,
}

/// The time of one side, in ns per iteration.
pub(super) type Side = fn(&Sides<f64>) -> f64;

/// The widths after the change.
pub(super) const AFTER: Side = |ns| ns.after;
/// The widths before it.
pub(super) const BEFORE: Side = |ns| ns.before;

/// Every frame that is wide enough on one of the sides: each before what it calls, the root first.
pub(super) fn frames(root: &Node) -> Vec<Frame<'_>> {
    let whole = root.total.ns;
    let change = largest_change(root);
    let mut frames: Vec<Frame<'_>> = Vec::new();
    let mut waiting = vec![(root, None)];
    while let Some((node, parent)) = waiting.pop() {
        let is_drawn = parent.is_none()
            || [BEFORE, AFTER]
                .iter()
                .any(|side| share(side(&node.total.ns), side(&whole)) >= NARROWEST);
        if !is_drawn {
            continue;
        }
        let caller = parent.map(|at: usize| &frames[at]);
        let frame = Frame {
            node,
            depth: caller.map_or(0, |caller| caller.depth + 1),
            parent,
            tint: tint(&node.total, change),
            // Everything is never new: where it is on one side only, what it calls is.
            mark: caller.map_or(Mark::None, |caller| mark(&node.total, caller.mark)),
        };
        let at = frames.len();
        frames.push(frame);
        waiting.extend(node.children.iter().rev().map(|child| (child, Some(at))));
    }
    frames
}

/// Where each frame lies on one side. Callees lie side by side in their order from their caller's left end; what the
/// caller does itself, and what is too narrow, is the room that is left.
pub(super) fn places(frames: &[Frame<'_>], side: Side) -> Vec<Place> {
    let whole = frames.first().map_or(0.0, |root| side(&root.node.total.ns));
    let mut places: Vec<Place> = Vec::with_capacity(frames.len());
    let mut filled: Vec<f64> = Vec::with_capacity(frames.len());
    for frame in frames {
        let part = share(side(&frame.node.total.ns), whole);
        let place = match frame.parent {
            None => Place {
                start: 0.0,
                width: part.min(1.0),
            },
            Some(parent) => {
                let start = filled[parent];
                let end = places[parent].start + places[parent].width;
                // Sums of rounded numbers may be a hair too wide.
                let width = part.min(end - start).max(0.0);
                filled[parent] += width;
                Place { start, width }
            }
        };
        filled.push(place.start);
        places.push(place);
    }
    places
}

/// A part of the whole; nothing where there is no time, or no number.
pub(super) fn share(ns: f64, whole_ns: f64) -> f64 {
    match whole_ns > 0.0 && ns > 0.0 {
        true => ns / whole_ns,
        false => 0.0,
    }
}

/// What the strongest tints are measured by: the change end to end, or that of a frame where others make up for it.
fn largest_change(root: &Node) -> f64 {
    let mut largest = root.total.difference_ns().abs();
    let mut waiting = vec![root];
    while let Some(node) = waiting.pop() {
        if node.total.is_significant() {
            largest = largest.max(node.total.difference_ns().abs());
        }
        waiting.extend(&node.children);
    }
    largest
}

fn tint(total: &Delta, change_ns: f64) -> i8 {
    if !total.is_significant() {
        return 0;
    }
    let part = share(total.difference_ns().abs(), change_ns);
    let steps = TINTS.iter().filter(|from| part >= **from).count() as i8 + 1;
    match total.difference_ns() < 0.0 {
        true => -steps,
        false => steps,
    }
}

/// What is called by something new is new itself, however little of it was seen.
fn mark(total: &Delta, caller: Mark) -> Mark {
    let is_known = |mark| total.is_significant() || caller == mark;
    match total.ns {
        Sides { before, after } if before <= 0.0 && after > 0.0 && is_known(Mark::New) => Mark::New,
        Sides { before, after } if after <= 0.0 && before > 0.0 && is_known(Mark::Gone) => {
            Mark::Gone
        }
        _ => Mark::None,
    }
}
