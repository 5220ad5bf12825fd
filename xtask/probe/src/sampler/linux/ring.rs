//! A bounded queue of samples that signal handlers fill and one thread empties.
//!
//! Each slot carries a sequence number that says whose turn it is (D. Vyukov's bounded queue). A producer claims a slot with one
//! compare-and-swap, fills it in place and publishes it with one store. Nobody waits: a full ring refuses, and a producer that is
//! descheduled between claim and publication only makes the consumer come back later.

use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicU64, Ordering};

use super::super::STACK_COPY_BYTES;
use crate::wire::recording::Registers;

/// One sample as the handler leaves it.
#[repr(C)]
pub(super) struct RawSample {
    pub(super) time_ns: u64,
    pub(super) tid: u32,
    pub(super) cpu: u32,
    pub(super) registers: Registers,
    /// Bytes of `stack` that were copied; never more than its length.
    pub(super) stack_length: usize,
    pub(super) stack: [u8; STACK_COPY_BYTES],
}

struct Slot {
    /// `position`: free for the producer that claims this position. `position + 1`: filled, the consumer's.
    turn: AtomicU64,
    sample: UnsafeCell<RawSample>,
}

/// The queue. Many producers, one consumer: the consumer's functions need the unique [`Consumer`].
pub(super) struct Ring {
    slots: Box<[Slot]>,
    next_to_fill: AtomicU64,
    lost: AtomicU64,
}

// SAFETY: the only part that is not `Sync` by itself is the sample of a slot. It is accessed only by the producer whose
// compare-and-swap claimed the slot's position, or by the one consumer after that producer published it; the Release store and the
// Acquire load of `turn` order the two, so no two threads access it at once.
unsafe impl Sync for Ring {}

/// The right to empty a ring; there is one per ring.
pub(super) struct Consumer {
    ring: &'static Ring,
    next_to_empty: u64,
}

impl Ring {
    /// Makes a ring that lives as long as the program, because a signal may arrive at any time.
    ///
    /// Its memory is touched here, so that the handler takes no page faults.
    pub(super) fn leak(slot_count: usize) -> (&'static Self, Consumer) {
        let slots = (0..slot_count as u64)
            .map(|position| Slot {
                turn: AtomicU64::new(position),
                sample: UnsafeCell::new(RawSample::empty()),
            })
            .collect();
        let ring: &'static Self = Box::leak(Box::new(Self {
            slots,
            next_to_fill: AtomicU64::new(0),
            lost: AtomicU64::new(0),
        }));
        (
            ring,
            Consumer {
                ring,
                next_to_empty: 0,
            },
        )
    }

    /// Claims a slot and lets `fill` write it; counts a loss if the ring is full. Async-signal-safe if `fill` is.
    pub(super) fn push(&self, fill: impl FnOnce(&mut RawSample)) {
        let mut position = self.next_to_fill.load(Ordering::Relaxed);
        loop {
            let slot = self.slot(position);
            let turn = slot.turn.load(Ordering::Acquire);
            if turn == position {
                // Relaxed: the claim orders nothing, `turn` does. A failure means that another producer got the slot, so this
                // loop ends after as many rounds as there are producers.
                match self.next_to_fill.compare_exchange_weak(
                    position,
                    position.wrapping_add(1),
                    Ordering::Relaxed,
                    Ordering::Relaxed,
                ) {
                    Ok(_) => {
                        // SAFETY: `turn` was `position`, so the consumer has left this slot (its Release store was read with
                        // Acquire), and the compare-and-swap gave the position to this producer alone.
                        fill(unsafe { &mut *slot.sample.get() });
                        slot.turn.store(position.wrapping_add(1), Ordering::Release);
                        return;
                    }
                    Err(current) => position = current,
                }
            } else if turn < position {
                // The slot still holds the sample of one lap before.
                self.lost.fetch_add(1, Ordering::Relaxed);
                return;
            } else {
                // Another producer took this position since it was read.
                position = self.next_to_fill.load(Ordering::Relaxed);
            }
        }
    }

    fn slot(&self, position: u64) -> &Slot {
        // The remainder is always an index; the number of slots is not 0, or there is no ring to push to.
        let index = (position % self.slots.len() as u64) as usize;
        // SAFETY: `index` is a remainder of the length and so less than it. `get` and a panic on failure would put panic
        // machinery into a signal handler.
        unsafe { self.slots.get_unchecked(index) }
    }
}

impl Consumer {
    /// Hands the oldest sample to `use_sample`; none if there is none that is whole.
    pub(super) fn pop<R>(&mut self, use_sample: impl FnOnce(&RawSample) -> R) -> Option<R> {
        let slot = self.ring.slot(self.next_to_empty);
        if slot.turn.load(Ordering::Acquire) != self.next_to_empty + 1 {
            return None;
        }
        // SAFETY: the producer published this slot with a Release store that was read with Acquire, and no producer claims it
        // again before `turn` is set below. There is one consumer, and it is borrowed mutably.
        let result = use_sample(unsafe { &*slot.sample.get() });
        slot.turn.store(
            self.next_to_empty + self.ring.slots.len() as u64,
            Ordering::Release,
        );
        self.next_to_empty += 1;
        Some(result)
    }

