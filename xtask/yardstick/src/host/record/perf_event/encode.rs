//! Turns the kernel's records into the records of a raw recording.

use std::borrow::Cow;
use std::io::{self, Write};

use linux_perf_event_reader::{
    BranchSampleFormat, Endianness, EventRecord, Mmap2Record, RawData, RawEventRecord, ReadFormat,
    RecordIdParseInfo, RecordParseInfo, RecordType, SampleFormat, SampleRecord,
};
use perf_event_open_sys::bindings;
use yardstick_probe::wire::recording::{
    Architecture, Clock, Header, Module, Registers, Sample, Writer,
};

use super::order::{Batch, Order, Record};
use super::processes::{Fact, Processes};

/// The kernel's numbers of the registers that unwinding starts from.
#[cfg(target_arch = "x86_64")]
mod register {
    pub(super) const BP: u64 = 6;
    pub(super) const SP: u64 = 7;
    pub(super) const IP: u64 = 8;
    /// There is none on this architecture.
    pub(super) const LR: Option<u64> = None;
}
#[cfg(target_arch = "aarch64")]
mod register {
    pub(super) const BP: u64 = 29;
    pub(super) const LR: Option<u64> = Some(30);
    pub(super) const SP: u64 = 31;
    pub(super) const IP: u64 = 32;
}

/// The registers to copy with each sample.
pub(super) const REGISTER_MASK: u64 = {
    let mask = 1 << register::BP | 1 << register::SP | 1 << register::IP;
    match register::LR {
        Some(lr) => mask | 1 << lr,
        None => mask,
    }
};

const SAMPLE_FORMAT: SampleFormat = SampleFormat::IP
    .union(SampleFormat::TID)
    .union(SampleFormat::TIME)
    .union(SampleFormat::CPU)
    .union(SampleFormat::PERIOD)
    .union(SampleFormat::CALLCHAIN)
    .union(SampleFormat::REGS_USER)
    .union(SampleFormat::STACK_USER);

/// What a sample consists of, for the kernel.
pub(super) const SAMPLE_TYPE: u64 = SAMPLE_FORMAT.bits();

/// From this value on, an entry of a call chain says whose addresses follow and is no address.
const FIRST_CONTEXT_MARKER: u64 = -4095_i64 as u64;

/// The dumps that may be kept whole. A busy machine with many CPUs reaches it in the time of a
/// careless `--duration`; from then on copies are short, which costs roots and not the disk.
const WHOLE_DUMPS_BYTES: u64 = 2 << 30;
const SHORT_DUMP_BYTES: usize = 2048;

/// Writes one recording.
#[derive(Debug)]
pub(super) struct Encoder<W: Write> {
    writer: Writer<W>,
    layout: RecordParseInfo,
    order: Order,
    processes: Processes,
    dumped_bytes: u64,
    short_dumps: u64,
}

impl<W: Write> Encoder<W> {
    /// Begins the recording of the process `pid`.
    pub(super) fn new(
        sink: W,
        pid: u32,
        rate_hz: u32,
        event: &str,
        start_time_ns: u64,
    ) -> io::Result<Self> {
        let architecture = Architecture::of_this_process()
            .ok_or_else(|| io::Error::from(io::ErrorKind::Unsupported))?;
        let header = Header {
            architecture,
            clock: Clock::Monotonic,
            pid,
            requested_rate_hz: rate_hz,
            start_time_ns,
            event: event.to_owned(),
        };
        Ok(Self {
            writer: Writer::new(sink, &header)?,
            layout: layout(),
            order: Order::default(),
            processes: Processes::default(),
            dumped_bytes: 0,
            short_dumps: 0,
        })
    }

    /// Writes a batch of whole kernel records, as far as none before them can follow.
    pub(super) fn records(&mut self, batch: &Batch) -> io::Result<()> {
        for record in self.order.take(batch, self.layout)? {
            self.record(&record)?;
        }
        Ok(())
    }

    /// Ends the recording; `user_ns` is the CPU time that the sampled event covers. Returns how
    /// many samples have a short copy of the stack only.
    pub(super) fn finish(mut self, end_time_ns: u64, user_ns: u64) -> io::Result<u64> {
        for record in self.order.rest() {
            self.record(&record)?;
        }
        let short_dumps = self.short_dumps;
        self.writer.finish(end_time_ns, user_ns)?;
        Ok(short_dumps)
    }

