//! Criterion measurements of something else than time: bytes and CPU use.
//!
//! Each reads a figure when the timed part begins and when it ends; a bench that uses `iter_custom` reads them itself and returns the
//! sum over its iterations, as Criterion divides by their number.

use criterion::Throughput;
use criterion::measurement::{Measurement, ValueFormatter};

use crate::allocator::{AllocationCounts, CountingAllocator};
use crate::clock;

/// Bytes in use by the counting allocator's own account: exact, and without what the allocator adds.
#[derive(Debug)]
pub struct LiveBytes(());

impl LiveBytes {
    /// Switches counting on for the rest of the process.
    ///
    /// # Panics
    /// If the executable does not install [`CountingAllocator`], because every figure would be 0.
    #[must_use]
    pub fn new() -> Self {
        assert!(
            CountingAllocator::start_counting(),
            "live bytes need `#[global_allocator] static ALLOCATOR: yardstick_probe::CountingAllocator`"
        );
        Self(())
    }

    /// Bytes in use now, relative to when counting began.
    #[must_use]
    pub fn now() -> i64 {
        AllocationCounts::now().live_bytes()
    }
}

impl Default for LiveBytes {
    fn default() -> Self {
        Self::new()
    }
}

/// Bytes of physical memory that the process occupies: what the operating system is charged, in whole pages.
#[derive(Debug, Default)]
pub struct ResidentBytes(());

impl ResidentBytes {
    /// The measurement.
    #[must_use]
    pub fn new() -> Self {
        Self(())
    }

    /// Resident bytes now; none where the operating system does not tell.
    #[must_use]
    pub fn now() -> Option<u64> {
        // The roll-up is counted when it is read. The sums in `statm` lag behind by many pages per CPU.
        let text = std::fs::read_to_string("/proc/self/smaps_rollup").ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("Rss:"))?;
        let kib = line.trim().strip_suffix(" kB")?.parse::<u64>().ok()?;
        Some(kib * 1024)
    }

    /// Gives memory that was freed back to the operating system, where the C library can. Memory that is kept for reuse hides
    /// what is allocated next: it is resident already.
    pub fn release_free_memory() {
        #[cfg(all(target_os = "linux", target_env = "gnu"))]
        // SAFETY: glibc's function takes no pointers, locks the heap itself and may be called at any time.
        unsafe {
            libc::malloc_trim(0);
        }
    }
}

/// CPU time of the process as a percentage of one CPU: 200 when two CPUs were busy all the time.
#[derive(Debug, Default)]
pub struct CpuPercent(());

/// A point in wall and CPU time.
#[derive(Clone, Copy, Debug)]
pub struct CpuReading {
    wall_ns: u64,
    cpu_ns: u64,
}

impl CpuPercent {
    /// The measurement.
    #[must_use]
    pub fn new() -> Self {
        Self(())
    }

    /// Reads both clocks.
    pub fn now() -> CpuReading {
        CpuReading {
            wall_ns: clock::monotonic_ns(),
            cpu_ns: clock::process_cpu_ns(),
        }
    }

    /// CPU use in percent of one CPU since `earlier`; 0 if no time passed.
    #[must_use]
    pub fn since(earlier: CpuReading) -> f64 {
        let now = Self::now();
        let wall_ns = now.wall_ns.saturating_sub(earlier.wall_ns);
        let cpu_ns = now.cpu_ns.saturating_sub(earlier.cpu_ns);
        if wall_ns == 0 {
            0.0
        } else {
            100.0 * cpu_ns as f64 / wall_ns as f64
        }
    }
}

/// The part that every measurement here has in common: its figures are plain numbers that add up.
macro_rules! adds_up {
    () => {
        fn add(&self, v1: &f64, v2: &f64) -> f64 {
            v1 + v2
        }

        fn zero(&self) -> f64 {
            0.0
        }

        fn to_f64(&self, value: &f64) -> f64 {
            *value
        }
    };
}

impl Measurement for LiveBytes {
    type Intermediate = i64;
    type Value = f64;

    fn start(&self) -> i64 {
        Self::now()
    }

    fn end(&self, start: i64) -> f64 {
        (Self::now() - start) as f64
    }

    adds_up!();

    fn formatter(&self) -> &dyn ValueFormatter {
        &BytesFormatter
    }
}

