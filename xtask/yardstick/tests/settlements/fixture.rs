//! A settlement whose rounds are made here, and whose answers follow from them.

mod course;

use std::collections::BTreeMap;

use yardstick::{
    analysis::verdict::{self, Extent},
    model::{
        benchmark::BenchmarkKey,
        comparison::{Sides, Subject, Warning},
        machine::{Circumstance, Identity, Machine},
        question::{Planned, Tail},
        revision::{Build, Executable, Features, Revision},
        round::Half,
        settlement::{Fate, Layouts, Origin, Plan, Preflight, SecondOpinion, Settlement, Side},
        units::Unit,
        verdict::Answer,
    },
};

pub(crate) use course::{Course, crashes, disturbed, long_tail, two_modes, typical_only};

/// A settlement of these courses.
pub(crate) fn settlement(courses: &[Course]) -> Settlement {
    let shares = courses.len().max(1);
    let looks = verdict::looks(shares, 0.05, Tail::Exported);
    let mut questions: Vec<Planned> = courses
        .iter()
        .enumerate()
        .map(|(group, course)| course.planned(group))
        .collect();
    for (planned, course) in questions.iter_mut().zip(courses) {
        let has_tail = |half: &Half| {
            half.result
                .as_ref()
                .is_ok_and(|measured| measured.tail.is_some())
        };
        if has_tail(&course.round(1).halves.after) {
            planned.tail = Tail::Exported;
        }
    }
    let plan = Plan {
        seed: 42,
        alpha: 0.05,
        looks: looks.rounds,
        first_run_looks: looks.first_run,
        questions,
        shares,
        tolerated_loss: 0.1,
    };
    let mut rounds = Vec::new();
    for number in 1..=courses
        .iter()
        .map(|course| course.rounds)
        .max()
        .unwrap_or(0)
    {
        let running = courses.iter().filter(|course| number <= course.rounds);
        rounds.extend(running.map(|course| course.round(number)));
    }
    let answers = verdict::answers(&plan, &rounds, Extent::FirstRun);
    Settlement {
        sides: Sides {
            before: side("pre", "575b4470d1e9a8e2f3c4b5a697887766554433aa", false),
            after: side("post", "f225b847aa0011223344556677889900aabbccdd", true),
        },
        machine: machine(),
        begun_at: "2026-11-21T08:00:00Z".to_owned(),
        commands: vec![
            ["cargo", "xtask", "compare", "pre", "post"]
                .map(str::to_owned)
                .to_vec(),
        ],
        layouts: Layouts::FreshEachRound,
        fates: courses
            .iter()
            .map(|course| (course.key.clone(), Fate::Asked))
            .collect(),
        unbuilt: Vec::new(),
        spent_seconds: rounds.len() as f64 * 0.5,
        rounds,
        preflight: Vec::new(),
        answers,
        second_opinions: BTreeMap::new(),
        warnings: Vec::new(),
        plan,
    }
}

/// One settlement with everything in it.
pub(crate) fn everything() -> Settlement {
    let mut settlement = settlement(&[
        Course::new("e2e", "e2e/linear").changes(12_345.0, 1.12),
        Course::new("e2e", "e2e/diamond").changes(45_678.0, 1.0),
        Course::new("e2e", "e2e/diamond")
            .changes(30_123.0, 1.0)
            .scatters(0.3)
            .on_all_cpus(),
        Course::new("e2e", "e2e/fast_path").changes(880.0, 0.7),
        Course::new("memory", "memory/actor")
            .changes(1_536.0, 1.3333)
            .scatters(0.0)
            .counts(Unit::Bytes),
        Course::new("message", "message/ask")
            .changes(420.0, 1.01)
            .scatters(0.002)
            .but(disturbed),
        Course::new("message", "message/burst")
            .changes(9_000.0, 1.0)
            .but(crashes)
            .stops_after(2),
        Course::new("message", "message/fan_out")
            .changes(320.0, 1.0)
            .but(two_modes),
        Course::new("message", "message/late").stops_after(5),
        Course::new("message", "message/latency").but(long_tail),
        Course::new("message", "message/lock").but(typical_only),
        Course::new("message", "message/noisy").scatters(0.08),
        Course::new("message", "message/tell").changes(118.0, 1.02),
    ]);
    for (suite, id, fate) in [
        ("supervisor", "supervisor/restart", Fate::SameExecutable),
        ("supervisor", "supervisor/spawn", Fate::SameExecutable),
        ("e2e", "e2e/old_way", Fate::Removed),
        ("e2e", "e2e/new_way", Fate::Added),
        (
            "message",
            "message/send",
            Fate::Renamed {
                to: key("message", "message/tell"),
            },
        ),
        (
            "broker",
            "broker/publish",
            Fate::Unasked("`post` does not build: `benches` (bench \"broker\")".to_owned()),
        ),
    ] {
        settlement.fates.insert(key(suite, id), fate);
    }
    settlement.second_opinions.insert(
        key("e2e", "e2e/linear"),
        SecondOpinion {
            allocations: Some(Sides::from([12.0, 15.0])),
            allocated_bytes: Some(Sides::from([768.0, 960.0])),
            instructions: Some(Sides::from([40_120.0, 45_003.0])),
        },
    );
    settlement.warnings.push(Warning {
        subject: Subject::Lockfile,
        text: "the lock file differs, so dependencies may have other versions".to_owned(),
    });
    settlement.preflight = vec![Preflight {
        key: key("message", "message/noisy"),
        answer: preflight(),
    }];
    settlement
}

fn preflight() -> Answer {
    settlement(&[Course::new("message", "message/noisy")
        .scatters(0.01)
        .stops_after(11)])
    .answers
    .remove(0)
}

pub(crate) fn key(suite: &str, id: &str) -> BenchmarkKey {
    BenchmarkKey {
        package: "benches".to_owned(),
        suite: suite.to_owned(),
        id: id.to_owned(),
    }
}

fn side(name: &str, commit: &str, actors: bool) -> Side {
    let named = actors.then(|| "actors".to_owned());
    Side {
        name: name.to_owned(),
        origin: Origin::Capture,
        revisions: vec![Revision {
            commit: commit.to_owned(),
            branch: Some("main".to_owned()),
            dirty_tree: actors.then(|| "0123".to_owned()),
        }],
        builds: vec![Build {
            rustc: vec!["rustc 1.95.0 (59807616e 2026-04-14)".to_owned()],
            cargo_profile: "bench".to_owned(),
            features: Features {
                named: named.into_iter().collect(),
                ..Features::default()
            },
            rustflags: vec!["-Cllvm-args=-align-all-functions=6".to_owned()],
            lockfile_sha256: None,
        }],
        executables: vec![Executable {
            package: "benches".to_owned(),
            suite: "e2e".to_owned(),
            sha256: name.to_owned(),
        }],
    }
}

fn machine() -> Machine {
    Machine {
        identity: Identity {
            cpu_model: "AMD EPYC 7R13".to_owned(),
            cores: 16,
            architecture: "x86_64".to_owned(),
            operating_system: "linux".to_owned(),
        },
        circumstance: Circumstance {
            kernel: "6.1.0".to_owned(),
            governor: Some("performance".to_owned()),
            turbo: Some(false),
            load_1min: 0.25,
            hypervisor: None,
            on_battery: None,
        },
    }
}
