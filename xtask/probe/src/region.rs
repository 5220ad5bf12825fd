//! The timed part of a bench: a stopwatch that also counts, when asked.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::Bencher;

use crate::allocator::AllocationCounts;
use crate::settings::settings;
use crate::{clock, run};

/// The timed part of one batch of iterations.
///
/// Start it when set-up is done, finish it when the last iteration is, and give Criterion what it returns:
///
/// ```no_run
/// # fn bench(bencher: &mut criterion::Bencher<'_>) {
/// bencher.iter_custom(|iterations| {
///     let mut numbers = (0..iterations).rev().collect::<Vec<_>>(); // set-up, not timed
///     let region = yardstick_probe::Region::start(iterations);
///     numbers.sort();
///     region.finish()
/// });
/// # }
/// ```
///
/// A region that is dropped unfinished, as by a panic, counts nothing. Regions may not overlap: allocations and CPU time of
/// the whole process go to each.
#[derive(Debug)]
#[must_use = "a region ends, and counts, when it is finished"]
pub struct Region {
    counts: Option<CountsBefore>,
    started: Instant,
}

/// The counters when a region began.
#[derive(Debug)]
struct CountsBefore {
    iterations: u64,
    cpu_ns: u64,
    allocations: AllocationCounts,
}

impl Region {
    /// Starts the timed part of `iterations` iterations.
    #[inline]
    pub fn start(iterations: u64) -> Self {
        let counts = settings().is_some().then(|| CountsBefore::read(iterations));
        // Last, so that reading the counters is not timed.
        Self {
            counts,
            started: Instant::now(),
        }
    }

    /// Ends the timed part and returns its wall time.
    #[inline]
    pub fn finish(self) -> Duration {
        // First, for the same reason.
        let wall = self.started.elapsed();
        if let Some(counts) = self.counts {
            counts.add_to_run(wall);
        }
        wall
    }
}

impl CountsBefore {
    #[cold]
    fn read(iterations: u64) -> Self {
        run::ensure_begun();
        Self {
            iterations,
            cpu_ns: clock::process_cpu_ns(),
            allocations: AllocationCounts::now(),
        }
    }

    #[cold]
    fn add_to_run(self, wall: Duration) {
        let cpu_ns = clock::process_cpu_ns() - self.cpu_ns;
        let allocations = AllocationCounts::now().since(&self.allocations);
        run::add(run::Timed {
            iterations: self.iterations,
            cpu_ns,
            wall_ns: wall.as_nanos() as u64,
            allocations: allocations.allocations,
            allocated_bytes: allocations.allocated_bytes,
        });
    }
}

/// Times `routine` as [`Bencher::iter`] does and counts its iterations: the time includes dropping what `routine` returns.
#[inline]
pub fn iter<O>(bencher: &mut Bencher<'_>, mut routine: impl FnMut() -> O) {
    bencher.iter_custom(|iterations| {
        let region = Region::start(iterations);
        for _ in 0..iterations {
            black_box(routine());
        }
        region.finish()
    });
}
