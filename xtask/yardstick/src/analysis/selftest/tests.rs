use super::*;
use crate::model::{
    benchmark::BenchmarkKey,
    selftest::{CriterionJudged, CriterionVerdict, Judged},
};

fn key(id: &str) -> BenchmarkKey {
    BenchmarkKey {
        package: "p".to_owned(),
        suite: "s".to_owned(),
        id: id.to_owned(),
    }
}

fn ours(id: &str, aspect: Aspect, claim: Claim) -> Judged {
    Judged {
        question: Question {
            key: key(id),
            aspect,
        },
        claim,
        change: Some(0.0),
        half_width: Some(0.01),
        rounds: 10,
        process_seconds: 2.0,
    }
}

fn one(percent: u32, slowed: Slowed, claims: [Claim; 2], verdict: CriterionVerdict) -> Try {
    Try {
        injection: Injection {
            margin: 0.02,
            percent,
        },
        slowed,
        ours: vec![
            ours("a", Aspect::Work, claims[0]),
            ours("a", Aspect::Parallel, claims[1]),
        ],
        ours_seconds: 8.0,
        criterion: vec![CriterionJudged {
            key: key("a"),
            verdict,
        }],
        criterion_seconds: 8.0,
    }
}

fn summary(tries: Vec<Try>) -> Vec<Injected> {
    summarise(tries.iter())
}

#[test]
fn without_a_slowdown_every_claim_of_a_change_is_false() {
    let tries = vec![
        one(
            0,
            Slowed::After,
            [Claim::Regressed, Claim::Unchanged],
            CriterionVerdict::Regressed,
        ),
        one(
            0,
            Slowed::Before,
            [Claim::Unchanged, Claim::Improved],
            CriterionVerdict::NoChange,
        ),
        one(
            0,
            Slowed::Before,
            [Claim::Undecided, Claim::Unchanged],
            CriterionVerdict::Improved,
        ),
    ];
    let [summary] = summary(tries).try_into().expect("one injection");
    assert_eq!(summary.suites, 3);
    assert_eq!(
        summary.suites_with_false_verdicts,
        Pair {
            ours: 2,
            criterion: 2
        }
    );
    let expected = Tally {
        found: 0,
        wrong: 1,
        unchanged: 1,
        undecided: 1,
    };
    assert_eq!(summary.work.ours, expected);
    assert_eq!(summary.seconds_per_verdict, 4.0);
}

#[test]
fn a_slowdown_of_the_side_before_is_an_improvement_and_a_regression_there_is_the_wrong_direction() {
    let claims = [Claim::Improved, Claim::Unchanged];
    let tries = vec![
        one(3, Slowed::Before, claims, CriterionVerdict::Regressed),
        one(3, Slowed::After, claims, CriterionVerdict::WithinNoise),
    ];
    let [summary] = summary(tries).try_into().expect("one injection");
    let work = Tally {
        found: 1,
        wrong: 1,
        ..Tally::default()
    };
    assert_eq!(summary.work.ours, work);
    let criterion = Tally {
        wrong: 1,
        unchanged: 1,
        ..Tally::default()
    };
    assert_eq!(summary.work.criterion, criterion);
    let parallel = summary
        .questions
        .iter()
        .find(|(question, _)| question.aspect == Aspect::Parallel);
    let (_, parallel) = parallel.expect("it was asked");
    assert_eq!(parallel.ours.unchanged, 2);
    assert_eq!(parallel.criterion.total(), 0);
}

#[test]
fn injections_are_in_the_order_of_margins_and_changes() {
    let claims = [Claim::Unchanged; 2];
    let with = |margin, percent| {
        let mut one = one(percent, Slowed::After, claims, CriterionVerdict::NoChange);
        one.injection.margin = margin;
        one
    };
    let tries = vec![with(0.01, 2), with(0.02, 10), with(0.02, 0), with(0.01, 0)];
    let order: Vec<(f64, u32)> = summary(tries)
        .iter()
        .map(|summary| (summary.injection.margin, summary.injection.percent))
        .collect();
    assert_eq!(order, [(0.02, 0), (0.02, 10), (0.01, 0), (0.01, 2)]);
}

#[test]
fn a_median_lies_between_the_two_in_the_middle() {
    assert_eq!(median(&mut [3.0, 1.0, 2.0]), Some(2.0));
    assert_eq!(median(&mut [4.0, 1.0, 2.0, 3.0]), Some(2.5));
    assert_eq!(median(&mut []), None);
}
