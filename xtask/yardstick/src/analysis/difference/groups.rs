//! Functions and stacks, gathered.

mod layer;
mod task;
mod thread;

pub(super) use layer::{LayerOf, passes_messages, work};

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    difference::{GroupRow, Grouping},
    profile::OriginKind,
};

use super::{
    by_difference,
    clock::Clock,
    discovery::FALSE_OF_TWO,
    family::differences,
    functions::crate_of,
    ledger::{Counts, Ledger, Name, add},
};

/// Where a stack belongs in one grouping.
struct Belonging {
    /// The one group that its own time goes to.
    own: String,
    /// All groups that are on it.
    total: BTreeSet<String>,
}

/// The groups of every grouping: those that differ beyond chance first, then by falling size of the difference.
pub(super) fn groups(
    ledger: &Ledger<'_>,
    clock: &Clock,
    layer_of: &LayerOf<'_>,
) -> BTreeMap<Grouping, Vec<GroupRow>> {
    let modules: Vec<String> = (0..ledger.names.len())
        .map(|name| module_of(ledger, name))
        .collect();
    let crates: Vec<String> = (0..ledger.names.len())
        .map(|name| crate_of(ledger, name).to_owned())
        .collect();
    let mut found = BTreeMap::new();
    let mut gather = |grouping, belonging: &dyn Fn(&[Name]) -> Belonging| {
        found.insert(grouping, rows(ledger, clock, belonging));
    };
    gather(Grouping::Module, &|stack| by_function(&modules, stack));
    gather(Grouping::Crate, &|stack| by_function(&crates, stack));
    gather(Grouping::Layer, &|stack| {
        let layers = stack.iter().map(|&name| layer_of.frame(name));
        Belonging {
            own: layer_of.stack(stack).to_owned(),
            total: layers.flatten().map(str::to_owned).collect(),
        }
    });
    gather(Grouping::Task, &|stack| whole(task::task(ledger, stack)));
    gather(Grouping::Thread, &|stack| {
        whole(thread::thread(ledger, stack))
    });
    found
}

fn rows(
    ledger: &Ledger<'_>,
    clock: &Clock,
    belonging: &dyn Fn(&[Name]) -> Belonging,
) -> Vec<GroupRow> {
    let mut counted: BTreeMap<String, [Counts; 2]> = BTreeMap::new();
    for line in &ledger.lines {
        let Belonging { own, mut total } = belonging(&line.stack);
        // What has a stack's own time is on it, whatever its frames are called.
        total.insert(own.clone());
        let mut add_to = |group, kind: usize| {
            let counts = counted
                .entry(group)
                .or_insert_with(|| [ledger.none(), ledger.none()]);
            add(&mut counts[kind], &line.counts);
        };
        add_to(own, 0);
        for group in total {
            add_to(group, 1);
        }
    }
    let (names, counts): (Vec<String>, Vec<[Counts; 2]>) = counted.into_iter().unzip();
    let (own, total): (Vec<Counts>, Vec<Counts>) =
        counts.into_iter().map(|[own, total]| (own, total)).unzip();
    let mut rows: Vec<GroupRow> = names
        .into_iter()
        .zip(differences(clock, &own, FALSE_OF_TWO))
        .zip(differences(clock, &total, FALSE_OF_TWO))
        .map(|((name, own), total)| GroupRow {
            name,
            own: own.delta,
            total: total.delta,
        })
        .collect();
    rows.sort_by(|a, b| by_difference(&a.own, &b.own));
    rows
}

/// By what defines the functions: own time is the leaf's.
fn by_function(groups: &[String], stack: &[Name]) -> Belonging {
    Belonging {
        own: stack
            .last()
            .map_or_else(String::new, |&leaf| groups[leaf].clone()),
        total: stack.iter().map(|&name| groups[name].clone()).collect(),
    }
}

/// By what ran: the stack belongs to one group from its root to its leaf.
fn whole(group: String) -> Belonging {
    Belonging {
        total: BTreeSet::from([group.clone()]),
        own: group,
    }
}

/// The module that defines a function: the crate's name where it is the root. Rust's own libraries count as one crate,
/// so that their modules begin with `core`, `alloc` or `std`.
fn module_of(ledger: &Ledger<'_>, name: Name) -> String {
    match ledger.origins[name] {
        Some(origin) if origin.module.is_empty() => origin.crate_name.clone(),
        Some(origin) if origin.kind == OriginKind::Standard => origin.module.clone(),
        Some(origin) => format!("{}::{}", origin.crate_name, origin.module),
        None => ledger.names[name].to_owned(),
    }
}
