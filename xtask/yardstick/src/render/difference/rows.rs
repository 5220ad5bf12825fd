//! Where the time went in several benchmarks, one after the other.

use anstyle::Style;

use super::{TEXT_WIDTH, code, in_backticks, wrap};
use crate::model::comparison::{ProfileOutcome, ProfileRow};

const HEADING: &str = "Where the time went";

/// All of them under one heading, for a terminal of so many columns; nothing without any.
pub fn terminal(rows: &[ProfileRow], columns: Option<usize>) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let style = Style::new().bold();
    let width = columns.map_or(TEXT_WIDTH, |columns| columns.min(TEXT_WIDTH));
    let mut text = format!("\n{style}{HEADING}{style:#}\n");
    for row in rows {
        text.push('\n');
        text.push_str(&match &row.outcome {
            ProfileOutcome::Compared(difference) => {
                super::terminal(&row.key.id, difference, columns)
            }
            other => wrap(
                &format!("{}.", why_not(&in_backticks(&row.key.id), other)),
                "",
                width,
            ),
        });
    }
    text
}

/// The same as Markdown.
pub fn markdown(rows: &[ProfileRow]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut text = format!("\n## {HEADING}\n");
    for row in rows {
        let id = code(&row.key.id);
        text.push_str(&format!("\n### {id}\n\n"));
        text.push_str(&match &row.outcome {
            ProfileOutcome::Compared(difference) => super::markdown(&row.key.id, difference),
            other => format!("{}.\n", why_not(&id, other)),
        });
    }
    text
}

/// Why nothing is said of a benchmark: a sentence without its full stop.
fn why_not(id: &str, outcome: &ProfileOutcome) -> String {
    match outcome {
        ProfileOutcome::Compared(_) => format!("of {id} it is told where the time went"),
        ProfileOutcome::NotComparable(reasons) => {
            let reasons = reasons.join("; ");
            format!("of {id} it cannot be told where the time went: {reasons}")
        }
        ProfileOutcome::Removed => format!("{id} was recorded only before the change"),
        ProfileOutcome::Added => format!("{id} was recorded only after it"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::benchmark::BenchmarkKey;

    fn rows() -> Vec<ProfileRow> {
        let key = BenchmarkKey {
            package: "p".to_owned(),
            suite: "s".to_owned(),
            id: "parse".to_owned(),
        };
        let reasons = vec![
            "before: it crashed".to_owned(),
            "after: too few names".to_owned(),
        ];
        vec![ProfileRow {
            key,
            outcome: ProfileOutcome::NotComparable(reasons),
        }]
    }

    #[test]
    fn what_could_not_be_recorded_is_told_with_its_reasons() {
        let text = anstream::adapter::strip_str(&terminal(&rows(), None)).to_string();
        assert_eq!(
            text,
            "\nWhere the time went\n\nof `parse` it cannot be told where the time went: before: it crashed; after: too few names.\n"
        );
        let text = markdown(&rows());
        assert!(
            text.contains("### `parse`\n\nof `parse` it cannot be told"),
            "{text}"
        );
    }

    #[test]
    fn without_recordings_nothing_is_said() {
        assert_eq!(terminal(&[], None), "");
        assert_eq!(markdown(&[]), "");
    }
}
