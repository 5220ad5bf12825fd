use proptest::{collection, option, prelude::*};

use super::*;
use crate::model::{
    benchmark::BenchmarkKey,
    comparison::Subject,
    machine::{Circumstance, Identity},
    question::{Aspect, Margin, Planned, Tail},
    revision::{Build, Executable, Features, Revision},
    round::{Failure, First, Guards, Half, Observation, TailLatencies},
    settlement::{Fate, Origin, SecondOpinion, Unbuilt},
    units::Unit,
    verdict::{Grade, Ground, Interval, Mode, Reason, Statistic, Verdict},
};

/// Every number but NaN, which is not equal to itself.
fn number() -> impl Strategy<Value = f64> {
    use proptest::num::f64::{INFINITE, NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
    NORMAL | SUBNORMAL | ZERO | POSITIVE | NEGATIVE | INFINITE
}

fn sides<T: Clone + std::fmt::Debug>(
    one: impl Strategy<Value = T> + Clone,
) -> impl Strategy<Value = Sides<T>> {
    (one.clone(), one).prop_map(|(before, after)| Sides { before, after })
}

fn key() -> impl Strategy<Value = BenchmarkKey> + Clone {
    ("[a-z]{1,3}", "[a-z]{1,3}", "\\PC{1,8}").prop_map(|(package, suite, id)| BenchmarkKey {
        package,
        suite,
        id,
    })
}

fn question() -> impl Strategy<Value = Question> + Clone {
    (key(), any::<bool>()).prop_map(|(key, pinned)| Question {
        key,
        aspect: if pinned {
            Aspect::Work
        } else {
            Aspect::Parallel
        },
    })
}

prop_compose! {
    fn margin()(numbers in [number(), number(), number()]) -> Margin {
        Margin { relevant: numbers[0], warn: numbers[1], fail: numbers[2] }
    }
}

prop_compose! {
    fn planned()(
        question in question(),
        renamed_from in option::of(key()),
        unit in prop_oneof![Just(Unit::Nanoseconds), Just(Unit::Bytes), Just(Unit::Percent)],
        margin in margin(),
        exported: bool,
        cpu: Option<u32>,
        seconds in [number(), number()],
        arguments in sides(collection::vec("\\PC*", 0..3)),
        group: usize,
    ) -> Planned {
        let tail = if exported { Tail::Exported } else { Tail::Unknown };
        Planned {
            question, renamed_from, unit, margin, tail, cpu, arguments, group,
            process_seconds: seconds[0], limit_seconds: seconds[1],
        }
    }
}

fn failure() -> impl Strategy<Value = Failure> + Clone {
    prop_oneof![
        ("\\PC*", "\\PC*\n?").prop_map(|(exit, output)| Failure::Crashed { exit, output }),
        (0.0..1e9).prop_map(|limit_seconds| Failure::Hung { limit_seconds }),
        Just(Failure::NotMeasured),
    ]
}

prop_compose! {
    fn half()(
        values in collection::vec(number(), 0..6),
        tail in option::of((any::<u64>(), number(), option::of(number()))),
        failed in option::of(failure()),
        counts: [u64; 6],
        shares in [number(), number(), number(), number()],
        throttled: Option<bool>,
        layout_seed: Option<u64>,
        padding_bytes: u32,
    ) -> Half {
        let measured = Observation {
            per_iteration: values,
            tail: tail.map(|(operations, p95_ns, p99_ns)| TailLatencies { operations, p95_ns, p99_ns }),
        };
        Half {
            result: failed.map_or(Ok(measured), Err),
            guards: Guards {
                wall_ns: counts[0], user_ns: counts[1], system_ns: counts[2],
                foreign_share: shares[0], elsewhere_share: shares[1], steal_share: shares[2],
                involuntary_switches: counts[3], voluntary_switches: counts[4], peak_resident_bytes: counts[5],
                load_1min: shares[3], throttled,
            },
            layout_seed, padding_bytes,
        }
    }
}

prop_compose! {
    fn interval()(which in 0..5usize, numbers in [number(), number(), number(), number()]) -> Interval {
        let statistics = [
            Statistic::Minimum, Statistic::LowerQuartile, Statistic::Median, Statistic::P95, Statistic::P99,
        ];
        Interval {
            statistic: statistics[which],
            estimate: numbers[0], lower: numbers[1], upper: numbers[2], alpha: numbers[3],
        }
    }
}

fn verdict() -> impl Strategy<Value = Verdict> {
    let counts = || any::<(u32, u32)>();
    let reason = prop_oneof![
        Just(Reason::Noise),
        Just(Reason::StraddlesMargin),
        any::<u32>().prop_map(|dropped| Reason::Starved { dropped }),
        Just(Reason::LayoutSensitive),
        counts().prop_map(|(rounds, needed)| Reason::TooFewRounds { rounds, needed }),
        sides(option::of(failure())).prop_map(Reason::Failed),
    ];
    prop_oneof![
        Just(Verdict::Regressed),
        Just(Verdict::Improved),
        Just(Verdict::Unchanged),
        reason.prop_map(Verdict::Undecided),
    ]
}

prop_compose! {
    fn answer()(
        question in question(),
        margin in margin(),
        verdict in verdict(),
        ground in option::of(prop_oneof![Just(Ground::Floor), Just(Ground::Typical), Just(Ground::Tail)]),
        grade in prop_oneof![Just(Grade::Pass), Just(Grade::Warn), Just(Grade::Fail)],
        floor in option::of(interval()),
        typical in option::of(interval()),
        tail in collection::vec(interval(), 0..3),
        levels in option::of((number(), number())),
        modes in option::of(collection::vec((number(), number()), 0..3)),
        counts: (u32, u32, Option<u32>),
    ) -> Answer {
        let modes = modes.map(|modes| {
            let modes: Vec<Mode> = modes.into_iter().map(|(level, share)| Mode { level, share }).collect();
            Sides { before: modes.clone(), after: modes }
        });
        Answer {
            question, margin, verdict, ground, grade, floor, typical, tail, modes,
            levels: levels.map(|(before, after)| Sides { before, after }),
            decisive_levels: levels.map(|(before, after)| Sides { before: after, after: before }),
            rounds: counts.0, dropped: counts.1, rounds_to_decide: counts.2,
        }
    }
}

prop_compose! {
    fn side()(name in "\\PC*", which in 0..3usize, words in collection::vec("\\PC*", 0..3), some: Option<bool>) -> Side {
        let known = some.map(|_| name.clone());
        Side {
            origin: [Origin::Capture, Origin::Revision, Origin::WorkingTree][which],
            revisions: vec![Revision { commit: name.clone(), branch: known.clone(), dirty_tree: known.clone() }],
            builds: vec![Build {
                rustc: words.clone(),
                cargo_profile: name.clone(),
                features: Features { named: words.clone(), all: some == Some(true), no_default: some == Some(false) },
                rustflags: words,
                lockfile_sha256: known,
            }],
            executables: vec![Executable { package: name.clone(), suite: name.clone(), sha256: name.clone() }],
            name,
        }
    }
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        Just(Fate::Asked),
        Just(Fate::SameExecutable),
        Just(Fate::Removed),
        Just(Fate::Added),
        key().prop_map(|to| Fate::Renamed { to }),
        "\\PC*".prop_map(Fate::Unasked),
    ]
}

