//! How the rounds of one question come out.

use yardstick::model::{
    benchmark::BenchmarkKey,
    comparison::Sides,
    question::{Aspect, Margin, Planned, Question, Tail},
    round::{Failure, First, Guards, Half, Observation, Round, TailLatencies},
    units::Unit,
};

use super::key;

/// How the rounds of one question come out.
pub(crate) struct Course {
    /// The benchmark.
    pub(crate) key: BenchmarkKey,
    aspect: Aspect,
    unit: Unit,
    /// The level before the change.
    level: f64,
    /// After over before.
    ratio: f64,
    /// How far a round's ratio strays from that, at most.
    scatter: f64,
    /// How many there are.
    pub(crate) rounds: u32,
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

    /// Its question.
    pub(crate) fn planned(&self, group: usize) -> Planned {
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

    /// One of its rounds.
    pub(crate) fn round(&self, number: u32) -> Round {
        let wave = |salt: u32| pseudo_random(&self.key.id, number, salt) * 2.0 - 1.0;
        // The machine drifts, and both halves of a round with it.
        let level = self.level * (1.0 + 0.02 * wave(1));
        let ratio = self.ratio * (1.0 + self.scatter * wave(2));
        let mut round = Round {
            question: self.question(),
            number,
            first: if number.is_multiple_of(2) {
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
