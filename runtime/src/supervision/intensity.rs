use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

/// How many restarts a supervisor makes in a stretch of time before it gives up and
/// fails itself. The restart of a whole group counts once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestartIntensity {
    /// How many restarts are made at most ...
    pub restarts: u32,
    /// ... in any stretch of this length.
    pub within: Duration,
}

impl RestartIntensity {
    /// At most `restarts` restarts in any stretch of `within`.
    pub fn new(restarts: u32, within: Duration) -> Self {
        Self { restarts, within }
    }
}

/// Three restarts in five seconds.
impl Default for RestartIntensity {
    fn default() -> Self {
        Self::new(3, Duration::from_secs(5))
    }
}

/// The restarts that still count.
pub(super) struct RestartWindow {
    intensity: RestartIntensity,
    recent: VecDeque<Instant>,
}

/// Whether one more restart is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Restart,
    GiveUp,
}

impl RestartWindow {
    pub(super) fn new(intensity: RestartIntensity) -> Self {
        Self {
            intensity,
            recent: VecDeque::new(),
        }
    }

    /// Counts one more restart, now.
    pub(super) fn count(&mut self, now: Instant) -> Verdict {
        while let Some(oldest) = self.recent.front()
            && now.duration_since(*oldest) > self.intensity.within
        {
            self.recent.pop_front();
        }
        if self.recent.len() >= self.intensity.restarts as usize {
            return Verdict::GiveUp;
        }
        self.recent.push_back(now);
        Verdict::Restart
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn restarts_are_allowed_up_to_the_limit_within_any_stretch() {
        let second = Duration::from_secs(1);
        let mut window = RestartWindow::new(RestartIntensity::new(2, 10 * second));
        let begin = Instant::now();
        assert_eq!(window.count(begin), Verdict::Restart);
        assert_eq!(window.count(begin + 9 * second), Verdict::Restart);
        assert_eq!(window.count(begin + 10 * second), Verdict::GiveUp);
        assert_eq!(window.count(begin + 11 * second), Verdict::Restart);
        assert_eq!(window.count(begin + 19 * second), Verdict::GiveUp);
        assert_eq!(window.count(begin + 20 * second), Verdict::Restart);
    }

    #[test]
    fn an_intensity_of_zero_allows_no_restart() {
        let mut window = RestartWindow::new(RestartIntensity::new(0, Duration::from_secs(1)));
        assert_eq!(window.count(Instant::now()), Verdict::GiveUp);
    }
}
