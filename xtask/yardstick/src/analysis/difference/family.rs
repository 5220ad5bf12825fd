//! The differences of one kind, each with its interval, and which of them are beyond chance.
//!
//! Of function f, ns_k = w_k / N_k × C_k in recording k: its samples, all samples, CPU time of the routine per iteration. The time of a
//! side is the mean over its recordings. The variance of the difference has two parts:
//!
//! - how the samples fell and what the layouts did, at the mean CPU time of each side, so that drift is not in it:
//!   the moderated variance s̃², of which the binomial part is b and the rest e = s̃² − b;
//! - the variance c of the CPU time itself ([`Clock::common`]), of which a function of share p has p².
//!
//! A function that a layout makes slower also makes the CPU time longer, so that √e and p·√c may go together.
//! They are taken to do so entirely: V = b + (√e + p·√c)², which is exact where one function alone varies, and where none
//! does. Interval and p-value are those of Student's t with the degrees of freedom of the two
//! parts after Satterthwaite (1946). With one recording a side V is the binomial variance, and the interval the normal one:
//! the drift between the two recordings is in none of it.
//!
//! Which are beyond chance is decided over the family by the false discovery rate. The room for error of a function of share p
//! goes by (p(1−p))^1.5, p over both sides together, which the difference has no part in (Bourgon, Gentleman and Huber 2010,
//! Independent filtering increases detection power). So hundreds of functions with next to no
//! time cost those that matter nothing (where one of them differs visibly, it does so by a multiple, and needs little room), and what
//! is on nearly every stack takes no room from what it calls: its question is nearly that of the CPU time.
//! What is on every stack has the CPU time's answer. What was counted alike is one question. What was seen in fewer than
//! eight samples altogether is not asked.

use std::collections::BTreeMap;

use crate::model::{
    comparison::Sides,
    difference::{Delta, Significance},
};

use super::{
    clock::{Clock, Reading, Variance, mean, variance},
    discovery::{FALSE_OF_TWO, Question, significant},
    ledger::Counts,
    moderation::{Observed, Prior},
    student,
};

/// The level of every interval.
const LEVEL: f64 = 0.95;

/// What fewer samples saw is not asked about: if it were gone, it would not be beyond chance.
const FEWEST_SAMPLES: u64 = 8;

/// A difference, and what of its spread is its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) delta: Delta,
    /// The standard error of the difference without what is common to all functions, in ns per iteration.
    pub(super) own_error_ns: f64,
}

/// The differences of everything that was counted, in order; at most `false_share` of those that are called
/// significant are false.
pub(super) fn differences(clock: &Clock, counts: &[Counts], false_share: f64) -> Vec<Found> {
    differences_among(clock, counts, false_share, &|_| true)
}

/// The same where only some of them are asked whether they are beyond chance.
pub(super) fn differences_among(
    clock: &Clock,
    counts: &[Counts],
    false_share: f64,
    is_meant: &dyn Fn(usize) -> bool,
) -> Vec<Found> {
    let family = Family::new(clock, counts);
    let spreads: Vec<Spread> = family.observed.iter().map(|o| family.spread(o)).collect();
    let times: Vec<Sides<f64>> = counts.iter().map(|c| clock.nanoseconds(c)).collect();
    // What was counted alike is one question, asked once: the frames of a chain, of which each only calls the next.
    let mut first: BTreeMap<&Counts, usize> = BTreeMap::new();
    for (place, counts) in counts.iter().enumerate() {
        first.entry(counts).or_insert(place);
    }
    let questions: Vec<Question> = (0..counts.len())
        .map(|place| {
            let is_asked = is_meant(place)
                && first[&counts[place]] == place
                && counts[place].iter().sum::<u64>() >= FEWEST_SAMPLES;
            Question {
                p_value: spreads[place].p_value(times[place].difference()),
                weight: match is_asked {
                    true => room(family.observed[place].share),
                    false => 0.0,
                },
            }
        })
        .collect();
    let answers = significant(&questions, false_share);
    let everything = clock.samples();
    (0..counts.len())
        .map(|place| {
            let is_significant = match counts[place] == everything {
                true => clock.cpu().is_significant(),
                false => answers[first[&counts[place]]],
            };
            Found {
                delta: spreads[place].delta(times[place], is_significant),
                own_error_ns: spreads[place].own.sqrt(),
            }
        })
        .collect()
}

/// The room for error that a function of this share of the time gets, on any scale.
fn room(share: f64) -> f64 {
    (share * (1.0 - share)).max(0.0).powf(1.5)
}

/// The smallest difference that would be found four times in five in a function with a tenth of the time, if it alone
/// differs; in ns per iteration. `counts` are those of its family.
pub(super) fn smallest_visible_ns(clock: &Clock, counts: &[Counts]) -> f64 {
    const SHARE: f64 = 0.1;
    /// The standard normal quantile of 80 %.
    const FOUR_IN_FIVE: f64 = 0.8416;
    let family = Family::new(clock, counts);
    let spread = family.spread(&family.expected(SHARE));
    let whole: f64 = family.observed.iter().map(|o| room(o.share)).sum();
    let alone = 1.0 - FALSE_OF_TWO * room(SHARE) / whole.max(room(SHARE)) / 2.0;
    let needed = student::quantile(alone, spread.freedom) + FOUR_IN_FIVE;
    needed * spread.whole.sqrt()
}

