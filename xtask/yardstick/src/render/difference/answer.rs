//! What did it, in words: the functions beyond chance by how much they did, and what is left of the difference.

use crate::model::difference::{Difference, FunctionRow, Presence};

use super::{
    Quote,
    names::Names,
    scale::{Scale, grouped},
};

/// How many functions are named; the others are summed.
const NAMED: usize = 10;

/// How many renamed functions without a change are listed; the others are counted.
const RENAMED_LISTED: usize = 6;

/// A line of the answer: what, how much, and what else is to be said of it.
pub(super) struct Line {
    pub(super) what: String,
    pub(super) change: String,
    /// The 95 % interval of the change; nothing for a sum.
    pub(super) interval: String,
    pub(super) note: String,
}

/// The first sentence.
pub(super) fn headline(name: &str, difference: &Difference) -> String {
    let scale = scale(difference);
    let whole_ns = difference.end_to_end_difference_ns();
    let cpu_ns = difference.cpu.difference_ns();
    let is_explained = difference.cpu.is_significant() && (whole_ns > 0.0) == (cpu_ns > 0.0);
    let is_spread_known = difference.cpu.upper_ns.is_finite();
    let answer = match (is_explained, difference.end_to_end_ns) {
        (false, None) if !is_spread_known => format!(
            "{name} took {} CPU time per iteration; how much of that is drift between two recordings is not known",
            scale.change(cpu_ns)
        ),
        (true, _) if whole_ns > 0.0 => {
            format!("Where {name} lost {} per iteration", scale.time(whole_ns))
        }
        (true, _) => format!("Where {name} saved {} per iteration", scale.time(whole_ns)),
        (false, None) => format!("The CPU time of {name} does not differ beyond chance"),
        (false, Some(_)) if difference.cpu.is_significant() => format!(
            "{name} takes {} per iteration, and yet {} CPU time in its recordings",
            scale.change(whole_ns),
            scale.change(cpu_ns)
        ),
        (false, Some(_)) => format!(
            "{name} takes {} per iteration, and its CPU time does not differ beyond chance",
            scale.change(whole_ns)
        ),
    };
    let cpu = difference.cpu.ns;
    let samples = difference.samples.map(|count| grouped(&count.to_string()));
    let recordings = match (difference.recordings.before, difference.recordings.after) {
        (1, 1) => "1 recording a side".to_owned(),
        (before, after) if before == after => format!("{before} recordings a side"),
        (before, after) => format!("{before} and {after} recordings"),
    };
    format!(
        "{answer} (CPU {}; {recordings}, {} and {} stack samples by {})",
        Scale::of([cpu.before, cpu.after]).pair(cpu.before, cpu.after),
        samples.before,
        samples.after,
        difference.sampler
    )
}

/// What the whole difference consists of. The changes add up to the last one.
pub(super) fn lines(difference: &Difference, quote: Quote) -> Vec<Line> {
    let scale = scale(difference);
    let names = Names::of(&difference.functions);
    let beyond = difference.functions.iter();
    let named = beyond
        .take_while(|row| row.own.is_significant())
        .take(NAMED)
        .count();
    let (shown, rest) = difference.functions.split_at(named);
    let mut lines: Vec<Line> = shown
        .iter()
        .map(|row| function(difference, row, &scale, &names, quote))
        .collect();
    if !rest.is_empty() {
        lines.push(remainder(shown.len(), rest, &scale));
    }
    let sum = |what: &str, ns: f64| Line {
        what: what.to_owned(),
        change: scale.change(ns),
        interval: String::new(),
        note: String::new(),
    };
    if difference.end_to_end_ns.is_some() {
        lines.push(sum(
            "waiting, and what recording changes",
            difference.beyond_functions_ns(),
        ));
    }
    let whole = match difference.end_to_end_ns {
        Some(_) => "all together, as the verdict has it",
        None => "all together",
    };
    lines.push(sum(whole, difference.end_to_end_difference_ns()));
    lines
}

