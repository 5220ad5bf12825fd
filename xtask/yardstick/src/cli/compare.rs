//! `compare`, as it is typed.

use clap::{Args, ValueEnum};

use super::{CargoOptions, Format};

/// What belongs to a plan that is not made yet.
const OF_A_NEW_PLAN: [&str; 16] = [
    "filter",
    "limit",
    "tolerate",
    "margin",
    "seed",
    "layouts",
    "measure_identical",
    "renamed",
    "package",
    "bench",
    "features",
    "all_features",
    "no_default_features",
    "cargo_profile",
    "offline",
    "locked",
];

/// `compare`.
#[derive(Debug, Args)]
pub struct Compare {
    /// The side before the change: a capture, a revision, a branch, or `.` for the working tree.
    pub before: String,
    /// The side with the change, named in the same way.
    pub after: String,
    /// A suite, or a part of benchmark ids; everything without it.
    pub filter: Option<String>,
    /// Run nothing: put the stored numbers of two captures side by side, without a verdict.
    #[arg(long, conflicts_with_all = OF_A_NEW_PLAN.iter().skip(1).chain(&["budget", "more", "replay", "gate", "open"]))]
    pub stored: bool,
    /// What the rounds may take, e.g. `90s` or `10m`; by default 6 s for each benchmark, more if a first look takes it, 30 s at least and 15 min at most.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub budget: Option<f64>,
    /// How long the first process of a benchmark, and the one that lists a suite's benchmarks, may take before it counts as
    /// hung; by default a minute, or for the first one a twentieth of the budget. Later ones may take ten times what the first
    /// one took.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub limit: Option<f64>,
    /// The share of its CPU that a round may lose to others before it does not count, by default 67 %; at 100 every round
    /// counts.
    #[arg(long, value_name = "PERCENT", value_parser = share)]
    pub tolerate: Option<f64>,
    /// Go on with the last comparison of these two sides, where it is undecided.
    #[arg(long, conflicts_with_all = OF_A_NEW_PLAN)]
    pub more: bool,
    /// Show the last comparison of these two sides again, or number RUN, and check that its answers follow from its rounds.
    #[arg(long, conflicts_with_all = OF_A_NEW_PLAN.iter().chain(&["budget", "more"]), value_name = "RUN", num_args = 0..=1, require_equals = true, value_parser = clap::value_parser!(u32).range(1..))]
    pub replay: Option<Option<u32>>,
    /// Record where the time goes in these benchmarks, instead of those that changed: a suite, a part of ids, or `all`.
    #[arg(long = "where", value_name = "FILTER", conflicts_with_all = ["stored", "replay"])]
    pub whereabouts: Option<String>,
    /// Do not record where the time goes.
    #[arg(long, conflicts_with_all = ["whereabouts", "stored", "replay"])]
    pub no_where: bool,
    /// Let the exit code tell the answer: 10 if a benchmark regressed by as much as fails, else 11 if one is undecided or
    /// nothing was measured, else 0.
    #[arg(long)]
    pub gate: bool,
    /// Open the report in the browser that the desktop shows pages with.
    #[arg(long)]
    pub open: bool,
    /// From where on a change matters, warns and fails, for every benchmark; the manifest says it otherwise.
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub margin: Option<f64>,
    /// What every random choice follows from; by default a random number, which is printed.
    #[arg(long, value_name = "NUMBER")]
    pub seed: Option<u64>,
    /// How the executables of the rounds are laid out.
    #[arg(long, value_enum, default_value_t = Layouts::Fresh)]
    pub layouts: Layouts,
    /// Ask about benchmarks whose executables are the same on both sides, too: whatever is found then is false.
    #[arg(long)]
    pub measure_identical: bool,
    /// The benchmark OLD of the first side is NEW in the second (may be repeated).
    #[arg(long, value_name = "OLD=NEW", value_parser = renaming)]
    pub renamed: Vec<(String, String)>,
    /// The form of the answer.
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    pub format: Format,
    /// Cargo's selection, for the sides that are no captures.
    #[command(flatten)]
    pub cargo: CargoOptions,
}

/// `--layouts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Layouts {
    /// Linked anew for every round, so that the verdict is on the code.
    Fresh,
    /// As cargo linked them: the verdict is on these two executables.
    AsLinked,
}

/// `90s`, `10m`, `1h30m`; a number alone is seconds.
fn duration(text: &str) -> Result<f64, String> {
    let mut seconds = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| !(c.is_ascii_digit() || c == '.'))
            .unwrap_or(rest.len());
        let number: f64 = rest[..end].parse().map_err(|_| no_duration())?;
        let letters = rest[end..]
            .find(|c: char| c.is_ascii_digit())
            .map_or(rest.len(), |letters| end + letters);
        seconds += number
            * match &rest[end..letters] {
                "" | "s" => 1.0,
                "m" | "min" => 60.0,
                "h" => 3600.0,
                _ => return Err(no_duration()),
            };
        rest = &rest[letters..];
    }
    match (1.0..=86_400.0).contains(&seconds) {
        true => Ok(seconds),
        false => Err(no_duration()),
    }
}

fn no_duration() -> String {
    "expected a time from 1s to 24h, e.g. `90s` or `10m`".to_owned()
}

pub(super) fn percent(text: &str) -> Result<f64, String> {
    match text.trim_end_matches('%').trim_end().parse::<f64>() {
        Ok(percent) if (0.01..=1000.0).contains(&percent) => Ok(percent),
        _ => Err("expected a number of percent from 0.01 to 1000".to_owned()),
    }
}

fn share(text: &str) -> Result<f64, String> {
    match percent(text) {
        Ok(percent) if percent <= 100.0 => Ok(percent),
        _ => Err("expected a number of percent up to 100".to_owned()),
    }
}

fn renaming(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((old, new)) if !old.is_empty() && !new.is_empty() => {
            Ok((old.to_owned(), new.to_owned()))
        }
        _ => Err("expected the old id, `=`, and the new id".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_units_and_bounds() {
        let cases = [
            ("90s", Some(90.0)),
            ("90", Some(90.0)),
            ("10m", Some(600.0)),
            ("1.5min", Some(90.0)),
            ("1h30m", Some(5400.0)),
            ("", None),
            ("m", None),
            ("0s", None),
            ("-1s", None),
            ("10 m", None),
            ("5d", None),
            ("inf", None),
            ("25h", None),
            ("1..5m", None),
        ];
        for (text, seconds) in cases {
            assert_eq!(duration(text).ok(), seconds, "{text:?}");
        }
    }

    #[test]
    fn a_margin_is_a_sensible_number_of_percent() {
        for (text, wanted) in [
            ("2", Some(2.0)),
            ("0.5%", Some(0.5)),
            ("0", None),
            ("-2", None),
            ("nan", None),
            ("1e9", None),
        ] {
            assert_eq!(percent(text).ok(), wanted, "{text:?}");
        }
    }

    #[test]
    fn a_renaming_has_both_ids() {
        assert_eq!(
            renaming("a/b=c=d").ok(),
            Some(("a/b".to_owned(), "c=d".to_owned()))
        );
        for text in ["a", "=a", "a=", ""] {
            assert!(renaming(text).is_err(), "{text:?}");
        }
    }
}
