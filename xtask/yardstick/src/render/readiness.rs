//! The doctor's findings as text.

use std::time::Duration;

use crate::model::{
    profile::Sampler,
    readiness::{Check, Cost, Overhead, State},
};

use super::{
    grid::{
        Align::{Left, Right},
        Grid,
    },
    quantity::ABSENT,
};

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

/// A table of what each sampler costs.
pub fn overhead(rows: &[(Sampler, Overhead)]) -> String {
    let mut grid = Grid::new([
        ("sampler", Left),
        ("load alone", Right),
        ("load recorded", Right),
        ("added", Right),
        ("our recorder", Right),
        ("", Left),
    ]);
    for (sampler, overhead) in rows {
        let mut cells = vec![sampler.to_string()];
        match overhead {
            Overhead::Measured(cost) => {
                cells.extend([
                    milliseconds(cost.bare_load),
                    milliseconds(cost.recorded_load),
                    added(cost),
                    milliseconds(cost.recorder),
                    format!("medians of {} rounds in turns", cost.rounds),
                ]);
            }
            Overhead::Impossible(why) => {
                cells.extend([ABSENT; 4].map(str::to_owned));
                let why = why.lines().next().unwrap_or_default();
                cells.push(why.to_owned());
            }
        }
        grid.row(cells);
    }
    format!(
        "{}\nCPU time of a shell that counts; for perf and samply the tool's own is part of it.\n",
        grid.terminal()
    )
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

fn added(cost: &Cost) -> String {
    let (bare, recorded) = (
        cost.bare_load.as_secs_f64(),
        cost.recorded_load.as_secs_f64(),
    );
    match bare > 0.0 {
        true => format!("{:+.1} %", (recorded / bare - 1.0) * 100.0),
        false => ABSENT.to_owned(),
    }
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
    fn added_time_is_a_share_of_the_bare_load_and_obstacles_are_told() {
        let cost = Cost {
            rounds: 7,
            bare_load: Duration::from_millis(200),
            recorded_load: Duration::from_millis(202),
            recorder: Duration::from_millis(3),
        };
        let text = overhead(&[
            (Sampler::PerfEvent, Overhead::Measured(cost)),
            (
                Sampler::Perf,
                Overhead::Impossible("not installed".to_owned()),
            ),
        ]);
        assert!(text.contains("+1.0 %"), "{text}");
        assert!(text.contains("not installed"), "{text}");
    }

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
