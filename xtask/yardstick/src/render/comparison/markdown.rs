//! A comparison as Markdown, for a pull request.

use crate::{
    model::comparison::{Comparison, ProfileOutcome, ProfileRow},
    render::difference,
};

use super::{NO_VERDICT, PROFILES, Pictures, cells, suite_label};

/// The comparison as Markdown, warnings included.
pub fn markdown(comparison: &Comparison, pictures: &Pictures) -> String {
    let sources = &comparison.sources;
    let mut text = format!(
        "## {} → {}\n\n{}",
        code(&sources.before.name),
        code(&sources.after.name),
        cells::sources(sources, code).markdown()
    );
    if let Some(identity) = &comparison.machine {
        text.push_str(&format!("\nMachine: {}.\n", cells::machine(identity)));
    }
    if !comparison.warnings.is_empty() {
        text.push_str("\n### Warnings\n\n");
        for warning in &comparison.warnings {
            text.push_str(&format!("- {}\n", warning.text));
        }
    }
    if !comparison.benchmarks.is_empty() {
        text.push_str(&format!(
            "\n### Benchmarks\n\n{}.\n\n{}\nNo verdict: {NO_VERDICT}.\n",
            cells::heading(comparison),
            cells::benchmarks(comparison, code).markdown()
        ));
    }
    for row in &comparison.profiles {
        profile(&mut text, comparison, row, pictures);
    }
    text
}

/// The profiles alone, under a heading that says what they are: nothing without any.
pub fn markdown_profiles(comparison: &Comparison, pictures: &Pictures) -> String {
    let mut text = String::new();
    if !comparison.profiles.is_empty() {
        text.push_str(&format!("\n{PROFILES}:\n"));
    }
    for row in &comparison.profiles {
        profile(&mut text, comparison, row, pictures);
    }
    text
}

fn profile(text: &mut String, comparison: &Comparison, row: &ProfileRow, pictures: &Pictures) {
    let suite = suite_label(comparison, &row.key);
    text.push_str(&format!(
        "\n### Profile of {} in `{suite}`\n\n",
        code(&row.key.id)
    ));
    match &row.outcome {
        ProfileOutcome::Removed => text.push_str("Only before.\n"),
        ProfileOutcome::Added => text.push_str("Only after.\n"),
        ProfileOutcome::NotComparable(reasons) => {
            text.push_str("The two cannot be compared:\n\n");
            for reason in reasons {
                text.push_str(&format!("- {reason}\n"));
            }
        }
        ProfileOutcome::Compared(found) => {
            text.push_str(&difference::markdown(&row.key.id, found));
        }
    }
    if let Some(file) = pictures.get(&row.key) {
        text.push_str(&format!("\nDifferential flame graph: {}.\n", code(file)));
    }
}

/// A code span around any text: its fence is longer than any row of backticks in it.
pub fn code(text: &str) -> String {
    let longest = text
        .split(|character| character != '`')
        .map(str::len)
        .max()
        .unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    match longest {
        0 => format!("{fence}{text}{fence}"),
        _ => format!("{fence} {text} {fence}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::comparison;
    use super::*;

    #[test]
    fn names_are_code_and_warnings_are_listed() {
        let text = markdown(&comparison(), &Pictures::new());
        assert!(text.starts_with("## `pre` → `post`\n"), "{text}");
        assert!(text.contains("| e2e | `e2e/linear` |"), "{text}");
        assert!(text.contains("- the kernel differs"), "{text}");
        assert!(text.contains(NO_VERDICT), "{text}");
    }

    #[test]
    fn backticks_in_names_do_not_end_the_code() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a``b"), "``` a``b ```");
    }
}
