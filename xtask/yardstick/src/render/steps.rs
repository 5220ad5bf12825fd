//! How the steps of `test` went.

use std::time::Duration;

use super::grid::{
    Align::{Left, Right},
    Grid,
};

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// How it went.
    pub outcome: Outcome,
}

/// How a step went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Well, in so much time.
    Passed(Duration),
    /// Not well, after so much time: how it ended.
    Failed(Duration, String),
    /// It did not run: why.
    Skipped(String),
}

/// A table of all steps.
pub fn summary(rows: &[Row]) -> String {
    let mut grid = Grid::new([("step", Left), ("time", Right), ("result", Left)]);
    for Row { name, outcome } in rows {
        let (time, result) = match outcome {
            Outcome::Passed(took) => (seconds(*took), "ok".to_owned()),
            Outcome::Failed(took, how) => (seconds(*took), format!("FAILED ({how})")),
            Outcome::Skipped(why) => (String::new(), format!("skipped: {why}")),
        };
        grid.row([name.clone(), time, result]);
    }
    let total = rows
        .iter()
        .filter_map(|row| match row.outcome {
            Outcome::Passed(took) | Outcome::Failed(took, _) => Some(took),
            Outcome::Skipped(_) => None,
        })
        .sum();
    grid.row(["all".to_owned(), seconds(total), String::new()]);
    format!("\n{}", grid.terminal())
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_and_skipped_steps_are_said_to_be_so_and_times_are_summed() {
        let row = |name: &str, outcome| Row {
            name: name.to_owned(),
            outcome,
        };
        let second = Duration::from_secs(1);
        let text = summary(&[
            row("format", Outcome::Passed(second)),
            row("tests", Outcome::Failed(second, "exit code 101".to_owned())),
            row("deny", Outcome::Skipped("not installed".to_owned())),
        ]);
        assert_eq!(
            text,
            "\n  step     time  result\n  \
                format  1.0 s  ok\n  \
                tests   1.0 s  FAILED (exit code 101)\n  \
                deny           skipped: not installed\n  \
                all     2.0 s\n"
        );
    }
}
