//! Systems: where actors live.

use crate::actor::{Actor, ActorId};
use crate::address::Address;
use crate::cell::{AnyCell, Cell, CellOptions, Core};
use crate::dead_letter::DeadLetters;
use crate::incarnation::launch;
use crate::mailbox::Mailbox;
use crate::registry::Registry;
use crate::sync::Mutex;
use std::collections::BTreeMap;
use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

/// How long [`System::shutdown`] lets actors drain before it kills them.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);

/// A world of actors with its own names and dead letters. A clone is a handle on the
/// same system; dropping all handles does not stop the actors.
#[derive(Clone)]
pub struct System(Arc<World>);

struct World {
    executor: Handle,
    next_id: AtomicU64,
    registry: Registry,
    letters: DeadLetters,
    /// The actors that no supervisor stops, by age.
    roots: Mutex<BTreeMap<ActorId, Arc<dyn AnyCell>>>,
    actors: AtomicUsize,
    /// Notified when the last actor has ended.
    deserted: Notify,
    closed: AtomicBool,
}

impl System {
    /// A system whose actors run on the current tokio runtime.
    ///
    /// # Panics
    ///
    /// When called outside a tokio runtime.
    #[allow(clippy::new_without_default)] // A default must not panic.
    pub fn new() -> Self {
        Self(Arc::new(World {
            executor: Handle::current(),
            next_id: AtomicU64::new(1),
            registry: Registry::new(),
            letters: DeadLetters::new(),
            roots: Mutex::new(BTreeMap::new()),
            actors: AtomicUsize::new(0),
            deserted: Notify::new(),
            closed: AtomicBool::new(false),
        }))
    }

    /// Starts an actor without a name or a supervisor, with an unbounded mailbox. In a
    /// system that was shut down, the address leads to an actor that has ended.
    pub fn spawn<A: Actor>(&self, actor: A) -> Address<A::Message> {
        match self.cell(CellOptions::default()) {
            Ok(cell) => {
                let address = Address::new(Arc::clone(&cell));
                launch(&cell, move || actor);
                address
            }
            Err(_) => Address::new(Arc::new(Cell::stillborn(self.clone()))),
        }
    }

    /// Prepares to start an actor. The factory runs in the actor's own context: what it
    /// panics with ends the actor and nothing else.
    pub fn build<A, F>(&self, factory: F) -> Builder<F>
    where
        A: Actor,
        F: FnOnce() -> A + Send + 'static,
    {
        Builder {
            system: self.clone(),
            factory,
            name: None,
            mailbox: Mailbox::unbounded(),
        }
    }

