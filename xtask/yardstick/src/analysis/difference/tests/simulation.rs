//! How often a difference is called significant that is none, and how often one that is there: on a simulated program.
//!
//! 200 functions with heavy-tailed shares of the time call each other; each is a leaf in its place in the call tree. A
//! recording is a layout of its own, which makes each function faster or slower by a few percent, on a machine whose level
//! drifts; samples fall on the stacks by chance.

use std::collections::BTreeMap;

use rand_pcg::{
    Pcg64,
    rand_core::{Rng as _, SeedableRng as _},
};

use super::*;
use crate::model::{difference::FunctionRow, stack::Stacks};

const FUNCTIONS: usize = 200;
const RECORDINGS: usize = 6;
const RUNS: u64 = 400;
const SAMPLES: f64 = 2_000.0;
/// The function whose time is a tenth, in its place; what calls it has little else to do.
const PLANTED: [&str; 4] = ["main", "subsystem", "caller", "planted"];

/// What varies from recording to recording, as standard deviations of logarithms.
#[derive(Clone, Copy, Debug)]
struct Noise {
    /// Of each function, by its layout.
    layout: f64,
    /// Of the machine's level, which half of each pair shares with the other.
    drift: f64,
    /// Of each process.
    process: f64,
}

/// What recordings with fresh layouts show on a shared virtual machine.
const NOISE: Noise = Noise {
    layout: 0.015,
    drift: 0.03,
    process: 0.005,
};

/// A source of chance that is the same in every run of the tests.
struct Chance(Pcg64);

impl Chance {
    fn new(seed: u64) -> Self {
        Self(Pcg64::seed_from_u64(seed))
    }

    /// From 0 to less than 1.
    fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Standard normal (Box and Muller 1958).
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

/// A program: the stack of every function, and its own time in ns per iteration.
#[derive(Clone)]
struct Program {
    stacks: Vec<Vec<String>>,
    own_ns: Vec<f64>,
}

impl Program {
    fn new(chance: &mut Chance) -> Self {
        let planted: Vec<String> = PLANTED.iter().map(|f| (*f).to_owned()).collect();
        let mut stacks: Vec<Vec<String>> =
            (1..=planted.len()).map(|n| planted[..n].to_vec()).collect();
        // Of 10,000 ns: main, the subsystem and the caller themselves, then what is planted.
        let mut own_ns = vec![50.0, 100.0, 100.0, 1_000.0];
        let others = FUNCTIONS - stacks.len();
        let shares: Vec<f64> = (1..=others).map(|rank| (rank as f64).powf(-1.1)).collect();
        let rest = 10_000.0 - own_ns.iter().sum::<f64>();
        let whole: f64 = shares.iter().sum();
        for (number, share) in shares.into_iter().enumerate() {
            // Below any earlier function but those around the planted one.
            let earlier = [0].into_iter().chain(4..stacks.len());
            let places: Vec<usize> = earlier.filter(|&at| stacks[at].len() < 9).collect();
            let place = places[(chance.uniform() * places.len() as f64) as usize];
            let mut stack = stacks[place].clone();
            stack.push(format!("f{number}"));
            stacks.push(stack);
            own_ns.push(rest * share / whole);
        }
        Self { stacks, own_ns }
    }

    fn slower(&self, function: &str, factor: f64) -> Self {
        let mut slower = self.clone();
        for (stack, ns) in slower.stacks.iter().zip(&mut slower.own_ns) {
            if stack.last().is_some_and(|leaf| leaf == function) {
                *ns *= factor;
            }
        }
        slower
    }

    fn own_ns_of(&self, function: &str) -> f64 {
        let stacks = self.stacks.iter().zip(&self.own_ns);
        let ends = stacks.filter(|(stack, _)| stack.last().is_some_and(|leaf| leaf == function));
        ends.map(|(_, ns)| ns).sum()
    }

