use std::{cell::RefCell, collections::BTreeSet};

use super::*;
use crate::{
    cmd::compare::whereabouts::samples,
    model::{
        benchmark::BenchmarkKey,
        question::{Aspect, Question},
        settlement::Layouts,
    },
    problem::ExitCode,
};

/// What a stand-in is to answer, by side and by how often that benchmark was recorded before.
type Answer = fn(&str, First, usize) -> Result<Result<(), Problem>>;

/// Records nothing and writes down what it is asked for.
struct StandIn<'a> {
    seen: &'a RefCell<Vec<(String, First, u32)>>,
    layouts: &'a RefCell<Vec<Sides<u64>>>,
    answer: Answer,
}

impl Recorder for StandIn<'_> {
    fn lay_out(&mut self, _: Sides<usize>, seeds: Sides<u64>) -> Result<()> {
        self.layouts.borrow_mut().push(seeds);
        Ok(())
    }

    fn take(
        &mut self,
        subject: &Subject,
        _: Sides<usize>,
        role: First,
        padding_bytes: u32,
    ) -> Result<Result<Profile, Problem>> {
        let id = subject.question.key.id.clone();
        let seen = self.seen.borrow();
        let before = seen
            .iter()
            .filter(|(other, side, _)| *other == id && *side == role);
        let before = before.count();
        drop(seen);
        self.seen
            .borrow_mut()
            .push((id.clone(), role, padding_bytes));
        let answer = (self.answer)(&id, role, before)?;
        Ok(answer.map(|()| samples::profile(&id)))
    }

    fn progress(&mut self, done: usize, of: usize, _: &Subject) {
        assert!(done < of, "{done} of {of}");
    }
}

fn recordable(id: &str, executables: usize) -> Recordable {
    let question = Question {
        key: BenchmarkKey {
            package: "p".to_owned(),
            suite: format!("s{executables}"),
            id: id.to_owned(),
        },
        aspect: Aspect::Work,
    };
    Recordable {
        suite: Suite {
            package: "p".to_owned(),
            name: question.key.suite.clone(),
            required_features: Vec::new(),
            label: question.key.suite.clone(),
        },
        executables: Sides {
            before: executables,
            after: executables,
        },
        whereabouts: Whereabouts::new(
            question.key.clone(),
            question.aspect,
            Layouts::FreshEachRound,
        ),
        subject: Subject {
            question,
            renamed_from: None,
            cpu: None,
            set_up_seconds: 0.0,
            times_ns: None,
        },
    }
}

/// What came of it: how it ended, what was kept, in order, and what was asked of the recorder.
struct Ran {
    ended: Result<()>,
    kept: Vec<Whereabouts>,
    seen: Vec<(String, First, u32)>,
    layouts: Vec<Sides<u64>>,
}

fn run_with(all: Vec<Recordable>, answer: Answer) -> Ran {
    let (seen, layouts) = (RefCell::default(), RefCell::default());
    let recorder = StandIn {
        seen: &seen,
        layouts: &layouts,
        answer,
    };
    let mut kept = Vec::new();
    let ended = run(recorder, Draws::new(5), all, &mut |whereabouts| {
        kept.push(whereabouts.clone());
        Ok(())
    });
    Ran {
        ended,
        kept,
        seen: seen.into_inner(),
        layouts: layouts.into_inner(),
    }
}

fn last<'a>(ran: &'a Ran, id: &str) -> &'a Whereabouts {
    let mut kept = ran.kept.iter().rev();
    kept.find(|one| one.key.id == id).expect("it was kept")
}

#[test]
fn every_benchmark_gets_all_its_pairs_with_both_sides_next_to_each_other() {
    let all = vec![recordable("a", 0), recordable("b", 0), recordable("c", 1)];
    let ran = run_with(all, |_, _, _| Ok(Ok(())));
    ran.ended.as_ref().expect("nothing ends it");
    for id in ["a", "b", "c"] {
        assert_eq!(last(&ran, id).pairs(), PAIRS, "{id}");
    }
    assert_eq!(
        ran.kept.len(),
        3 * PAIRS,
        "each pair is kept before the next one"
    );
    for pair in ran.seen.chunks(2) {
        assert_eq!(pair[0].0, pair[1].0);
        assert_ne!(pair[0].1, pair[1].1);
    }
    let first: BTreeSet<bool> = ran
        .seen
        .chunks(2)
        .map(|pair| pair[0].1 == First::Before)
        .collect();
    assert_eq!(first.len(), 2, "one side is always the first");
}

