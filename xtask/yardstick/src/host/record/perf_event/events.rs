//! Opens the events: which event, at which rate, with rings how large, and what to say when the kernel refuses.

use std::fs;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::time::Duration;

use perf_event_open_sys as sys;
use sys::bindings::{self, perf_event_attr};

use super::super::{Failure, Plan, Refusal};
use super::ring::{Ring, page_bytes};
use crate::problem::Problem;

/// Rings are tried from this size downwards. What a user may pin is limited: by default 512 KiB
/// per CPU, which holds 30 ms of samples at 1 kHz with copies of 16 KiB.
const LARGEST_RING_BYTES: usize = 4 << 20;
/// Below this a ring holds too few samples to be emptied in time.
const SMALLEST_RING_BYTES: usize = 64 << 10;

/// What to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counter {
    /// CPU cycles, by the hardware.
    Cycles,
    /// CPU time, by the kernel's clock; what there is in most virtual machines.
    CpuClock,
}

/// The open events of one recording.
#[derive(Debug)]
pub(super) struct Events {
    counter: Counter,
    rate_hz: u32,
    asked_rate_hz: u32,
    rings: Vec<Ring>,
}

impl Events {
    /// Opens the events on the process `pid`, to start counting when it executes a program.
    pub(super) fn open(pid: libc::pid_t, plan: &Plan) -> Result<Self, Failure> {
        let rate_hz = plan.rate_hz.min(largest_rate_hz().unwrap_or(u32::MAX));
        let cpus = online_cpus();
        let counter = match open_on(
            pid,
            cpus[0],
            &attributes(Counter::Cycles, rate_hz, plan.stack_dump_bytes),
        ) {
            Ok(_) => Counter::Cycles,
            Err(_) => Counter::CpuClock,
        };
        let mut ring_bytes = LARGEST_RING_BYTES;
        let rings = loop {
            let attributes = attributes(counter, rate_hz, plan.stack_dump_bytes);
            match map_rings(pid, &cpus, &attributes, ring_bytes) {
                Ok(rings) => break rings,
                Err(OpenError::Event(error)) => return Err(not_opened(&error)),
                Err(OpenError::Ring(_)) if ring_bytes > SMALLEST_RING_BYTES => ring_bytes /= 2,
                Err(OpenError::Ring(error)) => return Err(Failure::Refused(no_memory(&error))),
            }
        };
        Ok(Self {
            counter,
            rate_hz,
            asked_rate_hz: plan.rate_hz,
            rings,
        })
    }

    /// What is counted, in perf's notation: `:u` says that only time outside the kernel is sampled.
    pub(super) fn name(&self) -> &'static str {
        match self.counter {
            Counter::Cycles => "cycles:u",
            Counter::CpuClock => "cpu-clock:u",
        }
    }

    /// The rate asked of the kernel, in samples per CPU second.
    pub(super) fn rate_hz(&self) -> u32 {
        self.rate_hz
    }

    /// What the user should know about how the events were opened.
    pub(super) fn notices(&self) -> Vec<String> {
        if self.rate_hz == self.asked_rate_hz {
            return Vec::new();
        }
        vec![format!(
            "the kernel allows {} samples per CPU second ({LARGEST_RATE_FILE}), not the {} asked for",
            self.rate_hz, self.asked_rate_hz
        )]
    }

    /// Takes all whole records out of the rings.
    pub(super) fn take(&mut self) -> Vec<u8> {
        let mut batch = Vec::new();
        for ring in &mut self.rings {
            ring.take(&mut batch);
        }
        batch
    }

    /// Waits until a ring wants to be emptied, or for `longest`.
    pub(super) fn wait(&self, longest: Duration) -> io::Result<()> {
        let mut files: Vec<libc::pollfd> = self
            .rings
            .iter()
            .map(|ring| libc::pollfd {
                fd: ring.event().as_raw_fd(),
                events: libc::POLLIN,
                revents: 0,
            })
            .collect();
        let count = files.len() as libc::nfds_t;
        let timeout_ms = i32::try_from(longest.as_millis()).unwrap_or(i32::MAX);
        // SAFETY: the array has `count` elements and is good for the call.
        if unsafe { libc::poll(files.as_mut_ptr(), count, timeout_ms) } < 0 {
            let error = io::Error::last_os_error();
            if error.kind() != io::ErrorKind::Interrupted {
                return Err(error);
            }
        }
        if files.iter().any(|file| file.revents & libc::POLLHUP != 0) {
            // The program has ended, and poll would return at once until it is reaped.
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }
}

