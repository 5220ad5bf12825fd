//! Verdicts, reasons and amounts in words.

use crate::{
    model::{
        comparison::Sides,
        question::{Aspect, Planned},
        round::Failure,
        settlement::Settlement,
        units::Unit,
        verdict::{Answer, Grade, Ground, Interval, Mode, Reason, Statistic, Verdict},
    },
    render::quantity::amount,
};

use super::Quote;

/// A share or a change without its sign: `3.1 %`. Large ones need no tenths.
pub(in crate::render) fn percent(ratio: f64) -> String {
    let percent = ratio.abs() * 100.0;
    match percent {
        large if large >= 99.95 => format!("{large:.0} %"),
        small if small > 0.0 && small < 0.05 => "less than 0.1 %".to_owned(),
        percent => format!("{percent:.1} %"),
    }
}

/// A level as it was written in a manifest: `2 %`, `0.5 %`.
pub(in crate::render) fn level(ratio: f64) -> String {
    format!("{} %", (ratio * 1e4).round() / 100.0)
}

/// A change with its interval: `+3.1 % [+2.4, +3.8]`.
pub(in crate::render) fn change(interval: &Interval) -> String {
    let (lower, upper) = interval.change_bounds();
    format!(
        "{} % [{}, {}]",
        signed(interval.change()),
        signed(lower),
        signed(upper)
    )
}

/// A change with its sign, in percent: `+3.1`, `−10.0`. Large ones need no tenths.
pub(in crate::render) fn signed(ratio: f64) -> String {
    let percent = ratio * 100.0;
    let digits = format!("{:.*}", usize::from(percent.abs() < 99.95), percent.abs());
    let is_nothing = digits.chars().all(|digit| digit == '0' || digit == '.');
    match (is_nothing, percent < 0.0) {
        (true, _) => digits,
        (false, true) => format!("−{digits}"),
        (false, false) => format!("+{digits}"),
    }
}

