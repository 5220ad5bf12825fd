use super::backoff::Backoff;
use super::child::{Child, Staff, Terms, employ};
use super::event::SupervisionEvent;
use super::handle::SupervisorHandle;
use super::health::HealthProbe;
use super::intensity::RestartIntensity;
use super::node::{Node, Slot};
use super::notice::Link;
use super::overseer::Overseer;
use super::strategy::{Restart, Strategy};
use crate::actor::Exit;
use crate::cell::{AnyCell, CellOptions};
use crate::feed::Feed;
use crate::system::{SpawnError, System};
use std::fmt;
use std::sync::Arc;

/// A supervisor that is about to be started, with its children in the order in which
/// they start.
///
/// ```
/// use runtime::{Actor, Backoff, Child, Context, RestartIntensity, Strategy, Supervisor, System};
/// use std::time::Duration;
///
/// struct Fragile;
///
/// impl Actor for Fragile {
///     type Message = &'static str;
///     type Error = String;
///
///     async fn handle(&mut self, word: &'static str, _: &mut Context<Self>) -> Result<(), String> {
///         if word == "fail" { Err("as told".into()) } else { Ok(()) }
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let system = System::new();
/// let handle = Supervisor::new("root")
///     .strategy(Strategy::OneForOne)
///     .intensity(RestartIntensity::new(3, Duration::from_secs(5)))
///     .backoff(Backoff::none())
///     .child(Child::new("fragile", || Fragile))
///     .start(&system)
///     .await?;
///
/// let fragile = handle.address::<&'static str>("fragile").ok_or("no such child")?;
/// assert_eq!(fragile.incarnation(), 1);
/// fragile.tell("fail").await?;
/// fragile.tell("this one survives the restart").await?;
/// assert_eq!(fragile.incarnation_changed(1).await, Some(2));
/// handle.stop().await;
/// assert!(fragile.is_terminated());
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is started before `start`"]
pub struct Supervisor {
    name: Arc<str>,
    settings: Settings,
    restart: Restart,
    members: Vec<Member>,
}

/// How a supervisor works.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settings {
    pub(super) strategy: Strategy,
    pub(super) intensity: RestartIntensity,
    pub(super) backoff: Backoff,
    pub(super) probe: Option<HealthProbe>,
}

enum Member {
    Actor {
        name: Arc<str>,
        terms: Terms,
        plant: Box<PlantActor>,
    },
    Supervisor(Supervisor),
}

type PlantActor = dyn FnOnce(&System, Link) -> Result<Arc<dyn Staff>, SpawnError> + Send;

impl Supervisor {
    /// A supervisor without children: one-for-one, three restarts in five seconds, no
    /// backoff, no periodic probes.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self {
            name: name.into(),
            settings: Settings {
                strategy: Strategy::default(),
                intensity: RestartIntensity::default(),
                backoff: Backoff::default(),
                probe: None,
            },
            restart: Restart::Permanent,
            members: Vec::new(),
        }
    }

    /// Which children are restarted when one fails.
    pub fn strategy(mut self, strategy: Strategy) -> Self {
        self.settings.strategy = strategy;
        self
    }

    /// How many restarts are made before the supervisor gives up.
    pub fn intensity(mut self, intensity: RestartIntensity) -> Self {
        self.settings.intensity = intensity;
        self
    }

    /// How long the supervisor waits before it restarts.
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.settings.backoff = backoff;
        self
    }

    /// Probes the health of the children periodically, and restarts those that are
    /// unhealthy or do not answer.
    pub fn probe(mut self, probe: HealthProbe) -> Self {
        self.settings.probe = Some(probe);
        self
    }

    /// After which ends this supervisor is itself restarted, when it is the child of
    /// another.
    pub fn restart(mut self, restart: Restart) -> Self {
        self.restart = restart;
        self
    }

    /// Adds a child.
    pub fn child<M: Send + 'static>(mut self, child: Child<M>) -> Self {
        self.members.push(Member::Actor {
            name: child.name(),
            terms: child.terms,
            plant: Box::new(move |system, link| Ok(child.plant(system, link)?.staff)),
        });
        self
    }

    /// Adds a supervisor as a child, and with it a subtree.
    pub fn supervisor(mut self, supervisor: Supervisor) -> Self {
        self.members.push(Member::Supervisor(supervisor));
        self
    }

    /// Starts the children one after another, each after the one before has started.
    /// When the future is dropped before it completes, what has started is stopped.
    ///
    /// # Errors
    ///
    /// When a child does not start; those before it are stopped again.
    pub async fn start(self, system: &System) -> Result<SupervisorHandle, StartError> {
        let path = Arc::clone(&self.name);
        let (node, staff) = self.plant(system, None, path, Arc::new(Feed::new()))?;
        let unfinished = StopOnDrop(Some(Arc::clone(&node)));
        let launched = staff.launch().unwrap_or_default();
        if let Err(exit) = node.cell.core.launch_settled(launched).await {
            let failure = node.failure.lock().take();
            let supervisor = Arc::clone(&node.path);
            return Err(failure.unwrap_or(StartError::Ended { supervisor, exit }));
        }
        unfinished.defuse();
        Ok(SupervisorHandle::new(node))
    }

    fn plant(
        self,
        system: &System,
        link: Option<Link>,
        path: Arc<str>,
        events: Arc<Feed<SupervisionEvent>>,
    ) -> Result<(Arc<Node>, Arc<dyn Staff>), StartError> {
        let cell = system.cell(CellOptions {
            name: Some(Arc::clone(&path)),
            link,
            internal: true,
            ..CellOptions::default()
        })?;
        let node = Arc::new(Node::new(path, self.settings, Arc::clone(&cell), events));
        for member in self.members {
            if let Err(error) = member.plant(system, &node) {
                node.end_children();
                let any: &dyn AnyCell = cell.as_ref();
                any.end(Exit::Stopped);
                return Err(error);
            }
        }
        let overseen = Arc::clone(&node);
        let staff = employ(cell, move || Overseer::new(Arc::clone(&overseen)));
        Ok((node, staff))
    }
}

