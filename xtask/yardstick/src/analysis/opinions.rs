//! What counts say about an answer that timing gave.

use crate::model::{
    comparison::Sides,
    settlement::SecondOpinion,
    verdict::{Answer, Reason, Verdict},
};

/// Counts of instructions that differ by less than this share are the same: callgrind repeats itself exactly, the keys of a
/// hash map do not, and moved a count by 0.1 %.
const SAME_INSTRUCTIONS: Tolerance = Tolerance {
    share: 0.002,
    at_least: 0.0,
};

/// Allocations per iteration that differ by less are the same: buffers that grow do so a few times in any number of
/// iterations, which moved them by 0.1 in an A/A.
const SAME_ALLOCATIONS: Tolerance = Tolerance {
    share: 0.01,
    at_least: 0.25,
};

/// Bytes per iteration that differ by less are the same, for the same reason; one growth is many bytes.
const SAME_BYTES: Tolerance = Tolerance {
    share: 0.05,
    at_least: 16.0,
};

/// Allocations per iteration below which bytes are mostly those of buffers that grow once in a while, and scatter by a
/// quarter.
const FEWEST_ALLOCATIONS_FOR_BYTES: f64 = 1.0;

/// More instructions per nanosecond than memory lets anybody have. What a bench sets up inside of its iteration is counted and
/// not timed, so a greater count is mostly that.
const MOST_INSTRUCTIONS_PER_NS: f64 = 8.0;

/// What the counts add to an answer, a sentence each; nothing where they have nothing to say.
pub fn explain(answer: &Answer, opinion: &SecondOpinion) -> Vec<String> {
    let instructions = Counted::new(opinion.instructions, SAME_INSTRUCTIONS);
    let allocations = Counted::new(opinion.allocations, SAME_ALLOCATIONS);
    let allocates = opinion
        .allocations
        .is_some_and(|sides| sides.before.min(sides.after) >= FEWEST_ALLOCATIONS_FOR_BYTES);
    let bytes = opinion.allocated_bytes.filter(|_| allocates);
    let bytes = Counted::new(bytes, SAME_BYTES);
    let noun = match is_timed(answer, opinion) {
        true => "instructions",
        false => "instructions with their set-up",
    };
    let mut sentences = Vec::new();
    match &answer.verdict {
        // Of what was hardly timed there is nothing to explain.
        Verdict::Unchanged | Verdict::Undecided(Reason::TooFewRounds { .. }) => return sentences,
        Verdict::Regressed | Verdict::Improved => {
            let others = [&allocations, &bytes];
            let nothing_else = others.iter().all(|counted| !counted.has_changed());
            // Without instructions the same allocations say little, and so do instructions that were not timed.
            if instructions.is(Change::None) && nothing_else && is_timed(answer, opinion) {
                sentences.push(memory_or_contention(&answer.verdict, &allocations));
            }
            sentences.extend(instructions.sentence(noun));
        }
        Verdict::Undecided(_) => {
            let told = instructions.sentence(noun);
            sentences.extend(told.map(|told| format!("{told}, though its time could not be told")));
        }
    }
    sentences.extend(allocations.sentence("allocations"));
    if !allocations.has_changed() {
        sentences.extend(bytes.sentence("allocated bytes"));
    }
    sentences
}

/// Whether the instructions that were counted are about those that were timed.
fn is_timed(answer: &Answer, opinion: &SecondOpinion) -> bool {
    let (Some(levels), Some(instructions)) = (answer.levels, opinion.instructions) else {
        return false;
    };
    let fits = |instructions: f64, level: f64| instructions <= MOST_INSTRUCTIONS_PER_NS * level;
    fits(instructions.before, levels.before) && fits(instructions.after, levels.after)
}

fn memory_or_contention(verdict: &Verdict, allocations: &Counted) -> String {
    let what = match allocations.is_known() {
        true => "the same instructions and allocations per iteration",
        false => "the same instructions per iteration",
    };
    match verdict {
        Verdict::Improved => {
            format!("{what}: what was gained is access to memory, or less contention")
        }
        _ => format!("{what}: what it costs is memory or contention"),
    }
}

/// Up to where two counts are the same: a share of the first, and no less than so much.
#[derive(Clone, Copy, Debug)]
struct Tolerance {
    share: f64,
    at_least: f64,
}

/// Which way a count went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    More,
    Fewer,
    None,
}

/// A count of both sides, and what became of it.
#[derive(Clone, Copy, Debug)]
struct Counted(Option<(Sides<f64>, Change)>);

impl Counted {
    fn new(sides: Option<Sides<f64>>, tolerance: Tolerance) -> Self {
        Self(sides.map(|sides| {
            let difference = sides.difference();
            let tolerated = (tolerance.share * sides.before.abs()).max(tolerance.at_least);
            let change = match difference.abs() > tolerated {
                true if difference > 0.0 => Change::More,
                true => Change::Fewer,
                false => Change::None,
            };
            (sides, change)
        }))
    }

    fn is_known(&self) -> bool {
        self.0.is_some()
    }

    fn is(&self, wanted: Change) -> bool {
        self.0.is_some_and(|(_, change)| change == wanted)
    }

    fn has_changed(&self) -> bool {
        self.is(Change::More) || self.is(Change::Fewer)
    }

    /// `3.1 % more instructions per iteration (1,034 → 1,066)`; nothing where it has not changed.
    fn sentence(&self, noun: &str) -> Option<String> {
        let (sides, change) = self.0?;
        let word = match change {
            Change::More => "more",
            Change::Fewer => "fewer",
            Change::None => return None,
        };
        let share = sides
            .ratio()
            .map(|ratio| format!("{:.1} % ", 100.0 * (ratio - 1.0).abs()))
            .unwrap_or_default();
        let (before, after) = (shown(sides.before), shown(sides.after));
        Some(format!(
            "{share}{word} {noun} per iteration ({before} → {after})"
        ))
    }
}

/// A count with the digits that matter: thousands grouped, two decimals where it is small.
fn shown(count: f64) -> String {
    if count < 100.0 {
        let text = format!("{count:.2}");
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    let digits = format!("{count:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests;
