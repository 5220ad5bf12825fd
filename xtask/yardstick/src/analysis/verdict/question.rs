//! One question, from its rounds in the order run to its answer.

use super::{
    guards::{dropped, failure},
    modes::modes,
    outcome::{outcome, rounds_to_decide},
    signed_rank,
    spending::{self, Extent, levels, look_alpha},
    statistic::{self, FLOOR_CANDIDATES, log_ratio, narrowest, quantile},
};
use crate::model::{
    comparison::Sides,
    question::{Planned, Tail},
    round::{Dropped, Failure, Half, Round, TailLatencies},
    settlement::Plan,
    verdict::{Answer, Grade, Ground, Interval, Reason, Statistic, Verdict},
};

/// So many failures end a question: of one side in a row, or of both where more rounds failed
/// than count.
const PATIENCE: u32 = 2;

/// The answer to one question from its rounds, in the order they were run.
///
/// Intervals are formed at the planned looks only, and rounds after the look that decided do
/// not count: the rounds up to there give the same answer, to the last bit. A question also
/// ends where its levels fall into modes, or where a side fails again and again.
pub fn answer(plan: &Plan, planned: &Planned, rounds: &[&Round], extent: Extent) -> Answer {
    let looks = spending::within(plan, extent);
    let mut so_far = SoFar::default();
    let mut latest = without_rounds(
        planned,
        Verdict::Undecided(Reason::TooFewRounds {
            rounds: 0,
            needed: looks.first().copied().unwrap_or_default(),
        }),
    );
    latest.rounds_to_decide = looks.first().copied();
    for round in rounds {
        let counts = so_far.add(plan, round);
        if so_far.fails() {
            return so_far.failed(latest);
        }
        let look = looks.iter().position(|look| *look == so_far.counted());
        if let (true, Some(look)) = (counts, look) {
            latest = so_far.look(plan, planned, look);
            if is_final(&latest.verdict) {
                return latest;
            }
        }
    }
    so_far.unfinished(latest, looks)
}

/// The answer to a question that no round has to answer: its executables are the same, or it
/// cannot run.
pub fn without_rounds(planned: &Planned, verdict: Verdict) -> Answer {
    Answer {
        question: planned.question.clone(),
        margin: planned.margin,
        verdict,
        ground: None,
        grade: Grade::Pass,
        floor: None,
        typical: None,
        tail: Vec::new(),
        levels: None,
        decisive_levels: None,
        modes: None,
        rounds: 0,
        dropped: 0,
        rounds_to_decide: None,
    }
}

/// Whether more rounds change nothing any more.
pub fn is_final(verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Regressed | Verdict::Improved | Verdict::Unchanged => true,
        Verdict::Undecided(reason) => {
            matches!(reason, Reason::LayoutSensitive | Reason::Failed(_))
        }
    }
}

/// What the rounds so far amount to.
#[derive(Default)]
struct SoFar {
    /// For each of the floor's candidates the levels of the rounds that count.
    levels: [Vec<Sides<f64>>; 3],
    /// Their percentiles of single operations.
    tails: Vec<Sides<Option<TailLatencies>>>,
    /// Rounds dropped because others had the machine.
    disturbed: u32,
    /// Rounds dropped because a half failed.
    failed: u32,
    /// How each side failed last.
    failures: Sides<Option<Failure>>,
    /// In how many rounds it failed since it last ran.
    in_a_row: Sides<u32>,
}

impl SoFar {
    /// Takes a round in; whether it counts.
    fn add(&mut self, plan: &Plan, round: &Round) -> bool {
        let failures = round.halves.as_ref().map(failure);
        track(
            &mut self.in_a_row.before,
            &mut self.failures.before,
            failures.before,
        );
        track(
            &mut self.in_a_row.after,
            &mut self.failures.after,
            failures.after,
        );
        let reason = dropped(plan, round);
        match reason {
            Some(Dropped::Failed) => self.failed += 1,
            Some(_) => self.disturbed += 1,
            None => self.count(round.halves.as_ref()),
        }
        reason.is_none()
    }

