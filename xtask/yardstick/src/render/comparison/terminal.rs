//! A comparison for a terminal.

use crate::{
    model::comparison::{Comparison, ProfileOutcome, ProfileRow},
    render::wrap::wrap,
};

use super::{NO_VERDICT, PROFILES, Pictures, cells, suite_label};

/// The longest function name that is shown whole.
const NAME_WIDTH: usize = 80;

/// How wide sentences run.
const TEXT_WIDTH: usize = 100;

/// The comparison as tables. Its warnings are not in it: they belong on stderr.
pub fn terminal(comparison: &Comparison, pictures: &Pictures) -> String {
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
            .map(|row| profile(comparison, row, pictures)),
    );
    if comparison.benchmarks.is_empty() && comparison.profiles.is_empty() {
        sections.push("Neither capture holds a benchmark or a profile.\n".to_owned());
    }
    sections.join("\n")
}

/// The profiles alone, under a heading that says what they are: nothing without any.
pub fn terminal_profiles(comparison: &Comparison, pictures: &Pictures) -> String {
    if comparison.profiles.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{}", wrap(&format!("{PROFILES}:"), "", TEXT_WIDTH));
    for row in &comparison.profiles {
        text.push('\n');
        text.push_str(&profile(comparison, row, pictures));
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

fn profile(comparison: &Comparison, row: &ProfileRow, pictures: &Pictures) -> String {
    let mut text = format!(
        "Profile of {} (suite {}): ",
        row.key.id,
        suite_label(comparison, &row.key)
    );
    match &row.outcome {
        ProfileOutcome::Removed => text.push_str("only before\n"),
        ProfileOutcome::Added => text.push_str("only after\n"),
        ProfileOutcome::NotComparable(reasons) => {
            text.push_str("the two cannot be compared\n");
            for reason in reasons {
                text.push_str(&format!("  {reason}\n"));
            }
        }
        ProfileOutcome::Compared(difference) => {
            text.push_str(&cells::profile_summary(difference));
            text.push_str(&format!("\n  {}\n\n", cells::profile_basis(difference)));
            text.push_str(&cells::functions(difference, shorten).terminal());
            text.push('\n');
            text.push_str(&cells::crates(difference).terminal());
        }
    }
    if let Some(file) = pictures.get(&row.key) {
        text.push_str(&format!("\n  differential flame graph: {file}\n"));
    }
    text
}

/// The name with its middle left out where it is too long: its ends tell functions apart.
fn shorten(name: &str) -> String {
    let length = name.chars().count();
    if length <= NAME_WIDTH {
        return name.to_owned();
    }
    let tail = NAME_WIDTH / 2;
    let head = NAME_WIDTH - tail - 1;
    let start: String = name.chars().take(head).collect();
    let end: String = name.chars().skip(length - tail).collect();
    format!("{start}…{end}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::samples::comparison;
    use super::*;

    #[test]
    fn the_table_holds_both_estimates_the_ratio_and_no_verdict() {
        let text = terminal(&comparison(), &Pictures::new());
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
        let text = terminal(&comparison(), &Pictures::new());
        for (id, state) in [("e2e/new", "added"), ("e2e/gone", "removed")] {
            let row = text.lines().find(|line| line.contains(id));
            assert!(row.is_some_and(|row| row.contains(state)), "{text}");
        }
    }

    #[test]
    fn functions_beyond_the_limit_are_summed() {
        let text = terminal(&comparison(), &Pictures::new());
        assert!(text.contains("5 other functions"), "{text}");
        assert!(text.contains("+500.0 ns"), "{text}");
    }

    #[test]
    fn profiles_that_cannot_be_compared_say_why() {
        let text = terminal(&comparison(), &Pictures::new());
        assert!(
            text.contains("  the sampler differs: perf-event before, samply after\n"),
            "{text}"
        );
    }

    proptest! {
        #[test]
        fn shortened_names_fit_and_keep_both_ends(name in "\\PC{0,200}") {
            let short = shorten(&name);
            prop_assert!(short.chars().count() <= NAME_WIDTH);
            prop_assert_eq!(short.chars().next(), name.chars().next());
            prop_assert_eq!(short.chars().last(), name.chars().last());
        }
    }
}
