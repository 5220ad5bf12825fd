//! Cells: what an address points at. A cell outlives the incarnations of its actor;
//! the mailbox is its, and so it survives a restart.

mod lifecycle;

use crate::actor::{ActorId, Exit, Health};
use crate::dead_letter::{DeadLetter, Reason};
use crate::guard::drop_quietly;
use crate::mailbox::{Inbox, Mailbox, Sleepers};
use crate::signals::{PROBE, Signals};
use crate::supervision::Link;
use crate::sync::{Mutex, MutexGuard};
use crate::system::System;
use std::any::{Any, type_name};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use tokio::sync::{Notify, oneshot};

pub(crate) struct Cell<M> {
    pub(crate) core: Core,
    pub(crate) inbox: Inbox<M>,
}

/// What a cell has whatever its messages are.
pub(crate) struct Core {
    pub(crate) id: ActorId,
    pub(crate) name: Option<Arc<str>>,
    pub(crate) system: System,
    pub(crate) signals: Signals,
    /// How many addresses there are. An actor that nobody can reach stops, unless
    /// it is pinned.
    pub(crate) addresses: AtomicUsize,
    /// Set when the last address was dropped.
    pub(crate) orphaned: AtomicBool,
    /// Whether the registry holds the cell under its name.
    registered: bool,
    /// The supervisor, which is told how each incarnation ends.
    link: Option<Link>,
    internal: bool,
    /// The incarnation that started last, 0 before the first.
    incarnation: AtomicU64,
    lifecycle: Mutex<Lifecycle>,
    changed: Notify,
}

struct Lifecycle {
    phase: Phase,
    /// The incarnation that was launched last. It is ahead of the one that has
    /// started while a `started` hook runs.
    launched: u64,
    /// How the incarnation before ended.
    exit: Option<Exit>,
    /// Killed while no incarnation ran: what waits is lost at the next launch.
    doomed: bool,
    /// Nobody will launch another incarnation.
    condemned: bool,
    /// Why the supervisor interrupts the incarnation.
    interruption: Option<Arc<str>>,
    probes: Vec<oneshot::Sender<Health>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Not launched yet, or between two incarnations.
    Idle,
    Running,
    /// The mailbox is being emptied and the name given back, once.
    Ending,
    Ended,
}

/// How a cell is made.
#[derive(Default)]
pub(crate) struct CellOptions {
    pub(crate) name: Option<Arc<str>>,
    pub(crate) registered: bool,
    pub(crate) mailbox: Mailbox,
    pub(crate) link: Option<Link>,
    /// Whether it belongs to the runtime itself: its messages are never dead letters.
    pub(crate) internal: bool,
}

impl<M: Send + 'static> Cell<M> {
    pub(crate) fn new(system: System, id: ActorId, options: CellOptions) -> Self {
        Self {
            core: Core {
                id,
                name: options.name,
                system,
                signals: Signals::new(),
                addresses: AtomicUsize::new(0),
                orphaned: AtomicBool::new(false),
                registered: options.registered,
                link: options.link,
                internal: options.internal,
                incarnation: AtomicU64::new(0),
                lifecycle: Mutex::new(Lifecycle {
                    phase: Phase::Idle,
                    launched: 0,
                    exit: None,
                    doomed: false,
                    condemned: false,
                    interruption: None,
                    probes: Vec::new(),
                }),
                changed: Notify::new(),
            },
            inbox: Inbox::new(options.mailbox),
        }
    }

    /// A cell that has ended before it lived, for whoever spawns too late.
    pub(crate) fn stillborn(system: System) -> Self {
        let cell = Self::new(system, ActorId(0), CellOptions::default());
        cell.inbox.seal();
        cell.core.lifecycle().phase = Phase::Ended;
        cell
    }

    /// Makes a dead letter of a message.
    pub(crate) fn bury(&self, message: M, reason: Reason) {
        self.record(reason);
        drop_quietly(message);
    }

    /// Whether the actor has ended for good.
    pub(crate) fn has_ended(&self) -> bool {
        self.core.phase() == Phase::Ended
    }

    /// Counts a message that is gone already.
    pub(crate) fn record(&self, reason: Reason) {
        if self.core.internal {
            return;
        }
        let letter = || DeadLetter {
            actor: self.core.id,
            name: self.core.name.clone(),
            message_type: type_name::<M>(),
            reason,
        };
        self.core.system.letters().record(letter, reason);
    }
}

