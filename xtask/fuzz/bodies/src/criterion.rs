//! What Criterion prints and writes.

use yardstick::parse::{criterion, criterion_verdict, progress};

use crate::{Outcome, folder, written_out};

/// The files below its home.
pub(crate) fn files(bytes: &[u8]) -> Outcome {
    let read = criterion::measurements(&folder::files(bytes));
    for measurement in read.iter().flatten() {
        let sample = &measurement.sample;
        assert_eq!(sample.iterations.len(), sample.totals.len());
        let _ = written_out(measurement);
    }
    Outcome::of(&read)
}

/// What it prints: lists of ids, plans, progress, verdicts.
pub(crate) fn output(bytes: &[u8]) -> Outcome {
    let text = String::from_utf8_lossy(bytes);
    let _ = progress::announced(&text);
    for line in text.lines() {
        if let Some(id) = criterion::running(line) {
            assert!(line.contains(id), "{id:?} of {line:?}");
        }
    }
    let Some(ids) = criterion::listed_ids(&text) else {
        return Outcome::Refused;
    };
    let _ = criterion::exactly(ids.iter().map(String::as_str));
    let verdicts = criterion_verdict::verdicts(&text, &ids);
    assert!(verdicts.keys().all(|id| ids.contains(id)));
    Outcome::Read
}
