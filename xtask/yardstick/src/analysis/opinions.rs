//! What counts say about an answer that timing gave.

use crate::model::{
    comparison::Sides,
    settlement::SecondOpinion,
    verdict::{Answer, Verdict},
};

/// Counts of instructions that differ by less are the same: callgrind repeats itself exactly, the keys of a hash map do not.
const SAME_INSTRUCTIONS: f64 = 0.005;

/// Allocations per iteration that differ by less are the same: buffers that grow do so a few times in any number of
/// iterations.
const SAME_ALLOCATIONS: f64 = 0.01;

/// What the counts add to an answer, a sentence each; nothing where they have nothing to say.
pub fn explain(answer: &Answer, opinion: &SecondOpinion) -> Vec<String> {
    let instructions = Counted::new(opinion.instructions, SAME_INSTRUCTIONS);
    let allocations = Counted::new(opinion.allocations, SAME_ALLOCATIONS);
    let bytes = Counted::new(opinion.allocated_bytes, SAME_ALLOCATIONS);
    let mut sentences = Vec::new();
    match &answer.verdict {
        Verdict::Unchanged => return sentences,
        Verdict::Regressed | Verdict::Improved => {
            let same = [&instructions, &allocations, &bytes];
            let known = same.iter().any(|counted| counted.is_known());
            // Without instructions the same allocations say little.
            if instructions.is(Change::None) && same.iter().all(|counted| !counted.has_changed()) {
                sentences.push(memory_or_contention(&answer.verdict, &allocations));
            } else if known {
                sentences.extend(instructions.sentence("instructions"));
            }
        }
        Verdict::Undecided(_) => {
            let told = instructions.sentence("instructions");
            sentences.extend(told.map(|told| format!("{told}, though its time could not be told")));
        }
    }
    sentences.extend(allocations.sentence("allocations"));
    if !allocations.has_changed() {
        sentences.extend(bytes.sentence("allocated bytes"));
    }
    sentences
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
    fn new(sides: Option<Sides<f64>>, tolerated: f64) -> Self {
        Self(sides.map(|sides| {
            let difference = sides.difference();
            let change = match difference.abs() > tolerated * sides.before.abs().max(tolerated) {
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
