//! Simulated machines and benchmarks: drift that both halves of a round share, heavy tails that
//! each process has for itself.

use rand_pcg::{
    Pcg64,
    rand_core::{Rng, SeedableRng},
};

use crate::{
    analysis::verdict::{Extent, answer, is_final, looks, next_look},
    model::{
        benchmark::BenchmarkKey,
        comparison::Sides,
        question::{Aspect, Margin, Planned, Question, Tail},
        round::{First, Guards, Half, Observation, Round},
        settlement::Plan,
        units::Unit,
        verdict::Answer,
    },
};

/// Numbers by chance, the same for the same seed.
pub(in crate::analysis::verdict) struct Chance(Pcg64);

impl Chance {
    pub(in crate::analysis::verdict) fn new(seed: u64) -> Self {
        Self(Pcg64::seed_from_u64(seed))
    }

    /// Between 0 and 1, both excluded.
    pub(in crate::analysis::verdict) fn uniform(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    pub(in crate::analysis::verdict) fn is(&mut self, chance: f64) -> bool {
        self.uniform() < chance
    }

    /// Standard normal, by the transformation of Box and Muller.
    pub(in crate::analysis::verdict) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// Student's t with 3 degrees of freedom, whose variance is 3 and whose kurtosis is
    /// infinite.
    pub(in crate::analysis::verdict) fn student(&mut self) -> f64 {
        let squares: f64 = (0..3).map(|_| self.normal().powi(2)).sum();
        self.normal() / (squares / 3.0).sqrt()
    }
}

/// What differs between the processes of a benchmark, as log ratios to its level.
#[derive(Clone, Copy, Debug)]
pub(in crate::analysis::verdict) struct Noise {
    /// The standard deviation of the machine's level, whose lag-1 autocorrelation is 0.75.
    pub(in crate::analysis::verdict) drift: f64,
    /// The scale of a process's own level.
    pub(in crate::analysis::verdict) process: f64,
    /// The scale of what single measurements lose; they never gain.
    pub(in crate::analysis::verdict) measurement: f64,
    /// The chance of a process to be disturbed, by 5 to 35 %.
    pub(in crate::analysis::verdict) spikes: f64,
}

impl Noise {
    /// What pinned benchmarks show on a shared virtual machine.
    pub(in crate::analysis::verdict) const REALISTIC: Self = Self {
        drift: 0.05,
        process: 0.005,
        measurement: 0.01,
        spikes: 0.03,
    };
    /// So much that no look can show anything, and all of them are taken.
    pub(in crate::analysis::verdict) const HOPELESS: Self = Self {
        drift: 0.05,
        process: 0.1,
        measurement: 0.01,
        spikes: 0.05,
    };
}

const AUTOCORRELATION: f64 = 0.75;
const MEASUREMENTS: usize = 7;

/// One benchmark on a simulated machine.
pub(in crate::analysis::verdict) struct World {
    pub(in crate::analysis::verdict) chance: Chance,
    noise: Noise,
    /// ln(after/before) of every measurement.
    change: f64,
    /// The machine's level at the moment.
    level: f64,
}

impl World {
    pub(in crate::analysis::verdict) fn new(seed: u64, noise: Noise, change: f64) -> Self {
        let mut chance = Chance::new(seed);
        Self {
            level: noise.drift * chance.normal(),
            chance,
            noise,
            change,
        }
    }

    /// The measurements of a process.
    fn process(&mut self, change: f64) -> Vec<f64> {
        let mut level = 320_f64.ln() + self.level + change;
        level += self.noise.process * self.chance.student();
        if self.chance.is(self.noise.spikes) {
            level += 0.05 + 0.3 * self.chance.uniform();
        }
        (0..MEASUREMENTS)
            .map(|_| (level + self.noise.measurement * self.chance.student().abs()).exp())
            .collect()
    }

    /// The next round: the machine drifts on, then both halves run.
    pub(in crate::analysis::verdict) fn round(&mut self, planned: &Planned, number: u32) -> Round {
        let innovation = self.noise.drift * (1.0 - AUTOCORRELATION.powi(2)).sqrt();
        self.level = AUTOCORRELATION * self.level + innovation * self.chance.normal();
        let halves = Sides {
            before: half(self.process(0.0)),
            after: half(self.process(self.change)),
        };
        round(planned, number, halves)
    }

    /// Runs rounds from look to look until there is an answer or the first run is over.
    pub(in crate::analysis::verdict) fn settle(
        &mut self,
        plan: &Plan,
        planned: &Planned,
    ) -> Answer {
        let mut rounds = Vec::new();
        let mut latest = answer(plan, planned, &[], Extent::FirstRun);
        while let Some(look) = next_look(plan, latest.rounds, Extent::FirstRun) {
            while (rounds.len() as u32) < look {
                rounds.push(self.round(planned, rounds.len() as u32 + 1));
            }
            let borrowed: Vec<&Round> = rounds.iter().collect();
            latest = answer(plan, planned, &borrowed, Extent::FirstRun);
            if is_final(&latest.verdict) {
                break;
            }
        }
        latest
    }
}

pub(in crate::analysis::verdict) fn half(per_iteration: Vec<f64>) -> Half {
    Half {
        result: Ok(Observation {
            per_iteration,
            tail: None,
        }),
        guards: Guards::default(),
        layout_seed: None,
        padding_bytes: 0,
    }
}

pub(in crate::analysis::verdict) fn round(
    planned: &Planned,
    number: u32,
    halves: Sides<Half>,
) -> Round {
    Round {
        question: planned.question.clone(),
        number,
        first: First::Before,
        halves,
    }
}

/// A question about the benchmark `id` with this δ.
pub(in crate::analysis::verdict) fn planned(id: &str, relevant: f64) -> Planned {
    Planned {
        question: Question {
            key: BenchmarkKey {
                package: "benches".to_owned(),
                suite: "e2e".to_owned(),
                id: id.to_owned(),
            },
            aspect: Aspect::Work,
        },
        renamed_from: None,
        unit: Unit::Nanoseconds,
        margin: Margin::of(relevant),
        tail: Tail::Unknown,
        cpu: Some(0),
        arguments: Sides::default(),
        group: 0,
        limit_seconds: 10.0,
        process_seconds: 0.1,
    }
}

/// A plan in which `shares` questions share 5 %.
pub(in crate::analysis::verdict) fn plan(shares: usize) -> Plan {
    let looks = looks(shares, 0.05, Tail::Unknown);
    Plan {
        seed: 1,
        alpha: 0.05,
        looks: looks.rounds,
        first_run_looks: looks.first_run,
        questions: Vec::new(),
        shares,
        tolerated_loss: 0.1,
    }
}
