//! What goes on around a process, from the kernel's counters before and after it.
//!
//! A process takes about 100 ms and `/proc/stat` counts in ticks of 10 ms, so finer sources are asked as well, and the one
//! that saw most is believed:
//!
//! - the CPU time per CPU of the root control group (version 1), in ns. What runs at the moment of a reading is counted up to
//!   the last tick of the kernel, so that a hog is off by at most 4 ms at 250 Hz;
//! - for a pinned process, the time for which its first thread was ready and did not get the CPU, in ns: others had the CPU
//!   for at least so long, less what its own other threads used;
//! - `/proc/stat`. It is read as what happened at least: a difference of n ticks is taken for n − 1 of time stolen, and
//!   n − 2 of time used, which adds up several counters.

use std::{
    fs,
    time::{Duration, Instant},
};

use crate::{host::process::Usage, model::round::Guards};

/// What `/proc/stat` counts in: `USER_HZ` is 100 on every architecture that Rust's Linux targets have.
const TICK_NS: u64 = 10_000_000;

/// The accounting files of the root control group, where version 1 is mounted.
const USAGE_PER_CPU: [&str; 2] = [
    "/sys/fs/cgroup/cpuacct/cpuacct.usage_percpu",
    "/sys/fs/cgroup/cpu,cpuacct/cpuacct.usage_percpu",
];

/// The counters at one moment.
#[derive(Clone, Debug)]
pub(super) struct Snapshot {
    at: Instant,
    /// What the kernel counts in ticks, by CPU.
    ticks: Vec<Ticks>,
    /// CPU time in ns by CPU; empty where the kernel does not tell.
    usage_ns: Vec<u64>,
    /// Our own CPU time.
    ours_ns: u64,
    /// How often the CPUs in question were throttled for heat; `None` where the machine does not say.
    throttles: Option<u64>,
}

/// What `/proc/stat` says of a CPU.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Ticks {
    cpu: u32,
    busy: u64,
    stolen: u64,
}

/// What the first thread of a dead process has had and missed, in ns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct FirstThread {
    cpu_ns: u64,
    waited_ns: u64,
}

impl Snapshot {
    /// Reads the counters; `cpu` is the one that a process is pinned to.
    pub(super) fn take(cpu: Option<u32>) -> Self {
        let ticks = ticks(&fs::read_to_string("/proc/stat").unwrap_or_default());
        let usage_ns = USAGE_PER_CPU
            .iter()
            .find_map(|path| fs::read_to_string(path).ok());
        let throttles = ticks
            .iter()
            .filter(|ticks| cpu.is_none_or(|cpu| cpu == ticks.cpu))
            .map(|ticks| throttles(ticks.cpu))
            .sum();
        Self {
            usage_ns: usage_ns.map_or_else(Vec::new, |text| numbers(&text)),
            ticks,
            throttles,
            ours_ns: ours_ns(),
            at: Instant::now(),
        }
    }
}

/// What a process that is dead and not reaped says of its first thread.
pub(super) fn first_thread(pid: u32) -> FirstThread {
    let text = fs::read_to_string(format!("/proc/{pid}/schedstat")).unwrap_or_default();
    match numbers(&text).as_slice() {
        [cpu_ns, waited_ns, ..] => FirstThread {
            cpu_ns: *cpu_ns,
            waited_ns: *waited_ns,
        },
        _ => FirstThread::default(),
    }
}

/// What went on between two readings, around a process that ran on `cpu`, or on all CPUs.
pub(super) fn guards(
    (before, after): (&Snapshot, &Snapshot),
    cpu: Option<u32>,
    wall: Duration,
    usage: &Usage,
    first: FirstThread,
) -> Guards {
    let between_ns = after.at.saturating_duration_since(before.at).as_nanos() as f64;
    let (on, elsewhere): (Vec<u32>, Vec<u32>) = after
        .ticks
        .iter()
        .map(|ticks| ticks.cpu)
        .partition(|of| cpu.is_none_or(|cpu| cpu == *of));
    let share = |ns: u64, cpus: &[u32]| match cpus.len() as f64 * between_ns {
        0.0 => 0.0,
        whole_ns => (ns as f64 / whole_ns).clamp(0.0, 1.0),
    };
    let own_ns = usage.user_ns + usage.system_ns;
    let ours_ns = after.ours_ns.saturating_sub(before.ours_ns);
    let foreign_ns = used_ns(before, after, &on).saturating_sub(own_ns + ours_ns);
    let waited_ns = match cpu {
        Some(_) => waited_for_others_ns(first, own_ns),
        None => 0,
    };
    let elsewhere_ns = used_ns(before, after, &elsewhere).saturating_sub(ours_ns);
    Guards {
        wall_ns: wall.as_nanos() as u64,
        user_ns: usage.user_ns,
        system_ns: usage.system_ns,
        foreign_share: share(foreign_ns.max(waited_ns), &on),
        elsewhere_share: share(elsewhere_ns, &elsewhere),
        steal_share: share(stolen_ns(before, after, &on), &on),
        involuntary_switches: usage.involuntary_switches,
        voluntary_switches: usage.voluntary_switches,
        peak_resident_bytes: usage.peak_resident_bytes,
        load_1min: load_1min(),
        throttled: before
            .throttles
            .zip(after.throttles)
            .map(|(before, after)| after > before),
    }
}

