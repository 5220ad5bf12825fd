//! The CPU time of each thread of a running process.

use std::{collections::BTreeMap, fs, os::unix::fs::FileExt};

use super::{Output, ThreadTime};

/// What Criterion writes when it has measured: its own threads begin after it.
const ANALYSING: &[u8] = b": Analyzing";

/// Looks at the threads of a process until Criterion begins to analyse.
#[derive(Debug)]
pub(super) struct Threads {
    pid: u32,
    /// By thread id: threads have ids in the order they were started, unless the ids wrap around.
    seen: BTreeMap<u32, ThreadTime>,
    has_measured: bool,
}

impl Threads {
    pub(super) fn of(pid: u32) -> Self {
        Self {
            pid,
            seen: BTreeMap::new(),
            has_measured: false,
        }
    }

    /// Takes the times of all threads. What was taken after the end of measuring does not count.
    pub(super) fn look(&mut self, output: &Output) {
        if self.has_measured {
            return;
        }
        let now = threads(self.pid);
        self.has_measured = output.holds(ANALYSING);
        if !self.has_measured {
            self.seen.extend(now);
        }
    }

    pub(super) fn times(self) -> Vec<ThreadTime> {
        self.seen.into_values().collect()
    }
}

impl Output {
    fn holds(&self, text: &[u8]) -> bool {
        [&self.stdout, &self.stderr].into_iter().any(|file| {
            let length = file.metadata().map_or(0, |metadata| metadata.len());
            let mut bytes = vec![0; length as usize];
            file.read_exact_at(&mut bytes, 0).is_ok()
                && memchr::memmem::find(&bytes, text).is_some()
        })
    }
}

fn threads(pid: u32) -> Vec<(u32, ThreadTime)> {
    let Ok(entries) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return Vec::new();
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
