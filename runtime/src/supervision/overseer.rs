use super::backoff::Random;
use super::event::SupervisionEvent;
use super::handle::ChildState;
use super::health::Prober;
use super::intensity::{RestartWindow, Verdict};
use super::membership::Adopter;
use super::node::{Node, Slot};
use super::notice::{ChildKey, Notice};
use super::retirement::Retirement;
use super::supervisor::StartError;
use super::wave::{Alarm, KeyRange, Stage, Wave};
use crate::actor::{Actor, Exit, StopReason};
use crate::context::Context;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// The actor that is a supervisor. What must outlive its incarnations is in the node.
pub(super) struct Overseer {
    pub(super) node: Arc<Node>,
    window: RestartWindow,
    random: Random,
    /// The restarts under way. Their ranges do not overlap.
    pub(super) waves: Vec<Wave>,
    /// The patience with the children that are to be let go of.
    pub(super) dismissals: Vec<(ChildKey, Alarm)>,
    pub(super) prober: Option<Prober>,
    /// Whether the children have stopped. Otherwise they must not outlive this.
    pub(super) orderly: bool,
}

/// What a supervisor does about the end of an incarnation.
enum Response {
    /// The notice is stale.
    Nothing,
    /// The child has ended for good.
    End,
    /// It did not start, and this caller is to know.
    Refuse(Adopter),
    /// It was halted for the sake of a wave, which goes on.
    GoOn,
    /// It failed by itself.
    Restart,
}

impl Actor for Overseer {
    type Message = Notice;
    type Error = String;

    async fn started(&mut self, _: &mut Context<Self>) -> Result<(), String> {
        let keys: Vec<_> = self.node.slots().iter().map(|slot| slot.key).collect();
        for child in keys {
            if let Err(error) = self.start(child).await {
                self.retire(Retirement::Halt).await;
                let text = error.to_string();
                *self.node.failure.lock() = Some(error);
                return Err(text);
            }
        }
        let probe = self.node.settings.probe;
        self.prober = probe.map(|probe| Prober::start(&self.node, probe));
        Ok(())
    }

    async fn handle(&mut self, notice: Notice, _: &mut Context<Self>) -> Result<(), String> {
        match notice {
            Notice::Started { child, incarnation } => self.on_started(child, incarnation),
            Notice::Exited {
                child,
                incarnation,
                exit,
            } => {
                if self.on_exited(child, incarnation, exit) == Verdict::GiveUp {
                    return Err(self.give_up(child).await);
                }
            }
            Notice::Unhealthy {
                child,
                incarnation,
                why,
            } => self.on_unhealthy(child, incarnation, why),
            Notice::Alarm(number) => self.on_alarm(number),
            Notice::Adopt(slot, adopter) => self.on_adopt(*slot, adopter),
            Notice::Dismiss(child, waiter) => self.on_dismiss(child, waiter),
        }
        Ok(())
    }

    async fn stopping(&mut self, reason: StopReason, _: &mut Context<Self>) -> Result<(), String> {
        self.retire(match reason {
            StopReason::Restarting => Retirement::Halt,
            StopReason::Stopped | StopReason::Orphaned => Retirement::Drain,
        })
        .await;
        Ok(())
    }
}

impl Overseer {
    pub(super) fn new(node: Arc<Node>) -> Self {
        Self {
            window: RestartWindow::new(node.settings.intensity),
            random: node.settings.backoff.random(),
            node,
            waves: Vec::new(),
            dismissals: Vec::new(),
            prober: None,
            orderly: false,
        }
    }

    /// Starts a child and waits until it has started, as the order of starting wants.
    async fn start(&mut self, child: ChildKey) -> Result<(), StartError> {
        let Some(incarnation) = self.launch(child) else {
            return Ok(());
        };
        let Some((name, cell)) = self
            .node
            .with(child, |slot| (Arc::clone(&slot.name), slot.cell()))
        else {
            return Ok(());
        };
        match cell.core().launch_settled(incarnation).await {
            Ok(()) => {
                self.on_started(child, incarnation);
                Ok(())
            }
            Err(exit) => Err(StartError::ChildFailed {
                supervisor: Arc::clone(&self.node.path),
                child: name,
                exit,
            }),
        }
    }

    /// Launches the next incarnation of a child that waits for one.
    pub(super) fn launch(&mut self, child: ChildKey) -> Option<u64> {
        let staff = self.node.with(child, |slot| {
            let waits = slot.state == ChildState::Waiting && slot.dismissed.is_empty();
            waits.then(|| {
                slot.state = ChildState::Starting;
                Arc::clone(&slot.staff)
            })
        })??;
        let incarnation = staff.launch();
        self.node.with(child, |slot| match incarnation {
            Some(number) => slot.incarnation = number,
            None => slot.state = ChildState::Ended,
        });
        incarnation
    }

