//! Recordings of every tool, and what is made of them.

use std::{collections::BTreeMap, num::NonZeroUsize};

use yardstick::{
    model::recording::Recording,
    parse,
    symbolize::{self, Context, Harness},
};
use yardstick_probe::wire::{self, Measured, measured::FILE_SUFFIX};

use crate::{Outcome, written_out};

/// perf's file.
pub(crate) fn perf_data(bytes: &[u8]) -> Outcome {
    read_and_fold(bytes)
}

/// samply's profile, as text or gzipped.
pub(crate) fn samply(bytes: &[u8]) -> Outcome {
    read_and_fold(bytes)
}

/// A recording of ours: what is read can be written, and is read as the same again.
pub(crate) fn own(bytes: &[u8]) -> Outcome {
    read_and_fold(bytes);
    let Ok(read) = wire::Recording::read(bytes) else {
        return Outcome::Refused;
    };
    if let Some(end) = read.end {
        let written = rewritten(&read, end).expect("memory can be written");
        let again = wire::Recording::read(&written).expect("what was written can be read");
        assert_eq!(again, read, "a recording is not what was written");
    }
    Outcome::Read
}

fn rewritten(read: &wire::Recording<'_>, end: wire::recording::End) -> std::io::Result<Vec<u8>> {
    let mut writer = wire::recording::Writer::new(Vec::new(), &read.header)?;
    for (tid, name) in &read.threads {
        writer.thread_name(*tid, name)?;
    }
    for module in &read.modules {
        writer.module(module)?;
    }
    for sample in &read.samples {
        writer.sample(sample)?;
    }
    for (pid, process) in &read.others {
        writer.process(*pid)?;
        for (tid, name) in &process.threads {
            writer.thread_name(*tid, name)?;
        }
        for module in &process.modules {
            writer.module(module)?;
        }
        for sample in &process.samples {
            writer.sample(sample)?;
        }
    }
    if read.lost > 0 {
        writer.lost(read.lost)?;
    }
    writer
        .finish(end.end_time_ns, end.cpu_ns)
        .map(|(_, bytes)| bytes)
}

/// As far as a recording goes without the files it names: `profile --import`.
fn read_and_fold(bytes: &[u8]) -> Outcome {
    let read = parse::recording::read("fuzz", bytes, &|_| None);
    if let Ok(recording) = &read {
        fold(recording);
    }
    Outcome::of(&read)
}

fn fold(recording: &Recording) {
    let _ = recording.real_rate_hz();
    let context = Context {
        files: &|_| None,
        members: &[],
        window_ns: None,
        threads: NonZeroUsize::MIN,
        harness: Harness::None,
    };
    if let Ok(symbolized) = symbolize::profile(recording, &context) {
        let text = symbolized.stacks.to_string();
        let again = parse::folded::read(&text).expect("our folded text can be read");
        assert_eq!(
            again, symbolized.stacks,
            "folded text is not what was folded"
        );
    }
}

/// Folded stacks: what is read can be written, and is read as the same again.
pub(crate) fn folded(bytes: &[u8]) -> Outcome {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Outcome::Refused;
    };
    let Ok(stacks) = parse::folded::read(text) else {
        return Outcome::Refused;
    };
    let _ = (stacks.total(), stacks.costs());
    let _ = stacks.owners(|name| name.starts_with('a'));
    let again = parse::folded::read(&stacks.to_string());
    assert_eq!(again, Ok(stacks), "folded text is not what was folded");
    Outcome::Read
}

/// A record of the probe: what is read can be written, and is read as the same again.
pub(crate) fn probe_record(bytes: &[u8]) -> Outcome {
    let name = format!("1{FILE_SUFFIX}");
    let files = BTreeMap::from([(name, bytes.to_vec())]);
    let _ = parse::probe::is_linked(bytes);
    let read = parse::probe::records(&files);
    for record in read.iter().flatten() {
        let again = Measured::from_json(&record.to_json()).expect("what was written can be read");
        assert_eq!(written_out(&again), written_out(record));
        let counted = parse::probe::counted(record);
        for quantile in [0.5, 0.95, 0.99, 0.999] {
            let _ = record.latencies.as_ref().map(|all| all.quantile(quantile));
            let latencies = counted.as_ref().and_then(|all| all.latencies.as_ref());
            let _ = latencies.map(|all| all.quantile_ns(quantile));
        }
    }
    Outcome::of(&read)
}
