//! The call tree of both sides.

use std::collections::BTreeMap;

use crate::model::difference::{Delta, Node};

use super::{
    clock::Clock,
    discovery::FALSE_ALONE,
    family::differences,
    ledger::{Counts, Ledger, Name, add},
};

/// A node while it is counted: its children are further down the list.
struct Counting {
    frame: Option<Name>,
    parent: usize,
    children: BTreeMap<Name, usize>,
}

/// The tree of all stacks; its root stands for everything and takes `cpu`. The nodes below it are a family of their own.
pub(super) fn tree(ledger: &Ledger<'_>, clock: &Clock, cpu: Delta) -> Node {
    let mut nodes = vec![Counting {
        frame: None,
        parent: 0,
        children: BTreeMap::new(),
    }];
    let mut counts: Vec<Counts> = vec![ledger.none()];
    for line in &ledger.lines {
        let mut at = 0;
        for &frame in &line.stack {
            let next = nodes.len();
            let child = *nodes[at].children.entry(frame).or_insert(next);
            if child == next {
                nodes.push(Counting {
                    frame: Some(frame),
                    parent: at,
                    children: BTreeMap::new(),
                });
                counts.push(ledger.none());
            }
            add(&mut counts[child], &line.counts);
            at = child;
        }
    }
    let found = differences(clock, &counts[1..], FALSE_ALONE);
    let mut built: Vec<Node> = nodes
        .iter()
        .zip(std::iter::once(cpu).chain(found.iter().map(|found| found.delta)))
        .map(|(node, total)| Node {
            frame: node
                .frame
                .map_or_else(String::new, |name| ledger.names[name].to_owned()),
            total,
            children: Vec::with_capacity(node.children.len()),
        })
        .collect();
    // From the last on, every node is complete when it moves into its parent; not by recursion, since stacks may be deep.
    for place in (1..nodes.len()).rev() {
        let mut node = std::mem::take(&mut built[place]);
        node.children.sort_by(|a, b| a.frame.cmp(&b.frame));
        built[nodes[place].parent].children.push(node);
    }
    let mut root = std::mem::take(&mut built[0]);
    root.children.sort_by(|a, b| a.frame.cmp(&b.frame));
    root
}
