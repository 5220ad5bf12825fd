//! Many iterations in pieces, so that what a workload keeps until it is checked stays small.

use std::time::Duration;

/// Runs `iterations` iterations, at most `chunk_size` at a time, and adds up what `run` says they took.
pub async fn in_chunks(
    iterations: u64,
    chunk_size: u64,
    mut run: impl AsyncFnMut(u64) -> Duration,
) -> Duration {
    let mut left = iterations;
    let mut total = Duration::ZERO;
    while left > 0 {
        let count = left.min(chunk_size.max(1));
        total += run(count).await;
        left -= count;
    }
    total
}
