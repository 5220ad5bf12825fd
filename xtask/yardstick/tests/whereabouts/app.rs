//! What is measured: three functions, one of which gets slower. They call nothing, so that all their time is their own.

use std::hint::black_box;

/// How much the second function does, in percent of what it did before the change.
const PERCENT: u64 = 100;

pub fn steps() -> u64 {
    first(black_box(1)) ^ second(black_box(2)) ^ third(black_box(3))
}

#[inline(never)]
fn first(seed: u64) -> u64 {
    let (mut sum, mut step) = (seed, 0);
    while step < 20_000 {
        sum = (sum ^ step) * 6_364_136_223_846_793_005;
        step += 1;
    }
    sum
}

#[inline(never)]
fn second(seed: u64) -> u64 {
    let (mut sum, mut step) = (seed, 0);
    while step < 200 * PERCENT {
        sum = (sum ^ step) * 2_862_933_555_777_941_757;
        step += 1;
    }
    sum
}

#[inline(never)]
fn third(seed: u64) -> u64 {
    let (mut sum, mut step) = (seed, 0);
    while step < 20_000 {
        sum = (sum ^ step) * 3_202_034_522_624_059_733;
        step += 1;
    }
    sum
}