    fn on_started(&mut self, child: ChildKey, incarnation: u64) {
        let started = self.node.with(child, |slot| {
            let expected = slot.state == ChildState::Starting && slot.incarnation == incarnation;
            expected.then(|| {
                slot.state = ChildState::Running;
                slot.started = Some(Instant::now());
                (Arc::clone(&slot.name), slot.adopter.take())
            })
        });
        let Some((name, adopter)) = started.flatten() else {
            return;
        };
        if let Some(adopter) = adopter {
            // Who waited may have given up; the child stays.
            let _ = adopter.send(Ok(()));
        }
        self.node.publish(|supervisor| match incarnation {
            1 => SupervisionEvent::ChildStarted {
                supervisor,
                name,
                incarnation,
            },
            _ => SupervisionEvent::ChildRestarted {
                supervisor,
                name,
                incarnation,
            },
        });
        self.advance(child);
    }

    fn on_exited(&mut self, child: ChildKey, incarnation: u64, exit: Exit) -> Verdict {
        let response = self
            .node
            .with(child, |slot| respond(slot, incarnation, &exit));
        let response = response.unwrap_or(Response::Nothing);
        if !matches!(response, Response::Nothing) {
            self.publish_exit(child, exit.clone());
        }
        match response {
            Response::Nothing => {}
            Response::End => {
                self.end(child);
                self.advance(child);
            }
            Response::Refuse(adopter) => {
                self.refuse(child, adopter, exit);
                self.advance(child);
            }
            Response::GoOn => self.advance(child),
            Response::Restart => return self.restart(child),
        }
        Verdict::Restart
    }

    pub(super) fn publish_exit(&self, child: ChildKey, exit: Exit) {
        let Some((name, incarnation)) = self
            .node
            .with(child, |slot| (Arc::clone(&slot.name), slot.incarnation))
        else {
            return;
        };
        self.node
            .publish(|supervisor| SupervisionEvent::ChildExited {
                supervisor,
                name,
                incarnation,
                exit,
            });
    }

    /// Restarts a child that failed, and with it whom the strategy says.
    fn restart(&mut self, child: ChildKey) -> Verdict {
        if self.window.count(Instant::now()) == Verdict::GiveUp {
            return Verdict::GiveUp;
        }
        let backoff = self.node.settings.backoff;
        let scheduled = self.node.with(child, |slot| {
            let ran = slot.started.take().map(|started| started.elapsed());
            if ran.is_some_and(|ran| backoff.is_reset_by(ran)) {
                slot.failures = 0;
            }
            let before = slot.failures;
            slot.failures = before.saturating_add(1);
            (Arc::clone(&slot.name), before)
        });
        let Some((name, failures)) = scheduled else {
            return Verdict::Restart;
        };
        let delay = backoff.delay(failures, &mut self.random);
        self.node
            .publish(|supervisor| SupervisionEvent::RestartScheduled {
                supervisor,
                name,
                delay,
            });
        self.begin_wave(KeyRange::of(self.node.settings.strategy, child), delay);
        self.advance(child);
        Verdict::Restart
    }

    /// A further failure within a wave makes it begin anew, over the range of both.
    fn begin_wave(&mut self, mut range: KeyRange, mut delay: Duration) {
        self.waves.retain(|wave| {
            let overlaps = wave.range.overlaps(range);
            if overlaps {
                range = range.union(wave.range);
                delay = delay.max(wave.delay);
            }
            !overlaps
        });
        self.waves.push(Wave {
            range,
            stage: Stage::Halting,
            delay,
            alarm: None,
        });
    }

    fn on_unhealthy(&mut self, child: ChildKey, incarnation: u64, why: Arc<str>) {
        let cell = self.node.with(child, |slot| {
            let current = slot.state == ChildState::Running && slot.incarnation == incarnation;
            current.then(|| slot.cell())
        });
        if let Some(cell) = cell.flatten() {
            cell.interrupt(why);
        }
    }

    fn on_alarm(&mut self, number: u64) {
        let impatient = |(_, alarm): &(ChildKey, Alarm)| alarm.number == number;
        if let Some(place) = self.dismissals.iter().position(impatient) {
            let (child, _) = self.dismissals.swap_remove(place);
            if let Some(cell) = self.node.with(child, |slot| slot.cell()) {
                cell.kill();
            }
            return;
        }
        self.on_wave_alarm(number);
    }
}

/// What the end of an incarnation asks for, by the terms of the child.
fn respond(slot: &mut Slot, incarnation: u64, exit: &Exit) -> Response {
    if slot.incarnation != incarnation || !slot.state.is_active() {
        return Response::Nothing;
    }
    if !slot.dismissed.is_empty() {
        return Response::End;
    }
    if slot.state == ChildState::Starting
        && let Some(adopter) = slot.adopter.take()
    {
        return Response::Refuse(adopter);
    }
    if !slot.terms.restart.follows(exit) {
        return Response::End;
    }
    match std::mem::replace(&mut slot.state, ChildState::Waiting) {
        ChildState::Stopping => Response::GoOn,
        _ => Response::Restart,
    }
}
