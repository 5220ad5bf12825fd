//! Puts the records of several CPUs' rings into one order.
//!
//! Rings are emptied one after the other, so that a batch may hold what happened on one CPU and lack what led to it on
//! another: the fork that a process comes from, the mappings that its addresses lie in. What is younger than the moment at
//! which emptying began therefore waits for the next batch.

use std::io;

use linux_perf_event_reader::{RawData, RawEventRecord, RecordParseInfo, RecordType};

use super::ring::HEADER_BYTES;

/// A record has its time from before it is visible in its ring, by less than this.
const LAG_NS: u64 = 1_000_000;

/// What all rings held.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// Whole records, ring by ring.
    pub(super) bytes: Vec<u8>,
    /// When the first ring began to be emptied, on the clock of the records.
    pub(super) begun_ns: u64,
}

/// One record of the kernel.
#[derive(Debug)]
pub(super) struct Record {
    time_ns: u64,
    pub(super) kind: u32,
    pub(super) misc: u16,
    pub(super) body: Vec<u8>,
}

/// Records that older ones may still follow.
#[derive(Debug, Default)]
pub(super) struct Order {
    waiting: Vec<Record>,
}

impl Order {
    /// The records that no older ones can follow, by time; the others of the batch wait.
    pub(super) fn take(
        &mut self,
        batch: &Batch,
        layout: RecordParseInfo,
    ) -> io::Result<Vec<Record>> {
        let mut bytes = batch.bytes.as_slice();
        while let Some((header, _)) = bytes.split_at_checked(HEADER_BYTES) {
            let kind = u32::from_ne_bytes([header[0], header[1], header[2], header[3]]);
            let misc = u16::from_ne_bytes([header[4], header[5]]);
            let length = usize::from(u16::from_ne_bytes([header[6], header[7]]));
            let (Some(body), Some(rest)) = (bytes.get(HEADER_BYTES..length), bytes.get(length..))
            else {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "a record of the kernel is cut off",
                ));
            };
            let data = RawData::Single(body);
            let raw = RawEventRecord::new(RecordType(kind), misc, data, layout);
            self.waiting.push(Record {
                time_ns: raw.timestamp().unwrap_or(0),
                kind,
                misc,
                body: body.to_vec(),
            });
            bytes = rest;
        }
        self.waiting.sort_by_key(|record| record.time_ns);
        let complete_ns = batch.begun_ns.saturating_sub(LAG_NS);
        let ready = self
            .waiting
            .partition_point(|record| record.time_ns < complete_ns);
        Ok(self.waiting.drain(..ready).collect())
    }

    /// What waits, by time: nothing follows.
    pub(super) fn rest(&mut self) -> Vec<Record> {
        std::mem::take(&mut self.waiting)
    }
}
