use super::child::{Staff, Terms};
use super::event::SupervisionEvent;
use super::handle::ChildState;
use super::notice::{ChildKey, Link, Notice};
use super::supervisor::{Settings, StartError};
use crate::actor::Exit;
use crate::cell::{AnyCell, Cell, Phase};
use crate::feed::Feed;
use crate::sync::{Mutex, MutexGuard};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::oneshot;
use tokio::time::Instant;

/// A supervisor and its children, as they outlive the incarnations of the supervisor:
/// the children keep their cells, and so their addresses and mailboxes, when a whole
/// subtree is restarted.
pub(super) struct Node {
    pub(super) path: Arc<str>,
    pub(super) settings: Settings,
    /// The cell of the supervisor.
    pub(super) cell: Arc<Cell<Notice>>,
    pub(super) events: Arc<Feed<SupervisionEvent>>,
    /// Why the supervisor did not start.
    pub(super) failure: Mutex<Option<StartError>>,
    /// In the order of the keys, which is that of starting. Only the supervisor changes
    /// it once it runs.
    slots: Mutex<Vec<Slot>>,
    next_key: AtomicU64,
    /// Counts over all incarnations of the supervisor, so that an alarm which was set by
    /// one cannot be taken for another's.
    next_alarm: AtomicU64,
}

/// The place of one child.
pub(crate) struct Slot {
    pub(super) key: ChildKey,
    pub(super) name: Arc<str>,
    pub(super) terms: Terms,
    pub(super) staff: Arc<dyn Staff>,
    /// Set when the child is a supervisor.
    pub(super) subtree: Option<Arc<Node>>,
    pub(super) state: ChildState,
    /// The incarnation that was launched last.
    pub(super) incarnation: u64,
    /// When the running incarnation has started.
    pub(super) started: Option<Instant>,
    /// How many failures in a row there were.
    pub(super) failures: u32,
    /// Who waits for the first start.
    pub(super) adopter: Option<oneshot::Sender<Result<(), StartError>>>,
    /// Who waits for the child to stop and be let go of; not empty once that is so.
    pub(super) dismissed: Vec<oneshot::Sender<()>>,
}

impl Slot {
    pub(super) fn new(
        key: ChildKey,
        name: Arc<str>,
        terms: Terms,
        staff: Arc<dyn Staff>,
        subtree: Option<Arc<Node>>,
    ) -> Self {
        Self {
            key,
            name,
            terms,
            staff,
            subtree,
            state: ChildState::Waiting,
            incarnation: 0,
            started: None,
            failures: 0,
            adopter: None,
            dismissed: Vec::new(),
        }
    }

    pub(super) fn cell(&self) -> Arc<dyn AnyCell> {
        self.staff.cell()
    }
}

/// A child whose place is gone, because it was let go of, refused, or never taken in, has
/// nobody who could ever launch it again.
impl Drop for Slot {
    fn drop(&mut self) {
        end_child(self.cell().as_ref(), self.subtree.as_deref());
    }
}

impl Node {
    pub(super) fn new(
        path: Arc<str>,
        settings: Settings,
        cell: Arc<Cell<Notice>>,
        events: Arc<Feed<SupervisionEvent>>,
    ) -> Self {
        Self {
            path,
            settings,
            cell,
            events,
            failure: Mutex::new(None),
            slots: Mutex::new(Vec::new()),
            next_key: AtomicU64::new(0),
            next_alarm: AtomicU64::new(0),
        }
    }

    pub(super) fn next_link(self: &Arc<Self>) -> Link {
        Link {
            supervisor: Arc::clone(&self.cell),
            child: ChildKey(self.next_key.fetch_add(1, Ordering::Relaxed)),
        }
    }

    pub(super) fn next_alarm(&self) -> u64 {
        self.next_alarm.fetch_add(1, Ordering::Relaxed)
    }

    /// Whether no other supervisor stands above this one.
    pub(super) fn is_root(&self) -> bool {
        !self.cell.core.is_supervised()
    }

    pub(super) fn slots(&self) -> MutexGuard<'_, Vec<Slot>> {
        self.slots.lock()
    }

    /// Puts a child in its place, unless another has its name; then it is given back.
    #[must_use]
    pub(super) fn insert(&self, slot: Slot) -> Option<Slot> {
        let mut slots = self.slots.lock();
        if slots.iter().any(|other| other.name == slot.name) {
            return Some(slot);
        }
        let place = slots.partition_point(|other| other.key < slot.key);
        slots.insert(place, slot);
        None
    }

    pub(super) fn remove(&self, key: ChildKey) -> Option<Slot> {
        let mut slots = self.slots.lock();
        let place = slots.iter().position(|slot| slot.key == key)?;
        Some(slots.remove(place))
    }

    /// Reads or changes the slot of a child. Nothing may be launched, signalled or dropped
    /// in `change`: it runs under the lock.
    pub(super) fn with<T>(&self, key: ChildKey, change: impl FnOnce(&mut Slot) -> T) -> Option<T> {
        let mut slots = self.slots.lock();
        slots.iter_mut().find(|slot| slot.key == key).map(change)
    }

    pub(super) fn publish(&self, event: impl FnOnce(Arc<str>) -> SupervisionEvent) {
        self.events.publish(|| event(Arc::clone(&self.path)));
    }

    /// Ends all children for good, the last first: those that run are killed.
    pub(super) fn end_children(&self) {
        let ends: Vec<_> = {
            let slots = self.slots.lock();
            let end = |slot: &Slot| (slot.cell(), slot.subtree.clone(), Arc::clone(&slot.name));
            slots.iter().rev().map(end).collect()
        };
        for (cell, subtree, name) in ends {
            end_child(cell.as_ref(), subtree.as_deref());
            self.publish(|supervisor| SupervisionEvent::ChildEnded { supervisor, name });
        }
        for slot in self.slots.lock().iter_mut() {
            slot.state = ChildState::Ended;
        }
    }
}

/// Ends a child for good, and everything below it. A second time does nothing.
pub(super) fn end_child(cell: &dyn AnyCell, subtree: Option<&Node>) {
    let core = cell.core();
    if core.phase() == Phase::Idle {
        cell.end(core.exit().unwrap_or(Exit::Stopped));
    } else {
        cell.condemn();
    }
    if let Some(node) = subtree {
        node.end_children();
    }
}
