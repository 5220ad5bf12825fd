//! Where the CPU time of one benchmark went: by function, module and crate.

use std::collections::BTreeMap;

use super::{
    grid::{Align, Grid},
    quantity,
};
use crate::model::{
    difference::GroupRow,
    profile::{Iterations, OriginKind, Profile},
    stack::Cost,
};

/// Rows of each table.
const ROWS: usize = 12;
/// What costs less than this share is not listed.
const LISTED_SHARE: f64 = 0.005;
/// Two standard errors on both sides hold 95 % of what chance does.
const DEVIATIONS: f64 = 1.96;

/// The tables for a terminal of `columns` columns (`None`: as wide as it takes).
pub fn terminal(profile: &Profile, columns: Option<usize>) -> String {
    let scale = Scale::of(profile);
    let names = scale.names(columns);
    let mut text = format!("{}\n", headline(profile));
    text.push_str(&functions(profile, &scale, names));
    text.push_str("\n  outside the workspace, by where the CPU was\n");
    text.push_str(&leaves(profile, &scale, names));
    text.push('\n');
    text.push_str(&groups(profile, &scale, names, "module", module));
    text.push('\n');
    text.push_str(&groups(
        profile,
        &scale,
        names,
        "crate",
        |profile, function| {
            profile
                .origins
                .get(function)
                .map(|origin| origin.crate_name.clone())
        },
    ));
    text
}

/// The groups of one grouping, heaviest first: those of the side before the change.
pub fn groups_of(
    profile: &Profile,
    groups: &[GroupRow],
    title: &'static str,
    columns: Option<usize>,
) -> String {
    let scale = Scale::of(profile);
    let all_ns: f64 = groups.iter().map(|group| group.own.ns.before).sum();
    let weight = |ns: f64| match all_ns > 0.0 {
        true => (ns / all_ns * scale.samples as f64).round() as u64,
        false => 0,
    };
    let mut rows: Vec<Row> = groups
        .iter()
        .map(|group| {
            let cost = Cost {
                self_weight: weight(group.own.ns.before),
                total_weight: weight(group.total.ns.before),
            };
            Row::new(&group.name, cost.self_weight, cost)
        })
        .collect();
    rows.sort_by(|a, b| b.weight.cmp(&a.weight).then_with(|| a.name.cmp(&b.name)));
    let names = scale.names(columns);
    format!(
        "\n{}",
        table(&scale, names, title, ["self", "", "total"], &rows)
    )
}

/// What the numbers of a table are worth.
struct Scale {
    samples: u64,
    /// CPU time of one iteration, where known.
    cpu_ns: Option<f64>,
    /// What it is of.
    per: &'static str,
}

impl Scale {
    fn of(profile: &Profile) -> Self {
        Self {
            samples: profile.stacks.total(),
            cpu_ns: profile.routine_ns_per_iteration(),
            per: match profile.work.iterations {
                Iterations::Runs(_) => "per run",
                _ => "per iteration",
            },
        }
    }

    fn share(&self, weight: u64) -> f64 {
        weight as f64 / self.samples.max(1) as f64
    }

    /// `12.3 % ± 0.4`, in points: the binomial error of a share of so many samples.
    fn percent_with_error(&self, weight: u64) -> String {
        let share = self.share(weight);
        let error = DEVIATIONS * (share * (1.0 - share) / self.samples.max(1) as f64).sqrt();
        format!("{:.1} % ± {:.1}", 100.0 * share, 100.0 * error)
    }

    fn percent(&self, weight: u64) -> String {
        format!("{:.1} %", 100.0 * self.share(weight))
    }

    fn per_iteration(&self, weight: u64) -> Option<String> {
        self.cpu_ns
            .map(|ns| quantity::time(ns * self.share(weight)))
    }

    /// Columns that are left for names.
    fn names(&self, columns: Option<usize>) -> usize {
        columns.map_or(usize::MAX, |columns| {
            columns.saturating_sub(self.numbers_width()).max(24)
        })
    }

    fn numbers_width(&self) -> usize {
        if self.cpu_ns.is_some() { 48 } else { 34 }
    }
}

fn headline(profile: &Profile) -> String {
    let facts = &profile.facts;
    let quality = &profile.quality;
    let mut text = match (profile.routine_ns_per_iteration(), profile.work.iterations) {
        (Some(ns), Iterations::Derived(_)) => {
            format!(
                "{}: {} of CPU time per iteration (derived from the stored time)\n",
                profile.key.id,
                quantity::time(ns)
            )
        }
        (Some(ns), Iterations::Counted(iterations)) => {
            format!(
                "{}: {} of CPU time per iteration, {iterations} iterations\n",
                profile.key.id,
                quantity::time(ns)
            )
        }
        (Some(ns), Iterations::Runs(runs)) => format!(
            "{}: {} of CPU time per run, {runs} {}\n",
            profile.key.id,
            quantity::time(ns),
            if runs == 1 { "run" } else { "runs" }
        ),
        _ => format!("{}: iterations unknown, so shares only\n", profile.key.id),
    };
    text.push_str(&format!(
        "  {} samples of {} at {:.0} Hz ({:.0} Hz asked for), {} lost\n",
        quality.samples, facts.event, facts.real_rate_hz, facts.asked_rate_hz, quality.lost
    ));
    if let Some(ns) = profile.children_ns_per_iteration().filter(|&ns| ns > 0.0) {
        text.push_str(&format!(
            "  {} of it in processes that were started meanwhile: stacks below `[process NAME]`\n",
            quantity::time(ns)
        ));
    }
    text.push_str(&format!(
        "  frames symbolised {:.1} %, stacks rooted {:.1} %, harness {:.1} %, trimmed {:.1} %\n",
        100.0 * quality.symbolised_share,
        100.0 * quality.rooted_share,
        100.0 * quality.harness_share,
        100.0 * quality.trimmed_share
    ));
    text
}

