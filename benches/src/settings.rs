//! How the suites use Criterion.
//!
//! Everything is set on `Criterion` itself and nothing on groups, so that the command line can override it. The five suites take about
//! two minutes together.

use std::cell::OnceCell;
use std::time::Duration;

use criterion::Criterion;
use criterion::measurement::Measurement;
use tokio::runtime::Runtime;
use yardstick_probe::ProbeProfiler;

/// For benchmarks of time.
#[must_use]
pub fn time() -> Criterion {
    Criterion::default()
        .with_profiler(ProbeProfiler::new())
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .sample_size(40)
        .nresamples(10_000)
        .without_plots()
}

/// For measurements of something else: few iterations, each of which observes a whole population or a whole interval.
#[must_use]
pub fn observe<M: Measurement + 'static>(measurement: M) -> Criterion<M> {
    Criterion::default()
        .with_profiler(ProbeProfiler::new())
        .warm_up_time(Duration::from_millis(50))
        .measurement_time(Duration::from_millis(500))
        .sample_size(10)
        .nresamples(10_000)
        .without_plots()
        .with_measurement(measurement)
}

/// Adds the benchmark `id` (`group/function`, or a group alone): `workload` on the tokio runtime that `executor` makes.
pub fn bench<M: Measurement + 'static>(
    criterion: &mut Criterion<M>,
    id: &str,
    executor: fn() -> Runtime,
    workload: impl AsyncFn(u64) -> M::Value,
) {
    // Made when the benchmark first runs: listing and filtering start no threads.
    let runtime = OnceCell::new();
    let mut add = |bencher: &mut criterion::Bencher<'_, M>| {
        bencher
            .iter_custom(|iterations| runtime.get_or_init(executor).block_on(workload(iterations)));
    };
    match id.split_once('/') {
        Some((group, function)) => {
            criterion
                .benchmark_group(group)
                .bench_function(function, &mut add);
        }
        None => {
            criterion.bench_function(id, &mut add);
        }
    }
}
