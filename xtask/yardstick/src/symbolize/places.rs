//! Where stacks were recorded: in which process, and on which kind of thread.

use std::collections::HashMap;

use super::{names, trim::Place};
use crate::model::recording::{Recording, StackSample};

/// The kernel cuts the names of threads and processes to this many bytes.
const KERNEL_NAME_BYTES: usize = 15;

/// The digits that Cargo appends to the names of executables, behind a dash.
const CARGO_HASH_DIGITS: usize = 16;

/// Where a stack was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    /// The process, unless it is one that was started to be recorded.
    pub(super) process: Option<String>,
    /// The name that threads of this kind share; `None` for the main thread.
    thread: Option<String>,
}

impl Spot {
    pub(super) fn place(&self) -> Place<'_> {
        self.thread
            .as_deref()
            .map_or(Place::MainThread, Place::Thread)
    }
}

/// The distinct places of a recording.
pub(super) struct Places<'a> {
    recording: &'a Recording,
    spots: Vec<Spot>,
    by_thread: HashMap<(u32, u32), usize>,
}

impl<'a> Places<'a> {
    pub(super) fn new(recording: &'a Recording) -> Self {
        Self {
            recording,
            spots: Vec::new(),
            by_thread: HashMap::new(),
        }
    }

    /// The position of a sample's place in [`Self::spots`].
    pub(super) fn position(&mut self, sample: &StackSample) -> usize {
        let thread = (sample.pid, sample.tid);
        if let Some(&known) = self.by_thread.get(&thread) {
            return known;
        }
        let spot = Spot {
            process: (!self.recording.started.contains(&sample.pid))
                .then(|| process_name(self.recording, sample.pid)),
            thread: (sample.pid != sample.tid).then(|| {
                let name = self.recording.threads.get(&thread);
                thread_kind(name.map_or("thread", String::as_str))
            }),
        };
        let position = self.spots.iter().position(|known| *known == spot);
        let position = position.unwrap_or_else(|| {
            self.spots.push(spot);
            self.spots.len() - 1
        });
        self.by_thread.insert(thread, position);
        position
    }

    pub(super) fn spots(self) -> Vec<Spot> {
        self.spots
    }
}

/// What a process calls itself. Where the kernel has cut that, the name of the file it executes tells the rest.
fn process_name(recording: &Recording, pid: u32) -> String {
    let own = recording.threads.get(&(pid, pid)).map(String::as_str);
    let own = own.unwrap_or_default();
    let mut files = recording
        .modules
        .iter()
        .filter(|module| module.pid == pid)
        .map(|module| module.path.rsplit('/').next().unwrap_or_default());
    let name = match own {
        "" => files.next().unwrap_or("process"),
        cut if cut.len() >= KERNEL_NAME_BYTES => {
            files.find(|file| file.starts_with(cut)).unwrap_or(cut)
        }
        whole => whole,
    };
    names::printable(without_hash(name))
}

/// The same program in two builds has two hashes.
fn without_hash(name: &str) -> &str {
    match name.rsplit_once('-') {
        Some((name, hash))
            if hash.len() == CARGO_HASH_DIGITS
                && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) =>
        {
            name
        }
        _ => name,
    }
}

/// The name that threads of one kind share: `worker-*` of `worker-0` and `worker-17`.
fn thread_kind(name: &str) -> String {
    let mut kind = String::with_capacity(name.len());
    for c in names::printable(name).chars() {
        if !c.is_ascii_digit() {
            kind.push(c);
        } else if !kind.ends_with('*') {
            kind.push('*');
        }
    }
    kind
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::model::{
        profile::Sampler,
        recording::{Chain, Module},
    };

    fn recording(names: &[((u32, u32), &str)], files: &[(u32, &str)]) -> Recording {
        Recording {
            sampler: Sampler::PerfEvent,
            started: BTreeSet::from([1]),
            event: "cpu-clock:u".to_owned(),
            asked_rate_hz: None,
            kernel_included: false,
            threads: names
                .iter()
                .map(|(thread, name)| (*thread, (*name).to_owned()))
                .collect::<BTreeMap<_, _>>(),
            modules: files
                .iter()
                .map(|(pid, path)| Module {
                    pid: *pid,
                    start: 0,
                    end: 1,
                    file_offset: 0,
                    path: (*path).to_owned(),
                    build_id: None,
                })
                .collect(),
            samples: Vec::new(),
            lost: 0,
            cpu_ns: None,
        }
    }

    #[test]
    fn threads_that_differ_in_a_number_are_of_one_kind() {
        assert_eq!(thread_kind("worker-17"), "worker-*");
        assert_eq!(thread_kind("tokio-rt-worker"), "tokio-rt-worker");
        assert_eq!(thread_kind("a;b 2/10"), "a,b */*");
    }

    #[test]
    fn a_process_is_called_by_itself_and_where_that_is_cut_by_its_file() {
        let name = |own: &str, file: &str| {
            let own: &[_] = &[((2, 2), own)];
            process_name(&recording(own, &[(2, "/lib/ld.so"), (2, file)]), 2)
        };
        assert_eq!(name("sh", "/bin/dash"), "sh");
        assert_eq!(
            name("a-long-named-se", "/x/a-long-named-service"),
            "a-long-named-service"
        );
        assert_eq!(
            name("words-7fce8ba98", "/x/words-7fce8ba98aaca0b8"),
            "words"
        );
        assert_eq!(
            name("nginx: worker p", "/usr/sbin/nginx"),
            "nginx: worker p"
        );
        assert_eq!(
            process_name(&recording(&[], &[(2, "/x/child")]), 2),
            "child"
        );
        assert_eq!(process_name(&recording(&[], &[]), 2), "process");
    }

    #[test]
    fn the_process_that_was_started_has_no_name_and_its_main_thread_none_either() {
        let recording = recording(&[((2, 2), "child"), ((1, 5), "worker-1")], &[]);
        let mut places = Places::new(&recording);
        let mut at = |pid, tid| {
            places.position(&StackSample {
                pid,
                tid,
                time_ns: 0,
                weight: 1,
                chain: Chain::Addresses(Vec::new()),
            })
        };
        assert_eq!(
            [at(1, 1), at(2, 2), at(1, 5), at(1, 5), at(2, 9)],
            [0, 1, 2, 2, 3]
        );
        let spots = places.spots();
        assert_eq!(
            (spots[0].process.as_deref(), spots[0].place()),
            (None, Place::MainThread)
        );
        assert_eq!(spots[1].process.as_deref(), Some("child"));
        assert_eq!(spots[2].place(), Place::Thread("worker-*"));
        assert_eq!(spots[3].place(), Place::Thread("thread"));
    }
}
