//! perf's file, `perf.data`: a header that names sections, and a section of records.
//!
//! The file is trusted in nothing: every offset and count is checked against the bytes there are
//! before it is used.

mod attributes;
mod bytes;
mod collector;

#[cfg(test)]
mod tests;

use crate::model::recording::Recording;
use crate::problem::Problem;
use attributes::Attribute;
use bytes::Bytes;
use collector::Collector;

/// Numbers of the parts of the file that are read besides records, in perf's numbering.
const FEATURE_BUILD_ID: u32 = 2;
const FEATURE_ARCHITECTURE: u32 = 6;

/// Bytes of the header of a file that can be searched; a shorter one begins a stream.
const FILE_HEADER_BYTES: u64 = 104;

/// Whether the bytes begin like perf's file.
pub fn is_perf_data(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PERFILE2") || bytes.starts_with(b"2ELIFREP")
}

/// Reads the samples of the first event in the file.
///
/// # Errors
/// If the file is damaged, unfinished, of another instruction set, or recorded without stacks.
pub fn read(data: &[u8]) -> Result<Recording, Problem> {
    let file = File::parse(data)?;
    if let Some(architecture) = file.architecture() {
        super::recording::require_this_architecture(architecture)?;
    }
    let attributes = file.attributes()?;
    let event = sampled_event(&attributes)?;
    let mut collector = Collector::new(&attributes, event);
    for record in in_time_order(file.records, &collector)? {
        collector.record(record.kind, record.misc, record.body)?;
    }
    Ok(collector.finish(&file.build_ids()))
}

/// A record of the kernel.
struct Record<'data> {
    /// When it was written, on the clock of the recording.
    time: u64,
    kind: u32,
    misc: u16,
    body: &'data [u8],
}

/// The kernel's records by time. In the file they stand CPU by CPU, so that what a program mapped after
/// its start on one CPU may stand before its start on another.
fn in_time_order<'data>(
    records: &'data [u8],
    collector: &Collector<'_>,
) -> Result<Vec<Record<'data>>, Problem> {
    let mut found: Vec<Record<'data>> = Vec::new();
    let mut records = Bytes::new(records);
    while !records.is_empty() {
        let kind = records.u32()?;
        let misc = records.u16()?;
        let length = usize::from(records.u16()?);
        let body = length
            .checked_sub(RECORD_HEADER_BYTES)
            .ok_or_else(damaged)?;
        let body = records.take(body)?;
        match kind {
            KIND_COMPRESSED | KIND_COMPRESSED_2 => return Err(compressed()),
            // Trace data follows the record it is announced in.
            KIND_AUXTRACE => {
                let size = Bytes::new(body).u64()?;
                records.take(usize::try_from(size).map_err(|_| damaged())?)?;
            }
            kind if kind < FIRST_KIND_OF_PERF => {
                let time = collector.time(kind, misc, body)?;
                // One without a time stays behind the one before it.
                let time = time.or(found.last().map(|last| last.time)).unwrap_or(0);
                found.push(Record {
                    time,
                    kind,
                    misc,
                    body,
                });
            }
            _ => {}
        }
    }
    found.sort_by_key(|record| record.time);
    Ok(found)
}

const RECORD_HEADER_BYTES: usize = 8;
/// Kinds below are the kernel's, the others are perf's own.
const FIRST_KIND_OF_PERF: u32 = 64;
const KIND_AUXTRACE: u32 = 71;
const KIND_COMPRESSED: u32 = 81;
const KIND_COMPRESSED_2: u32 = 83;

/// The event that the user asked for: perf adds events named `dummy` for its own book-keeping.
fn sampled_event(attributes: &[Attribute]) -> Result<usize, Problem> {
    let event = attributes
        .iter()
        .position(|attribute| !attribute.is_dummy())
        .ok_or_else(damaged)?;
    if attributes[event].has_stacks() {
        return Ok(event);
    }
    Err(Problem::failure("it was recorded without call chains")
        .hint("record with `perf record --call-graph dwarf,16384`"))
}

/// The parts of the file that are used.
struct File<'data> {
    data: &'data [u8],
    attribute_bytes: usize,
    attributes: &'data [u8],
    records: &'data [u8],
    /// Number and content of each further part.
    features: Vec<(u32, &'data [u8])>,
}

