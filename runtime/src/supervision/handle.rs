use super::child::{Child, Planted};
use super::event::SupervisionEvent;
use super::health::{ChildHealth, Depth, check};
use super::node::{Node, Slot};
use super::notice::{ChildKey, Notice};
use super::supervisor::StartError;
use crate::actor::{ActorId, Exit};
use crate::address::Address;
use crate::cell::{AnyCell, Cell, Phase};
use crate::feed::Events;
use std::any::Any;
use std::fmt;
use std::sync::Arc;
use tokio::sync::oneshot;

/// A handle on a running supervisor. Dropping it does not stop the supervisor.
#[derive(Clone)]
pub struct SupervisorHandle {
    node: Arc<Node>,
}

/// A child as it is at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChildInfo {
    /// Its name.
    pub name: Arc<str>,
    /// Its number.
    pub id: ActorId,
    /// What it does.
    pub state: ChildState,
    /// The incarnation that was launched last, 0 before the first.
    pub incarnation: u64,
}

/// What a child does at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChildState {
    /// Its `started` hook runs.
    Starting,
    /// It handles messages.
    Running,
    /// It was told to end, to be restarted with a sibling or to be let go of.
    Stopping,
    /// It is between two incarnations: its siblings stop or the backoff passes.
    Waiting,
    /// It has ended for good.
    Ended,
}

impl ChildState {
    /// Whether an incarnation of it runs.
    pub(super) fn is_active(self) -> bool {
        matches!(self, Self::Starting | Self::Running | Self::Stopping)
    }
}

impl SupervisorHandle {
    pub(super) fn new(node: Arc<Node>) -> Self {
        Self { node }
    }

    /// The path of the supervisor from the root of its tree, names joined by `/`.
    pub fn path(&self) -> &str {
        &self.node.path
    }

    /// The address of a child that takes messages of type `M`. It stays valid across
    /// restarts, also of the whole subtree.
    pub fn address<M: Send + 'static>(&self, child: &str) -> Option<Address<M>> {
        let cell: Arc<dyn Any + Send + Sync> = {
            let slots = self.node.slots();
            slots.iter().find(|slot| &*slot.name == child)?.cell()
        };
        cell.downcast::<Cell<M>>().ok().map(Address::new)
    }

    /// The supervisor that is a child under this name.
    pub fn supervisor(&self, child: &str) -> Option<SupervisorHandle> {
        let slots = self.node.slots();
        let slot = slots.iter().find(|slot| &*slot.name == child)?;
        slot.subtree.clone().map(Self::new)
    }

    /// The children, in the order in which they start.
    pub fn children(&self) -> Vec<ChildInfo> {
        let slots = self.node.slots();
        let info = |slot: &Slot| ChildInfo {
            name: Arc::clone(&slot.name),
            id: slot.cell().core().id,
            state: slot.state,
            incarnation: slot.incarnation,
        };
        slots.iter().map(info).collect()
    }

    /// What happens in the whole tree from now on. The stream ends with the tree.
    pub fn events(&self) -> Events<SupervisionEvent> {
        self.node.events.subscribe()
    }

    /// Probes all running children and further descendants now. Those that are unhealthy,
    /// or do not answer in time, are restarted, as after a periodic probe.
    pub async fn check_health(&self) -> Vec<ChildHealth> {
        check(&self.node, Depth::Descendants).await
    }

    /// Starts one more child, after those there are, and waits until it has started.
    ///
    /// # Errors
    ///
    /// When the child does not start, when another child or registered actor has its
    /// name, or when the supervisor ends.
    pub async fn start_child<M: Send + 'static>(
        &self,
        child: Child<M>,
    ) -> Result<Address<M>, StartError> {
        let node = &self.node;
        let link = node.next_link();
        let key = link.child;
        let (name, terms) = (child.name(), child.terms);
        let Planted { cell, staff } = child.plant(&node.cell.core.system, link)?;
        let slot = Slot::new(key, Arc::clone(&name), terms, staff, None);
        self.adopt(slot).await?;
        Ok(Address::new(cell))
    }

    /// Stops a child after what waits in its mailbox, and lets go of it; false when
    /// there is no child of this name.
    pub async fn stop_child(&self, child: &str) -> bool {
        let key = {
            let slots = self.node.slots();
            slots
                .iter()
                .find(|slot| &*slot.name == child)
                .map(|slot| slot.key)
        };
        match key {
            Some(key) => dismiss(&self.node.cell, key).await,
            None => false,
        }
    }

    /// Stops the children, the last first, each after what waits in its mailbox, and
    /// then the supervisor. Under another supervisor it is let go of.
    ///
    /// A handler below this supervisor that awaited this would wait for its own end, until its
    /// grace is over.
    pub async fn stop(&self) {
        match self.node.cell.core.link() {
            Some(link) => {
                dismiss(&link.supervisor, link.child).await;
            }
            None => {
                let cell: &dyn AnyCell = self.node.cell.as_ref();
                cell.stop();
            }
        }
        self.terminated().await;
    }

    /// Waits until the supervisor has ended for good, and says how. All its children have
    /// ended by then.
    pub async fn terminated(&self) -> Exit {
        self.node.cell.core.ended().await
    }

    /// Whether the supervisor has ended for good.
    pub fn is_terminated(&self) -> bool {
        self.node.cell.core.phase() == Phase::Ended
    }

    /// Hands a child over to the supervisor and waits until it has started.
    async fn adopt(&self, slot: Slot) -> Result<(), StartError> {
        let (sender, outcome) = oneshot::channel();
        let told = self
            .node
            .cell
            .try_tell(Notice::Adopt(Box::new(slot), sender));
        let outcome = match told {
            Ok(()) => outcome.await.ok(),
            Err(_) => None,
        };
        outcome.unwrap_or_else(|| {
            Err(StartError::Ended {
                supervisor: Arc::clone(&self.node.path),
                exit: self.node.cell.core.exit().unwrap_or(Exit::Stopped),
            })
        })
    }
}

/// Has a supervisor stop one of its children; false when it has no such child.
async fn dismiss(supervisor: &Cell<Notice>, child: ChildKey) -> bool {
    let (sender, done) = oneshot::channel();
    match supervisor.try_tell(Notice::Dismiss(child, sender)) {
        Ok(()) => done.await.is_ok(),
        // It stops, and its children with it.
        Err(_) => false,
    }
}

impl fmt::Debug for SupervisorHandle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SupervisorHandle")
            .field("path", &self.node.path)
            .field("children", &self.children())
            .finish_non_exhaustive()
    }
}