/// Why our events cannot be opened on this machine, tried on this very thread.
pub(in super::super) fn obstacle() -> Option<Refusal> {
    let attributes = attributes(Counter::CpuClock, 100, SMALLEST_DUMP_BYTES);
    let opened = open_on(0, online_cpus()[0], &attributes)
        .map_err(OpenError::Event)
        .and_then(|event| Ring::new(event, SMALLEST_RING_BYTES).map_err(OpenError::Ring));
    match opened {
        Ok(_) => None,
        Err(OpenError::Ring(error)) => Some(no_memory(&error)),
        Err(OpenError::Event(error)) => Some(refusal(&error)),
    }
}

const SMALLEST_DUMP_BYTES: u32 = 1024;
const LARGEST_RATE_FILE: &str = "/proc/sys/kernel/perf_event_max_sample_rate";
const PARANOID_FILE: &str = "/proc/sys/kernel/perf_event_paranoid";
const MLOCK_FILE: &str = "/proc/sys/kernel/perf_event_mlock_kb";

enum OpenError {
    Event(io::Error),
    Ring(io::Error),
}

fn map_rings(
    pid: libc::pid_t,
    cpus: &[i32],
    attributes: &perf_event_attr,
    ring_bytes: usize,
) -> Result<Vec<Ring>, OpenError> {
    let mut attributes = *attributes;
    // An eighth leaves seven eighths of the ring for the time it takes to wake up.
    attributes.wakeup_watermark = u32::try_from(ring_bytes / 8).unwrap_or(u32::MAX);
    let mut rings = Vec::new();
    for &cpu in cpus {
        match open_on(pid, cpu, &attributes) {
            Ok(event) => rings.push(Ring::new(event, ring_bytes).map_err(OpenError::Ring)?),
            // A CPU that went offline since it was listed runs nothing.
            Err(error) if error.raw_os_error() == Some(libc::ENODEV) && cpus.len() > 1 => {}
            Err(error) => return Err(OpenError::Event(error)),
        }
    }
    Ok(rings)
}

fn attributes(counter: Counter, rate_hz: u32, stack_dump_bytes: u32) -> perf_event_attr {
    let (kind, config) = match counter {
        Counter::Cycles => (
            bindings::PERF_TYPE_HARDWARE,
            u64::from(bindings::PERF_COUNT_HW_CPU_CYCLES),
        ),
        Counter::CpuClock => (
            bindings::PERF_TYPE_SOFTWARE,
            u64::from(bindings::PERF_COUNT_SW_CPU_CLOCK),
        ),
    };
    let mut attributes = perf_event_attr::default();
    attributes.type_ = kind;
    attributes.size = size_of::<perf_event_attr>() as u32;
    attributes.config = config;
    attributes.sample_type = super::encode::SAMPLE_TYPE;
    attributes.sample_regs_user = super::encode::REGISTER_MASK;
    // The kernel wants whole words, and a record has to fit 64 KiB.
    attributes.sample_stack_user = stack_dump_bytes.clamp(SMALLEST_DUMP_BYTES, 60 * 1024) & !7;
    attributes.clockid = libc::CLOCK_MONOTONIC;
    attributes.sample_freq = u64::from(rate_hz);
    attributes.set_freq(1);
    attributes.set_disabled(1);
    attributes.set_enable_on_exec(1);
    attributes.set_inherit(1);
    attributes.set_exclude_kernel(1);
    attributes.set_exclude_hv(1);
    attributes.set_exclude_callchain_kernel(1);
    attributes.set_mmap(1);
    attributes.set_mmap2(1);
    attributes.set_comm(1);
    attributes.set_task(1);
    // Every record tells its time, so that those of several CPUs can be put in order.
    attributes.set_sample_id_all(1);
    attributes.set_use_clockid(1);
    attributes.set_watermark(1);
    attributes
}