fn function(
    difference: &Difference,
    row: &FunctionRow,
    scale: &Scale,
    names: &Names,
    quote: Quote,
) -> Line {
    let what = match &row.presence {
        Presence::Renamed { from, .. } => {
            let (from, to) = names.both(from, &row.function);
            format!("{} → {}", quote(&from), quote(&to))
        }
        _ => quote(&names.short(&row.function)),
    };
    let mut notes = Vec::new();
    notes.extend(match row.presence {
        Presence::Both => None,
        Presence::Renamed { .. } => Some("renamed".to_owned()),
        Presence::New => Some("new".to_owned()),
        Presence::Gone => Some("gone".to_owned()),
    });
    notes.extend(explained(difference, row));
    // What it calls is told where that is another story than the function's own.
    let called_ns = row.total.difference_ns() - row.own.difference_ns();
    if row.total.is_significant() && called_ns.abs() > 0.2 * row.own.difference_ns().abs() {
        notes.push(format!(
            "with what it calls, {}",
            scale.change(row.total.difference_ns())
        ));
    }
    Line {
        what,
        change: scale.change(row.own.difference_ns()),
        interval: scale.interval(row.own.lower_ns, row.own.upper_ns),
        note: notes.join("; "),
    }
}

/// `92 % of the slowdown`; nothing where there is none to explain.
fn explained(difference: &Difference, row: &FunctionRow) -> Option<String> {
    let share = difference.explained(&row.own)?;
    let what = match difference.cpu.difference_ns() > 0.0 {
        true => "slowdown",
        false => "gain",
    };
    let percent = (100.0 * share.abs()).round();
    let percent = match percent {
        0.0 => "less than 1 %".to_owned(),
        percent => format!("{percent:.0} %"),
    };
    Some(match share >= 0.0 {
        true => format!("{percent} of the {what}"),
        false => format!("against the {what}: as much as {percent} of it"),
    })
}

fn remainder(shown: usize, rest: &[FunctionRow], scale: &Scale) -> Line {
    let change_ns: f64 = rest.iter().map(|row| row.own.difference_ns()).sum();
    let other = if shown > 0 { "other " } else { "" };
    let what = match rest.len() {
        1 => format!("1 {other}function"),
        count => format!("{count} {other}functions"),
    };
    let count = |wanted: fn(&FunctionRow) -> bool| rest.iter().filter(|row| wanted(row)).count();
    let mut notes = vec![match count(|row| row.own.is_significant()) {
        0 => "none beyond chance".to_owned(),
        beyond => format!("{beyond} beyond chance"),
    }];
    for (count, what) in [
        (count(|row| row.presence == Presence::New), "new"),
        (count(|row| row.presence == Presence::Gone), "gone"),
        (
            count(|row| matches!(row.presence, Presence::Renamed { .. })),
            "renamed",
        ),
    ] {
        if count > 0 {
            notes.push(format!("{count} {what}"));
        }
    }
    Line {
        what,
        change: scale.change(change_ns),
        interval: String::new(),
        note: notes.join("; "),
    }
}

/// What can be said where no function is beyond chance, and how little would have been.
pub(super) fn smallest_visible(difference: &Difference) -> Option<String> {
    let is_shown = difference
        .functions
        .iter()
        .any(|row| row.own.is_significant());
    let smallest_ns = difference.smallest_visible_ns;
    (!is_shown && smallest_ns.is_finite()).then(|| {
        format!(
            "no function differs beyond chance; in one with a tenth of the time, {} per iteration would have been seen",
            Scale::of([smallest_ns]).time(smallest_ns)
        )
    })
}

/// Functions that have another name and are as fast as before.
pub(super) fn renamed(difference: &Difference, quote: Quote) -> Option<String> {
    let names = Names::of(&difference.functions);
    let pairs: Vec<String> = difference
        .functions
        .iter()
        .filter(|row| !row.own.is_significant())
        .filter_map(|row| match &row.presence {
            Presence::Renamed { from, .. } => {
                let (from, to) = names.both(from, &row.function);
                Some(format!("{} → {}", quote(&from), quote(&to)))
            }
            _ => None,
        })
        .collect();
    if pairs.is_empty() {
        return None;
    }
    let shown = pairs[..pairs.len().min(RENAMED_LISTED)].join(", ");
    Some(match pairs.len().saturating_sub(RENAMED_LISTED) {
        0 => format!("renamed, without a change beyond chance: {shown}"),
        more => format!("renamed, without a change beyond chance: {shown}, and {more} more"),
    })
}

/// Fits all that adds up.
fn scale(difference: &Difference) -> Scale {
    let functions = difference.functions.iter();
    Scale::of(
        functions
            .map(|row| row.own.difference_ns())
            .chain([difference.end_to_end_difference_ns()])
            .chain([difference.cpu.difference_ns()]),
    )
}

