//! Blocks of many sizes, allocated, written to and freed.

use std::hint::black_box;
use std::time::Duration;

use yardstick_probe::Region;

/// The sizes of the blocks of a unit of work, in bytes: small ones mostly, as in programs.
const SIZES: [usize; 8] = [24, 64, 16, 256, 48, 1024, 32, 128];

/// The sum that a unit of work reads back.
const CHECKSUM: u64 = SIZES.len() as u64 * (SIZES.len() as u64 + 1) / 2;

/// One iteration allocates, writes, reads and frees the blocks of all units.
pub async fn run(units: u64, iterations: u64) -> Duration {
    let mut checksum = 0;
    let region = Region::start(iterations);
    for _ in 0..iterations {
        for _ in 0..units {
            checksum += allocate();
        }
    }
    let elapsed = region.finish();
    let blocks_read = iterations * units * CHECKSUM;
    assert_eq!(checksum, blocks_read, "every block held what was written");
    elapsed
}

/// A unit of work: all blocks live at the same time.
#[inline(never)]
fn allocate() -> u64 {
    let mut number = 0;
    let blocks = SIZES.map(|size| {
        number += 1;
        let mut block = Vec::<u8>::with_capacity(size);
        block.push(number);
        // The allocation must be seen, or the compiler may leave it out.
        black_box(block)
    });
    blocks.iter().map(|block| u64::from(block[0])).sum()
}
