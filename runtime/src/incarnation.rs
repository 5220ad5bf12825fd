//! One incarnation of an actor: from its factory to its `Drop`.

use crate::actor::{Actor, Exit, StopReason};
use crate::cell::{AnyCell, Cell};
use crate::context::Context;
use crate::dead_letter::Reason;
use crate::guard::{Cut, caught, drop_quietly, guarded};
use crate::signals::{INTERRUPT, KILL, PROBE};
use std::fmt;
use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Poll, Waker, ready};

/// Launches the next incarnation of a cell and returns its number, `None` when the
/// actor has ended for good.
pub(crate) fn launch<A: Actor>(
    cell: &Arc<Cell<A::Message>>,
    make: impl FnOnce() -> A + Send + 'static,
) -> Option<u64> {
    let incarnation = as_any(cell).begin()?;
    let tenure = Tenure {
        cell: Arc::clone(cell),
        over: false,
    };
    let live = live(tenure, incarnation, make);
    let task = cell.core.system.executor().spawn(live);
    // The task is detached: its end is told through the cell.
    drop(task);
    Some(incarnation)
}

fn as_any<M: Send + 'static>(cell: &Arc<Cell<M>>) -> &dyn AnyCell {
    cell.as_ref()
}

/// Tells the end of an incarnation exactly once, also when tokio drops the task
/// because the runtime shuts down.
struct Tenure<M: Send + 'static> {
    cell: Arc<Cell<M>>,
    over: bool,
}

impl<M: Send + 'static> Tenure<M> {
    fn end(mut self, exit: Exit) {
        self.over = true;
        as_any(&self.cell).finish(exit);
    }
}

impl<M: Send + 'static> Drop for Tenure<M> {
    fn drop(&mut self) {
        if !self.over {
            as_any(&self.cell).finish(Exit::Abandoned);
        }
    }
}

async fn live<A: Actor>(
    tenure: Tenure<A::Message>,
    incarnation: u64,
    make: impl FnOnce() -> A + Send + 'static,
) {
    let exit = match caught(make) {
        Err(message) => Exit::Panicked(message),
        Ok(mut actor) => {
            let mut context = Context::new(Arc::clone(&tenure.cell), incarnation);
            let exit = Shift::new(&tenure.cell)
                .serve(&mut actor, &mut context)
                .await;
            match caught(|| drop(actor)) {
                Ok(()) => exit,
                Err(message) => Exit::Panicked(message),
            }
        }
    };
    tenure.end(exit);
}

/// What an incarnation turns to next.
enum Next<M> {
    Message(M),
    Probe,
    Halt,
    Kill,
    Interrupt,
    Drained,
}

/// Which code of an actor runs. The message of a handler that comes to no good end
/// is a dead letter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Code {
    Handler,
    Hook,
}

/// The loop of one incarnation.
struct Shift<'a, M> {
    cell: &'a Cell<M>,
    /// The waker that is registered with the cell's signals.
    registered: Option<Waker>,
}

impl<'a, M: Send + 'static> Shift<'a, M> {
    fn new(cell: &'a Cell<M>) -> Self {
        Self {
            cell,
            registered: None,
        }
    }

    async fn serve<A>(&mut self, actor: &mut A, context: &mut Context<A>) -> Exit
    where
        A: Actor<Message = M>,
    {
        let hook = self.run(Code::Hook, || actor.started(context));
        if let Err(exit) = hook.await {
            return exit;
        }
        self.cell.core.mark_started(context.incarnation());
        loop {
            // Tasks beside this one get their turn although the mailbox is never
            // empty.
            tokio::task::consume_budget().await;
            let (result, exit) = match self.next().await {
                Next::Message(message) => {
                    let handler = self.run(Code::Handler, || actor.handle(message, context));
                    if let Err(exit) = handler.await {
                        return exit;
                    }
                    continue;
                }
                Next::Probe => {
                    if let Err(exit) = self.examine(actor).await {
                        return exit;
                    }
                    continue;
                }
                Next::Kill => return Exit::Killed,
                Next::Interrupt => return Exit::Halted(self.cell.core.interruption()),
                Next::Halt => {
                    let hook = self.run(Code::Hook, || {
                        actor.stopping(StopReason::Restarting, context)
                    });
                    let restarting = Exit::Halted(Arc::from("restarted with a sibling"));
                    (hook.await, restarting)
                }
                Next::Drained => {
                    let reason = match self.cell.core.orphaned.load(Ordering::Acquire) {
                        true => StopReason::Orphaned,
                        false => StopReason::Stopped,
                    };
                    let hook = self.run(Code::Hook, || actor.stopping(reason, context));
                    (hook.await, Exit::Stopped)
                }
            };
            return result.err().unwrap_or(exit);
        }
    }

    /// What comes next: signals overtake messages.
    async fn next(&mut self) -> Next<M> {
        poll_fn(|context| {
            self.cell
                .core
                .signals
                .register(&mut self.registered, context);
            let raised = self.cell.core.signals.raised();
            if raised != 0 {
                return Poll::Ready(match raised {
                    _ if raised & KILL != 0 => Next::Kill,
                    _ if raised & INTERRUPT != 0 => Next::Interrupt,
                    _ if raised & PROBE != 0 => Next::Probe,
                    _ => Next::Halt,
                });
            }
            Poll::Ready(match ready!(self.cell.inbox.poll_pop(context)) {
                Some(message) => Next::Message(message),
                None => Next::Drained,
            })
        })
        .await
    }

    /// Runs code of the actor, and says how the incarnation ends if it does.
    async fn run<E, F>(&mut self, code: Code, start: impl FnOnce() -> F) -> Result<(), Exit>
    where
        E: fmt::Display,
        F: Future<Output = Result<(), E>>,
    {
        let core = &self.cell.core;
        let (exit, reason) = match guarded(&core.signals, &mut self.registered, start).await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => (failed(error), Reason::Failed),
            Err(Cut::Panicked(message)) => (Exit::Panicked(message), Reason::Panicked),
            Err(Cut::Killed) => (Exit::Killed, Reason::Killed),
            Err(Cut::Interrupted) => (Exit::Halted(core.interruption()), Reason::Interrupted),
        };
        if code == Code::Handler {
            self.cell.record(reason);
        }
        Err(exit)
    }

    /// Answers the health probes that wait.
    async fn examine<A>(&mut self, actor: &mut A) -> Result<(), Exit>
    where
        A: Actor<Message = M>,
    {
        let core = &self.cell.core;
        let probes = core.take_probes();
        match guarded(&core.signals, &mut self.registered, || actor.health()).await {
            Ok(health) => {
                for probe in probes {
                    // A prober that has given up does not mind.
                    let _ = probe.send(health.clone());
                }
                Ok(())
            }
            Err(Cut::Panicked(message)) => Err(Exit::Panicked(message)),
            Err(Cut::Killed) => Err(Exit::Killed),
            Err(Cut::Interrupted) => Err(Exit::Halted(core.interruption())),
        }
    }
}

/// The user's `Display` and `Drop` of an error can panic too.
fn failed(error: impl fmt::Display) -> Exit {
    let text = caught(|| error.to_string());
    drop_quietly(error);
    match text {
        Ok(text) => Exit::Failed(Arc::from(text)),
        Err(message) => Exit::Panicked(message),
    }
}
