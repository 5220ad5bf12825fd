use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// How long a supervisor waits before it restarts a child that failed.
///
/// The wait grows with each failure in a row, up to a cap, and starts anew once an
/// incarnation has run for a while ([`reset_after`](Self::reset_after)).
///
/// ```
/// use runtime::Backoff;
/// use std::time::Duration;
///
/// let backoff = Backoff::exponential(Duration::from_millis(100), Duration::from_secs(1));
/// let waits: Vec<u128> = backoff.delays().take(5).map(|wait| wait.as_millis()).collect();
/// assert_eq!(waits, [100, 200, 400, 800, 1000]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Backoff {
    initial: Duration,
    cap: Duration,
    factor: f64,
    jitter: f64,
    seed: Option<u64>,
    reset_after: Duration,
}

impl Backoff {
    /// Restarts at once.
    pub fn none() -> Self {
        Self::exponential(Duration::ZERO, Duration::ZERO)
    }

    /// Always waits for the same time.
    pub fn constant(delay: Duration) -> Self {
        Self::exponential(delay, delay)
    }

    /// Waits for `initial` after the first failure, then for twice as long after each
    /// further one, but never longer than `cap`.
    pub fn exponential(initial: Duration, cap: Duration) -> Self {
        Self {
            initial,
            cap,
            factor: 2.0,
            jitter: 0.0,
            seed: None,
            reset_after: Duration::from_secs(30),
        }
    }

    /// Multiplies the wait by this instead of 2. A factor below 1, or one that is not
    /// a number, counts as 1.
    #[must_use]
    pub fn factor(mut self, factor: f64) -> Self {
        self.factor = factor.max(1.0);
        self
    }

    /// Shortens each wait by a random share of it, from none up to this one (0 to 1), so that
    /// children that failed together do not all come back together.
    #[must_use]
    pub fn jitter(mut self, share: f64) -> Self {
        self.jitter = if share.is_nan() {
            0.0
        } else {
            share.clamp(0.0, 1.0)
        };
        self
    }

    /// Makes the jitter the same in every run.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Counts failures anew once an incarnation has run for this long; 30 seconds
    /// unless it is set.
    #[must_use]
    pub fn reset_after(mut self, quiet: Duration) -> Self {
        self.reset_after = quiet;
        self
    }

    /// The waits after the first, second, ... failure in a row.
    pub fn delays(&self) -> impl Iterator<Item = Duration> + use<> {
        let backoff = *self;
        let mut random = self.random();
        (0..).map(move |failures| backoff.delay(failures, &mut random))
    }

    /// The wait after a failure that `failures` others have preceded in a row.
    pub(super) fn delay(&self, failures: u32, random: &mut Random) -> Duration {
        let exponent = failures.min(i32::MAX as u32) as i32;
        let seconds = self.initial.as_secs_f64() * self.factor.powi(exponent);
        let whole = if seconds < self.cap.as_secs_f64() {
            Duration::from_secs_f64(seconds)
        } else {
            self.cap
        };
        if self.jitter == 0.0 {
            return whole;
        }
        whole.mul_f64(1.0 - self.jitter * random.share())
    }

    pub(super) fn is_reset_by(&self, ran: Duration) -> bool {
        ran >= self.reset_after
    }

    pub(super) fn random(&self) -> Random {
        // The hasher of the standard library is the one source of entropy in it.
        Random(self.seed.unwrap_or_else(|| RandomState::new().hash_one(0)))
    }
}

/// No wait: the intensity bounds how often a child is restarted.
impl Default for Backoff {
    fn default() -> Self {
        Self::none()
    }
}

/// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators",
/// 2014). Jitter needs no better generator.
pub(super) struct Random(u64);

impl Random {
    /// Uniform in 0 (included) to 1 (excluded).
    fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        // The upper 53 bits are what a double can tell apart.
        (mixed >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INITIAL: Duration = Duration::from_millis(100);
    const CAP: Duration = Duration::from_secs(1);

    #[test]
    fn jitter_shortens_a_wait_by_at_most_its_share() {
        let plain = Backoff::exponential(INITIAL, CAP);
        let jittered = plain.jitter(0.5).seed(7);
        for (whole, wait) in plain.delays().zip(jittered.delays()).take(200) {
            assert!(wait <= whole && wait >= whole / 2, "{wait:?} of {whole:?}");
        }
    }

    #[test]
    fn jitter_varies_and_the_same_seed_gives_the_same_waits() {
        let seeded = |seed| {
            let backoff = Backoff::constant(CAP).jitter(1.0).seed(seed);
            backoff.delays().take(20).collect::<Vec<_>>()
        };
        assert_eq!(seeded(1), seeded(1));
        assert_ne!(seeded(1), seeded(2));
        let waits = seeded(3);
        assert!(waits.iter().any(|wait| *wait < CAP / 2));
        assert!(waits.iter().any(|wait| *wait > CAP / 2));
    }

    #[test]
    fn a_long_row_of_failures_stays_at_the_cap() {
        let backoff = Backoff::exponential(INITIAL, CAP).factor(1e9);
        let mut random = backoff.random();
        assert_eq!(backoff.delay(u32::MAX, &mut random), CAP);
        assert_eq!(Backoff::none().delay(u32::MAX, &mut random), Duration::ZERO);
    }

    #[test]
    fn a_factor_below_one_does_not_shrink_the_waits() {
        let backoff = Backoff::exponential(INITIAL, CAP).factor(f64::NAN);
        assert!(backoff.delays().take(3).all(|wait| wait == INITIAL));
    }
}
