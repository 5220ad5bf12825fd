//! The in-process sampler, seen through its recordings.
#![cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]

use std::path::PathBuf;
use std::sync::mpsc;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use yardstick_probe::sampler::{Sampler, StartError};
use yardstick_probe::wire::Recording;
use yardstick_probe::wire::recording::{End, Sample};

/// There is one timer per process, so tests take turns.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn recording_path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}.stacks", std::process::id()))
}

/// Records while `work` runs and hands the recording to `check`.
fn record(name: &str, work: impl FnOnce(), check: impl FnOnce(End, &Recording<'_>)) {
    let _turn = turn();
    let path = recording_path(name);
    let sampler = Sampler::start(&path, 997).expect("the sampler works here");
    work();
    let end = sampler.stop().expect("the recording can be written");
    let bytes = std::fs::read(&path).expect("the recording exists");
    check(
        end,
        &Recording::read(&bytes).expect("the recording is sound"),
    );
    std::fs::remove_file(&path).expect("the recording can be removed");
}

fn tid() -> u32 {
    // SAFETY: the call takes no arguments and always succeeds.
    unsafe { libc::syscall(libc::SYS_gettid) as u32 }
}

/// CPU time of this thread: on a busy machine wall time would say little about the samples to expect.
fn thread_cpu_time() -> Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `time` is a valid timespec that outlives the call, which only writes to it.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

fn busy_ms(milliseconds: u64) -> u64 {
    let end = thread_cpu_time() + Duration::from_millis(milliseconds);
    let mut state = 1;
    while thread_cpu_time() < end {
        state = spin(state);
    }
    state
}

fn work_ms(milliseconds: u64) {
    std::hint::black_box(busy_ms(milliseconds));
}

/// About a millisecond of arithmetic that calls nothing, whatever the optimisation.
#[inline(never)]
fn spin(mut state: u64) -> u64 {
    let mut round = 0u32;
    while round < 400_000 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        round += 1;
    }
    state
}

/// No function of this file is longer.
const FUNCTION_BYTES: u64 = 1024;

fn is_within(address: u64, function: usize) -> bool {
    (function as u64..function as u64 + FUNCTION_BYTES).contains(&address)
}

/// Whether the copied stack holds a return address into `function`.
fn returns_to(sample: &Sample<'_>, function: usize) -> bool {
    let words = sample.stack.as_chunks::<8>().0;
    words
        .iter()
        .any(|word| is_within(u64::from_ne_bytes(*word), function))
}

#[test]
fn most_samples_of_a_busy_thread_are_in_its_busy_function_and_their_stacks_lead_to_its_caller() {
    let (tell, told) = mpsc::channel();
    let work = move || {
        tell.send(tid()).expect("the test waits");
        work_ms(400);
    };
    record("busy", work, |_, recording| {
        let tid = told.recv().expect("the work told it");
        let samples = recording
            .samples
            .iter()
            .filter(|sample| sample.tid == tid)
            .collect::<Vec<_>>();
        assert!(samples.len() >= 20, "{} samples in 400 ms", samples.len());
        let inside = samples
            .iter()
            .filter(|sample| is_within(sample.registers.ip, spin as fn(u64) -> u64 as usize))
            .collect::<Vec<_>>();
        assert!(
            inside.len() * 10 >= samples.len() * 8,
            "{} of {} samples",
            inside.len(),
            samples.len()
        );
        let rooted = inside
            .iter()
            .filter(|sample| returns_to(sample, busy_ms as fn(u64) -> u64 as usize))
            .count();
        assert_eq!(
            rooted,
            inside.len(),
            "a copied stack does not hold the caller"
        );
        assert!(
            samples
                .iter()
                .all(|sample| sample.stack.len() <= 16 * 1024 && sample.weight == 1)
        );
    });
}

