//! How a supervisor takes its children down.

use super::event::SupervisionEvent;
use super::handle::ChildState;
use super::notice::ChildKey;
use super::overseer::Overseer;
use crate::actor::Exit;
use crate::cell::AnyCell;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// How a supervisor that ends takes its children down.
#[derive(Clone, Copy)]
pub(super) enum Retirement {
    /// Mailboxes are kept for the next incarnations.
    Halt,
    /// Mailboxes are drained.
    Drain,
}

impl Overseer {
    /// Too many restarts: takes the children down and says so.
    pub(super) async fn give_up(&mut self, child: ChildKey) -> String {
        let name = self.node.with(child, |slot| Arc::clone(&slot.name));
        let name = name.unwrap_or_else(|| Arc::from(""));
        let intensity = self.node.settings.intensity;
        let why = format!(
            "restart intensity exceeded: `{name}` failed, after {} restarts within {:?}",
            intensity.restarts, intensity.within
        );
        self.node
            .publish(|supervisor| SupervisionEvent::GaveUp { supervisor, name });
        self.retire(Retirement::Halt).await;
        why
    }

    /// Takes all children down, the last first, each after the one before has ended.
    pub(super) async fn retire(&mut self, how: Retirement) {
        self.waves.clear();
        self.dismissals.clear();
        self.prober = None;
        while let Some(Active { child, cell, grace }) = self.last_active() {
            match how {
                Retirement::Halt => cell.halt(),
                Retirement::Drain => cell.stop(),
            }
            let idle = cell.core().idle();
            let in_time = match grace {
                Some(grace) => timeout(grace, idle).await.is_ok(),
                None => {
                    idle.await;
                    true
                }
            };
            if !in_time {
                match how {
                    Retirement::Halt => cell.interrupt(Arc::from("it did not stop in time")),
                    Retirement::Drain => cell.kill(),
                }
                cell.core().idle().await;
            }
            let dismissed = self.node.with(child, |slot| {
                slot.state = ChildState::Waiting;
                !slot.dismissed.is_empty()
            });
            self.publish_exit(child, cell.core().exit().unwrap_or(Exit::Stopped));
            if dismissed == Some(true) {
                self.end(child);
            }
        }
        self.orderly = true;
    }

    /// Marks the last child that still runs as stopping.
    fn last_active(&mut self) -> Option<Active> {
        let mut slots = self.node.slots();
        let slot = slots.iter_mut().rfind(|slot| slot.state.is_active())?;
        slot.state = ChildState::Stopping;
        Some(Active {
            child: slot.key,
            cell: slot.cell(),
            grace: slot.terms.grace,
        })
    }
}

/// A child that is to end.
struct Active {
    child: ChildKey,
    cell: Arc<dyn AnyCell>,
    grace: Option<Duration>,
}

impl Drop for Overseer {
    fn drop(&mut self) {
        if !self.orderly || self.node.is_root() {
            self.node.end_children();
        }
        if self.node.is_root() {
            self.node.events.end();
        }
    }
}
