//! The CPU time of each thread of a running process while Criterion warms up and measures.
//!
//! Set-up before that and Criterion's analysis after it have threads of their own, so only what is used between two looks
//! that both fall into the same stretch of measuring counts.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::FileExt,
    time::{Duration, Instant},
};

use nix::{time::clock_getcpuclockid, unistd::Pid};

use super::{Output, ThreadTime};

/// What Criterion writes when it begins with a benchmark.
const BEGINS: &[u8] = b": Warming up for ";

/// What it writes when it has measured one.
const HAS_MEASURED: &[u8] = b": Analyzing";

/// The name of all threads together that ended between two looks.
const SHORT_LIVED: &str = "(short-lived)";

/// Looks at a process.
#[derive(Debug)]
pub(super) struct Threads {
    pid: u32,
    last: Option<Look>,
    /// By thread id; that of [`SHORT_LIVED`] is 0.
    used: BTreeMap<u32, ThreadTime>,
    measuring: Duration,
}

/// What one look saw.
#[derive(Debug)]
struct Look {
    at: Instant,
    stage: Stage,
    threads: BTreeMap<u32, ThreadTime>,
    process_ns: u64,
}

/// How far a process has come, by what it wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stage {
    begun: usize,
    measured: usize,
}

impl Threads {
    pub(super) fn of(pid: u32) -> Self {
        Self {
            pid,
            last: None,
            used: BTreeMap::new(),
            measuring: Duration::ZERO,
        }
    }

    /// Looks at all threads, and then at what the process wrote meanwhile.
    pub(super) fn look(&mut self, output: &Output) {
        let threads = threads(self.pid);
        let now = Look {
            threads,
            process_ns: process_ns(self.pid),
            at: Instant::now(),
            stage: output.stage(),
        };
        if let Some(last) = self.last.take()
            && last.stage == now.stage
            && now.stage.begun > now.stage.measured
        {
            self.add(&last, &now);
        }
        self.last = Some(now);
    }

    /// The threads in the order of their ids, and how long measuring took.
    pub(super) fn result(self) -> (Vec<ThreadTime>, Duration) {
        (self.used.into_values().collect(), self.measuring)
    }

    fn add(&mut self, last: &Look, now: &Look) {
        self.measuring += now.at - last.at;
        let mut told_ns = 0;
        for (id, thread) in &now.threads {
            let before_ns = last.threads.get(id).map_or(0, |thread| thread.cpu_ns);
            let used_ns = thread.cpu_ns.saturating_sub(before_ns);
            told_ns += used_ns;
            self.used_by(*id, &thread.name, used_ns);
        }
        // The kernel adds the time of threads that are gone to the process.
        let all_ns = now.process_ns.saturating_sub(last.process_ns);
        let untold_ns = all_ns.saturating_sub(told_ns);
        if untold_ns > 0 {
            self.used_by(0, SHORT_LIVED, untold_ns);
        }
    }

    fn used_by(&mut self, id: u32, name: &str, cpu_ns: u64) {
        let entry = self.used.entry(id).or_insert_with(|| ThreadTime {
            name: String::new(),
            cpu_ns: 0,
        });
        // Threads get their names after they were started.
        name.clone_into(&mut entry.name);
        entry.cpu_ns += cpu_ns;
    }
}

impl Output {
    fn stage(&self) -> Stage {
        let mut stage = Stage {
            begun: 0,
            measured: 0,
        };
        for file in [&self.stdout, &self.stderr] {
            let length = file.metadata().map_or(0, |metadata| metadata.len());
            let mut bytes = vec![0; length as usize];
            if file.read_exact_at(&mut bytes, 0).is_ok() {
                stage.begun += memchr::memmem::find_iter(&bytes, BEGINS).count();
                stage.measured += memchr::memmem::find_iter(&bytes, HAS_MEASURED).count();
            }
        }
        stage
    }
}

/// The CPU time of a process, threads that are gone included; 0 where it is gone itself.
fn process_ns(pid: u32) -> u64 {
    clock_getcpuclockid(Pid::from_raw(pid.cast_signed()))
        .and_then(|clock| clock.now())
        .map_or(0, |time| {
            time.tv_sec() as u64 * 1_000_000_000 + time.tv_nsec() as u64
        })
}

fn threads(pid: u32) -> BTreeMap<u32, ThreadTime> {
    let Ok(entries) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return BTreeMap::new();
    };
    entries
        .flatten()
        .filter_map(|entry| {
            let id = entry.file_name().to_str()?.parse().ok()?;
            let text = |file| fs::read_to_string(entry.path().join(file)).ok();
            let time = ThreadTime {
                name: text("comm")?.trim_end_matches('\n').to_owned(),
                cpu_ns: cpu_ns(&text("schedstat")?)?,
            };
            Some((id, time))
        })
        .collect()
}

/// The first number of a `schedstat` file.
fn cpu_ns(schedstat: &str) -> Option<u64> {
    schedstat.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(at_ms: u64, stage: (usize, usize), threads: &[(u32, u64)], process_ns: u64) -> Look {
        let thread = |(id, cpu_ns): &(u32, u64)| {
            let name = format!("thread {id}");
            let time = ThreadTime {
                name,
                cpu_ns: *cpu_ns,
            };
            (*id, time)
        };
        Look {
            at: origin() + Duration::from_millis(at_ms),
            stage: Stage {
                begun: stage.0,
                measured: stage.1,
            },
            threads: threads.iter().map(thread).collect(),
            process_ns,
        }
    }

    fn origin() -> Instant {
        static ORIGIN: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
        *ORIGIN.get_or_init(Instant::now)
    }

    #[test]
    fn threads_that_end_between_two_looks_are_told_together() {
        let mut threads = Threads::of(1);
        threads.add(
            &look(0, (1, 0), &[(7, 100)], 100),
            &look(4, (1, 0), &[(7, 130), (8, 5)], 200),
        );
        let (used, measuring) = threads.result();
        let used: Vec<(&str, u64)> = used
            .iter()
            .map(|thread| (thread.name.as_str(), thread.cpu_ns))
            .collect();
        assert_eq!(
            used,
            [("(short-lived)", 65), ("thread 7", 30), ("thread 8", 5)]
        );
        assert_eq!(measuring, Duration::from_millis(4));
    }
}