/// Functions of the workspace. What std, dependencies and libc did on behalf of one is its own.
fn functions(profile: &Profile, scale: &Scale, names: usize) -> String {
    let costs = profile.stacks.costs();
    let owned = profile.stacks.owners(|function| is_own(profile, function));
    let mut rows: Vec<Row> = owned
        .iter()
        .filter_map(|(owner, weight)| Some(Row::new((*owner)?, *weight, costs[(*owner)?])))
        .collect();
    rows.sort_by(|a, b| b.weight.cmp(&a.weight).then_with(|| a.name.cmp(&b.name)));
    let mut text = table(
        scale,
        names,
        "function of the workspace",
        ["own", "self", "total"],
        &rows,
    );
    if let Some(&weight) = owned.get(&None) {
        text.push_str(&format!(
            "  {} lie in no function of the workspace: the executor between tasks, and foreign threads\n",
            scale.percent_with_error(weight)
        ));
    }
    text
}

/// The functions outside the workspace that samples end in.
fn leaves(profile: &Profile, scale: &Scale, names: usize) -> String {
    let mut rows: Vec<Row> = profile
        .stacks
        .costs()
        .into_iter()
        .filter(|(function, cost)| cost.self_weight > 0 && !is_own(profile, function))
        .map(|(function, cost)| Row::new(function, cost.self_weight, cost))
        .collect();
    rows.sort_by(|a, b| b.weight.cmp(&a.weight).then_with(|| a.name.cmp(&b.name)));
    table(scale, names, "function", ["self", "", "total"], &rows)
}

fn groups(
    profile: &Profile,
    scale: &Scale,
    names: usize,
    title: &'static str,
    group: impl Fn(&Profile, &str) -> Option<String>,
) -> String {
    let by_function: BTreeMap<&str, String> = profile
        .origins
        .keys()
        .filter_map(|function| Some((function.as_str(), group(profile, function)?)))
        .collect();
    let costs = profile
        .stacks
        .costs_by(|function| by_function.get(function));
    let mut rows: Vec<Row> = costs
        .into_iter()
        // Roots such as `[task]` stand for no code.
        .filter(|(name, cost)| cost.self_weight > 0 || !name.starts_with('['))
        .map(|(name, cost)| Row::new(name, cost.self_weight, cost))
        .collect();
    rows.sort_by(|a, b| b.weight.cmp(&a.weight).then_with(|| a.name.cmp(&b.name)));
    table(scale, names, title, ["self", "", "total"], &rows)
}

/// `runtime::actor`; the crate alone where the module is its root, and for what has no modules.
fn module(profile: &Profile, function: &str) -> Option<String> {
    let origin = profile.origins.get(function)?;
    Some(match (origin.kind, origin.module.as_str()) {
        (_, "") => origin.crate_name.clone(),
        // The modules of Rust's own libraries name their crate: `core::iter`.
        (OriginKind::Standard, module) => module.to_owned(),
        (_, module) => format!("{}::{module}", origin.crate_name),
    })
}

fn is_own(profile: &Profile, function: &str) -> bool {
    profile
        .origins
        .get(function)
        .is_some_and(|origin| origin.kind == OriginKind::Workspace)
}

struct Row {
    name: String,
    /// What the rows are sorted by.
    weight: u64,
    cost: Cost,
}

impl Row {
    fn new(name: &str, weight: u64, cost: Cost) -> Self {
        Self {
            name: name.to_owned(),
            weight,
            cost,
        }
    }
}

/// The heaviest rows. The second column is left out where it would repeat the first.
fn table(
    scale: &Scale,
    names: usize,
    title: &'static str,
    titles: [&'static str; 3],
    rows: &[Row],
) -> String {
    let [weight, own, total] = titles;
    let mut columns = vec![(weight, Align::Right)];
    if scale.cpu_ns.is_some() {
        columns.push((scale.per, Align::Right));
    }
    if !own.is_empty() {
        columns.push((own, Align::Right));
    }
    columns.extend([(total, Align::Right), (title, Align::Left)]);
    let mut grid = Grid::new(columns);
    for row in rows
        .iter()
        .take(ROWS)
        .filter(|row| scale.share(row.weight.max(row.cost.total_weight)) >= LISTED_SHARE)
    {
        let mut cells = vec![scale.percent_with_error(row.weight)];
        cells.extend(scale.per_iteration(row.weight));
        if !own.is_empty() {
            cells.push(scale.percent(row.cost.self_weight));
        }
        cells.push(scale.percent(row.cost.total_weight));
        cells.push(shortened(&row.name, names));
        grid.row(cells);
    }
    grid.terminal()
}

/// A name without its middle, where it is too long: both ends tell functions apart.
fn shortened(name: &str, limit: usize) -> String {
    let length = name.chars().count();
    if length <= limit {
        return name.to_owned();
    }
    let head = limit.saturating_sub(1) / 3;
    let tail = limit.saturating_sub(1) - head;
    let start: String = name.chars().take(head).collect();
    let end: String = name.chars().skip(length - tail).collect();
    format!("{start}…{end}")
}

#[cfg(test)]
pub(in crate::render) mod sample;
#[cfg(test)]
mod tests;
