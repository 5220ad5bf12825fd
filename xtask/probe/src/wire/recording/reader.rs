//! Reads a recording from bytes in memory, trusting none of them.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::fmt;

use super::writer::{
    KIND_END, KIND_LOST, KIND_MODULE, KIND_PROCESS, KIND_SAMPLE, KIND_THREAD_NAME,
};
use super::{
    Architecture, Clock, End, Header, MAGIC, Module, Process, Record, Recording, Registers, Sample,
    VERSION,
};

/// Why bytes could not be read as a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// The first bytes are not those of a recording.
    NotARecording,
    /// The file was written by another version of the format.
    Version {
        /// The version in the file.
        found: u32,
    },
    /// The bytes at `offset` are not what must stand there.
    Damaged {
        /// Bytes from the start of the file.
        offset: usize,
        /// What must stand there.
        wanted: String,
        /// What stands there.
        found: String,
    },
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotARecording => {
                write!(
                    f,
                    "not a recording of stacks: the file does not start with the bytes `YSTACKS`"
                )
            }
            Self::Version { found } => write!(
                f,
                "the recording was written by another version\n  found:  version {found}\n  wanted: version {VERSION} or an earlier one"
            ),
            Self::Damaged {
                offset,
                wanted,
                found,
            } => {
                write!(
                    f,
                    "the recording is damaged at byte {offset}\n  found:  {found}\n  wanted: {wanted}"
                )
            }
        }
    }
}

impl std::error::Error for ReadError {}

/// Reads records one after another; stacks borrow from the bytes.
///
/// The iteration ends behind the end marker, where the stream is cut off, or after the first error.
#[derive(Clone, Debug)]
pub struct Records<'data> {
    cursor: Cursor<'data>,
    finished: bool,
}

impl<'data> Records<'data> {
    /// Reads the header and stands before the first record.
    ///
    /// # Errors
    /// If the header is not that of a recording of this version.
    pub fn new(data: &'data [u8]) -> Result<(Header, Self), ReadError> {
        let mut cursor = Cursor { data, offset: 0 };
        if cursor.take(MAGIC.len(), "the magic bytes").ok() != Some(&MAGIC[..]) {
            return Err(ReadError::NotARecording);
        }
        let version = cursor.u32("the version")?;
        if !(1..=VERSION).contains(&version) {
            return Err(ReadError::Version { found: version });
        }
        let length = cursor.length("the header's length")?;
        let mut body = cursor.part(length, "the header")?;
        let header = Header {
            architecture: architecture(&mut body)?,
            clock: clock(&mut body)?,
            pid: body.u32("the process id")?,
            requested_rate_hz: body.u32("the requested rate")?,
            start_time_ns: body.u64("the start time")?,
            event: body.text("the event")?.to_owned(),
        };
        body.end("the header")?;
        Ok((
            header,
            Self {
                cursor,
                finished: false,
            },
        ))
    }

    fn read(&mut self) -> Result<Option<Record<'data>>, ReadError> {
        let Some((kind, kind_offset, mut payload)) = self.cursor.frame() else {
            return Ok(None);
        };
        let record = match kind {
            KIND_THREAD_NAME => Record::ThreadName {
                tid: payload.u32("a thread id")?,
                name: Cow::Borrowed(payload.text("a thread name")?),
            },
            KIND_MODULE => Record::Module(module(&mut payload)?),
            KIND_SAMPLE => Record::Sample(sample(&mut payload)?),
            KIND_LOST => Record::Lost(payload.u64("a count of lost samples")?),
            KIND_END => Record::End(End {
                samples: payload.u64("the number of samples")?,
                lost: payload.u64("the number of lost samples")?,
                end_time_ns: payload.u64("the end time")?,
                cpu_ns: payload.u64("the CPU time")?,
            }),
            KIND_PROCESS => Record::Process(payload.u32("a process id")?),
            other => {
                return Err(ReadError::Damaged {
                    offset: kind_offset,
                    wanted: "a record kind from 1 to 6".to_owned(),
                    found: other.to_string(),
                });
            }
        };
        payload.end("the record")?;
        if matches!(record, Record::End(_)) {
            self.cursor.end("the recording")?;
        }
        Ok(Some(record))
    }
}

