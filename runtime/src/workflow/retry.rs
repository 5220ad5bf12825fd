//! How often a step is tried, and how long apart.

use std::time::Duration;

/// How often a step is tried, and how long apart.
///
/// The delay starts at `initial_delay` and doubles with every failed attempt up to `max_delay`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    max_attempts: u32,
    initial_delay: Duration,
    max_delay: Duration,
}

impl RetryPolicy {
    /// Tries once; the first failure is final.
    pub const fn once() -> Self {
        Self::immediate(1)
    }

    /// Tries up to `max_attempts` times without a delay (0 counts as 1).
    pub const fn immediate(max_attempts: u32) -> Self {
        Self::exponential(max_attempts, Duration::ZERO, Duration::ZERO)
    }

    /// Tries up to `max_attempts` times (0 counts as 1), `initial_delay` after the first
    /// failure and twice as long after each further one, at most `max_delay`.
    pub const fn exponential(
        max_attempts: u32,
        initial_delay: Duration,
        max_delay: Duration,
    ) -> Self {
        Self {
            max_attempts: if max_attempts == 0 { 1 } else { max_attempts },
            initial_delay,
            max_delay,
        }
    }

    /// How often the step is tried at most, the first time included.
    pub const fn max_attempts(self) -> u32 {
        self.max_attempts
    }

    /// The delay after failed attempt number `attempt` (the first is 1), or `None` if it was
    /// the last one allowed.
    pub fn delay_after(self, attempt: u32) -> Option<Duration> {
        if attempt >= self.max_attempts {
            return None;
        }
        let doublings = attempt.saturating_sub(1);
        let factor = 1u32.checked_shl(doublings).unwrap_or(u32::MAX);
        Some(
            self.initial_delay
                .saturating_mul(factor)
                .min(self.max_delay),
        )
    }
}

impl Default for RetryPolicy {
    /// Three attempts, 100 ms and 200 ms apart.
    fn default() -> Self {
        Self::exponential(3, Duration::from_millis(100), Duration::from_secs(30))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_doubles_up_to_its_limit_and_ends_with_the_attempts() {
        let policy =
            RetryPolicy::exponential(5, Duration::from_millis(100), Duration::from_millis(300));
        let delays: Vec<_> = (1..=5).map(|attempt| policy.delay_after(attempt)).collect();
        let ms = |count| Some(Duration::from_millis(count));
        assert_eq!(delays, [ms(100), ms(200), ms(300), ms(300), None]);
    }

    #[test]
    fn a_hundred_doublings_stay_at_the_limit() {
        let policy = RetryPolicy::exponential(200, Duration::from_nanos(1), Duration::from_secs(9));
        assert_eq!(
            policy.delay_after(100),
            Some(Duration::from_nanos(u64::from(u32::MAX)))
        );
        let policy = RetryPolicy::exponential(200, Duration::from_secs(1), Duration::from_secs(9));
        assert_eq!(policy.delay_after(100), Some(Duration::from_secs(9)));
    }

    #[test]
    fn a_step_is_tried_at_least_once() {
        assert_eq!(RetryPolicy::immediate(0).max_attempts(), 1);
        assert_eq!(RetryPolicy::once().delay_after(1), None);
    }
}