    /// Samples lost since this was last asked.
    pub(super) fn take_lost(&mut self) -> u64 {
        self.ring.lost.swap(0, Ordering::Relaxed)
    }
}

impl RawSample {
    const fn empty() -> Self {
        Self {
            time_ns: 0,
            tid: 0,
            cpu: 0,
            registers: Registers {
                ip: 0,
                sp: 0,
                bp: 0,
                lr: 0,
            },
            stack_length: 0,
            // Not zeros: a page of zeros may be left to the first write.
            stack: [0xA5; STACK_COPY_BYTES],
        }
    }

    /// The bytes of stack that were copied.
    pub(super) fn stack(&self) -> &[u8] {
        self.stack.get(..self.stack_length).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::atomic::AtomicBool;
    use std::thread;

    use super::*;

    #[test]
    fn samples_come_out_in_the_order_they_went_in() {
        let (ring, mut consumer) = Ring::leak(4);
        for lap in 0..5u32 {
            for index in 0..3 {
                ring.push(|sample| sample.tid = lap * 3 + index);
            }
            let popped = [(); 3].map(|()| consumer.pop(|sample| sample.tid));
            assert_eq!(
                popped,
                [Some(lap * 3), Some(lap * 3 + 1), Some(lap * 3 + 2)]
            );
            assert_eq!(consumer.pop(|sample| sample.tid), None);
        }
        assert_eq!(consumer.take_lost(), 0);
    }

    #[test]
    fn a_full_ring_counts_what_it_loses_and_keeps_the_oldest() {
        let (ring, mut consumer) = Ring::leak(2);
        for tid in 0..7 {
            ring.push(|sample| sample.tid = tid);
        }
        assert_eq!(consumer.take_lost(), 5);
        assert_eq!(consumer.take_lost(), 0);
        assert_eq!(
            [(); 3].map(|()| consumer.pop(|sample| sample.tid)),
            [Some(0), Some(1), None]
        );
        ring.push(|sample| sample.tid = 9);
        assert_eq!(consumer.pop(|sample| sample.tid), Some(9));
    }

    #[test]
    fn a_slot_that_is_claimed_but_not_published_blocks_neither_producers_nor_the_consumer() {
        let (ring, mut consumer) = Ring::leak(2);
        ring.push(|outer| {
            ring.push(|inner| inner.tid = 2);
            ring.push(|_| panic!("the ring is full"));
            assert_eq!(consumer.pop(|sample| sample.tid), None);
            outer.tid = 1;
        });
        assert_eq!(
            [(); 3].map(|()| consumer.pop(|sample| sample.tid)),
            [Some(1), Some(2), None]
        );
        assert_eq!(consumer.take_lost(), 1);
    }

    #[test]
    fn every_sample_of_many_producers_comes_out_once_and_whole_or_is_counted_as_lost() {
        const PER_PRODUCER: u32 = 20_000;
        const PRODUCERS: u32 = 3;
        let (ring, mut consumer) = Ring::leak(8);
        let done = AtomicBool::new(false);
        let seen = thread::scope(|scope| {
            let reader = scope.spawn(|| {
                let mut seen = Vec::new();
                loop {
                    let finished = done.load(Ordering::Acquire);
                    while let Some(sample) = consumer.pop(|sample| (sample.tid, sample.time_ns)) {
                        seen.push(sample);
                    }
                    if finished {
                        return (seen, consumer.take_lost());
                    }
                }
            });
            let producers = [0, 1, 2].map(|producer| {
                scope.spawn(move || {
                    for number in 0..PER_PRODUCER {
                        let tid = producer * PER_PRODUCER + number;
                        ring.push(|sample| {
                            sample.tid = tid;
                            sample.time_ns = u64::from(tid) * 3;
                        });
                    }
                })
            });
            for producer in producers {
                producer.join().expect("a producer does not panic");
            }
            done.store(true, Ordering::Release);
            reader.join().expect("the reader does not panic")
        });
        let (samples, lost) = seen;
        assert!(
            samples
                .iter()
                .all(|&(tid, time_ns)| time_ns == u64::from(tid) * 3),
            "a sample was torn"
        );
        let distinct = samples.iter().collect::<BTreeSet<_>>().len();
        assert_eq!(distinct, samples.len(), "a sample came out twice");
        assert_eq!(
            samples.len() as u64 + lost,
            u64::from(PRODUCERS * PER_PRODUCER)
        );
    }
}