impl<'data> Iterator for Records<'data> {
    type Item = Result<Record<'data>, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.finished {
            return None;
        }
        let item = self.read().transpose();
        self.finished = !matches!(item, Some(Ok(ref record)) if !matches!(record, Record::End(_)));
        item
    }
}

pub(super) fn read_all(data: &[u8]) -> Result<Recording<'_>, ReadError> {
    let (header, records) = Records::new(data)?;
    let (mut lost, mut end) = (0_u64, None);
    let mut pid = header.pid;
    let mut processes: BTreeMap<u32, Process<'_>> = BTreeMap::new();
    let mut known_modules = HashSet::new();
    for record in records {
        match record? {
            Record::ThreadName { tid, name } => {
                let process = processes.entry(pid).or_default();
                process.threads.insert(tid, name.into_owned());
            }
            Record::Module(module) => {
                if known_modules.insert((pid, module.clone())) {
                    processes.entry(pid).or_default().modules.push(module);
                }
            }
            Record::Sample(sample) => processes.entry(pid).or_default().samples.push(sample),
            Record::Lost(count) => lost = lost.saturating_add(count),
            Record::End(found) => end = Some(found),
            Record::Process(next) => pid = next,
        }
    }
    let Process {
        threads,
        modules,
        samples,
    } = processes.remove(&header.pid).unwrap_or_default();
    let recording = Recording {
        header,
        threads,
        modules,
        samples,
        others: processes,
        lost,
        end,
    };
    check_totals(&recording, data.len())?;
    Ok(recording)
}

fn check_totals(recording: &Recording<'_>, length: usize) -> Result<(), ReadError> {
    let Some(end) = recording.end else {
        return Ok(());
    };
    let others = recording.others.values();
    let others: usize = others.map(|process| process.samples.len()).sum();
    let samples = (recording.samples.len() + others) as u64;
    if (end.samples, end.lost) == (samples, recording.lost) {
        return Ok(());
    }
    Err(ReadError::Damaged {
        offset: length,
        wanted: format!(
            "{} samples and {} lost, as the end marker says",
            end.samples, end.lost
        ),
        found: format!("{samples} samples and {} lost", recording.lost),
    })
}

fn architecture(body: &mut Cursor<'_>) -> Result<Architecture, ReadError> {
    let offset = body.offset;
    match body.u8("the architecture")? {
        1 => Ok(Architecture::X86_64),
        2 => Ok(Architecture::Aarch64),
        other => Err(ReadError::Damaged {
            offset,
            wanted: "an architecture, 1 or 2".to_owned(),
            found: other.to_string(),
        }),
    }
}

fn clock(body: &mut Cursor<'_>) -> Result<Clock, ReadError> {
    let offset = body.offset;
    match body.u8("the clock")? {
        1 => Ok(Clock::Monotonic),
        2 => Ok(Clock::MonotonicRaw),
        3 => Ok(Clock::Unknown),
        other => Err(ReadError::Damaged {
            offset,
            wanted: "a clock from 1 to 3".to_owned(),
            found: other.to_string(),
        }),
    }
}

fn module(payload: &mut Cursor<'_>) -> Result<Module, ReadError> {
    Ok(Module {
        start: payload.u64("a module's start")?,
        end: payload.u64("a module's end")?,
        file_offset: payload.u64("a module's file offset")?,
        build_id: payload.bytes("a build id")?.to_vec(),
        path: payload.text("a module's path")?.to_owned(),
    })
}

