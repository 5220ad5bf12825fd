//! Our own recorder over the kernel's perf events.
//!
//! One event per CPU, inherited by every thread of the program and by every process it starts, enabled by its exec: the events
//! are opened while the process is held before its exec, so nothing of the program is missed. Each
//! sample carries the frame-pointer chain, the registers and a copy of the stack. The calling
//! thread empties the kernel's rings; another one encodes, so that a slow disk loses no sample.

mod encode;
mod events;
mod order;
mod processes;
mod ring;

use std::fs::File;
use std::io::{self, BufWriter};
use std::sync::mpsc;
use std::thread;

use camino::Utf8Path;

pub(super) use events::obstacle;

use super::{Failure, KeepGoing, Plan, Recorded, child::Child};
use crate::model::profile::Sampler;
use crate::problem::Problem;
use encode::Encoder;
use events::Events;
use order::Batch;

/// Records the program into the raw file.
pub(super) fn record(plan: &Plan, keep_going: KeepGoing<'_>) -> Result<Recorded, Failure> {
    let mut child = Child::hold(plan)?;
    let mut events = Events::open(child.pid(), plan)?;
    let mut notices = events.notices();
    let encoder = new_encoder(plan, &child, &events)?;
    let (batches, incoming) = mpsc::channel::<Batch>();
    let writer = thread::Builder::new()
        .name("write-recording".to_owned())
        .spawn(move || write(encoder, &incoming))?;
    child.release()?;
    let followed = follow(&mut events, &child, &batches, keep_going);
    drop(batches);
    // Where following failed, leaving this function drops the child, which kills it.
    let ended = followed.and_then(|()| child.finish(plan.subject));
    let written = match writer.join() {
        Ok(written) => written,
        Err(panic) => std::panic::resume_unwind(panic),
    };
    let path = &plan.raw_file;
    let encoder = written.map_err(|error| cannot_write(path, &error))?;
    let ended = ended?;
    let short_dumps = encoder
        .finish(monotonic_ns(), ended.user_ns)
        .map_err(|error| cannot_write(path, &error))?;
    if short_dumps > 0 {
        notices.push(format!(
            "the recording grew large, so the last {short_dumps} samples hold short copies of the stack: record for a shorter time"
        ));
    }
    Ok(Recorded::by(Sampler::PerfEvent, notices, ended))
}

fn new_encoder(
    plan: &Plan,
    child: &Child,
    events: &Events,
) -> anyhow::Result<Encoder<BufWriter<File>>> {
    let path = &plan.raw_file;
    let file = File::create(path).map_err(|error| cannot_write(path, &error))?;
    let encoder = Encoder::new(
        BufWriter::with_capacity(1 << 20, file),
        child.pid().cast_unsigned(),
        events.rate_hz(),
        events.name(),
        monotonic_ns(),
    );
    Ok(encoder.map_err(|error| cannot_write(path, &error))?)
}

/// Empties the rings until the program has ended.
fn follow(
    events: &mut Events,
    child: &Child,
    batches: &mpsc::Sender<Batch>,
    keep_going: KeepGoing<'_>,
) -> anyhow::Result<()> {
    loop {
        // Asked before the rings are emptied, so that a last round follows the end.
        let ended = child.has_ended();
        let batch = Batch {
            begun_ns: monotonic_ns(),
            bytes: events.take(),
        };
        if !batch.bytes.is_empty() && batches.send(batch).is_err() {
            // The writer has stopped; its own error tells why.
            return Ok(());
        }
        // A signal that ends us has killed the program as well: then that is the reason.
        keep_going()?;
        if ended {
            return Ok(());
        }
        events.wait(super::child::LOOK_INTERVAL)?;
    }
}

fn write(
    mut encoder: Encoder<BufWriter<File>>,
    incoming: &mpsc::Receiver<Batch>,
) -> io::Result<Encoder<BufWriter<File>>> {
    for batch in incoming {
        encoder.records(&batch)?;
    }
    Ok(encoder)
}

fn cannot_write(path: &Utf8Path, error: &io::Error) -> Problem {
    Problem::failure(format!("cannot write the recording `{path}`: {error}"))
}

fn monotonic_ns() -> u64 {
    let mut now = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the pointer is good for the call; this clock exists on every Linux.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut now) };
    now.tv_sec.cast_unsigned() * 1_000_000_000 + now.tv_nsec.cast_unsigned()
}