/// The CPU time that everybody used on some CPUs, as the source says that saw most.
fn used_ns(before: &Snapshot, after: &Snapshot, cpus: &[u32]) -> u64 {
    let of = |usage: &[u64], cpu: u32| usage.get(cpu as usize).copied().unwrap_or_default();
    let counted: u64 = cpus
        .iter()
        .map(|cpu| of(&after.usage_ns, *cpu).saturating_sub(of(&before.usage_ns, *cpu)))
        .sum();
    counted.max(at_least_ns(before, after, cpus, 2, |ticks| ticks.busy))
}

fn stolen_ns(before: &Snapshot, after: &Snapshot, cpus: &[u32]) -> u64 {
    at_least_ns(before, after, cpus, 1, |ticks| ticks.stolen)
}

/// What a counter of ticks rose by on some CPUs, less what may only have been begun on each.
fn at_least_ns(
    before: &Snapshot,
    after: &Snapshot,
    cpus: &[u32],
    doubtful_ticks: u64,
    counter: impl Fn(&Ticks) -> u64,
) -> u64 {
    let of = |snapshot: &Snapshot, cpu: u32| {
        let ticks = snapshot.ticks.iter().find(|ticks| ticks.cpu == cpu);
        ticks.map_or(0, &counter)
    };
    let ticks: u64 = cpus
        .iter()
        .map(|cpu| of(after, *cpu).saturating_sub(of(before, *cpu)))
        .map(|rise| rise.saturating_sub(doubtful_ticks))
        .sum();
    ticks * TICK_NS
}

/// For how long a process's first thread was kept from its CPU by others, at least. Meanwhile the CPU ran either others or
/// the process's own other threads.
fn waited_for_others_ns(first: FirstThread, own_ns: u64) -> u64 {
    let other_threads_ns = own_ns.saturating_sub(first.cpu_ns);
    first.waited_ns.saturating_sub(other_threads_ns)
}

/// The CPUs in a `/proc/stat`.
fn ticks(stat: &str) -> Vec<Ticks> {
    stat.lines()
        .filter_map(|line| {
            let (cpu, counters) = line.strip_prefix("cpu")?.split_once(' ')?;
            // user nice system idle iowait irq softirq steal
            let counters = numbers(counters);
            Some(Ticks {
                cpu: cpu.parse().ok()?,
                busy: [0, 1, 2, 5, 6]
                    .iter()
                    .filter_map(|field| counters.get(*field))
                    .sum(),
                stolen: counters.get(7).copied().unwrap_or_default(),
            })
        })
        .collect()
}

fn numbers(text: &str) -> Vec<u64> {
    text.split_ascii_whitespace()
        .map_while(|word| word.parse().ok())
        .collect()
}

fn ours_ns() -> u64 {
    let time = nix::time::clock_gettime(nix::time::ClockId::CLOCK_PROCESS_CPUTIME_ID);
    time.map_or(0, |time| {
        time.tv_sec() as u64 * 1_000_000_000 + time.tv_nsec() as u64
    })
}

fn throttles(cpu: u32) -> Option<u64> {
    let folder = format!("/sys/devices/system/cpu/cpu{cpu}/thermal_throttle");
    ["core_throttle_count", "package_throttle_count"]
        .iter()
        .map(|file| {
            let text = fs::read_to_string(format!("{folder}/{file}")).ok()?;
            text.trim().parse::<u64>().ok()
        })
        .sum()
}