/// A cell whose message type is forgotten, as the registry, the system and the
/// supervisors hold it.
pub(crate) trait AnyCell: Any + Send + Sync {
    fn core(&self) -> &Core;
    fn seal(&self);
    fn seal_silently(&self) -> Sleepers;
    fn unseal(&self);
    /// Makes dead letters of everything that waits, and refuses more.
    fn bury_all(&self, reason: Reason);
}

impl<M: Send + 'static> AnyCell for Cell<M> {
    fn core(&self) -> &Core {
        &self.core
    }

    fn seal(&self) {
        self.inbox.seal();
    }

    fn seal_silently(&self) -> Sleepers {
        self.inbox.seal_silently()
    }

    fn unseal(&self) {
        self.inbox.unseal();
    }

    fn bury_all(&self, reason: Reason) {
        for message in self.inbox.close() {
            self.bury(message, reason);
        }
    }
}

impl Core {
    /// Whether the cell lives on without an address: others find it by its name or
    /// its supervisor.
    pub(crate) fn is_pinned(&self) -> bool {
        self.registered || self.link.is_some()
    }

    pub(crate) fn is_supervised(&self) -> bool {
        self.link.is_some()
    }

    pub(crate) fn link(&self) -> Option<&Link> {
        self.link.as_ref()
    }

    pub(crate) fn incarnation(&self) -> u64 {
        self.incarnation.load(Ordering::Acquire)
    }

    pub(crate) fn phase(&self) -> Phase {
        self.lifecycle.lock().phase
    }

    pub(crate) fn exit(&self) -> Option<Exit> {
        self.lifecycle.lock().exit.clone()
    }

    /// The `started` hook has succeeded.
    pub(crate) fn mark_started(&self, incarnation: u64) {
        self.incarnation.store(incarnation, Ordering::Release);
        self.changed.notify_waiters();
        if let Some(link) = &self.link {
            link.started(incarnation);
        }
    }

    pub(crate) fn take_probes(&self) -> Vec<oneshot::Sender<Health>> {
        self.signals.lower(PROBE);
        std::mem::take(&mut self.lifecycle.lock().probes)
    }

    pub(crate) fn interruption(&self) -> Arc<str> {
        let why = self.lifecycle.lock().interruption.take();
        why.unwrap_or_else(|| Arc::from("interrupted"))
    }

    /// Waits until no incarnation runs.
    pub(crate) async fn idle(&self) {
        self.until(|core| matches!(core.phase(), Phase::Idle | Phase::Ended).then_some(()))
            .await;
    }

    /// Waits until the actor has ended for good.
    pub(crate) async fn ended(&self) -> Exit {
        self.until(|core| {
            let lifecycle = core.lifecycle.lock();
            (lifecycle.phase == Phase::Ended).then(|| lifecycle.exit.clone())
        })
        .await
        .unwrap_or(Exit::Stopped)
    }

    /// Waits until an incarnation later than `after` has started; `None` when the
    /// actor ends for good before.
    pub(crate) async fn incarnation_changed(&self, after: u64) -> Option<u64> {
        self.until(|core| match core.incarnation() {
            now if now > after => Some(Some(now)),
            _ => (core.phase() == Phase::Ended).then_some(None),
        })
        .await
    }

    /// Waits until the launched incarnation has started, or else returns how it
    /// ended.
    pub(crate) async fn launch_settled(&self, launched: u64) -> Result<(), Exit> {
        self.until(|core| {
            if core.incarnation() >= launched {
                return Some(Ok(()));
            }
            let lifecycle = core.lifecycle.lock();
            let over = lifecycle.phase != Phase::Running || lifecycle.launched > launched;
            over.then(|| Err(lifecycle.exit.clone().unwrap_or(Exit::Stopped)))
        })
        .await
    }

    async fn until<T>(&self, mut check: impl FnMut(&Self) -> Option<T>) -> T {
        loop {
            let mut changed = pin!(self.changed.notified());
            // A change between the check and the wait must not be missed.
            changed.as_mut().enable();
            if let Some(value) = check(self) {
                return value;
            }
            changed.await;
        }
    }

    fn lifecycle(&self) -> MutexGuard<'_, Lifecycle> {
        self.lifecycle.lock()
    }
}
