//! The doctor's findings as text.

use crate::model::readiness::{Check, State};

use super::grid::{Align::Left, Grid};

/// A table of all checks, then the remedies, then one line that sums up.
pub fn readiness(checks: &[Check]) -> String {
    let mut grid = Grid::new([
        ("state", Left),
        ("check", Left),
        ("found", Left),
        ("needed for", Left),
    ]);
    for check in checks {
        grid.row([
            word(check.state).to_owned(),
            check.subject.to_owned(),
            check.found.clone(),
            check.needed_for.to_owned(),
        ]);
    }
    let mut text = grid.terminal();
    let remedies: Vec<(&str, &str)> = checks
        .iter()
        .filter_map(|check| check.remedy.map(|remedy| (check.subject, remedy)))
        .collect();
    let width = remedies
        .iter()
        .map(|(subject, _)| subject.len())
        .max()
        .unwrap_or(0);
    if !remedies.is_empty() {
        text.push_str("\nremedies:\n");
    }
    for (subject, remedy) in remedies {
        text.push_str(&format!("  {subject:width$}  {remedy}\n"));
    }
    let count = |state| checks.iter().filter(|check| check.state == state).count();
    text.push_str(&format!(
        "\n{} ok, {} with a warning, {} missing\n",
        count(State::Ok),
        count(State::Warn),
        count(State::Missing)
    ));
    text
}

fn word(state: State) -> &'static str {
    match state {
        State::Ok => "ok",
        State::Warn => "warn",
        State::Missing => "missing",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_followed_by_remedies_and_a_sum() {
        let check = |state, subject, remedy| Check {
            state,
            subject,
            found: "4".to_owned(),
            needed_for: "recording",
            remedy,
        };
        let text = readiness(&[
            check(State::Ok, "git", None),
            check(State::Missing, "perf", Some("apt-get install perf")),
        ]);
        assert_eq!(
            text,
            "  state    check  found  needed for\n  \
               ok       git    4      recording\n  \
               missing  perf   4      recording\n\
             \nremedies:\n  perf  apt-get install perf\n\
             \n1 ok, 0 with a warning, 1 missing\n"
        );
    }
}
