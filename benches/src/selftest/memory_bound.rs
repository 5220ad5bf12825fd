//! Loads that each wait for the one before, over more memory than the caches of a core hold.

use std::time::Duration;

use yardstick_probe::Region;

use crate::seed::Random;

/// Beyond the second-level caches of today's cores, and within what a server shares among them.
const BYTES: usize = 4 << 20;
/// Loads in a unit of work.
pub const LOADS: u64 = 16;

/// A cache line that holds where the next one is.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Line {
    next: u32,
}

/// Lines in the ring.
pub const LINES: u64 = (BYTES / size_of::<Line>()) as u64;

/// Lines in a random order that leads through all of them and back to the first.
#[derive(Debug)]
pub struct Ring {
    lines: Vec<Line>,
    /// The order, to check against: `order[n]` is where `n` loads lead.
    order: Vec<u32>,
}

impl Ring {
    /// The lines, linked in the order that the seed gives.
    #[must_use]
    pub fn new() -> Self {
        let count = LINES as usize;
        let mut order: Vec<u32> = (0..count as u32).collect();
        let mut random = Random::new();
        for last in (1..count).rev() {
            order.swap(last, random.below(last as u64 + 1) as usize);
        }
        let mut lines = vec![Line { next: 0 }; count];
        for (position, line) in order.iter().enumerate() {
            lines[*line as usize].next = order[(position + 1) % count];
        }
        Self { lines, order }
    }

    /// Where `loads` loads lead from the first line of the order.
    fn after(&self, loads: u64) -> u32 {
        self.order[(loads % LINES) as usize]
    }
}

impl Default for Ring {
    fn default() -> Self {
        Self::new()
    }
}

/// One iteration follows the ring through all units, from where the one before stopped: no line is met twice before all others.
pub async fn run(ring: &Ring, units: u64, iterations: u64) -> Duration {
    let mut line = ring.after(0);
    let region = Region::start(iterations);
    for _ in 0..iterations {
        for _ in 0..units {
            line = follow(&ring.lines, line);
        }
    }
    let elapsed = region.finish();
    let loads = iterations * units * LOADS;
    assert_eq!(line, ring.after(loads), "every load was made once");
    elapsed
}

/// A unit of work.
#[inline(never)]
fn follow(lines: &[Line], mut line: u32) -> u32 {
    for _ in 0..LOADS {
        line = lines[line as usize].next;
    }
    line
}
