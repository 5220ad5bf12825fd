//! The ring that the kernel writes one event's records to.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::atomic::{AtomicU64, Ordering};

use memmap2::{MmapOptions, MmapRaw};
use perf_event_open_sys::bindings::{perf_event_header, perf_event_mmap_page};

/// One event and its ring.
#[derive(Debug)]
pub(super) struct Ring {
    event: OwnedFd,
    /// A control page, then `data_bytes` of records.
    map: MmapRaw,
    data_offset: usize,
    data_bytes: usize,
}

impl Ring {
    /// Maps a ring of `data_bytes`, a power of two of at least a page, for `event`.
    pub(super) fn new(event: OwnedFd, data_bytes: usize) -> io::Result<Self> {
        let page = page_bytes();
        let map = MmapOptions::new()
            .len(page + data_bytes)
            .map_raw(event.as_raw_fd())?;
        Ok(Self {
            event,
            map,
            data_offset: page,
            data_bytes,
        })
    }

    /// The event's file, to poll.
    pub(super) fn event(&self) -> &OwnedFd {
        &self.event
    }

    /// Moves all whole records to `batch`.
    pub(super) fn take(&mut self, batch: &mut Vec<u8>) {
        let control = self.map.as_mut_ptr().cast::<perf_event_mmap_page>();
        // SAFETY: the control page is mapped as long as `self.map`, and both fields are aligned
        // u64 that the kernel and this thread access atomically.
        let (head, tail) = unsafe {
            (
                AtomicU64::from_ptr(&raw mut (*control).data_head),
                AtomicU64::from_ptr(&raw mut (*control).data_tail),
            )
        };
        // Acquire: the records before `head` are written before it is.
        let end = head.load(Ordering::Acquire);
        let start = tail.load(Ordering::Relaxed);
        let count = usize::try_from(end.wrapping_sub(start)).unwrap_or(0);
        if count == 0 || count > self.data_bytes {
            return;
        }
        batch.reserve(count);
        let from = usize::try_from(start % self.data_bytes as u64).unwrap_or(0);
        let before_wrap = count.min(self.data_bytes - from);
        self.copy(from, before_wrap, batch);
        self.copy(0, count - before_wrap, batch);
        // Release: the kernel may overwrite the records once they are copied, not before.
        tail.store(end, Ordering::Release);
    }

    fn copy(&self, from: usize, count: usize, batch: &mut Vec<u8>) {
        debug_assert!(from + count <= self.data_bytes);
        // SAFETY: the range lies within the mapping, and the kernel leaves what is between tail
        // and head alone until the tail moves.
        let bytes = unsafe {
            std::slice::from_raw_parts(self.map.as_ptr().add(self.data_offset + from), count)
        };
        batch.extend_from_slice(bytes);
    }
}

/// The bytes before the body of every record: kind, flags and length.
pub(super) const HEADER_BYTES: usize = size_of::<perf_event_header>();

/// The size of a page, in bytes.
pub(super) fn page_bytes() -> usize {
    // SAFETY: sysconf has no preconditions.
    usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096)
}