    fn count(&mut self, halves: Sides<&Half>) {
        let observed = halves.map(|half| half.result.as_ref().ok());
        let levels = observed.map(|o| o.map(|o| statistic::levels(&o.per_iteration)));
        let (Some(before), Some(after)) = (levels.before, levels.after) else {
            return;
        };
        for (index, candidate) in self.levels.iter_mut().enumerate() {
            candidate.push(Sides {
                before: before[index],
                after: after[index],
            });
        }
        self.tails.push(observed.map(|o| o.and_then(|o| o.tail)));
    }

    /// Whether a side fails again and again.
    fn fails(&self) -> bool {
        let in_a_row = self.in_a_row.before.max(self.in_a_row.after);
        in_a_row >= PATIENCE || (self.failed >= PATIENCE && self.failed > self.counted())
    }

    fn counted(&self) -> u32 {
        u32::try_from(self.tails.len()).unwrap_or(u32::MAX)
    }

    fn dropped(&self) -> u32 {
        self.disturbed + self.failed
    }

    /// The answer at a look.
    fn look(&self, plan: &Plan, planned: &Planned, look: usize) -> Answer {
        let candidates: [Vec<f64>; 3] = std::array::from_fn(|index| {
            let levels = self.levels[index].iter().copied();
            levels.map(log_ratio).collect()
        });
        let chosen = narrowest(&candidates);
        let mut answer = Answer {
            rounds: self.counted(),
            dropped: self.dropped(),
            ..without_rounds(planned, Verdict::Undecided(Reason::LayoutSensitive))
        };
        answer.modes = modes(&self.levels[chosen], &planned.margin);
        if answer.modes.is_some() {
            return answer;
        }
        let levels = levels(look_alpha(plan, look), planned.tail);
        answer.floor = interval(FLOOR_CANDIDATES[chosen], &candidates[chosen], levels.floor);
        answer.typical = interval(Statistic::Median, &candidates[2], levels.typical);
        answer.tail = self.tail_intervals(planned.tail, levels.tail);
        let outcome = outcome(&grounds(&answer), &planned.margin);
        if let (Some(floor), false) = (&answer.floor, is_final(&outcome.verdict)) {
            answer.rounds_to_decide =
                rounds_to_decide(floor, &planned.margin, answer.rounds, &plan.looks);
        }
        answer.verdict = outcome.verdict;
        answer.ground = outcome.ground;
        answer.grade = outcome.grade;
        let decisive = answer.decisive().map(|interval| interval.statistic);
        answer.levels = Some(median_levels(&self.levels[chosen]));
        let levels = decisive.and_then(|statistic| self.levels_by(statistic));
        answer.decisive_levels = levels.or(answer.levels);
        answer
    }

    /// The medians over the rounds of what stands for a process.
    fn levels_by(&self, statistic: Statistic) -> Option<Sides<f64>> {
        let candidate = FLOOR_CANDIDATES.iter().position(|one| *one == statistic);
        match (candidate, statistic) {
            (Some(index), _) => Some(median_levels(&self.levels[index])),
            (None, Statistic::P99) => Some(median_levels(&self.percentiles(|tail| tail.p99_ns)?)),
            (None, _) => Some(median_levels(&self.percentiles(|tail| Some(tail.p95_ns))?)),
        }
    }

    /// A percentile of single operations in every round; `None` where a process lacks it.
    fn percentiles(&self, of: fn(&TailLatencies) -> Option<f64>) -> Option<Vec<Sides<f64>>> {
        let level = |tail: &Option<TailLatencies>| tail.as_ref().and_then(of);
        let rounds = self.tails.iter();
        rounds
            .map(|tails| {
                Some(Sides {
                    before: level(&tails.before)?,
                    after: level(&tails.after)?,
                })
            })
            .collect()
    }

