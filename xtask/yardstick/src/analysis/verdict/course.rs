//! The rounds of a question as its answer saw them.

use super::{
    guards::{dropped, failure},
    statistic::{FLOOR_CANDIDATES, levels, log_ratio, narrowest},
};
use crate::model::{
    comparison::Sides,
    course::{Course, Point, Standing},
    round::{Observation, Round},
    settlement::{Plan, Settlement},
    verdict::{Answer, Statistic},
};

/// The rounds of every answer of a settlement, in the order of the answers.
pub fn courses(settlement: &Settlement) -> Vec<Course> {
    let rounds = &settlement.rounds;
    let of = |answer: &Answer| {
        let own = rounds.iter();
        let own = own.filter(|round| round.question == answer.question);
        course(&settlement.plan, answer, &own.collect::<Vec<_>>())
    };
    settlement.answers.iter().map(of).collect()
}

fn course(plan: &Plan, answer: &Answer, rounds: &[&Round]) -> Course {
    let mut counted = 0;
    let standings: Vec<Standing> = rounds
        .iter()
        .map(|round| match dropped(plan, round) {
            Some(why) => Standing::Dropped(why),
            None if counted == answer.rounds => Standing::Later,
            None => {
                counted += 1;
                Standing::Counts
            }
        })
        .collect();
    let statistic = match answer.decisive() {
        Some(interval) => interval.statistic,
        None => narrowest_of(rounds, &standings),
    };
    let points = rounds.iter().zip(standings).map(|(round, standing)| {
        let levels = both(round, statistic);
        Point {
            number: round.number,
            levels,
            log_ratio: levels.map(log_ratio),
            standing,
        }
    });
    Course {
        statistic,
        points: points.collect(),
    }
}

/// The statistic that the look of an answer without intervals chose: that of its modes.
fn narrowest_of(rounds: &[&Round], standings: &[Standing]) -> Statistic {
    let counting = || {
        let rounds = rounds.iter().zip(standings);
        rounds.filter(|(_, standing)| **standing == Standing::Counts)
    };
    let candidates = FLOOR_CANDIDATES.map(|statistic| {
        let levels = counting().filter_map(|(round, _)| both(round, statistic));
        levels.map(log_ratio).collect()
    });
    FLOOR_CANDIDATES[narrowest(&candidates)]
}

fn both(round: &Round, statistic: Statistic) -> Option<Sides<f64>> {
    let levels = round.halves.as_ref().map(|half| match failure(half) {
        Some(_) => None,
        None => level(half.result.as_ref().ok()?, statistic),
    });
    Some(Sides {
        before: levels.before?,
        after: levels.after?,
    })
}

/// What stands for a process that has measured something; `None` where it measured nothing of the kind.
fn level(observation: &Observation, statistic: Statistic) -> Option<f64> {
    let floor = |index: usize| levels(&observation.per_iteration)[index];
    match statistic {
        Statistic::Minimum => Some(floor(0)),
        Statistic::LowerQuartile => Some(floor(1)),
        Statistic::Median => Some(floor(2)),
        Statistic::P95 => observation.tail.map(|tail| tail.p95_ns),
        Statistic::P99 => observation.tail.and_then(|tail| tail.p99_ns),
    }
}