impl Measurement for ResidentBytes {
    type Intermediate = u64;
    type Value = f64;

    fn start(&self) -> u64 {
        Self::now().unwrap_or_default()
    }

    fn end(&self, start: u64) -> f64 {
        Self::now().unwrap_or_default() as f64 - start as f64
    }

    adds_up!();

    fn formatter(&self) -> &dyn ValueFormatter {
        &BytesFormatter
    }
}

impl Measurement for CpuPercent {
    type Intermediate = CpuReading;
    type Value = f64;

    fn start(&self) -> CpuReading {
        Self::now()
    }

    fn end(&self, start: CpuReading) -> f64 {
        Self::since(start)
    }

    adds_up!();

    fn formatter(&self) -> &dyn ValueFormatter {
        &PercentFormatter
    }
}

/// Bytes in units of 1,024.
struct BytesFormatter;

impl ValueFormatter for BytesFormatter {
    fn scale_values(&self, typical_value: f64, values: &mut [f64]) -> &'static str {
        const KIB: f64 = 1024.0;
        let (divisor, unit) = match typical_value.abs() {
            size if size < KIB => (1.0, "B"),
            size if size < KIB * KIB => (KIB, "KiB"),
            size if size < KIB * KIB * KIB => (KIB * KIB, "MiB"),
            _ => (KIB * KIB * KIB, "GiB"),
        };
        for value in values {
            *value /= divisor;
        }
        unit
    }

    fn scale_throughputs(
        &self,
        _typical: f64,
        throughput: &Throughput,
        values: &mut [f64],
    ) -> &'static str {
        divide_by_elements(throughput, values);
        "B/elem"
    }

    fn scale_for_machines(&self, _values: &mut [f64]) -> &'static str {
        "bytes"
    }
}

/// Percent of one CPU.
struct PercentFormatter;

impl ValueFormatter for PercentFormatter {
    fn scale_values(&self, _typical_value: f64, _values: &mut [f64]) -> &'static str {
        "%"
    }

    fn scale_throughputs(
        &self,
        _typical: f64,
        throughput: &Throughput,
        values: &mut [f64],
    ) -> &'static str {
        divide_by_elements(throughput, values);
        "%/elem"
    }

    fn scale_for_machines(&self, _values: &mut [f64]) -> &'static str {
        "percent"
    }
}

/// A quantity that is not time has no rate; its share per element is what a bench with a throughput wants to see.
fn divide_by_elements(throughput: &Throughput, values: &mut [f64]) {
    let elements = match *throughput {
        Throughput::Elements(elements) | Throughput::ElementsAndBytes { elements, .. } => elements,
        Throughput::Bits(count) | Throughput::Bytes(count) | Throughput::BytesDecimal(count) => {
            count
        }
    };
    for value in values {
        *value /= elements.max(1) as f64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_shown_in_the_unit_that_fits() {
        assert_eq!(BytesFormatter.format_value(640.0), "640.00 B");
        assert_eq!(BytesFormatter.format_value(2048.0), "2.0000 KiB");
        assert_eq!(
            BytesFormatter.format_value(3.0 * 1024.0 * 1024.0),
            "3.0000 MiB"
        );
        assert_eq!(BytesFormatter.format_value(-2048.0), "-2.0000 KiB");
    }

    #[test]
    fn percent_is_shown_unscaled() {
        assert_eq!(PercentFormatter.format_value(12.5), "12.500 %");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn resident_bytes_grow_by_the_memory_that_is_touched() {
        let before = ResidentBytes::now().expect("Linux tells");
        let block = vec![1u8; 32 << 20];
        let grown = ResidentBytes::now().expect("Linux tells") - before;
        assert!(
            grown >= 32 << 20,
            "{} bytes were touched, {grown} became resident",
            block.len()
        );
    }

    #[test]
    #[cfg(unix)]
    fn a_busy_thread_uses_about_one_cpu_of_its_own_time() {
        let start = CpuPercent::now();
        while clock::process_cpu_ns() - start.cpu_ns < 20_000_000 {
            std::hint::black_box(0);
        }
        let percent = CpuPercent::since(start);
        assert!(
            percent > 1.0,
            "a loop that burns CPU time used {percent} % of a CPU"
        );
    }
}
