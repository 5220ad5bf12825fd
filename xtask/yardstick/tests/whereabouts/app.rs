//! What is measured: three functions, one of which gets slower.

use std::hint::black_box;

/// How much the second function does, in percent of what it did before the change.
const PERCENT: u64 = 100;

pub fn steps() -> u64 {
    first(black_box(1)) ^ second(black_box(2)) ^ third(black_box(3))
}

#[inline(never)]
fn first(seed: u64) -> u64 {
    (0..20_000).fold(seed, |sum, step| black_box(sum.rotate_left(5) ^ step))
}

#[inline(never)]
fn second(seed: u64) -> u64 {
    (0..200 * PERCENT).fold(seed, |sum, step| black_box(sum.wrapping_mul(31).wrapping_add(step)))
}

#[inline(never)]
fn third(seed: u64) -> u64 {
    (0..20_000).fold(seed, |sum, step| black_box(sum.swap_bytes().wrapping_sub(step)))
}