#[test]
fn every_pair_has_layouts_and_paddings_of_its_own() {
    let ran = run_with(vec![recordable("a", 0), recordable("b", 0)], |_, _, _| {
        Ok(Ok(()))
    });
    let seeds: BTreeSet<u64> = ran
        .layouts
        .iter()
        .flat_map(|it| [it.before, it.after])
        .collect();
    assert_eq!(
        ran.layouts.len(),
        PAIRS,
        "benchmarks of a suite share its layouts"
    );
    assert_eq!(seeds.len(), 2 * PAIRS);
    let paddings: BTreeSet<u32> = ran.seen.iter().map(|(_, _, padding)| *padding).collect();
    assert!(paddings.len() > 3 * PAIRS, "{paddings:?}");
}

#[test]
fn what_is_there_is_kept_and_only_what_lacks_is_recorded() {
    let mut begun = recordable("a", 0);
    for _ in 0..PAIRS - 2 {
        begun
            .whereabouts
            .profiles
            .before
            .push(samples::profile("a"));
        begun.whereabouts.profiles.after.push(samples::profile("a"));
    }
    let ran = run_with(vec![begun], |_, _, _| Ok(Ok(())));
    assert_eq!(ran.seen.len(), 4);
    assert_eq!(last(&ran, "a").pairs(), PAIRS);
}

#[test]
fn a_recording_that_would_mislead_ends_its_benchmark_and_no_other() {
    let ran = run_with(
        vec![recordable("a", 0), recordable("b", 0)],
        |id, role, before| {
            Ok(match (id, role, before) {
                ("a", First::After, 1) => Err(Problem::failure("the harness is in it")
                    .fact("found: 9 %")
                    .hint("no")),
                _ => Ok(()),
            })
        },
    );
    ran.ended.as_ref().expect("a reason is no error");
    let refused = last(&ran, "a");
    assert_eq!(
        refused.obstacles,
        ["after: the harness is in it; found: 9 %"]
    );
    assert_eq!(refused.pairs(), 1, "half a pair is none");
    assert_eq!(last(&ran, "b").pairs(), PAIRS);
    assert_eq!(last(&ran, "b").obstacles, [""; 0]);
}

#[test]
fn a_sampler_that_fails_once_is_asked_again_and_one_that_fails_twice_is_told() {
    let once = run_with(vec![recordable("a", 0)], |_, role, before| {
        match (role, before) {
            (First::Before, 0) => Err(Problem::failure("it crashed").into()),
            _ => Ok(Ok(())),
        }
    });
    assert_eq!(last(&once, "a").pairs(), PAIRS);
    assert_eq!(last(&once, "a").obstacles, [""; 0]);
    let always = run_with(vec![recordable("a", 0)], |_, role, _| match role {
        First::Before => Err(Problem::failure("it crashed").into()),
        First::After => Ok(Ok(())),
    });
    assert_eq!(last(&always, "a").obstacles, ["before: it crashed"]);
    assert!(always.seen.len() <= 3, "{:?}", always.seen);
}

#[test]
fn a_signal_ends_everything_and_what_was_kept_stays() {
    let ran = run_with(
        vec![recordable("a", 0), recordable("b", 1)],
        |id, _, before| match (id, before) {
            ("a", 2) => Err(Problem::interrupted(ExitCode::Interrupted, "interrupted").into()),
            _ => Ok(Ok(())),
        },
    );
    assert!(is_signal(
        ran.ended.as_ref().expect_err("it was interrupted")
    ));
    assert_eq!(last(&ran, "a").pairs(), 2);
}
