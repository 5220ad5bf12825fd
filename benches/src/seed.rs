//! Data that is random and yet the same in every run.

/// The seed of all data here. Another seed is another benchmark.
pub const SEED: u64 = 0x5EED_0000_0000_0001;

/// Vigna's xorshift64*: 64 bits of state, enough for an order without a pattern.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The sequence of [`SEED`].
    #[must_use]
    pub fn new() -> Self {
        Self(SEED)
    }

    /// The next number below `bound`, which is not 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        // The upper half, because the lowest bits are the weakest.
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32) % bound
    }
}

impl Default for Random {
    fn default() -> Self {
        Self::new()
    }
}
