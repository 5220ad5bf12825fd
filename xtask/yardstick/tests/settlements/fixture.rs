//! A settlement whose rounds are made here, and whose answers follow from them.

use std::collections::BTreeMap;

use yardstick::{
    analysis::verdict::{self, Extent},
    model::{
        benchmark::BenchmarkKey,
        comparison::{Sides, Subject, Warning},
        machine::{Circumstance, Identity, Machine},
        question::{Aspect, Margin, Planned, Question, Tail},
        revision::{Build, Executable, Features, Revision},
        round::{Failure, First, Guards, Half, Observation, Round, TailLatencies},
        settlement::{Fate, Layouts, Origin, Plan, Preflight, SecondOpinion, Settlement, Side},
        units::Unit,
        verdict::Answer,
    },
};

/// How the rounds of one question come out.
pub(crate) struct Course {
    key: BenchmarkKey,
    aspect: Aspect,
    unit: Unit,
    /// The level before the change.
    level: f64,
    /// After over before.
    ratio: f64,
    /// How far a round's ratio strays from that, at most.
    scatter: f64,
    rounds: u32,
    /// What becomes of single rounds.
    fate: fn(&mut Round),
}

impl Course {
    /// A benchmark that takes 1 µs and does not change.
    pub(crate) fn new(suite: &str, id: &str) -> Self {
        Self {
            key: key(suite, id),
            aspect: Aspect::Work,
            unit: Unit::Nanoseconds,
            level: 1_000.0,
            ratio: 1.0,
            scatter: 0.004,
            rounds: 40,
            fate: |_| (),
        }
    }

    pub(crate) fn changes(self, level: f64, ratio: f64) -> Self {
        Self {
            level,
            ratio,
            ..self
        }
    }

    pub(crate) fn scatters(self, scatter: f64) -> Self {
        Self { scatter, ..self }
    }

    pub(crate) fn on_all_cpus(self) -> Self {
        Self {
            aspect: Aspect::Parallel,
            ..self
        }
    }

    pub(crate) fn counts(self, unit: Unit) -> Self {
        Self { unit, ..self }
    }

    pub(crate) fn stops_after(self, rounds: u32) -> Self {
        Self { rounds, ..self }
    }

    pub(crate) fn but(self, fate: fn(&mut Round)) -> Self {
        Self { fate, ..self }
    }

    fn question(&self) -> Question {
        Question {
            key: self.key.clone(),
            aspect: self.aspect,
        }
    }

    fn planned(&self, group: usize) -> Planned {
        let mut margin = Margin {
            relevant: 0.02,
            warn: 0.1,
            fail: 0.2,
        };
        if self.aspect == Aspect::Parallel {
            margin = margin.at_least(0.05);
        }
        Planned {
            question: self.question(),
            renamed_from: None,
            unit: self.unit,
            margin,
            tail: Tail::Unknown,
            cpu: (self.aspect == Aspect::Work).then_some(1),
            arguments: Sides::from([vec!["--sample-size".to_owned()], Vec::new()]),
            group,
            limit_seconds: 20.0,
            process_seconds: 0.25,
        }
    }

    fn round(&self, number: u32) -> Round {
        let wave = |salt: u32| pseudo_random(&self.key.id, number, salt) * 2.0 - 1.0;
        // The machine drifts, and both halves of a round with it.
        let level = self.level * (1.0 + 0.02 * wave(1));
        let ratio = self.ratio * (1.0 + self.scatter * wave(2));
        let mut round = Round {
            question: self.question(),
            number,
            first: if number % 2 == 0 {
                First::Before
            } else {
                First::After
            },
            halves: Sides::from([level, level * ratio]).map(|level| half(level, number)),
        };
        (self.fate)(&mut round);
        round
    }
}

fn half(level: f64, number: u32) -> Half {
    let shares = [0.0, 0.0, 0.01, 0.02, 0.05];
    Half {
        result: Ok(Observation {
            per_iteration: [0.0, 0.002, 0.004, 0.01, 0.03]
                .map(|above| level * (1.0 + above))
                .to_vec(),
            tail: None,
        }),
        guards: Guards {
            wall_ns: 250_000_000,
            user_ns: 200_000_000,
            foreign_share: 0.002,
            elsewhere_share: shares[number as usize % 5],
            load_1min: 0.5,
            ..Guards::default()
        },
        layout_seed: Some(u64::from(number)),
        padding_bytes: number * 17 % 4096,
    }
}

/// From 0 to 1, the same every time.
fn pseudo_random(id: &str, number: u32, salt: u32) -> f64 {
    let text = id
        .bytes()
        .chain(number.to_le_bytes())
        .chain(salt.to_le_bytes());
    let hash = text.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mixed = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    (mixed >> 40) as f64 / f64::from(1_u32 << 24)
}

/// A round that others disturbed.
pub(crate) fn disturbed(round: &mut Round) {
    if round.number % 8 == 3 {
        round.halves.after.guards.foreign_share = 0.3;
    }
}

/// A round of a benchmark that panics since the change.
pub(crate) fn crashes(round: &mut Round) {
    round.halves.after.result = Err(Failure::Crashed {
        exit: "exit code 101".to_owned(),
        output: "thread 'main' panicked at benches/message.rs:7:\nassertion failed: delivered"
            .to_owned(),
    });
}

/// A round of a benchmark that is three times as slow in some layouts, on both sides.
pub(crate) fn two_modes(round: &mut Round) {
    let slow = |number: u32, salt| pseudo_random("layout", number, salt) < 0.3;
    let number = round.number;
    for (half, salt) in [(&mut round.halves.before, 1), (&mut round.halves.after, 2)] {
        if let (true, Ok(observation)) = (slow(number, salt), &mut half.result) {
            for value in &mut observation.per_iteration {
                *value *= 3.0;
            }
        }
    }
}

/// A round in which the median rose and the minimum did not.
pub(crate) fn typical_only(round: &mut Round) {
    if let Ok(observation) = &mut round.halves.after.result {
        for value in observation.per_iteration.iter_mut().skip(2) {
            *value *= 1.3;
        }
    }
}

/// A round of a bench that exports latencies, whose tail grew.
pub(crate) fn long_tail(round: &mut Round) {
    for (half, factor) in [
        (&mut round.halves.before, 1.0),
        (&mut round.halves.after, 1.6),
    ] {
        if let Ok(observation) = &mut half.result {
            let level = observation.per_iteration[0];
            observation.tail = Some(TailLatencies {
                operations: 20_000,
                p95_ns: 3.0 * level,
                p99_ns: Some(9.0 * level * factor),
            });
        }
    }
}

/// A settlement of these courses.
pub(crate) fn settlement(courses: &[Course]) -> Settlement {
    let shares = courses.len().max(1);
    let looks = verdict::looks(shares, 0.05);
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
        commands: vec![["compare", "pre", "post"].map(str::to_owned).to_vec()],
        layouts: Layouts::FreshEachRound,
        fates: courses
            .iter()
            .map(|course| (course.key.clone(), Fate::Asked))
            .collect(),
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
        .stops_after(10)])
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