fn machine() -> Machine {
    Machine {
        identity: Identity {
            cpu_model: "a CPU".to_owned(),
            cores: 2,
            architecture: "x86_64".to_owned(),
            operating_system: "linux".to_owned(),
        },
        circumstance: Circumstance {
            kernel: "6.1.0".to_owned(),
            governor: None,
            turbo: Some(true),
            load_1min: 0.25,
            hypervisor: Some("kvm".to_owned()),
            on_battery: None,
        },
    }
}

prop_compose! {
    fn settlement()(
        sides in (side(), side()),
        text in "\\PC*",
        seed: u64,
        numbers in [number(), number(), number()],
        looks in collection::vec(any::<u32>(), 0..4),
        questions in collection::vec(planned(), 1..4),
        rounds in collection::vec((any::<prop::sample::Index>(), half(), half(), any::<bool>()), 0..5),
        layouts in prop_oneof![Just(Layouts::FreshEachRound), "\\PC*".prop_map(Layouts::AsLinked)],
        fates in collection::btree_map(key(), fate(), 0..4),
        answers in collection::vec(answer(), 0..4),
        opinions in collection::btree_map(key(), (option::of(number()), number()), 0..3),
        unbuilt in collection::vec(("\\PC*", collection::vec("\\PC*", 0..3)), 0..3),
    ) -> Settlement {
        let mut numbered = BTreeMap::new();
        let rounds = rounds.into_iter().map(|(of, before, after, first)| {
            let question = of.get(&questions).question.clone();
            let number = numbered.entry(question.clone()).or_insert(0);
            *number += 1;
            Round {
                question,
                number: *number,
                first: if first { First::Before } else { First::After },
                halves: Sides { before, after },
            }
        });
        let both = |value: f64| Sides { before: value, after: -value };
        Settlement {
            rounds: rounds.collect(),
            sides: Sides { before: sides.0, after: sides.1 },
            machine: machine(),
            begun_at: text.clone(),
            commands: vec![vec![text.clone()], vec![]],
            plan: Plan {
                seed, looks, questions,
                alpha: numbers[0],
                first_run_looks: 1,
                shares: 3,
                tolerated_loss: numbers[1],
            },
            layouts, fates,
            unbuilt: unbuilt.into_iter().map(|(suite, why)| Unbuilt {
                package: "p".to_owned(),
                suite,
                why: Sides { before: why, after: Vec::new() },
            }).collect(),
            preflight: answers.iter().take(1).map(|answer| Preflight { key: answer.question.key.clone(), answer: answer.clone() }).collect(),
            answers,
            second_opinions: opinions.into_iter().map(|(key, (some, other))| (key, SecondOpinion {
                allocations: some.map(both),
                allocated_bytes: None,
                instructions: Some(both(other)),
            })).collect(),
            warnings: vec![Warning { subject: Subject::Lockfile, text }],
            spent_seconds: numbers[2],
        }
    }
}

