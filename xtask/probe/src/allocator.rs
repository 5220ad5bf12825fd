//! The system's allocator with counters that are off until somebody asks.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

/// The system's allocator, which counts allocations and bytes while counting is on.
///
/// Install it with `#[global_allocator]`. Counting is switched on by the environment or by [`LiveBytes`](crate::LiveBytes), for
/// the rest of the process; until then an allocation costs one relaxed load more than without it.
#[derive(Debug, Default)]
pub struct CountingAllocator(());

impl CountingAllocator {
    /// An allocator for `#[global_allocator]`.
    #[must_use]
    pub const fn new() -> Self {
        Self(())
    }

    /// Switches counting on, and says whether it works: it does not if the executable installs another allocator.
    pub fn start_counting() -> bool {
        COUNTING.store(true, Ordering::Relaxed);
        let before = AllocationCounts::now().allocations;
        drop(std::hint::black_box(Box::new(0u8)));
        AllocationCounts::now().allocations > before
    }
}

/// What was counted since counting began, over all threads. Meaningful as a difference of two readings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AllocationCounts {
    /// Calls that gave memory; growing or shrinking a block is one of them.
    pub allocations: u64,
    /// Bytes requested by these calls, the whole new size of a block that was resized.
    pub allocated_bytes: u64,
    /// Bytes given back, the whole old size of a block that was resized.
    pub freed_bytes: u64,
}

impl AllocationCounts {
    /// Reads the counters.
    #[must_use]
    pub fn now() -> Self {
        let mut sum = Self::default();
        for shard in &SHARDS {
            sum.allocations += shard.allocations.load(Ordering::Relaxed);
            sum.allocated_bytes += shard.allocated_bytes.load(Ordering::Relaxed);
            sum.freed_bytes += shard.freed_bytes.load(Ordering::Relaxed);
        }
        sum
    }

    /// Bytes in use, relative to when counting began: negative if more was freed that had been allocated before.
    #[must_use]
    pub fn live_bytes(&self) -> i64 {
        self.allocated_bytes
            .wrapping_sub(self.freed_bytes)
            .cast_signed()
    }

    /// What was counted between `earlier` and `self`.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            allocations: self.allocations - earlier.allocations,
            allocated_bytes: self.allocated_bytes - earlier.allocated_bytes,
            freed_bytes: self.freed_bytes - earlier.freed_bytes,
        }
    }
}

static COUNTING: AtomicBool = AtomicBool::new(false);
static SHARDS: [Shard; SHARD_COUNT] = [const { Shard::new() }; SHARD_COUNT];
static NEXT_SHARD: AtomicUsize = AtomicUsize::new(0);

/// More shards than a bench has busy threads on common machines; threads beyond share.
const SHARD_COUNT: usize = 32;

thread_local! {
    /// The shard of this thread, `SHARD_COUNT` until it has one. Constant and without a destructor, so that reading it
    /// neither allocates nor fails while the thread ends.
    static SHARD: Cell<usize> = const { Cell::new(SHARD_COUNT) };
}

/// Counters of the threads that share it. Two cache lines, because processors prefetch lines in pairs.
#[repr(align(128))]
struct Shard {
    allocations: AtomicU64,
    allocated_bytes: AtomicU64,
    freed_bytes: AtomicU64,
}

impl Shard {
    const fn new() -> Self {
        Self {
            allocations: AtomicU64::new(0),
            allocated_bytes: AtomicU64::new(0),
            freed_bytes: AtomicU64::new(0),
        }
    }

    fn of_this_thread() -> &'static Self {
        let index = SHARD.get();
        if index < SHARD_COUNT {
            return &SHARDS[index];
        }
        let index = NEXT_SHARD.fetch_add(1, Ordering::Relaxed) % SHARD_COUNT;
        SHARD.set(index);
        &SHARDS[index]
    }

    fn allocated(&self, bytes: usize) {
        self.allocations.fetch_add(1, Ordering::Relaxed);
        self.allocated_bytes
            .fetch_add(bytes as u64, Ordering::Relaxed);
    }

    fn freed(&self, bytes: usize) {
        self.freed_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

/// The shard to count in, if counting is on. Relaxed suffices: the counters order nothing, and whoever reads them has awaited
/// the work of the other threads, which orders their writes.
#[inline]
fn counting_shard() -> Option<&'static Shard> {
    COUNTING.load(Ordering::Relaxed).then(Shard::of_this_thread)
}

// SAFETY: every call is passed on to `System` with its arguments unchanged and its result is returned unchanged, so `System`'s
// guarantees hold. The counting beside it touches statics and a constant thread-local only: it cannot allocate, unwind or fail.
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `GlobalAlloc::alloc`.
        let pointer = unsafe { System.alloc(layout) };
        if let Some(shard) = counting_shard().filter(|_| !pointer.is_null()) {
            shard.allocated(layout.size());
        }
        pointer
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `GlobalAlloc::alloc_zeroed`.
        let pointer = unsafe { System.alloc_zeroed(layout) };
        if let Some(shard) = counting_shard().filter(|_| !pointer.is_null()) {
            shard.allocated(layout.size());
        }
        pointer
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `GlobalAlloc::dealloc`; the block came from `System`.
        unsafe { System.dealloc(pointer, layout) };
        if let Some(shard) = counting_shard() {
            shard.freed(layout.size());
        }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `GlobalAlloc::realloc`; the block came from `System`.
        let new_pointer = unsafe { System.realloc(pointer, layout, new_size) };
        if let Some(shard) = counting_shard().filter(|_| !new_pointer.is_null()) {
            shard.allocated(new_size);
            shard.freed(layout.size());
        }
        new_pointer
    }
}
