//! The sampler on Linux: one recording at a time.

mod process;
mod ring;
mod signal;

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use self::ring::{Consumer, RawSample, Ring};
use super::{EVENT, StartError};
use crate::clock;
use crate::wire::recording::{Architecture, Clock, End, Header, Sample, Writer};

/// Two busy CPUs at 1,000 samples per second fill this in an eighth of a second, more than twice the drain interval.
const RING_SLOTS: usize = 256;
/// The drain wakes rarely, so that it does not show in what is measured.
const DRAIN_INTERVAL: Duration = Duration::from_millis(50);
const DRAIN_THREAD_NAME: &str = "yardstick-probe";

/// The ring, made by the first recording and used by all.
static CONSUMER: Mutex<Option<(&'static Ring, Consumer)>> = Mutex::new(None);
static RUNNING: AtomicBool = AtomicBool::new(false);

/// A recording of this process under way. Dropping it without [`Sampler::stop`] ends the recording too.
#[derive(Debug)]
pub struct Sampler {
    /// Taken when the recording ends.
    drain: Option<Drain>,
}

/// The thread that writes the recording.
#[derive(Debug)]
struct Drain {
    thread: JoinHandle<io::Result<End>>,
    /// Dropping it tells the thread to finish.
    stop: mpsc::Sender<()>,
}

impl Sampler {
    /// Starts recording all threads of this process to the file `path`, at `rate_hz` samples per second of CPU time.
    ///
    /// # Errors
    /// If a recording is under way, the file cannot be written, or the kernel refuses the timer or the copying of stacks.
    pub fn start(path: &Path, rate_hz: u32) -> Result<Self, StartError> {
        let architecture = Architecture::of_this_process().ok_or(StartError::NotSupported)?;
        if RUNNING.swap(true, Ordering::AcqRel) {
            return Err(StartError::AlreadyRunning);
        }
        let header = Header {
            architecture,
            clock: Clock::Monotonic,
            pid: std::process::id(),
            requested_rate_hz: rate_hz,
            start_time_ns: clock::monotonic_ns(),
            event: EVENT.to_owned(),
        };
        Self::start_exclusively(path, &header)
            .inspect_err(|_| RUNNING.store(false, Ordering::Release))
    }

    fn start_exclusively(path: &Path, header: &Header) -> Result<Self, StartError> {
        signal::check_stack_copy()?;
        signal::install()?;
        let file = File::create(path).map_err(StartError::Output)?;
        let writer = Writer::new(BufWriter::with_capacity(1 << 20, file), header)
            .map_err(StartError::Output)?;
        let ring = {
            let mut consumer = consumer();
            consumer.get_or_insert_with(|| Ring::leak(RING_SLOTS)).0
        };

        let (stop, stopped) = mpsc::channel();
        let (tell_tid, tid) = mpsc::channel();
        let thread = thread::Builder::new()
            .name(DRAIN_THREAD_NAME.to_owned())
            .spawn(move || {
                let mut recorder = Recorder::new(writer);
                // Before the first sample, so that reading files is not part of what is recorded.
                recorder.write_modules()?;
                // The receiver waits for this one message, so sending it cannot fail.
                let _ = tell_tid.send(signal::current_tid());
                recorder.run(&stopped)
            })
            .map_err(|error| StartError::Refused {
                call: "clone",
                error,
            })?;
        let drain = Drain { thread, stop };
        // A thread that ended already has no id to ignore; its error is reported by `stop`.
        let ignored_tid = tid.recv().unwrap_or_default();
        if let Err(error) = signal::arm(ring, ignored_tid, header.requested_rate_hz) {
            let _ = drain.finish();
            return Err(error);
        }
        Ok(Self { drain: Some(drain) })
    }

    /// Ends the recording and returns its end marker.
    ///
    /// # Errors
    /// If the recording could not be written whole.
    pub fn stop(mut self) -> io::Result<End> {
        self.end()
            .unwrap_or_else(|| Err(io::Error::other("the recording was ended before")))
    }

    fn end(&mut self) -> Option<io::Result<End>> {
        let drain = self.drain.take()?;
        signal::disarm();
        let result = drain.finish();
        RUNNING.store(false, Ordering::Release);
        Some(result)
    }
}

impl Drop for Sampler {
    fn drop(&mut self) {
        // Whoever drops a sampler instead of stopping it does not ask for its result.
        let _ = self.end();
    }
}

impl Drain {
    fn finish(self) -> io::Result<End> {
        drop(self.stop);
        self.thread.join().unwrap_or_else(|_| {
            Err(io::Error::other(
                "the thread that writes the recording panicked",
            ))
        })
    }
}

/// Writes what the handlers leave in the ring.
struct Recorder {
    writer: Writer<BufWriter<File>>,
    named_threads: Vec<u32>,
    cpu_start_ns: u64,
}

impl Recorder {
    fn new(writer: Writer<BufWriter<File>>) -> Self {
        Self {
            writer,
            named_threads: Vec::new(),
            cpu_start_ns: clock::process_cpu_ns(),
        }
    }

    fn run(mut self, stopped: &mpsc::Receiver<()>) -> io::Result<End> {
        let mut consumer = consumer();
        let Some((_, consumer)) = consumer.as_mut() else {
            return Err(io::Error::other("the recording has no ring"));
        };
        loop {
            let finished =
                stopped.recv_timeout(DRAIN_INTERVAL) != Err(mpsc::RecvTimeoutError::Timeout);
            self.drain(consumer)?;
            if finished {
                break;
            }
        }
        // Again, because a library may have been loaded and a thread renamed in the meantime.
        self.write_modules()?;
        for tid in std::mem::take(&mut self.named_threads) {
            self.write_thread_name(tid)?;
        }
        // This thread's own time is not sampled, so it may not count for the rate either.
        let cpu_ns = clock::process_cpu_ns() - self.cpu_start_ns;
        let (end, _) = self.writer.finish(
            clock::monotonic_ns(),
            cpu_ns.saturating_sub(clock::thread_cpu_ns()),
        )?;
        Ok(end)
    }

    fn drain(&mut self, consumer: &mut Consumer) -> io::Result<()> {
        while let Some(written) = consumer.pop(|raw| self.write_sample(raw)) {
            written?;
        }
        match consumer.take_lost() {
            0 => Ok(()),
            lost => self.writer.lost(lost),
        }
    }

    fn write_sample(&mut self, raw: &RawSample) -> io::Result<()> {
        if !self.named_threads.contains(&raw.tid) {
            self.named_threads.push(raw.tid);
            self.write_thread_name(raw.tid)?;
        }
        self.writer.sample(&Sample {
            time_ns: raw.time_ns,
            tid: raw.tid,
            cpu: raw.cpu,
            weight: 1,
            registers: raw.registers,
            chain: [].as_slice().into(),
            stack: raw.stack().into(),
        })
    }

    fn write_thread_name(&mut self, tid: u32) -> io::Result<()> {
        match process::thread_name(tid) {
            Some(name) => self.writer.thread_name(tid, &name),
            None => Ok(()),
        }
    }

    fn write_modules(&mut self) -> io::Result<()> {
        process::modules()
            .iter()
            .try_for_each(|module| self.writer.module(module))
    }
}

fn consumer() -> MutexGuard<'static, Option<(&'static Ring, Consumer)>> {
    CONSUMER.lock().unwrap_or_else(PoisonError::into_inner)
}