    /// The address of the actor of this name, if there is one and it takes messages
    /// of type `M`.
    pub fn lookup<M: Send + 'static>(&self, name: &str) -> Option<Address<M>> {
        self.0.registry.find(name)
    }

    /// The messages that will never be handled.
    pub fn dead_letters(&self) -> DeadLetters {
        self.0.letters.clone()
    }

    /// How many actors have not ended, supervisors and supervised ones included.
    pub fn actor_count(&self) -> usize {
        self.0.actors.load(Ordering::Acquire)
    }

    /// Stops everything: see [`shutdown_within`](Self::shutdown_within), with ten
    /// seconds.
    pub async fn shutdown(&self) -> Shutdown {
        self.shutdown_within(SHUTDOWN_GRACE).await
    }

    /// Stops all actors, the youngest first, each after the one before has drained its mailbox
    /// and ended. Supervisors stop their children, the last first. Whatever
    /// has not ended after `grace` is killed. No actor can be started any more.
    ///
    /// A handler that awaited this would wait for its own end: it is for the code around
    /// the actors.
    pub async fn shutdown_within(&self, grace: Duration) -> Shutdown {
        self.close();
        let deadline = Instant::now() + grace;
        let mut shutdown = Shutdown::default();
        while let Some(cell) = self.youngest() {
            cell.stop();
            if timeout_at(deadline, cell.core().ended()).await.is_ok() {
                shutdown.stopped += 1;
                continue;
            }
            cell.kill();
            shutdown.killed += 1;
            cell.core().ended().await;
        }
        // A supervisor that had to be killed could not wait for its children.
        self.deserted().await;
        shutdown
    }

    async fn deserted(&self) {
        loop {
            let mut deserted = pin!(self.0.deserted.notified());
            deserted.as_mut().enable();
            if self.actor_count() == 0 {
                return;
            }
            deserted.await;
        }
    }

    /// Under the lock, so that an actor that is being started is either refused or
    /// seen by the shutdown.
    fn close(&self) {
        let roots = self.0.roots.lock();
        self.0.closed.store(true, Ordering::SeqCst);
        drop(roots);
    }

    fn youngest(&self) -> Option<Arc<dyn AnyCell>> {
        let roots = self.0.roots.lock();
        roots.last_key_value().map(|(_, cell)| Arc::clone(cell))
    }

    /// Makes a cell that is not launched yet.
    pub(crate) fn cell<M: Send + 'static>(
        &self,
        options: CellOptions,
    ) -> Result<Arc<Cell<M>>, SpawnError> {
        let id = ActorId(self.0.next_id.fetch_add(1, Ordering::Relaxed));
        let registered = options.registered;
        let name = options.name.clone().filter(|_| registered);
        let cell = Arc::new(Cell::new(self.clone(), id, options));
        if let Some(name) = name
            && !self
                .0
                .registry
                .take(&name, Arc::clone(&cell) as Arc<dyn AnyCell>)
        {
            return Err(SpawnError::NameTaken(name));
        }
        let root: Arc<dyn AnyCell> = Arc::clone(&cell) as Arc<dyn AnyCell>;
        let mut roots = self.0.roots.lock();
        if self.0.closed.load(Ordering::SeqCst) {
            drop(roots);
            if let Some(name) = cell.core.name.as_deref().filter(|_| registered) {
                self.0.registry.release(name);
            }
            return Err(SpawnError::ShutDown);
        }
        if !cell.core.is_supervised() {
            roots.insert(id, root);
        }
        self.0.actors.fetch_add(1, Ordering::AcqRel);
        Ok(cell)
    }

    /// Lets go of a cell that has ended for good.
    pub(crate) fn forget(&self, core: &Core, registered: bool) {
        if let Some(name) = core.name.as_deref().filter(|_| registered) {
            self.0.registry.release(name);
        }
        if !core.is_supervised() {
            let cell = self.0.roots.lock().remove(&core.id);
            drop(cell);
        }
        if self.0.actors.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.deserted.notify_waiters();
        }
    }

    pub(crate) fn letters(&self) -> &DeadLetters {
        &self.0.letters
    }

    pub(crate) fn executor(&self) -> &Handle {
        &self.0.executor
    }
}

impl fmt::Debug for System {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("System")
            .field("actors", &self.actor_count())
            .finish_non_exhaustive()
    }
}

/// What a shutdown did with the actors that it had to end itself; children, which
/// their supervisors end, are not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shutdown {
    /// How many drained their mailboxes and stopped.
    pub stopped: usize,
    /// How many did not in time, and were killed.
    pub killed: usize,
}

/// An actor that is about to be started. See [`System::build`].
#[must_use = "nothing is started before `spawn`"]
pub struct Builder<F> {
    system: System,
    factory: F,
    name: Option<Arc<str>>,
    mailbox: Mailbox,
}

impl<A, F> Builder<F>
where
    A: Actor,
    F: FnOnce() -> A + Send + 'static,
{
    /// Gives the actor a name under which [`System::lookup`] finds it. An actor with a
    /// name does not stop when its last address is dropped.
    pub fn name(mut self, name: impl Into<Arc<str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Gives the actor this mailbox instead of an unbounded one.
    pub fn mailbox(mut self, mailbox: Mailbox) -> Self {
        self.mailbox = mailbox;
        self
    }

    /// Starts the actor. It may still be starting when this returns;
    /// [`Address::incarnation_changed`] waits for that.
    ///
    /// # Errors
    ///
    /// When another actor has the name, or the system was shut down.
    pub fn spawn(self) -> Result<Address<A::Message>, SpawnError> {
        let cell = self.system.cell(CellOptions {
            registered: self.name.is_some(),
            name: self.name,
            mailbox: self.mailbox,
            ..CellOptions::default()
        })?;
        let address = Address::new(Arc::clone(&cell));
        launch(&cell, self.factory);
        Ok(address)
    }
}

/// Why an actor was not started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SpawnError {
    /// Another actor has this name.
    NameTaken(Arc<str>),
    /// The system was shut down.
    ShutDown,
}

impl fmt::Display for SpawnError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NameTaken(name) => write!(formatter, "the name `{name}` is taken"),
            Self::ShutDown => formatter.write_str("the system was shut down"),
        }
    }
}

impl std::error::Error for SpawnError {}