impl Member {
    fn plant(self, system: &System, node: &Arc<Node>) -> Result<(), StartError> {
        let link = node.next_link();
        let key = link.child;
        let slot = match self {
            Self::Actor { name, terms, plant } => {
                let staff = plant(system, link)?;
                Slot::new(key, name, terms, staff, None)
            }
            Self::Supervisor(supervisor) => {
                let name = Arc::clone(&supervisor.name);
                let path = Arc::from(format!("{}/{name}", node.path));
                let terms = Terms {
                    restart: supervisor.restart,
                    grace: None,
                };
                let events = Arc::clone(&node.events);
                let (subtree, staff) = supervisor.plant(system, Some(link), path, events)?;
                Slot::new(key, name, terms, staff, Some(subtree))
            }
        };
        let Some(slot) = node.insert(slot) else {
            return Ok(());
        };
        Err(StartError::DuplicateChild {
            supervisor: Arc::clone(&node.path),
            child: Arc::clone(&slot.name),
        })
    }
}

/// Stops a supervisor whose start nobody waits for any more.
struct StopOnDrop(Option<Arc<Node>>);

impl StopOnDrop {
    fn defuse(mut self) {
        self.0 = None;
    }
}

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        if let Some(node) = &self.0 {
            let cell: &dyn AnyCell = node.cell.as_ref();
            cell.stop();
        }
    }
}

/// Why a supervisor or a child was not started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StartError {
    /// A child failed before or while it started.
    ChildFailed {
        /// The path of the supervisor.
        supervisor: Arc<str>,
        /// The name of the child.
        child: Arc<str>,
        /// How its first incarnation ended.
        exit: Exit,
    },
    /// Two children of one supervisor have the same name.
    DuplicateChild {
        /// The path of the supervisor.
        supervisor: Arc<str>,
        /// The name of both.
        child: Arc<str>,
    },
    /// The supervisor has ended.
    Ended {
        /// The path of the supervisor.
        supervisor: Arc<str>,
        /// How it ended.
        exit: Exit,
    },
    /// An actor could not be made.
    Spawn(SpawnError),
}

impl fmt::Display for StartError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ChildFailed {
                supervisor,
                child,
                exit,
            } => write!(
                formatter,
                "the child `{child}` of the supervisor `{supervisor}` did not start: it {exit}"
            ),
            Self::DuplicateChild { supervisor, child } => write!(
                formatter,
                "the supervisor `{supervisor}` has two children named `{child}`"
            ),
            Self::Ended { supervisor, exit } => {
                write!(formatter, "the supervisor `{supervisor}` {exit}")
            }
            Self::Spawn(error) => error.fmt(formatter),
        }
    }
}

impl std::error::Error for StartError {}

impl From<SpawnError> for StartError {
    fn from(error: SpawnError) -> Self {
        Self::Spawn(error)
    }
}

impl fmt::Debug for Supervisor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Supervisor")
            .field("name", &self.name)
            .field("settings", &self.settings)
            .field("children", &self.members.len())
            .finish_non_exhaustive()
    }
}