/// `45 s`, `2 min 45 s`, `1 h 5 min`.
pub(in crate::render) fn duration(seconds: f64) -> String {
    let whole = seconds.max(0.0).round() as u64;
    match (whole / 3600, whole / 60 % 60, whole % 60) {
        (0, 0, _) if seconds < 10.0 => format!("{seconds:.1} s"),
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, 0) => format!("{minutes} min"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, 0, _) => format!("{hours} h"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

/// What more and less of a unit are called.
pub(in crate::render) fn directions(unit: Unit) -> (&'static str, &'static str) {
    match unit {
        Unit::Nanoseconds => ("slower", "faster"),
        Unit::Bytes => ("more bytes", "fewer bytes"),
        Unit::Percent => ("more CPU", "less CPU"),
    }
}

/// The verdict of one question in words: `regressed (fails)`, `parallel: unchanged, slower by less than 5 %`.
pub(in crate::render) fn verdict(answer: &Answer, unit: Unit, names_aspect: bool) -> String {
    let aspect = match (names_aspect, answer.question.aspect) {
        (false, Aspect::Work) => "",
        (true, Aspect::Work) => "work: ",
        (_, Aspect::Parallel) => "parallel: ",
    };
    let ground = match answer.ground {
        None | Some(Ground::Floor) => String::new(),
        Some(Ground::Typical) => " in the typical iteration".to_owned(),
        Some(Ground::Tail) => match answer.decisive() {
            Some(interval) => format!(" in the tail, {}", statistic(interval.statistic)),
            None => " in the tail".to_owned(),
        },
    };
    let verdict = match &answer.verdict {
        Verdict::Regressed => match answer.grade {
            Grade::Pass => format!("regressed{ground}"),
            Grade::Warn => format!("regressed{ground} (warns)"),
            Grade::Fail => format!("regressed{ground} (fails)"),
        },
        Verdict::Improved => format!("improved{ground}"),
        Verdict::Unchanged => match small_change(answer) {
            Some(more) => {
                let (up, down) = directions(unit);
                let word = if more { up } else { down };
                format!(
                    "unchanged, {word} by less than {}",
                    level(answer.margin.relevant)
                )
            }
            None => "unchanged".to_owned(),
        },
        Verdict::Undecided(_) => "undecided".to_owned(),
    };
    format!("{aspect}{verdict}")
}

/// Whether an unchanged benchmark has a change that is real and too small to matter, and whether it is one to more.
fn small_change(answer: &Answer) -> Option<bool> {
    let floor = answer.floor.as_ref()?;
    match (floor.lower > 0.0, floor.upper < 0.0) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}

/// What stands for a process, in words.
pub fn statistic(statistic: Statistic) -> &'static str {
    match statistic {
        Statistic::Minimum => "minimum",
        Statistic::LowerQuartile => "lower quartile",
        Statistic::Median => "median",
        Statistic::P95 => "p95",
        Statistic::P99 => "p99",
    }
}

/// Why nothing could be shown.
pub(in crate::render) fn reason(reason: &Reason, names: Sides<&str>, quote: Quote) -> String {
    match reason {
        Reason::Noise => "its rounds scatter too much".to_owned(),
        Reason::StraddlesMargin => "its change is about as large as the margin".to_owned(),
        Reason::Starved { dropped } => format!(
            "others had the machine, so that {} had to be dropped",
            rounds(*dropped)
        ),
        Reason::LayoutSensitive => {
            "its speed depends on where the linker puts it, so that no single number describes it"
                .to_owned()
        }
        Reason::TooFewRounds {
            rounds: had,
            needed,
        } => format!("it had {had} of the {needed} rounds that a first look needs"),
        Reason::Failed(sides) => {
            let failed = sides.as_ref();
            let of = |name: &str, failure: Option<&Failure>| {
                failure.map(|failure| format!("{} {}", quote(name), self::failure(failure)))
            };
            let said: Vec<String> = [
                of(names.before, failed.before.as_ref()),
                of(names.after, failed.after.as_ref()),
            ]
            .into_iter()
            .flatten()
            .collect();
            said.join("; ")
        }
    }
}

fn failure(failure: &Failure) -> String {
    match failure {
        Failure::Crashed { exit, output } => {
            let last = output.lines().rev().find(|line| !line.trim().is_empty());
            match last {
                Some(last) => format!("crashes ({exit}): {}", last.trim()),
                None => format!("crashes ({exit})"),
            }
        }
        Failure::Hung { limit_seconds } => {
            format!("was still running after {}", duration(*limit_seconds))
        }
        Failure::NotMeasured => "runs it and measures nothing".to_owned(),
    }
}

/// Levels that processes fall into: `320.0 ns in 70 %, 950.0 ns in 30 %`.
pub(in crate::render) fn modes(modes: &[Mode], unit: Unit) -> String {
    let modes: Vec<String> = modes
        .iter()
        .map(|mode| {
            format!(
                "{} in {:.0} %",
                amount(mode.level, unit),
                mode.share * 100.0
            )
        })
        .collect();
    modes.join(", ")
}

/// `1 round`, `2 rounds`.
pub(in crate::render) fn rounds(count: u32) -> String {
    counted(count as usize, "round")
}

/// `1 benchmark`, `2 benchmarks`.
pub(in crate::render) fn counted(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}

/// The question of an answer, as it was planned.
pub fn planned<'s>(settlement: &'s Settlement, answer: &Answer) -> Option<&'s Planned> {
    let mut questions = settlement.plan.questions.iter();
    questions.find(|planned| planned.question == answer.question)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_carry_their_signs_and_no_more_digits_than_they_have() {
        let interval = |estimate: f64, lower: f64, upper: f64| Interval {
            statistic: Statistic::Minimum,
            estimate: f64::ln_1p(estimate),
            lower: f64::ln_1p(lower),
            upper: f64::ln_1p(upper),
            alpha: 0.05,
        };
        let cases = [
            ((0.031, 0.024, 0.038), "+3.1 % [+2.4, +3.8]"),
            ((-0.1, -0.12, 0.0), "−10.0 % [−12.0, 0.0]"),
            ((0.0, -0.0004, 0.0004), "0.0 % [0.0, 0.0]"),
            ((2.5, 0.9996, 3.0), "+250 % [+100, +300]"),
        ];
        for ((estimate, lower, upper), text) in cases {
            assert_eq!(change(&interval(estimate, lower, upper)), text);
        }
    }

    #[test]
    fn durations_are_as_exact_as_anybody_wants_them() {
        let cases = [
            (0.42, "0.4 s"),
            (45.4, "45 s"),
            (120.0, "2 min"),
            (165.0, "2 min 45 s"),
            (3_900.0, "1 h 5 min"),
            (7_200.0, "2 h"),
        ];
        for (seconds, text) in cases {
            assert_eq!(duration(seconds), text);
        }
    }

    #[test]
    fn levels_are_shown_as_they_were_written() {
        for (ratio, text) in [
            (0.02, "2 %"),
            (0.005, "0.5 %"),
            (0.1, "10 %"),
            (0.125, "12.5 %"),
        ] {
            assert_eq!(level(ratio), text);
        }
    }
}