#[cfg(test)]
mod tests {
    use super::super::sample::{difference, within_chance};
    use super::*;
    use crate::model::difference::Significance;

    fn quoted(name: &str) -> String {
        format!("`{name}`")
    }

    #[test]
    fn the_headline_says_how_much_was_lost_and_what_that_rests_on() {
        assert_eq!(
            headline("`e2e/linear`", &difference()),
            "Where `e2e/linear` lost 1,710 ns per iteration (CPU 3,570 → 5,270 ns; 6 recordings a side, 12,004 and 11,873 stack samples by perf-event)"
        );
    }

    #[test]
    fn a_gain_is_called_one() {
        let mut faster = difference();
        std::mem::swap(&mut faster.cpu.ns.before, &mut faster.cpu.ns.after);
        faster.end_to_end_ns = None;
        assert!(headline("x", &faster).starts_with("Where x saved 1,700 ns per iteration"));
        for row in &mut faster.functions {
            std::mem::swap(&mut row.own.ns.before, &mut row.own.ns.after);
        }
        let line = &lines(&faster, quoted)[0];
        assert_eq!(line.change, "1,564 ns less");
        assert!(line.note.starts_with("92 % of the gain"), "{}", line.note);
    }

    #[test]
    fn a_difference_that_may_be_chance_is_not_called_a_loss() {
        let headline_of = |difference: &Difference| headline("x", difference);
        let mut found = within_chance();
        assert!(
            headline_of(&found).starts_with("The CPU time of x does not differ beyond chance (")
        );
        found.cpu.upper_ns = f64::INFINITY;
        assert!(headline_of(&found).starts_with(
            "x took 1,700 ns more CPU time per iteration; how much of that is drift "
        ));
        found.end_to_end_ns = difference().end_to_end_ns;
        assert!(headline_of(&found).starts_with(
            "x takes 1,710 ns more per iteration, and its CPU time does not differ beyond chance"
        ));
        found.cpu.significance = Significance::Beyond;
        found.end_to_end_ns = found.end_to_end_ns.map(|ns| [ns.after, ns.before].into());
        assert!(headline_of(&found).starts_with(
            "x takes 1,710 ns less per iteration, and yet 1,700 ns more CPU time in its recordings"
        ));
    }

    #[test]
    fn the_lines_add_up_to_the_whole_difference() {
        let changes: Vec<(String, String)> = lines(&difference(), quoted)
            .into_iter()
            .map(|line| (line.what, line.change))
            .collect();
        let expected = [
            ("`mailbox::push`", "1,564 ns more"),
            ("`broker::route`", "142 ns more"),
            ("6 other functions", "6 ns less"),
            ("waiting, and what recording changes", "10 ns more"),
            ("all together, as the verdict has it", "1,710 ns more"),
        ];
        let expected = expected.map(|(what, change)| (what.to_owned(), change.to_owned()));
        assert_eq!(changes, expected);
    }

    #[test]
    fn a_function_tells_its_part_in_the_whole_and_whether_it_is_new() {
        let lines = lines(&difference(), quoted);
        assert_eq!(lines[0].note, "92 % of the slowdown");
        assert_eq!(lines[0].interval, "[+1,424, +1,704]");
        assert_eq!(lines[1].note, "new; 8 % of the slowdown");
        assert_eq!(lines[2].note, "none beyond chance; 1 gone; 1 renamed");
    }

    #[test]
    fn functions_beyond_chance_that_are_not_named_are_counted() {
        let mut many = difference();
        let row = many.functions[0].clone();
        many.functions.splice(0..0, vec![row; 12]);
        let lines = lines(&many, quoted);
        assert_eq!(lines[NAMED].what, "10 other functions");
        assert!(lines[NAMED].note.starts_with("4 beyond chance"));
    }

    #[test]
    fn without_a_function_beyond_chance_it_says_what_would_have_been_seen() {
        assert_eq!(smallest_visible(&difference()), None);
        assert_eq!(
            smallest_visible(&within_chance()).as_deref(),
            Some(
                "no function differs beyond chance; in one with a tenth of the time, 41.00 ns per iteration would have been seen"
            )
        );
        assert_eq!(lines(&within_chance(), quoted)[0].what, "8 functions");
    }

    #[test]
    fn renamed_functions_are_listed_with_both_names() {
        assert_eq!(
            renamed(&difference(), quoted).as_deref(),
            Some("renamed, without a change beyond chance: `engine::plan` → `workflow::plan`")
        );
    }
}