#[test]
fn all_busy_threads_are_sampled_and_named() {
    let work = || {
        thread::scope(|scope| {
            for name in ["left", "right"] {
                thread::Builder::new()
                    .name(name.to_owned())
                    .spawn_scoped(scope, || work_ms(500))
                    .expect("a thread can be started");
            }
        });
    };
    record("threads", work, |_, recording| {
        for name in ["left", "right"] {
            let (tid, _) = recording
                .threads
                .iter()
                .find(|(_, known)| *known == name)
                .expect("it was named");
            let samples = recording
                .samples
                .iter()
                .filter(|sample| sample.tid == *tid)
                .count();
            assert!(samples >= 10, "{samples} samples of the thread `{name}`");
        }
    });
}

#[test]
fn the_thread_that_writes_the_recording_is_not_in_it() {
    record(
        "writer",
        || work_ms(200),
        |_, recording| {
            assert!(
                !recording
                    .threads
                    .values()
                    .any(|name| name == "yardstick-probe"),
                "{:?}",
                recording.threads
            );
        },
    );
}

#[test]
fn the_end_marker_tells_the_real_rate() {
    record(
        "rate",
        || work_ms(400),
        |end, recording| {
            assert_eq!(recording.end, Some(end));
            assert_eq!(end.samples, recording.samples.len() as u64);
            let rate_hz = end.real_rate_hz().expect("CPU time passed");
            assert!(
                (50.0..1_500.0).contains(&rate_hz),
                "{rate_hz} samples per second of CPU time"
            );
            let span_ns = end.end_time_ns - recording.header.start_time_ns;
            assert!(span_ns >= 400_000_000, "{span_ns} ns recorded");
            assert!(recording.samples.iter().all(|sample| {
                (recording.header.start_time_ns..=end.end_time_ns).contains(&sample.time_ns)
            }));
        },
    );
}

#[test]
fn the_recorded_executable_is_among_the_modules_of_its_samples() {
    record(
        "modules",
        || work_ms(200),
        |_, recording| {
            let spin_address = spin as fn(u64) -> u64 as usize as u64;
            let module = recording
                .modules
                .iter()
                .find(|module| (module.start..module.end).contains(&spin_address));
            let path = &module.expect("this code is mapped").path;
            assert_eq!(
                PathBuf::from(path),
                std::env::current_exe().expect("Linux tells")
            );
        },
    );
}

#[test]
fn a_second_recording_at_the_same_time_is_refused_and_one_after_the_other_works() {
    let _turn = turn();
    let path = recording_path("twice");
    let first = Sampler::start(&path, 100).expect("the sampler works here");
    let second = Sampler::start(&recording_path("refused"), 100);
    assert!(
        matches!(second, Err(StartError::AlreadyRunning)),
        "{second:?}"
    );
    first.stop().expect("the recording can be written");
    let third = Sampler::start(&path, 100).expect("the first has ended");
    drop(third);
    let fourth = Sampler::start(&path, 100).expect("dropping ends a recording too");
    fourth.stop().expect("the recording can be written");
    std::fs::remove_file(&path).expect("the recording can be removed");
}

#[test]
fn a_recording_that_cannot_be_written_is_refused_and_leaves_the_sampler_usable() {
    let _turn = turn();
    let missing = recording_path("missing").join("below-a-file");
    let refused = Sampler::start(&missing, 100);
    assert!(matches!(refused, Err(StartError::Output(_))), "{refused:?}");
    let path = recording_path("usable");
    Sampler::start(&path, 100)
        .expect("nothing is under way")
        .stop()
        .expect("it can be written");
    std::fs::remove_file(&path).expect("the recording can be removed");
}

#[test]
fn errno_survives_the_samples() {
    record(
        "errno",
        || {
            let end = thread_cpu_time() + Duration::from_millis(300);
            while thread_cpu_time() < end {
                // SAFETY: the location of the calling thread's errno is always valid.
                unsafe { *libc::__errno_location() = 77 };
                std::hint::black_box(spin(1));
                // SAFETY: as above.
                assert_eq!(unsafe { *libc::__errno_location() }, 77);
            }
        },
        |end, _| assert!(end.samples > 10, "{} samples", end.samples),
    );
}