/// What the recordings say about the differences of one kind.
struct Family<'c> {
    clock: &'c Clock,
    cpu_ns: Sides<f64>,
    observed: Vec<Observed>,
    prior: Option<Prior>,
    common: Option<Variance>,
}

impl<'c> Family<'c> {
    fn new(clock: &'c Clock, counts: &[Counts]) -> Self {
        let mut family = Self {
            clock,
            cpu_ns: clock.cpu_ns(),
            observed: Vec::new(),
            prior: None,
            common: clock.common(),
        };
        family.observed = counts.iter().map(|counts| family.observe(counts)).collect();
        if family.common.is_some() {
            family.prior = Some(Prior::fit(&family.observed, clock.freedom()));
        }
        family
    }

    fn observe(&self, counts: &[u64]) -> Observed {
        let (before, after) = counts.split_at(self.clock.readings.before.len());
        let Sides { before, after } = Sides {
            before: side(&self.clock.readings.before, before, self.cpu_ns.before),
            after: side(&self.clock.readings.after, after, self.cpu_ns.after),
        };
        Observed {
            variance: before.variance + after.variance,
            binomial: before.binomial + after.binomial,
            leverage: before.leverage + after.leverage,
            share: 0.5 * (before.share + after.share),
            samples: self.fewer(counts),
        }
    }

    /// Of the samples that hold a function and those that do not, the fewer, per recording: what lies on every stack varies
    /// as little as what lies on none.
    fn fewer(&self, counts: &[u64]) -> f64 {
        let held = counts.iter().sum::<u64>() as f64;
        let all: f64 = self.clock.samples().iter().sum::<u64>() as f64;
        held.min(all - held) / counts.len().max(1) as f64
    }

    /// A function of which nothing is known but its share of the time.
    fn expected(&self, share: f64) -> Observed {
        let side = |readings: &[Reading], cpu_ns: f64| expected(readings, share, cpu_ns);
        let Sides { before, after } = Sides {
            before: side(&self.clock.readings.before, self.cpu_ns.before),
            after: side(&self.clock.readings.after, self.cpu_ns.after),
        };
        let mut function = Observed {
            variance: 0.0,
            binomial: before.binomial + after.binomial,
            leverage: before.leverage + after.leverage,
            share,
            samples: 0.0,
        };
        let prior = self.prior.unwrap_or(Prior::NONE);
        function.variance = prior.expected(&function);
        function
    }

    /// V of the module's documentation.
    fn spread(&self, observed: &Observed) -> Spread {
        let (Some(prior), Some(common)) = (self.prior, self.common) else {
            return Spread {
                own: observed.binomial,
                whole: observed.binomial,
                freedom: f64::INFINITY,
            };
        };
        let own = prior.moderate(observed, self.clock.freedom());
        let excess = (own.value - observed.binomial).max(0.0).sqrt();
        let of_all = observed.share * common.value.sqrt();
        let whole = observed.binomial + (excess + of_all).powi(2);
        let rest = whole - own.value;
        let squares = own.value.powi(2) / own.freedom + rest.powi(2) / common.freedom;
        Spread {
            own: own.value,
            whole,
            freedom: match squares > 0.0 {
                true => whole.powi(2) / squares,
                false => f64::INFINITY,
            },
        }
    }
}

/// What one side says about one function.
struct Side {
    variance: f64,
    binomial: f64,
    leverage: f64,
    share: f64,
}

fn side(readings: &[Reading], counts: &[u64], cpu_ns: f64) -> Side {
    let shares: Vec<f64> = readings
        .iter()
        .zip(counts)
        .map(|(reading, &count)| count as f64 / reading.samples)
        .collect();
    let samples: f64 = readings.iter().map(|reading| reading.samples).sum();
    // One sample more that saw the function and one that did not (Laplace): what no sample saw may still have run.
    let share = (counts.iter().sum::<u64>() as f64 + 1.0) / (samples + 2.0);
    let recordings = readings.len() as f64;
    Side {
        variance: cpu_ns.powi(2) * variance(&shares).unwrap_or(0.0) / recordings,
        share: mean(shares.iter().copied()),
        ..expected(readings, share, cpu_ns)
    }
}

fn expected(readings: &[Reading], share: f64, cpu_ns: f64) -> Side {
    let recordings = readings.len() as f64;
    let per_sample: f64 = readings.iter().map(|reading| 1.0 / reading.samples).sum();
    let fall = share * (1.0 - share);
    Side {
        variance: 0.0,
        binomial: cpu_ns.powi(2) * fall * per_sample / recordings.powi(2),
        leverage: (cpu_ns * fall).powi(2) / recordings,
        share,
    }
}

/// The variance of one difference.
#[derive(Clone, Copy, Debug)]
struct Spread {
    /// s̃².
    own: f64,
    /// V.
    whole: f64,
    freedom: f64,
}

impl Spread {
    fn p_value(&self, difference: f64) -> f64 {
        match self.whole > 0.0 {
            true => student::two_sided(difference / self.whole.sqrt(), self.freedom),
            false => 1.0,
        }
    }

    fn delta(&self, ns: Sides<f64>, is_significant: bool) -> Delta {
        let half = student::half_width(LEVEL, self.freedom) * self.whole.sqrt();
        Delta {
            ns,
            lower_ns: ns.difference() - half,
            upper_ns: ns.difference() + half,
            significance: match is_significant {
                true => Significance::Beyond,
                false => Significance::WithinChance,
            },
        }
    }
}