    fn record(&mut self, record: &Record) -> io::Result<()> {
        let Record {
            kind, misc, body, ..
        } = record;
        if *kind == bindings::PERF_RECORD_LOST_SAMPLES {
            let count = body
                .first_chunk()
                .map_or(0, |bytes| u64::from_ne_bytes(*bytes));
            return self.writer.lost(count);
        }
        let data = RawData::Single(body);
        let raw = RawEventRecord::new(RecordType(*kind), *misc, data, self.layout);
        match raw.parse()? {
            EventRecord::Sample(sample) => return self.sample(&sample),
            EventRecord::Mmap2(mapping) => self.processes.map(mapping.pid, module(&mapping)),
            EventRecord::Comm(name) => {
                let text = String::from_utf8_lossy(&name.name.as_slice()).into_owned();
                if name.is_execve {
                    self.processes.execute(name.pid);
                }
                self.processes.name(name.pid, name.tid, text);
            }
            EventRecord::Fork(fork) => self
                .processes
                .fork((fork.ppid, fork.ptid), (fork.pid, fork.tid)),
            EventRecord::Lost(lost) => return self.writer.lost(lost.count),
            _ => {}
        }
        Ok(())
    }

    /// Writes a sample, and before the first one of a process that knows more than before, what it knows.
    fn sample(&mut self, sample: &SampleRecord<'_>) -> io::Result<()> {
        let Some(pid) = sample.pid.filter(|&pid| pid > 0) else {
            return Ok(());
        };
        self.writer.process(pid.cast_unsigned())?;
        for fact in self.processes.news(pid) {
            match fact {
                Fact::Name(tid, name) => self.writer.thread_name(tid.cast_unsigned(), &name)?,
                Fact::Module(module) => self.writer.module(&module)?,
            }
        }
        let register = |number| {
            let value = sample
                .user_regs
                .as_ref()
                .and_then(|values| values.get(number));
            value.unwrap_or(0)
        };
        let registers = Registers {
            ip: register(register::IP),
            sp: register(register::SP),
            bp: register(register::BP),
            lr: register::LR.map_or(0, register),
        };
        let dump = sample.user_stack.map(|(bytes, copied)| {
            let bytes = bytes.as_slice();
            let copied = usize::try_from(copied)
                .unwrap_or(usize::MAX)
                .min(bytes.len());
            (bytes, copied)
        });
        let (bytes, mut copied) = dump.unwrap_or_default();
        if self.dumped_bytes > WHOLE_DUMPS_BYTES && copied > SHORT_DUMP_BYTES {
            copied = SHORT_DUMP_BYTES;
            self.short_dumps += 1;
        }
        self.dumped_bytes += copied as u64;
        self.writer.sample(&Sample {
            time_ns: sample.timestamp.unwrap_or(0),
            tid: sample.tid.unwrap_or(0).cast_unsigned(),
            cpu: sample.cpu.unwrap_or(Sample::UNKNOWN_CPU),
            // At a fixed rate every sample stands for the same time.
            weight: 1,
            registers,
            chain: Cow::Owned(addresses(sample)),
            stack: Cow::Borrowed(&bytes[..copied]),
        })
    }
}

fn module(mapping: &Mmap2Record<'_>) -> Module {
    Module {
        start: mapping.address,
        end: mapping.address.saturating_add(mapping.length),
        file_offset: mapping.page_offset,
        build_id: Vec::new(),
        path: String::from_utf8_lossy(&mapping.path.as_slice()).into_owned(),
    }
}

/// The frame-pointer chain of a sample, innermost first.
fn addresses(sample: &SampleRecord<'_>) -> Vec<u64> {
    let Some(chain) = sample.callchain else {
        return Vec::new();
    };
    (0..chain.len())
        .filter_map(|index| chain.get(index))
        .filter(|&address| address < FIRST_CONTEXT_MARKER)
        .collect()
}

/// How the kernel lays out our records.
fn layout() -> RecordParseInfo {
    RecordParseInfo {
        endian: if cfg!(target_endian = "little") {
            Endianness::LittleEndian
        } else {
            Endianness::BigEndian
        },
        sample_format: SAMPLE_FORMAT,
        branch_sample_format: BranchSampleFormat::empty(),
        read_format: ReadFormat::empty(),
        common_data_offset_from_end: None,
        sample_regs_user: REGISTER_MASK,
        user_regs_count: REGISTER_MASK.count_ones() as u8,
        sample_regs_intr: 0,
        intr_regs_count: 0,
        id_parse_info: RecordIdParseInfo {
            nonsample_record_id_offset_from_end: None,
            sample_record_id_offset_from_start: None,
        },
        // Other records end in the thread, the time and the CPU; samples begin with the address and the thread.
        nonsample_record_time_offset_from_end: Some(16),
        sample_record_time_offset_from_start: Some(16),
    }
}