    fn record(&self, chance: &mut Chance, level: f64) -> Profile {
        let level = (level + NOISE.process * chance.normal()).exp();
        let times = self.own_ns.iter();
        let times: Vec<f64> = times
            .map(|ns| level * ns * (NOISE.layout * chance.normal()).exp())
            .collect();
        let mut sum = 0.0;
        let ends: Vec<f64> = times
            .iter()
            .map(|ns| {
                sum += ns;
                sum
            })
            .collect();
        let mut recorded = profile("x", &[]);
        let mut folded = Stacks::default();
        let samples = SAMPLES * (1.0 + 0.03 * chance.normal());
        let mut counts = vec![0; ends.len()];
        for _ in 0..samples as u64 {
            let at = chance.uniform() * sum;
            counts[ends.partition_point(|end| *end <= at).min(ends.len() - 1)] += 1;
        }
        for (stack, count) in self
            .stacks
            .iter()
            .zip(counts)
            .filter(|(_, count)| *count > 0)
        {
            folded.add(stack.clone(), count);
        }
        recorded.stacks = folded;
        // Of 1,000 iterations.
        recorded.work.cpu_ns = (sum * 1_000.0) as u64;
        recorded
    }
}

/// What was found to differ in one comparison of two programs.
struct Found {
    /// Functions whose own time is.
    own: Vec<String>,
    /// Functions whose total time is.
    total: Vec<String>,
    /// Intervals of functions with 1 % of the time or more, and how many of them hold the true difference.
    intervals: u64,
    true_ones: u64,
}

fn found(chance: &mut Chance, programs: Sides<&Program>) -> Found {
    let mut profiles = Sides::<Vec<Profile>>::default();
    let mut level = NOISE.drift * chance.normal();
    for _ in 0..RECORDINGS {
        // The lag-1 autocorrelation is 0.75; 0.66 keeps the variance.
        level = 0.75 * level + NOISE.drift * 0.66 * chance.normal();
        let before = programs.before.record(chance, level);
        profiles.before.push(before);
        profiles.after.push(programs.after.record(chance, level));
    }
    let no_renames = BTreeMap::new();
    let ledger = Ledger::new(&profiles, &no_renames);
    let functions = Functions::new(&ledger, &Clock::new(&profiles));
    let rows = functions.rows(&ledger, &BTreeMap::new());
    let names = |is_found: fn(&FunctionRow) -> bool| {
        let found = rows.iter().filter(|row| is_found(row));
        found.map(|row| row.function.clone()).collect()
    };
    let true_ns = |function: &str| {
        let of = |program: &Program| program.own_ns_of(function);
        programs.map(of).difference()
    };
    let big = rows.iter().filter(|row| row.own.ns.before >= 100.0);
    let intervals: Vec<bool> = big
        .map(|row| {
            let true_ns = true_ns(&row.function);
            row.own.lower_ns <= true_ns && true_ns <= row.own.upper_ns
        })
        .collect();
    Found {
        intervals: intervals.len() as u64,
        true_ones: intervals.iter().filter(|is_true| **is_true).count() as u64,
        own: names(|row| row.own.is_significant()),
        total: names(|row| row.total.is_significant()),
    }
}

/// The sums over [`RUNS`] comparisons. Two halves of them run at once.
fn count<const N: usize>(run: impl Fn(&mut Chance) -> [u64; N] + Sync) -> [u64; N] {
    let half = |first: u64| {
        let mut counts = [0; N];
        for seed in first..first + RUNS / 2 {
            let outcome = run(&mut Chance::new(seed));
            for (count, more) in counts.iter_mut().zip(outcome) {
                *count += more;
            }
        }
        counts
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(|| half(RUNS / 2));
        let mut counts = half(0);
        let others = other.join().expect("a simulation does not panic");
        counts
            .iter_mut()
            .zip(others)
            .for_each(|(count, more)| *count += more);
        counts
    })
}

/// 95 % of the intervals hold the truth, or a little more, since variances are never below the binomial one.
fn assert_covered(true_ones: u64, intervals: u64) {
    let covered = true_ones as f64 / intervals as f64;
    assert!((0.94..0.98).contains(&covered), "{covered}");
}

/// The most of [`RUNS`] that are within chance where 5 % are right: two standard errors.
const FIVE_PERCENT: u64 = 28;

#[test]
fn nothing_differs_where_nothing_changed() {
    let [own, total, any, cpu, true_ones, intervals] = count(|chance| {
        let program = Program::new(chance);
        let found = found(
            chance,
            Sides {
                before: &program,
                after: &program,
            },
        );
        // What is on every stack is the CPU time: a question of its own.
        let cpu = found.total.iter().any(|function| function == "main");
        let total = found.total.iter().any(|function| function != "main");
        let own = !found.own.is_empty();
        let [own, total, either, cpu] = [own, total, own || total, cpu].map(u64::from);
        [own, total, either, cpu, found.true_ones, found.intervals]
    });
    println!(
        "no change: own {own}, total {total}, either {any}, CPU time {cpu} of {RUNS} comparisons with something found; {true_ones} of {intervals} intervals true"
    );
    assert_covered(true_ones, intervals);
    assert!(any <= FIVE_PERCENT && cpu <= FIVE_PERCENT);
}

#[test]
fn a_fifth_more_in_a_tenth_of_the_time_is_found_with_its_callers_and_nothing_else() {
    let [
        own,
        caller,
        subsystem,
        other_own,
        other_total,
        other,
        true_ones,
        intervals,
    ] = count(|chance| {
        let program = Program::new(chance);
        let slower = program.slower("planted", 1.2);
        let found = found(
            chance,
            Sides {
                before: &program,
                after: &slower,
            },
        );
        let has = |function: &str| found.total.iter().any(|found| found == function);
        let other_own = found.own.iter().any(|function| function != "planted");
        let mut total = found.total.iter();
        let other_total = total.any(|function| !PLANTED.contains(&function.as_str()));
        let [own, caller, subsystem, other] = [
            found.own.iter().any(|function| function == "planted"),
            has("caller"),
            has("subsystem"),
            other_own || other_total,
        ]
        .map(u64::from);
        let [other_own, other_total] = [other_own, other_total].map(u64::from);
        [
            own,
            caller,
            subsystem,
            other_own,
            other_total,
            other,
            found.true_ones,
            found.intervals,
        ]
    });
    println!(
        "a tenth of the time takes 20 % more: found {own}, its caller {caller}, above that {subsystem}; something else own {other_own}, total {other_total}, either {other} of {RUNS}; {true_ones} of {intervals} intervals true"
    );
    assert_covered(true_ones, intervals);
    for found in [own, caller, subsystem] {
        assert!(RUNS - found <= FIVE_PERCENT);
    }
    assert!(other <= FIVE_PERCENT);
}