fn open_on(pid: libc::pid_t, cpu: i32, attributes: &perf_event_attr) -> io::Result<OwnedFd> {
    let mut attributes = *attributes;
    let no_group = -1;
    let flags = libc::c_ulong::from(bindings::PERF_FLAG_FD_CLOEXEC);
    // SAFETY: the attributes are initialised and say their size; all that is asked for is a file.
    let file = unsafe { sys::perf_event_open(&raw mut attributes, pid, cpu, no_group, flags) };
    if file < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call has just returned this file, and nobody else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(file) })
}

/// The CPUs that run something; at least one.
fn online_cpus() -> Vec<i32> {
    let listed = fs::read_to_string("/sys/devices/system/cpu/online")
        .ok()
        .and_then(|text| cpu_list(text.trim()));
    listed.unwrap_or_else(|| {
        let count = std::thread::available_parallelism().map_or(1, |count| count.get());
        (0..i32::try_from(count).unwrap_or(1)).collect()
    })
}

/// Reads the kernel's notation of CPU sets, `0-3,8`; `None` where it is another or empty.
fn cpu_list(text: &str) -> Option<Vec<i32>> {
    let mut cpus = Vec::new();
    for range in text.split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        cpus.extend(first.parse::<i32>().ok()?..=last.parse().ok()?);
    }
    (!cpus.is_empty()).then_some(cpus)
}

fn largest_rate_hz() -> Option<u32> {
    fs::read_to_string(LARGEST_RATE_FILE)
        .ok()?
        .trim()
        .parse()
        .ok()
}

/// An event that was not opened: a refusal, or a problem of ours.
fn not_opened(error: &io::Error) -> Failure {
    match error.raw_os_error() {
        Some(libc::EMFILE | libc::ENFILE) => Failure::Other(
            Problem::failure(format!(
                "cannot record: one perf event per CPU is needed ({error})"
            ))
            .hint("run `ulimit -n 4096` and try again")
            .into(),
        ),
        _ => Failure::Refused(refusal(error)),
    }
}

fn refusal(error: &io::Error) -> Refusal {
    let reason = match error.raw_os_error() {
        Some(libc::EPERM | libc::EACCES) => "permission denied".to_owned(),
        Some(libc::ENOSYS) => "the system call does not exist here".to_owned(),
        _ => error.to_string(),
    };
    let paranoid: Option<i64> = fs::read_to_string(PARANOID_FILE)
        .ok()
        .and_then(|text| text.trim().parse().ok());
    let (fact, remedy) = match paranoid {
        Some(level) if level > 2 => (
            format!("{PARANOID_FILE} is {level}; recording our own process needs 2 or lower"),
            Some("run `sudo sysctl kernel.perf_event_paranoid=2`"),
        ),
        Some(level) => (
            format!(
                "{PARANOID_FILE} is {level}, which allows it: a container or a security module forbids it"
            ),
            Some(
                "allow the system call perf_event_open in the container (Docker: `--security-opt seccomp=unconfined`)",
            ),
        ),
        None => (
            format!(
                "{PARANOID_FILE} does not exist: this kernel was built without perf events, or hides them"
            ),
            None,
        ),
    };
    Refusal {
        what: format!("the kernel refused to open a perf event ({reason})"),
        fact: Some(fact),
        remedy,
    }
}

fn no_memory(error: &io::Error) -> Refusal {
    let limit_kb = fs::read_to_string(MLOCK_FILE).unwrap_or_default();
    Refusal {
        what: format!("the kernel refused the memory for perf events ({error})"),
        fact: Some(format!(
            "{MLOCK_FILE} is {}; one ring of {} KiB and a page per CPU is needed",
            limit_kb.trim(),
            (SMALLEST_RING_BYTES + page_bytes()) / 1024
        )),
        remedy: Some(
            "end other recordings of this user or run `sudo sysctl kernel.perf_event_mlock_kb=516`",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_sets_are_read_in_the_notation_of_the_kernel() {
        assert_eq!(cpu_list("0"), Some(vec![0]));
        assert_eq!(cpu_list("0-2,5,7-8"), Some(vec![0, 1, 2, 5, 7, 8]));
        assert_eq!(cpu_list(""), None);
        assert_eq!(cpu_list("0-"), None);
    }
}