    /// The intervals by the percentiles that both processes of every round have.
    fn tail_intervals(&self, tail: Tail, level: f64) -> Vec<Interval> {
        let of = |percentile: fn(&TailLatencies) -> Option<f64>| -> Option<Vec<f64>> {
            let levels = self.percentiles(percentile)?;
            Some(levels.into_iter().map(log_ratio).collect())
        };
        if tail == Tail::Unknown {
            return Vec::new();
        }
        let percentiles = [
            (Statistic::P95, of(|tail| Some(tail.p95_ns))),
            (Statistic::P99, of(|tail| tail.p99_ns)),
        ];
        percentiles
            .into_iter()
            .filter_map(|(statistic, log_ratios)| interval(statistic, &log_ratios?, level))
            .collect()
    }
}

impl SoFar {
    /// The answer of a question whose side fails again and again: how that side fails, or both
    /// where neither alone does.
    fn failed(mut self, latest: Answer) -> Answer {
        let rows = self.in_a_row;
        if rows.before.max(rows.after) >= PATIENCE {
            self.failures.before.take_if(|_| rows.before == 0);
            self.failures.after.take_if(|_| rows.after == 0);
        }
        Answer {
            rounds: self.counted(),
            dropped: self.dropped(),
            verdict: Verdict::Undecided(Reason::Failed(self.failures)),
            rounds_to_decide: None,
            ..latest
        }
    }

    /// The answer where no look decided: that of the latest one, or why there was none.
    fn unfinished(self, latest: Answer, looks: &[u32]) -> Answer {
        let rounds = self.counted();
        let needed = looks.first().copied().unwrap_or_default();
        let too_few = rounds < needed;
        let starved = self.disturbed > rounds || (too_few && rounds + self.disturbed >= needed);
        let dropped = self.dropped();
        let latest = Answer {
            rounds: if too_few { rounds } else { latest.rounds },
            dropped,
            ..latest
        };
        if starved {
            Answer {
                verdict: Verdict::Undecided(Reason::Starved { dropped }),
                rounds_to_decide: None,
                ..latest
            }
        } else if too_few {
            Answer {
                verdict: Verdict::Undecided(Reason::TooFewRounds { rounds, needed }),
                ..latest
            }
        } else {
            latest
        }
    }
}

/// Counts the failures of a side in a row, and keeps the last one.
fn track(in_a_row: &mut u32, last: &mut Option<Failure>, failure: Option<Failure>) {
    match failure {
        None => *in_a_row = 0,
        failed => {
            *in_a_row += 1;
            *last = failed;
        }
    }
}

/// The intervals of an answer with what they are grounds for.
fn grounds(answer: &Answer) -> Vec<(Ground, Interval)> {
    let floor = answer.floor.map(|interval| (Ground::Floor, interval));
    let typical = answer.typical.map(|interval| (Ground::Typical, interval));
    let tail = answer.tail.iter().map(|interval| (Ground::Tail, *interval));
    floor.into_iter().chain(typical).chain(tail).collect()
}

/// `None` where there are too few rounds for the level.
fn interval(statistic: Statistic, log_ratios: &[f64], alpha: f64) -> Option<Interval> {
    let centre = signed_rank::centre(log_ratios, alpha)?;
    Some(Interval {
        statistic,
        estimate: centre.estimate,
        lower: centre.lower,
        upper: centre.upper,
        alpha,
    })
}

fn median_levels(levels: &[Sides<f64>]) -> Sides<f64> {
    let median = |side: fn(&Sides<f64>) -> f64| {
        let mut ascending: Vec<f64> = levels.iter().map(side).collect();
        ascending.sort_by(f64::total_cmp);
        quantile(&ascending, 0.5)
    };
    Sides {
        before: median(|levels| levels.before),
        after: median(|levels| levels.after),
    }
}
