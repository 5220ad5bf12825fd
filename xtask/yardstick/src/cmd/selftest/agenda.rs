//! What is left to try, in random order, so that no change meets the machine at another hour than the others.

use crate::{
    cmd::compare::planning::schedule::Draws,
    model::selftest::{Injection, Slowed, Try},
};

/// One try that is to be made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Task {
    /// What is injected.
    pub injection: Injection,
    /// Into which side.
    pub slowed: Slowed,
    /// Who compares first.
    pub first: Judge,
}

/// Who gives a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judge {
    /// We do.
    Us,
    /// Criterion does.
    Criterion,
}

/// The tries that `done` lacks to have `count` of each injection.
pub fn agenda(wanted: &[Injection], count: u32, done: &[&Try], draws: Draws) -> Vec<Task> {
    let mut tasks = Vec::new();
    for &injection in wanted {
        let made = done.iter().filter(|one| one.injection == injection).count() as u32;
        for number in made..count {
            let name = format!("{} {} {number}", injection.margin, injection.percent);
            let task = Task {
                injection,
                slowed: match draws.coin("slowed", &name) {
                    true => Slowed::Before,
                    false => Slowed::After,
                },
                first: match draws.coin("judge", &name) {
                    true => Judge::Us,
                    false => Judge::Criterion,
                },
            };
            tasks.push((name, task));
        }
    }
    draws.shuffle(0, &mut tasks, |(name, _)| name.clone());
    tasks.into_iter().map(|(_, task)| task).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn injection(percent: u32) -> Injection {
        Injection {
            margin: 0.02,
            percent,
        }
    }

    fn done(percent: u32) -> Try {
        Try {
            injection: injection(percent),
            slowed: Slowed::After,
            ours: Vec::new(),
            ours_seconds: 0.0,
            criterion: Vec::new(),
            criterion_seconds: 0.0,
        }
    }

    #[test]
    fn what_is_done_is_not_tried_again() {
        let done = [done(0), done(3), done(3), done(7)];
        let done: Vec<&Try> = done.iter().collect();
        let wanted = [injection(0), injection(3)];
        let tasks = agenda(&wanted, 2, &done, Draws::new(1));
        let percents: Vec<u32> = tasks.iter().map(|task| task.injection.percent).collect();
        assert_eq!(percents, [0]);
        assert!(agenda(&wanted, 1, &done, Draws::new(1)).is_empty());
    }

    #[test]
    fn either_side_is_slowed_and_either_judge_is_first_about_as_often() {
        let wanted = [injection(0), injection(3), injection(5)];
        let tasks = agenda(&wanted, 200, &[], Draws::new(4));
        assert_eq!(tasks.len(), 600);
        let before = tasks.iter().filter(|task| task.slowed == Slowed::Before);
        let ours = tasks.iter().filter(|task| task.first == Judge::Us);
        for count in [before.count(), ours.count()] {
            assert!((240..360).contains(&count), "{count} of 600");
        }
        let changes = tasks
            .windows(2)
            .filter(|two| two[0].injection != two[1].injection);
        assert!(changes.count() > 300, "they are not shuffled");
    }
}
