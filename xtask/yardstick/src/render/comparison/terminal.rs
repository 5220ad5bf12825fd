//! A comparison for a terminal.

use crate::{
    model::comparison::{Comparison, ProfileOutcome, ProfileRow},
    render::{difference, wrap::wrap},
};

use super::{NO_VERDICT, PROFILES, Pictures, cells, suite_label};

/// How wide sentences run.
const TEXT_WIDTH: usize = 100;

/// The comparison as tables, for a terminal of so many columns (`None`: as wide as it takes). Its warnings are not in it: they belong on stderr.
pub fn terminal(comparison: &Comparison, pictures: &Pictures, columns: Option<usize>) -> String {
    let mut sections = Vec::new();
    sections.push(head(comparison));
    if !comparison.benchmarks.is_empty() {
        sections.push(format!(
            "{}:\n\n{}",
            cells::heading(comparison),
            cells::benchmarks(comparison, str::to_owned).terminal()
        ));
        sections.push(wrap(&format!("No verdict: {NO_VERDICT}."), "", TEXT_WIDTH));
    }
    sections.extend(
        comparison
            .profiles
            .iter()
            .map(|row| profile(comparison, row, pictures, columns)),
    );
    if comparison.benchmarks.is_empty() && comparison.profiles.is_empty() {
        sections.push("Neither capture holds a benchmark or a profile.\n".to_owned());
    }
    sections.join("\n")
}

/// The profiles alone, under a heading that says what they are: nothing without any.
pub fn terminal_profiles(
    comparison: &Comparison,
    pictures: &Pictures,
    columns: Option<usize>,
) -> String {
    if comparison.profiles.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{}", wrap(&format!("{PROFILES}:"), "", TEXT_WIDTH));
    for row in &comparison.profiles {
        text.push('\n');
        text.push_str(&profile(comparison, row, pictures, columns));
    }
    text
}

fn head(comparison: &Comparison) -> String {
    let sources = cells::sources(&comparison.sources, str::to_owned).terminal();
    match &comparison.machine {
        Some(identity) => format!("{sources}\n  on {}\n", cells::machine(identity)),
        None => sources,
    }
}

fn profile(
    comparison: &Comparison,
    row: &ProfileRow,
    pictures: &Pictures,
    columns: Option<usize>,
) -> String {
    let title = format!(
        "Profile of {} (suite {})",
        row.key.id,
        suite_label(comparison, &row.key)
    );
    let mut text = match &row.outcome {
        ProfileOutcome::Removed => format!("{title}: only before\n"),
        ProfileOutcome::Added => format!("{title}: only after\n"),
        ProfileOutcome::NotComparable(reasons) => {
            let reasons = reasons.iter().map(|reason| format!("  {reason}\n"));
            let reasons: String = reasons.collect();
            format!("{title}: the two cannot be compared\n{reasons}")
        }
        ProfileOutcome::Compared(found) => difference::terminal(&row.key.id, found, columns),
    };
    if let Some(file) = pictures.get(&row.key) {
        text.push_str(&format!("\n  differential flame graph: {file}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::samples::comparison;
    use super::*;

    #[test]
    fn the_table_holds_both_estimates_the_ratio_and_no_verdict() {
        let text = terminal(&comparison(), &Pictures::new(), None);
        let row = text
            .lines()
            .find(|line| line.contains("e2e/linear "))
            .expect("a row of the benchmark");
        assert!(row.contains("100.0 ns [99.0, 101.0]"), "{row}");
        assert!(row.contains("1.500×"), "{row}");
        assert!(row.ends_with("2 → 3"), "{row}");
        assert!(text.contains("No verdict:"), "{text}");
        assert!(!text.contains("regressed"), "{text}");
    }

    #[test]
    fn added_and_removed_benchmarks_are_said_to_be_so() {
        let text = terminal(&comparison(), &Pictures::new(), None);
        for (id, state) in [("e2e/new", "added"), ("e2e/gone", "removed")] {
            let row = text.lines().find(|line| line.contains(id));
            assert!(row.is_some_and(|row| row.contains(state)), "{text}");
        }
    }

    #[test]
    fn a_profile_in_both_says_where_the_time_went() {
        let text = terminal(&comparison(), &Pictures::new(), None);
        assert!(
            text.contains("\nWhere `e2e/linear` lost 1,710 ns per iteration"),
            "{text}"
        );
    }

    #[test]
    fn profiles_that_cannot_be_compared_say_why() {
        let text = terminal(&comparison(), &Pictures::new(), None);
        assert!(
            text.contains("  the sampler differs: perf-event before, samply after\n"),
            "{text}"
        );
    }
}
