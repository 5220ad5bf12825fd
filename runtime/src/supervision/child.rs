use super::strategy::Restart;
use crate::actor::Actor;
use crate::cell::{AnyCell, Cell, CellOptions};
use crate::incarnation::launch;
use crate::mailbox::Mailbox;
use crate::system::{SpawnError, System};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// How long a child may take to stop before it is cut off, unless set otherwise.
const DEFAULT_GRACE: Duration = Duration::from_secs(5);

/// A child a supervisor is to have, which takes messages of type `M`.
#[must_use = "a child does nothing before a supervisor takes it"]
pub struct Child<M: Send + 'static> {
    name: Arc<str>,
    pub(super) terms: Terms,
    mailbox: Mailbox,
    registered: bool,
    plant: Box<Plant<M>>,
}

/// Makes the cell of a child and joins it with the factory.
type Plant<M> = dyn FnOnce(&System, CellOptions) -> Result<Planted<M>, SpawnError> + Send;

/// What a supervisor grants a child.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    pub(super) restart: Restart,
    /// `None`: as long as it takes.
    pub(super) grace: Option<Duration>,
}

/// A cell and what launches its incarnations.
pub(super) struct Planted<M> {
    pub(super) cell: Arc<Cell<M>>,
    pub(super) staff: Arc<dyn Staff>,
}

/// A cell joined with its factory, with both types forgotten.
pub(super) trait Staff: Send + Sync {
    /// Launches the next incarnation, unless the actor has ended for good.
    fn launch(&self) -> Option<u64>;
    fn cell(&self) -> Arc<dyn AnyCell>;
}

struct Employed<A: Actor, F> {
    cell: Arc<Cell<A::Message>>,
    factory: Arc<F>,
}

impl<A, F> Staff for Employed<A, F>
where
    A: Actor,
    F: Fn() -> A + Send + Sync + 'static,
{
    fn launch(&self) -> Option<u64> {
        let factory = Arc::clone(&self.factory);
        launch(&self.cell, move || factory())
    }

    fn cell(&self) -> Arc<dyn AnyCell> {
        Arc::clone(&self.cell) as Arc<dyn AnyCell>
    }
}

/// Joins a cell with the factory of its actor.
pub(super) fn employ<A, F>(cell: Arc<Cell<A::Message>>, factory: F) -> Arc<dyn Staff>
where
    A: Actor,
    F: Fn() -> A + Send + Sync + 'static,
{
    Arc::new(Employed {
        cell,
        factory: Arc::new(factory),
    })
}

impl<M: Send + 'static> Child<M> {
    /// A permanent child with an unbounded mailbox. The factory makes each incarnation; it
    /// runs where the actor runs, and its panic is a failure to start.
    pub fn new<A, F>(name: impl Into<Arc<str>>, factory: F) -> Self
    where
        A: Actor<Message = M>,
        F: Fn() -> A + Send + Sync + 'static,
    {
        let plant = move |system: &System, options| {
            let cell = system.cell(options)?;
            let staff = employ(Arc::clone(&cell), factory);
            Ok(Planted { cell, staff })
        };
        Self {
            name: name.into(),
            terms: Terms {
                restart: Restart::Permanent,
                grace: Some(DEFAULT_GRACE),
            },
            mailbox: Mailbox::unbounded(),
            registered: false,
            plant: Box::new(plant),
        }
    }

    /// After which ends the child is restarted.
    pub fn restart(mut self, restart: Restart) -> Self {
        self.terms.restart = restart;
        self
    }

    /// Gives the child this mailbox instead of an unbounded one.
    pub fn mailbox(mut self, mailbox: Mailbox) -> Self {
        self.mailbox = mailbox;
        self
    }

    /// How long the child may take to stop before it is cut off; five seconds unless
    /// it is set.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.terms.grace = Some(grace);
        self
    }

    /// Enters the child's name in the registry of the system as well, so that
    /// [`System::lookup`] finds it. Otherwise the name counts within the supervisor
    /// only.
    pub fn registered(mut self) -> Self {
        self.registered = true;
        self
    }

    pub(super) fn name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    pub(super) fn plant(
        self,
        system: &System,
        link: super::notice::Link,
    ) -> Result<Planted<M>, SpawnError> {
        let options = CellOptions {
            name: Some(self.name),
            registered: self.registered,
            mailbox: self.mailbox,
            link: Some(link),
            ..CellOptions::default()
        };
        (self.plant)(system, options)
    }
}

impl<M: Send + 'static> fmt::Debug for Child<M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Child")
            .field("name", &self.name)
            .field("restart", &self.terms.restart)
            .field("mailbox", &self.mailbox)
            .finish_non_exhaustive()
    }
}
