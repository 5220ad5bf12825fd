use super::*;
use crate::model::{
    comparison::Sides,
    question::{Margin, Tail},
    verdict::{Grade, Interval, Reason, Statistic},
};

/// A settlement with these answers: suite, id, aspect, verdict, after over before.
fn settlement(answers: &[(&str, &str, Aspect, Verdict, f64)]) -> Settlement {
    let mut settlement = crate::cmd::compare::whereabouts::samples::settlement();
    for (suite, id, aspect, verdict, ratio) in answers {
        let question = Question {
            key: BenchmarkKey {
                package: "p".to_owned(),
                suite: (*suite).to_owned(),
                id: (*id).to_owned(),
            },
            aspect: *aspect,
        };
        settlement.plan.questions.push(Planned {
            question: question.clone(),
            renamed_from: None,
            unit: Unit::Nanoseconds,
            margin: Margin::of(0.02),
            tail: Tail::Unknown,
            cpu: (*aspect == Work).then_some(1),
            arguments: Sides::default(),
            group: 0,
            limit_seconds: 10.0,
            process_seconds: 0.1,
        });
        settlement.answers.push(Answer {
            question,
            margin: Margin::of(0.02),
            verdict: verdict.clone(),
            ground: Some(Ground::Floor),
            grade: Grade::Pass,
            floor: Some(Interval {
                statistic: Statistic::Minimum,
                estimate: ratio.ln(),
                lower: 0.0,
                upper: 0.0,
                alpha: 0.05,
            }),
            typical: None,
            tail: Vec::new(),
            levels: Some(Sides {
                before: 100.0,
                after: 100.0 * ratio,
            }),
            decisive_levels: None,
            modes: None,
            rounds: 10,
            dropped: 0,
            rounds_to_decide: None,
        });
    }
    settlement
}

fn ids(chosen: &Chosen) -> Vec<&str> {
    let subjects = chosen.subjects.iter();
    subjects
        .map(|subject| subject.question.key.id.as_str())
        .collect()
}

use Aspect::{Parallel, Work};
use Verdict::{Improved, Regressed, Unchanged};

#[test]
fn what_changed_is_recorded_once_however_many_questions_say_so() {
    let noise = Verdict::Undecided(Reason::Noise);
    let settlement = settlement(&[
        ("s", "better", Work, Improved, 0.8),
        ("s", "both", Work, Regressed, 1.2),
        ("s", "both", Parallel, Regressed, 1.5),
        ("s", "same", Work, Unchanged, 1.0),
        ("s", "unclear", Work, noise, 1.1),
    ]);
    let chosen = choose(&Where::Changed, &settlement);
    assert_eq!(ids(&chosen), ["better", "both"]);
    let both = &chosen.subjects[1];
    assert_eq!((both.question.aspect, both.cpu), (Work, Some(1)));
    let times = both.times_ns.expect("it is a time");
    assert_eq!((times.before, times.after.round()), (100.0, 120.0));
}

#[test]
fn what_changed_only_on_all_cpus_is_recorded_on_all_cpus() {
    let settlement = settlement(&[
        ("s", "a", Work, Unchanged, 1.0),
        ("s", "a", Parallel, Regressed, 1.5),
    ]);
    let chosen = choose(&Where::Changed, &settlement);
    assert_eq!(chosen.subjects.len(), 1);
    assert_eq!(chosen.subjects[0].question.aspect, Parallel);
    assert_eq!(chosen.subjects[0].cpu, None);
}

#[test]
fn of_many_changes_the_largest_ones_are_recorded_and_the_others_named() {
    let names: Vec<String> = (0..12).map(|n| format!("b{n:02}")).collect();
    let answers: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(n, name)| ("s", name.as_str(), Work, Regressed, 1.1 + n as f64 / 10.0))
        .collect();
    let mut answers = answers;
    answers[0].4 = 0.2;
    let chosen = choose(&Where::Changed, &settlement(&answers));
    let kept = ["b00", "b05", "b06", "b07", "b08", "b09", "b10", "b11"];
    assert_eq!(ids(&chosen), kept);
    let left_out: Vec<&str> = chosen.left_out.iter().map(|key| key.id.as_str()).collect();
    assert_eq!(left_out, ["b04", "b03", "b02", "b01"]);
}

#[test]
fn a_filter_is_a_suite_or_a_part_of_ids() {
    let settlement = settlement(&[
        ("actor", "spawn", Work, Regressed, 1.5),
        ("actor", "stop", Work, Unchanged, 1.0),
        ("e2e", "actor_linear", Work, Unchanged, 1.0),
    ]);
    let chosen = |asked: Where| {
        let chosen = choose(&asked, &settlement);
        ids(&chosen).join(" ")
    };
    let matching = |filter: &str| chosen(Where::Matching(filter.to_owned()));
    assert_eq!(matching("actor"), "spawn stop");
    assert_eq!(matching("linear"), "actor_linear");
    assert_eq!(matching("nothing"), "");
    assert_eq!(chosen(Where::All), "spawn stop actor_linear");
    assert_eq!(chosen(Where::Nowhere), "");
}