fn sample<'data>(payload: &mut Cursor<'data>) -> Result<Sample<'data>, ReadError> {
    let time_ns = payload.u64("a sample's time")?;
    let tid = payload.u32("a sample's thread id")?;
    let cpu = payload.u32("a sample's CPU")?;
    let weight = payload.u64("a sample's weight")?;
    let registers = Registers {
        ip: payload.u64("the instruction pointer")?,
        sp: payload.u64("the stack pointer")?,
        bp: payload.u64("the frame pointer")?,
        lr: payload.u64("the link register")?,
    };
    let chain_count = payload.length("the length of a call chain")?;
    let chain_bytes = payload.take(chain_count.saturating_mul(8), "a call chain")?;
    let (addresses, _) = chain_bytes.as_chunks::<8>();
    let chain = addresses
        .iter()
        .map(|bytes| u64::from_le_bytes(*bytes))
        .collect::<Vec<_>>();
    let stack = payload.bytes("a copy of the stack")?;
    Ok(Sample {
        time_ns,
        tid,
        cpu,
        weight,
        registers,
        chain: Cow::Owned(chain),
        stack: Cow::Borrowed(stack),
    })
}

/// A position in the file. A cursor over a part of it ends earlier, but counts from the start of the file all the same,
/// so that messages name the byte of the file.
#[derive(Clone, Copy, Debug)]
struct Cursor<'data> {
    data: &'data [u8],
    offset: usize,
}

impl<'data> Cursor<'data> {
    /// Kind, position and payload of the next record; none if the file stops before the record does.
    fn frame(&mut self) -> Option<(u8, usize, Self)> {
        let mut ahead = *self;
        let kind_offset = ahead.offset;
        let kind = ahead.u8("a record").ok()?;
        let length = ahead.length("a record's length").ok()?;
        let payload = ahead.part(length, "a record").ok()?;
        *self = ahead;
        Some((kind, kind_offset, payload))
    }

    fn take(&mut self, count: usize, what: &str) -> Result<&'data [u8], ReadError> {
        let rest = self.data.get(self.offset..).unwrap_or_default();
        let Some(bytes) = rest.get(..count) else {
            return Err(ReadError::Damaged {
                offset: self.offset,
                wanted: format!("{what}, {count} bytes"),
                found: format!("{} bytes", rest.len()),
            });
        };
        self.offset += count;
        Ok(bytes)
    }

    fn part(&mut self, count: usize, what: &str) -> Result<Self, ReadError> {
        let start = self.offset;
        self.take(count, what)?;
        Ok(Self {
            data: &self.data[..self.offset],
            offset: start,
        })
    }

    fn end(&self, what: &str) -> Result<(), ReadError> {
        match self.data.len() - self.offset {
            0 => Ok(()),
            left => Err(ReadError::Damaged {
                offset: self.offset,
                wanted: format!("the end of {what}"),
                found: format!("{left} more bytes"),
            }),
        }
    }

    fn u8(&mut self, what: &str) -> Result<u8, ReadError> {
        Ok(self.take(1, what)?[0])
    }

    fn u32(&mut self, what: &str) -> Result<u32, ReadError> {
        let mut bytes = [0; 4];
        bytes.copy_from_slice(self.take(4, what)?);
        Ok(u32::from_le_bytes(bytes))
    }

    fn u64(&mut self, what: &str) -> Result<u64, ReadError> {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(self.take(8, what)?);
        Ok(u64::from_le_bytes(bytes))
    }

    fn length(&mut self, what: &str) -> Result<usize, ReadError> {
        // On a 32-bit host a length that does not fit is longer than any file in memory; `take` then refuses it.
        Ok(usize::try_from(self.u32(what)?).unwrap_or(usize::MAX))
    }

    fn bytes(&mut self, what: &str) -> Result<&'data [u8], ReadError> {
        let length = self.length(what)?;
        self.take(length, what)
    }

    fn text(&mut self, what: &str) -> Result<&'data str, ReadError> {
        let offset = self.offset;
        std::str::from_utf8(self.bytes(what)?).map_err(|error| ReadError::Damaged {
            offset,
            wanted: format!("{what} in UTF-8"),
            found: error.to_string(),
        })
    }
}