impl<'data> File<'data> {
    fn parse(data: &'data [u8]) -> Result<Self, Problem> {
        if data.starts_with(b"2ELIFREP") {
            return Err(Problem::failure(
                "it was recorded on a big-endian machine, which cannot be read here",
            ));
        }
        let mut header = Bytes::new(data);
        header.u64()?;
        if header.u64()? < FILE_HEADER_BYTES {
            return Err(Problem::failure("it is a stream of perf, not a file")
                .hint("write it with `perf record -o FILE`, not through a pipe"));
        }
        let attribute_bytes = usize::try_from(header.u64()?).map_err(|_| damaged())?;
        let attributes = section(data, &mut header)?;
        let records_at = header.clone();
        let records = section(data, &mut header)?;
        if records.is_empty() {
            return Err(Problem::failure("perf did not finish writing it")
                .fact("its header says that there are no records")
                .hint("end the recorded program, not perf, and record again"));
        }
        section(data, &mut header)?;
        let feature_bits = header.u64()?;
        let mut table = Bytes::new(data);
        table.skip_to(end_of_section(records_at)?)?;
        let mut features = Vec::new();
        for number in (0..u64::BITS).filter(|number| feature_bits >> number & 1 == 1) {
            features.push((number, section(data, &mut table)?));
        }
        Ok(Self {
            data,
            attribute_bytes,
            attributes,
            records,
            features,
        })
    }

    /// Each event's attributes, followed by the place of its ids.
    fn attributes(&self) -> Result<Vec<Attribute>, Problem> {
        const SMALLEST_ENTRY: usize = 64 + 16;
        if self.attribute_bytes < SMALLEST_ENTRY {
            return Err(damaged());
        }
        self.attributes
            .chunks_exact(self.attribute_bytes)
            .map(|entry| {
                let (attribute, ids_at) = entry.split_at(entry.len() - 16);
                let mut ids = Bytes::new(section(self.data, &mut Bytes::new(ids_at))?);
                let mut list = Vec::new();
                while !ids.is_empty() {
                    list.push(ids.u64()?);
                }
                Attribute::parse(attribute, list)
            })
            .collect()
    }

    fn feature(&self, wanted: u32) -> Option<&'data [u8]> {
        let found = self.features.iter().find(|(number, _)| *number == wanted);
        found.map(|(_, content)| *content)
    }

    fn architecture(&self) -> Option<&'data str> {
        let mut content = Bytes::new(self.feature(FEATURE_ARCHITECTURE)?);
        let length = usize::try_from(content.u32().ok()?).ok()?;
        std::str::from_utf8(text(content.take(length).ok()?)).ok()
    }

    /// Build ids by path, as far as the part can be read.
    fn build_ids(&self) -> Vec<(String, Vec<u8>)> {
        const BUILD_ID_BYTES: usize = 20;
        const PATH_AT: usize = 8 + 4 + 24;
        let mut found = Vec::new();
        let mut content = Bytes::new(self.feature(FEATURE_BUILD_ID).unwrap_or_default());
        while let Some(entry) = content.sized_entry() {
            let (Some(id), Some(path)) = (entry.get(12..12 + 24), entry.get(PATH_AT..)) else {
                break;
            };
            // Newer versions of perf say how many of the bytes count.
            let length = match usize::from(id[BUILD_ID_BYTES]) {
                0 => BUILD_ID_BYTES,
                length => length.min(BUILD_ID_BYTES),
            };
            found.push((
                String::from_utf8_lossy(text(path)).into_owned(),
                id[..length].to_vec(),
            ));
        }
        found
    }
}

/// The section whose offset and size come next.
fn section<'data>(data: &'data [u8], at: &mut Bytes<'_>) -> Result<&'data [u8], Problem> {
    let offset = usize::try_from(at.u64()?).map_err(|_| damaged())?;
    let size = usize::try_from(at.u64()?).map_err(|_| damaged())?;
    let end = offset.checked_add(size).ok_or_else(damaged)?;
    data.get(offset..end).ok_or_else(|| {
        damaged().fact(format!(
            "a part of it should end at byte {end}; the file has {} bytes",
            data.len()
        ))
    })
}

fn end_of_section(mut at: Bytes<'_>) -> Result<usize, Problem> {
    let end = at.u64()?.checked_add(at.u64()?).ok_or_else(damaged)?;
    usize::try_from(end).map_err(|_| damaged())
}

/// Text up to its terminating zero.
fn text(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().position(|&byte| byte == 0);
    &bytes[..end.unwrap_or(bytes.len())]
}

fn damaged() -> Problem {
    Problem::failure("the perf.data file is damaged or cut off")
}

fn compressed() -> Problem {
    Problem::failure("its records are compressed, which is not supported")
        .hint("record without perf's option `-z`")
}