fn journal(settlement: &Settlement) -> Vec<u8> {
    settlement.rounds.iter().flat_map(encode_round).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_again(settlement in settlement()) {
        let read = decode("a..b/1", &encode(&settlement), &journal(&settlement));
        prop_assert_eq!(read, Ok(settlement));
    }

    #[test]
    fn a_flipped_byte_is_noticed(settlement in settlement(), at: prop::sample::Index, flip in 1..=255_u8) {
        let whole = [encode(&settlement), journal(&settlement)];
        let position = at.index(whole[0].len() + whole[1].len());
        let mut damaged = whole.clone();
        match position.checked_sub(whole[0].len()) {
            None => damaged[0][position] ^= flip,
            Some(position) => damaged[1][position] ^= flip,
        }
        let problem = decode("a..b/1", &damaged[0], &damaged[1]);
        prop_assert!(problem.is_err(), "byte {} was {:?}", position, flip);
    }

    #[test]
    fn a_journal_that_a_killed_run_left_holds_every_finished_round(
        settlement in settlement(), at: prop::sample::Index,
    ) {
        // What is on disk from the first round on: a plan that knows of no round.
        let begun = Settlement { rounds: Vec::new(), ..settlement.clone() };
        let whole = journal(&settlement);
        let cut = &whole[..at.index(whole.len() + 1)];
        let read = decode("a..b/1", &encode(&begun), cut).expect("it can be read");
        let lines = cut.iter().filter(|byte| **byte == b'\n').count();
        prop_assert_eq!(&read.rounds, &settlement.rounds[..lines]);
        prop_assert_eq!(finished(cut), journal(&read));
        prop_assert!(read.answers.is_empty() || lines == 0, "they know nothing of these rounds");
    }

    #[test]
    fn a_settlement_that_was_cut_is_noticed(settlement in settlement(), at: prop::sample::Index) {
        let (file, journal) = (encode(&settlement), journal(&settlement));
        let cut = at.index(file.len());
        prop_assert!(decode("a..b/1", &file[..cut], &journal).is_err());
        if !journal.is_empty() {
            let cut = at.index(journal.len());
            prop_assert!(decode("a..b/1", &file, &journal[..cut]).is_err());
        }
    }

    #[test]
    fn a_flipped_byte_of_a_journal_that_is_not_sealed_yet_never_changes_a_round(
        settlement in settlement(), at: prop::sample::Index, flip in 1..=255_u8,
    ) {
        let begun = Settlement { rounds: Vec::new(), ..settlement.clone() };
        let mut journal = journal(&settlement);
        if journal.is_empty() {
            return Ok(());
        }
        let position = at.index(journal.len());
        journal[position] ^= flip;
        // The line feed of the last line alone may go: then that line is one that was not finished.
        if let Ok(read) = decode("a..b/1", &encode(&begun), &journal) {
            prop_assert_eq!(&read.rounds, &settlement.rounds[..settlement.rounds.len() - 1]);
        }
    }

    #[test]
    fn a_journal_with_a_missing_round_is_damaged(settlement in settlement(), at: prop::sample::Index) {
        prop_assume!(settlement.rounds.len() > 1);
        let begun = encode(&Settlement { rounds: Vec::new(), ..settlement.clone() });
        let question = &settlement.plan.questions[0].question;
        let rounds = settlement.rounds.iter().zip(1..);
        let lines: Vec<Vec<u8>> = rounds
            .map(|(round, number)| encode_round(&Round { question: question.clone(), number, ..round.clone() }))
            .collect();
        let missing = at.index(lines.len() - 1);
        let journal = [&lines[..missing], &lines[missing + 1..]].concat().concat();
        let problem = decode("a..b/1", &begun, &journal).expect_err("a round is missing").to_string();
        let expected = format!("where {} should be", missing + 1);
        prop_assert!(problem.contains(&expected) && problem.contains("`rounds.jsonl`"), "{}", problem);
    }
}

#[test]
fn another_format_is_refused_with_the_release_that_reads_it() {
    let other = br#"{"format": 2, "tool": "yardstick 9.0.0", "new": true}"#;
    let problem = decode("a..b/1", other, b"").expect_err("it is of another format");
    let text = problem.to_string();
    assert!(
        text.contains("format 2, written by yardstick 9.0.0"),
        "{text}"
    );
    assert!(text.contains("read it with yardstick 9.0.0"), "{text}");
}
