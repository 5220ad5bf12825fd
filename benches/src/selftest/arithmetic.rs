//! A chain of multiplications, each of which waits for the one before: the CPU's core alone, no memory.

use std::hint::black_box;
use std::time::Duration;

use yardstick_probe::Region;

use crate::seed::SEED;

/// Knuth's MMIX generator: the next number is this times the last one, plus [`INCREMENT`].
const MULTIPLIER: u64 = 6_364_136_223_846_793_005;
const INCREMENT: u64 = 1_442_695_040_888_963_407;
/// Steps in a unit of work.
const STEPS: u64 = 256;

/// One iteration steps the generator through all units.
pub async fn run(units: u64, iterations: u64) -> Duration {
    let mut state = SEED;
    // A constant would let the compiler take many steps at once.
    let multiplier = black_box(MULTIPLIER);
    let region = Region::start(iterations);
    for _ in 0..iterations {
        for _ in 0..units {
            state = step(state, multiplier);
        }
    }
    let elapsed = region.finish();
    let steps = iterations * units * STEPS;
    assert_eq!(state, jump(SEED, steps), "every step was taken once");
    elapsed
}

/// A unit of work.
#[inline(never)]
fn step(mut state: u64, multiplier: u64) -> u64 {
    for _ in 0..STEPS {
        state = state.wrapping_mul(multiplier).wrapping_add(INCREMENT);
    }
    state
}

/// Where `steps` steps lead, by repeated squaring of the step (Brown, "Random number generation with arbitrary strides", 1994).
#[must_use]
pub fn jump(state: u64, mut steps: u64) -> u64 {
    let (mut multiplier, mut increment) = (MULTIPLIER, INCREMENT);
    let (mut total_multiplier, mut total_increment) = (1_u64, 0_u64);
    while steps > 0 {
        if steps & 1 == 1 {
            total_multiplier = total_multiplier.wrapping_mul(multiplier);
            total_increment = total_increment
                .wrapping_mul(multiplier)
                .wrapping_add(increment);
        }
        increment = increment.wrapping_mul(multiplier.wrapping_add(1));
        multiplier = multiplier.wrapping_mul(multiplier);
        steps >>= 1;
    }
    state
        .wrapping_mul(total_multiplier)
        .wrapping_add(total_increment)
}
