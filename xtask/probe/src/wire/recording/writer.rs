//! Writes a recording as a stream: nothing is kept in memory but the record being written.

use std::io::{self, Write};

use super::{Architecture, Clock, End, Header, MAGIC, Module, Sample, VERSION};

pub(super) const KIND_THREAD_NAME: u8 = 1;
pub(super) const KIND_MODULE: u8 = 2;
pub(super) const KIND_SAMPLE: u8 = 3;
pub(super) const KIND_LOST: u8 = 4;
pub(super) const KIND_END: u8 = 5;
pub(super) const KIND_PROCESS: u8 = 6;

/// Writes the records of one recording; give it a buffered or unbuffered sink, each record is one write.
#[derive(Debug)]
pub struct Writer<W: Write> {
    sink: W,
    /// The record being put together, so that a record reaches the sink in one write or not at all.
    record: Vec<u8>,
    /// The process that the records written now are of.
    process: u32,
    samples: u64,
    lost: u64,
}

impl<W: Write> Writer<W> {
    /// Writes the header.
    ///
    /// # Errors
    /// If the sink refuses it.
    pub fn new(mut sink: W, header: &Header) -> io::Result<Self> {
        let mut body = vec![
            architecture_code(header.architecture),
            clock_code(header.clock),
        ];
        put_u32(&mut body, header.pid);
        put_u32(&mut body, header.requested_rate_hz);
        put_u64(&mut body, header.start_time_ns);
        put_bytes(&mut body, header.event.as_bytes())?;

        let mut start = MAGIC.to_vec();
        put_u32(&mut start, VERSION);
        put_bytes(&mut start, &body)?;
        sink.write_all(&start)?;
        Ok(Self {
            sink,
            record: Vec::new(),
            process: header.pid,
            samples: 0,
            lost: 0,
        })
    }

    /// Says which process the records are of that follow; without it they are of the header's.
    ///
    /// # Errors
    /// If the sink refuses it.
    pub fn process(&mut self, pid: u32) -> io::Result<()> {
        if pid == self.process {
            return Ok(());
        }
        self.begin(KIND_PROCESS);
        put_u32(&mut self.record, pid);
        self.commit()?;
        self.process = pid;
        Ok(())
    }

    /// Writes the name of a thread; a later name replaces an earlier one.
    ///
    /// # Errors
    /// If the sink refuses it.
    pub fn thread_name(&mut self, tid: u32, name: &str) -> io::Result<()> {
        self.begin(KIND_THREAD_NAME);
        put_u32(&mut self.record, tid);
        put_bytes(&mut self.record, name.as_bytes())?;
        self.commit()
    }

    /// Writes a mapped file. The same file may be written again, readers keep it once.
    ///
    /// # Errors
    /// If the sink refuses it.
    pub fn module(&mut self, module: &Module) -> io::Result<()> {
        self.begin(KIND_MODULE);
        put_u64(&mut self.record, module.start);
        put_u64(&mut self.record, module.end);
        put_u64(&mut self.record, module.file_offset);
        put_bytes(&mut self.record, &module.build_id)?;
        put_bytes(&mut self.record, module.path.as_bytes())?;
        self.commit()
    }

    /// Writes a sample and counts it.
    ///
    /// # Errors
    /// If the sink refuses it.
    pub fn sample(&mut self, sample: &Sample<'_>) -> io::Result<()> {
        self.begin(KIND_SAMPLE);
        put_u64(&mut self.record, sample.time_ns);
        put_u32(&mut self.record, sample.tid);
        put_u32(&mut self.record, sample.cpu);
        put_u64(&mut self.record, sample.weight);
        let registers = sample.registers;
        for register in [registers.ip, registers.sp, registers.bp, registers.lr] {
            put_u64(&mut self.record, register);
        }
        let chain_count = length_u32(sample.chain.len())?;
        put_u32(&mut self.record, chain_count);
        for &address in sample.chain.iter() {
            put_u64(&mut self.record, address);
        }
        put_bytes(&mut self.record, &sample.stack)?;
        self.commit()?;
        self.samples += 1;
        Ok(())
    }

    /// Writes that `count` further samples were lost.
    ///
    /// # Errors
    /// If the sink refuses it.
    pub fn lost(&mut self, count: u64) -> io::Result<()> {
        self.begin(KIND_LOST);
        put_u64(&mut self.record, count);
        self.commit()?;
        self.lost += count;
        Ok(())
    }

    /// Samples written so far.
    pub fn samples(&self) -> u64 {
        self.samples
    }

    /// Writes the end marker with the totals, flushes the sink and gives both back.
    ///
    /// # Errors
    /// If the sink refuses it.
    pub fn finish(mut self, end_time_ns: u64, cpu_ns: u64) -> io::Result<(End, W)> {
        let end = End {
            samples: self.samples,
            lost: self.lost,
            end_time_ns,
            cpu_ns,
        };
        self.begin(KIND_END);
        for value in [end.samples, end.lost, end.end_time_ns, end.cpu_ns] {
            put_u64(&mut self.record, value);
        }
        self.commit()?;
        self.sink.flush()?;
        Ok((end, self.sink))
    }

    fn begin(&mut self, kind: u8) {
        self.record.clear();
        self.record.push(kind);
        // The length takes this place when the record is whole.
        put_u32(&mut self.record, 0);
    }

    fn commit(&mut self) -> io::Result<()> {
        let payload_length = length_u32(self.record.len() - FRAME_LENGTH)?;
        self.record[1..FRAME_LENGTH].copy_from_slice(&payload_length.to_le_bytes());
        self.sink.write_all(&self.record)
    }
}

/// Bytes of a record before its payload: the kind and the length.
const FRAME_LENGTH: usize = 5;

fn architecture_code(architecture: Architecture) -> u8 {
    match architecture {
        Architecture::X86_64 => 1,
        Architecture::Aarch64 => 2,
    }
}

fn clock_code(clock: Clock) -> u8 {
    match clock {
        Clock::Monotonic => 1,
        Clock::MonotonicRaw => 2,
        Clock::Unknown => 3,
    }
}

fn length_u32(length: usize) -> io::Result<u32> {
    u32::try_from(length).map_err(|_| {
        io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("{length} bytes do not fit into one record"),
        )
    })
}

fn put_u32(buffer: &mut Vec<u8>, value: u32) {
    buffer.extend_from_slice(&value.to_le_bytes());
}

fn put_u64(buffer: &mut Vec<u8>, value: u64) {
    buffer.extend_from_slice(&value.to_le_bytes());
}

fn put_bytes(buffer: &mut Vec<u8>, bytes: &[u8]) -> io::Result<()> {
    let length = length_u32(bytes.len())?;
    put_u32(buffer, length);
    buffer.extend_from_slice(bytes);
    Ok(())
}
