//! How children come to a running supervisor, and leave it.

use super::event::SupervisionEvent;
use super::handle::ChildState;
use super::node::{Slot, end_child};
use super::notice::ChildKey;
use super::overseer::Overseer;
use super::strategy::Restart;
use super::supervisor::StartError;
use super::wave::Alarm;
use crate::actor::Exit;
use std::sync::Arc;
use tokio::sync::oneshot;

/// Who waits for a new child to start.
pub(super) type Adopter = oneshot::Sender<Result<(), StartError>>;

impl Overseer {
    pub(super) fn on_adopt(&mut self, mut slot: Slot, adopter: Adopter) {
        let child = slot.key;
        slot.adopter = Some(adopter);
        if let Some(mut slot) = self.node.insert(slot) {
            let name = Arc::clone(&slot.name);
            let adopter = slot.adopter.take();
            drop(slot);
            if let Some(adopter) = adopter {
                let _ = adopter.send(Err(StartError::DuplicateChild {
                    supervisor: Arc::clone(&self.node.path),
                    child: name,
                }));
            }
            return;
        }
        self.launch(child);
    }

    pub(super) fn refuse(&mut self, child: ChildKey, adopter: Adopter, exit: Exit) {
        if let Some(slot) = self.node.remove(child) {
            let name = Arc::clone(&slot.name);
            drop(slot);
            let _ = adopter.send(Err(StartError::ChildFailed {
                supervisor: Arc::clone(&self.node.path),
                child: name,
                exit,
            }));
        }
    }

    pub(super) fn on_dismiss(&mut self, child: ChildKey, waiter: oneshot::Sender<()>) {
        let active = self.node.with(child, |slot| {
            slot.dismissed.push(waiter);
            let active = slot.state.is_active();
            if active {
                slot.state = ChildState::Stopping;
            }
            active.then(|| (slot.cell(), slot.terms.grace))
        });
        match active {
            // Dropping the waiter says that there is no such child.
            None => {}
            Some(None) => {
                self.end(child);
                self.advance(child);
            }
            Some(Some((cell, grace))) => {
                if let Some(grace) = grace {
                    let alarm = Alarm::set(&self.node, grace);
                    self.dismissals.push((child, alarm));
                }
                cell.stop();
            }
        }
    }

    /// A child has ended for good. One that was dismissed, or is never restarted, leaves
    /// nothing behind.
    pub(super) fn end(&mut self, child: ChildKey) {
        self.dismissals.retain(|(dismissed, _)| *dismissed != child);
        let ended = self.node.with(child, |slot| {
            slot.state = ChildState::Ended;
            let leaves = !slot.dismissed.is_empty() || slot.terms.restart == Restart::Temporary;
            let waiters = std::mem::take(&mut slot.dismissed);
            let (cell, subtree) = (slot.cell(), slot.subtree.clone());
            (leaves, waiters, cell, subtree, Arc::clone(&slot.name))
        });
        let Some((leaves, waiters, cell, subtree, name)) = ended else {
            return;
        };
        end_child(cell.as_ref(), subtree.as_deref());
        if leaves {
            drop(self.node.remove(child));
        }
        self.node
            .publish(|supervisor| SupervisionEvent::ChildEnded { supervisor, name });
        for waiter in waiters {
            // Who waited may have given up.
            let _ = waiter.send(());
        }
    }
}
