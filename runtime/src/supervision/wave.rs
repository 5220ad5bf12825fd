use super::handle::ChildState;
use super::node::{Node, Slot};
use super::notice::{ChildKey, Notice};
use super::overseer::Overseer;
use super::strategy::Strategy;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::AbortHandle;

/// The restart of one child or of a group: those that still run are halted, the last
/// first; then the backoff passes; then they are launched, the first first.
///
/// A wave is advanced by what the supervisor is told. A further failure within its
/// range makes it begin anew, over the range of both.
pub(super) struct Wave {
    pub(super) range: KeyRange,
    pub(super) stage: Stage,
    /// The backoff.
    pub(super) delay: Duration,
    /// Ends the backoff, or the patience with the child that is being halted.
    pub(super) alarm: Option<Alarm>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Halting,
    BackingOff,
    Launching,
}

/// The children of a wave: a stretch of the starting order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KeyRange {
    first: ChildKey,
    last: ChildKey,
}

impl KeyRange {
    pub(super) fn one(key: ChildKey) -> Self {
        Self {
            first: key,
            last: key,
        }
    }

    /// Who is restarted when `failed` fails.
    pub(super) fn of(strategy: Strategy, failed: ChildKey) -> Self {
        let last = ChildKey(u64::MAX);
        match strategy {
            Strategy::OneForOne => Self::one(failed),
            Strategy::OneForAll => Self {
                first: ChildKey(0),
                last,
            },
            Strategy::RestForOne => Self {
                first: failed,
                last,
            },
        }
    }

    pub(super) fn contains(self, key: ChildKey) -> bool {
        self.first <= key && key <= self.last
    }

    pub(super) fn overlaps(self, other: Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    pub(super) fn union(self, other: Self) -> Self {
        Self {
            first: self.first.min(other.first),
            last: self.last.max(other.last),
        }
    }
}

/// A notice that comes to the supervisor after a time, unless the alarm is dropped.
pub(super) struct Alarm {
    pub(super) number: u64,
    task: AbortHandle,
}

impl Alarm {
    pub(super) fn set(node: &Node, after: Duration) -> Self {
        let number = node.next_alarm();
        let cell = Arc::clone(&node.cell);
        let ring = async move {
            tokio::time::sleep(after).await;
            // A supervisor that has ended needs no waking.
            let _ = cell.try_tell(Notice::Alarm(number));
        };
        let task = node.cell.core.system.executor().spawn(ring);
        Self {
            number,
            task: task.abort_handle(),
        }
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What a wave waits for, or does, next.
enum Step {
    /// For something that it will be told.
    Wait,
    /// Halt this child.
    Halt(ChildKey),
    /// Launch this child.
    Launch(ChildKey),
    /// The stage is over.
    Over,
}

impl Overseer {
    /// Something has changed about a child: the wave it belongs to goes on, if there is
    /// one.
    pub(super) fn advance(&mut self, child: ChildKey) {
        let of_child = |wave: &Wave| wave.range.contains(child);
        let Some(place) = self.waves.iter().position(of_child) else {
            return;
        };
        loop {
            let wave = &mut self.waves[place];
            match (wave.stage, next_step(&self.node, wave)) {
                (_, Step::Wait) => return,
                (_, Step::Halt(child)) => {
                    wave.alarm = halt(&self.node, child);
                    return;
                }
                (_, Step::Launch(child)) => {
                    // A child that cannot be launched any more is passed over.
                    if self.launch(child).is_some() {
                        return;
                    }
                }
                (Stage::Halting, Step::Over) if wave.delay.is_zero() => {
                    wave.alarm = None;
                    wave.stage = Stage::Launching;
                }
                (Stage::Halting, Step::Over) => {
                    wave.alarm = Some(Alarm::set(&self.node, wave.delay));
                    wave.stage = Stage::BackingOff;
                    return;
                }
                (Stage::BackingOff | Stage::Launching, Step::Over) => {
                    self.waves.swap_remove(place);
                    return;
                }
            }
        }
    }

    /// The backoff of a wave has passed, or the patience with a child that it halts.
    pub(super) fn on_wave_alarm(&mut self, number: u64) {
        let rings = |wave: &&mut Wave| wave.alarm.as_ref().is_some_and(|a| a.number == number);
        let Some(wave) = self.waves.iter_mut().find(rings) else {
            return;
        };
        wave.alarm = None;
        let first = wave.range.first;
        if wave.stage == Stage::BackingOff {
            wave.stage = Stage::Launching;
            self.advance(first);
            return;
        }
        let range = wave.range;
        let late = self.node.slots().iter().rev().find_map(|slot| {
            let late = range.contains(slot.key)
                && slot.state == ChildState::Stopping
                && slot.dismissed.is_empty();
            late.then(|| slot.cell())
        });
        if let Some(cell) = late {
            cell.interrupt(Arc::from("it did not stop in time"));
        }
    }
}

fn next_step(node: &Node, wave: &Wave) -> Step {
    let slots = node.slots();
    let mut members = slots.iter().filter(|slot| wave.range.contains(slot.key));
    match wave.stage {
        Stage::Halting => match members.rfind(|slot| slot.state.is_active()) {
            None => Step::Over,
            Some(slot) if slot.state == ChildState::Stopping => Step::Wait,
            Some(slot) => Step::Halt(slot.key),
        },
        Stage::BackingOff => Step::Wait,
        Stage::Launching => {
            let unready = |slot: &&Slot| {
                slot.state == ChildState::Starting
                    || (slot.state == ChildState::Waiting && slot.dismissed.is_empty())
            };
            match members.find(unready) {
                None => Step::Over,
                Some(slot) if slot.state == ChildState::Starting => Step::Wait,
                Some(slot) => Step::Launch(slot.key),
            }
        }
    }
}

/// Tells a child to end in order; the alarm rings when it takes too long.
fn halt(node: &Node, child: ChildKey) -> Option<Alarm> {
    let (cell, grace) = node.with(child, |slot| {
        slot.state = ChildState::Stopping;
        (slot.cell(), slot.terms.grace)
    })?;
    let alarm = grace.map(|grace| Alarm::set(node, grace));
    cell.halt();
    alarm
}

#[cfg(test)]
mod tests {
    use super::*;

    fn restarted(strategy: Strategy) -> Vec<u64> {
        let range = KeyRange::of(strategy, ChildKey(1));
        (0..4)
            .filter(|key| range.contains(ChildKey(*key)))
            .collect()
    }

    #[test]
    fn the_strategy_says_who_is_restarted() {
        assert_eq!(restarted(Strategy::OneForOne), [1]);
        assert_eq!(restarted(Strategy::OneForAll), [0, 1, 2, 3]);
        assert_eq!(restarted(Strategy::RestForOne), [1, 2, 3]);
    }

    #[test]
    fn overlapping_ranges_unite() {
        let later = KeyRange::of(Strategy::RestForOne, ChildKey(5));
        let earlier = KeyRange::of(Strategy::RestForOne, ChildKey(2));
        assert!(later.overlaps(earlier));
        assert_eq!(later.union(earlier), earlier);
        assert!(!KeyRange::one(ChildKey(1)).overlaps(later));
    }
}