fn load_1min() -> f64 {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = text.split(' ').next().and_then(|load| load.parse().ok());
    load.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    /// A reading of a machine of two CPUs, so many milliseconds after the first.
    fn reading(at_ms: u64, busy_ticks: [u64; 2], usage_ms: Option<[u64; 2]>) -> Snapshot {
        static ORIGIN: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
        let ticks = [0, 1].map(|cpu| Ticks {
            cpu,
            busy: busy_ticks[cpu as usize],
            stolen: 0,
        });
        Snapshot {
            at: *ORIGIN.get_or_init(Instant::now) + Duration::from_millis(at_ms),
            ticks: ticks.to_vec(),
            usage_ns: usage_ms.map_or_else(Vec::new, |usage| usage.map(|ms| ms * MS).to_vec()),
            ours_ns: 0,
            throttles: None,
        }
    }

    fn used(ms: u64) -> Usage {
        Usage {
            user_ns: ms * MS,
            ..Usage::default()
        }
    }

    /// The shares that others had of the process's CPUs and of the rest, in percent.
    fn foreign(
        (before, after): (&Snapshot, &Snapshot),
        cpu: Option<u32>,
        own_ms: u64,
        first: FirstThread,
    ) -> (u64, u64) {
        let wall = Duration::from_millis(100);
        let guards = guards((before, after), cpu, wall, &used(own_ms), first);
        let percent = |share: f64| (100.0 * share).round() as u64;
        (
            percent(guards.foreign_share),
            percent(guards.elsewhere_share),
        )
    }

    const ALONE: FirstThread = FirstThread {
        cpu_ns: 0,
        waited_ns: 0,
    };

    #[test]
    fn what_others_use_is_told_apart_by_cpu() {
        let before = reading(0, [0, 0], Some([1_000, 5_000]));
        let after = reading(100, [0, 0], Some([1_090, 5_040]));
        let readings = (&before, &after);
        assert_eq!(foreign(readings, Some(0), 70, ALONE), (20, 40));
        // On all CPUs: 130 ms of 200 were used, 70 of them by the process.
        assert_eq!(foreign(readings, None, 70, ALONE), (30, 0));
    }

    #[test]
    fn ticks_are_believed_only_as_far_as_they_are_certain() {
        let before = reading(0, [0, 0], None);
        // The process alone, and a tick that rounding may have added.
        let alone = reading(100, [11, 0], None);
        assert_eq!(foreign((&before, &alone), Some(0), 90, ALONE), (0, 0));
        let hog_elsewhere = reading(100, [11, 10], None);
        let readings = (&before, &hog_elsewhere);
        assert_eq!(foreign(readings, Some(0), 90, ALONE), (0, 80));
    }

    #[test]
    fn waiting_for_the_cpu_tells_of_others_but_not_of_own_threads() {
        let (before, after) = (reading(0, [0, 0], None), reading(100, [0, 0], None));
        let waited = |cpu_ms, waited_ms| FirstThread {
            cpu_ns: cpu_ms * MS,
            waited_ns: waited_ms * MS,
        };
        let readings = (&before, &after);
        assert_eq!(foreign(readings, Some(0), 60, waited(60, 40)), (40, 0));
        // Its own other threads had the CPU for 30 ms of the 40.
        assert_eq!(foreign(readings, Some(0), 90, waited(60, 40)), (10, 0));
        // On all CPUs its threads wait for each other.
        assert_eq!(foreign(readings, None, 60, waited(60, 40)), (0, 0));
    }

    #[test]
    fn the_ticks_of_each_cpu_are_read() {
        let stat =
            "cpu  9 9 9 9 9 9 9 9 0 0\ncpu0 1 2 4 100 50 8 16 3 7 0\ncpu12 1 0 0 0\nintr 5\n";
        let found = ticks(stat);
        let ticks = |cpu, busy, stolen| Ticks { cpu, busy, stolen };
        assert_eq!(found, [ticks(0, 31, 3), ticks(12, 1, 0)]);
    }

    #[test]
    fn throttling_is_told_where_the_machine_counts_it() {
        let throttled = |before: Option<u64>, after: Option<u64>| {
            let mut readings = [reading(0, [0, 0], None), reading(100, [0, 0], None)];
            (readings[0].throttles, readings[1].throttles) = (before, after);
            let [before, after] = &readings;
            let wall = Duration::from_millis(100);
            guards((before, after), None, wall, &used(1), ALONE).throttled
        };
        assert_eq!(throttled(None, None), None);
        assert_eq!(throttled(Some(4), Some(4)), Some(false));
        assert_eq!(throttled(Some(4), Some(5)), Some(true));
    }
}
