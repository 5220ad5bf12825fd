//! The two clocks of the records: monotonic time, and CPU time of the whole process.

/// `CLOCK_MONOTONIC`, which recorders outside the process read as well.
#[cfg(unix)]
pub(crate) fn monotonic_ns() -> u64 {
    read_ns(libc::CLOCK_MONOTONIC)
}

/// CPU time used by all threads of this process, those that ended included.
#[cfg(unix)]
pub(crate) fn process_cpu_ns() -> u64 {
    read_ns(libc::CLOCK_PROCESS_CPUTIME_ID)
}

/// CPU time used by the calling thread.
#[cfg(target_os = "linux")]
pub(crate) fn thread_cpu_ns() -> u64 {
    read_ns(libc::CLOCK_THREAD_CPUTIME_ID)
}

#[cfg(unix)]
fn read_ns(clock: libc::clockid_t) -> u64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `time` is a valid timespec that outlives the call, which only writes to it.
    let result = unsafe { libc::clock_gettime(clock, &raw mut time) };
    debug_assert_eq!(result, 0, "the clocks used here exist on every Unix");
    // Both fields of these clocks are never negative.
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// Time since the first call: without `CLOCK_MONOTONIC` no outside recorder shares it.
#[cfg(not(unix))]
pub(crate) fn monotonic_ns() -> u64 {
    static ORIGIN: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    ORIGIN
        .get_or_init(std::time::Instant::now)
        .elapsed()
        .as_nanos() as u64
}

/// CPU time is not read here; 0 says that none was measured.
#[cfg(not(unix))]
pub(crate) fn process_cpu_ns() -> u64 {
    0
}
