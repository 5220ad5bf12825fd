use super::handle::ChildState;
use super::node::Node;
use super::notice::{ChildKey, Notice};
use crate::actor::Health;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout_at};

/// How long a child may take to answer a probe, unless set otherwise.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(1);

/// How a supervisor probes the health of its children.
///
/// A child answers between two messages, so the timeout has to be longer than its
/// longest handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HealthProbe {
    every: Duration,
    timeout: Duration,
}

impl HealthProbe {
    /// Probes each child once per interval; it has a second to answer.
    ///
    /// # Panics
    ///
    /// When the interval is zero.
    pub fn every(interval: Duration) -> Self {
        assert!(
            !interval.is_zero(),
            "the interval between health probes must not be zero"
        );
        Self {
            every: interval,
            timeout: DEFAULT_TIMEOUT,
        }
    }

    /// How long a child may take to answer before it is taken to be unresponsive.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }
}

/// What a health check found out about one child.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChildHealth {
    /// The path of its supervisor.
    pub supervisor: Arc<str>,
    /// Its name.
    pub name: Arc<str>,
    /// What it answered; `None` when it gave no answer in time, or ended before.
    pub health: Option<Health>,
}

/// A probe that was sent.
struct Pending {
    node: Arc<Node>,
    child: ChildKey,
    name: Arc<str>,
    incarnation: u64,
    answer: oneshot::Receiver<Health>,
}

/// How far down a check reaches.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    Children,
    Descendants,
}

/// Probes all running children at once, and reports those that are unhealthy or
/// unresponsive to their supervisors, which restart them. Supervisors are not probed:
/// they never run a user's code.
pub(super) async fn check(node: &Arc<Node>, depth: Depth) -> Vec<ChildHealth> {
    let timeout = node.settings.probe.map_or(DEFAULT_TIMEOUT, |p| p.timeout);
    let deadline = Instant::now() + timeout;
    let mut pending = Vec::new();
    send_probes(node, depth, &mut pending);
    let mut found = Vec::with_capacity(pending.len());
    for probe in pending {
        let (health, why) = match timeout_at(deadline, probe.answer).await {
            Ok(Ok(Health::Healthy)) => (Some(Health::Healthy), None),
            Ok(Ok(Health::Unhealthy(why))) => {
                let report = Arc::from(format!("unhealthy: {why}"));
                (Some(Health::Unhealthy(why)), Some(report))
            }
            // It ended: its supervisor knows.
            Ok(Err(_)) => (None, None),
            Err(_) => (None, Some(Arc::from("unresponsive to a health probe"))),
        };
        if let Some(why) = why {
            // A supervisor that has ended restarts nobody.
            let _ = probe.node.cell.try_tell(Notice::Unhealthy {
                child: probe.child,
                incarnation: probe.incarnation,
                why,
            });
        }
        found.push(ChildHealth {
            supervisor: Arc::clone(&probe.node.path),
            name: probe.name,
            health,
        });
    }
    found
}

fn send_probes(node: &Arc<Node>, depth: Depth, pending: &mut Vec<Pending>) {
    let mut subtrees = Vec::new();
    let mut running = Vec::new();
    for slot in node.slots().iter() {
        match &slot.subtree {
            Some(subtree) => subtrees.push(Arc::clone(subtree)),
            None if slot.state == ChildState::Running => {
                let name = Arc::clone(&slot.name);
                running.push((slot.key, name, slot.incarnation, slot.cell()));
            }
            None => {}
        }
    }
    for (child, name, incarnation, cell) in running {
        pending.push(Pending {
            node: Arc::clone(node),
            child,
            name,
            incarnation,
            answer: cell.probe(),
        });
    }
    if depth == Depth::Descendants {
        for subtree in &subtrees {
            send_probes(subtree, depth, pending);
        }
    }
}

/// Probes a supervisor's children periodically until it is dropped.
pub(super) struct Prober(AbortHandle);

impl Prober {
    pub(super) fn start(node: &Arc<Node>, probe: HealthProbe) -> Self {
        let weak = Arc::downgrade(node);
        let rounds = async move {
            let mut rounds = tokio::time::interval_at(Instant::now() + probe.every, probe.every);
            rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                rounds.tick().await;
                let Some(node) = weak.upgrade() else { return };
                check(&node, Depth::Children).await;
            }
        };
        let task = node.cell.core.system.executor().spawn(rounds);
        Self(task.abort_handle())
    }
}

impl Drop for Prober {
    fn drop(&mut self) {
        self.0.abort();
    }
}
