//! What is done to a cell: from its first launch to its end for good.

use super::{AnyCell, Phase};
use crate::actor::{Exit, Health};
use crate::dead_letter::Reason;
use crate::signals::{HALT, INTERRUPT, KILL, PROBE};
use std::sync::Arc;
use tokio::sync::oneshot;

impl dyn AnyCell {
    /// Refuses messages; the incarnation ends when it has handled what waits.
    pub(crate) fn stop(&self) {
        self.seal();
    }

    /// Ends the incarnation now; what waits is lost.
    pub(crate) fn kill(&self) {
        let core = self.core();
        let mut lifecycle = core.lifecycle();
        match lifecycle.phase {
            Phase::Running => core.signals.mark(KILL),
            Phase::Idle => lifecycle.doomed = true,
            Phase::Ending | Phase::Ended => {}
        }
        // All under one lock. If the seal came before, the incarnation could take it for a
        // stop; if it came after, it could hit the next incarnation.
        let sleepers = self.seal_silently();
        drop(lifecycle);
        sleepers.wake();
        core.signals.wake();
    }

    /// Ends the incarnation in order after the message in hand; what waits is kept.
    pub(crate) fn halt(&self) {
        self.core().signals.raise(HALT);
    }

    /// Ends the incarnation now; what waits is kept.
    pub(crate) fn interrupt(&self, why: Arc<str>) {
        self.core().lifecycle().interruption = Some(why);
        self.core().signals.raise(INTERRUPT);
    }

    /// Asks the incarnation for its health. The receiver fails when it ends first.
    pub(crate) fn probe(&self) -> oneshot::Receiver<Health> {
        let (sender, receiver) = oneshot::channel();
        let core = self.core();
        let mut lifecycle = core.lifecycle();
        if lifecycle.phase == Phase::Running {
            lifecycle.probes.push(sender);
            drop(lifecycle);
            core.signals.raise(PROBE);
        }
        receiver
    }

    /// Prepares a new incarnation and returns its number; `None` when the actor has
    /// ended for good. Only one caller at a time: the spawner or the supervisor.
    pub(crate) fn begin(&self) -> Option<u64> {
        let core = self.core();
        let doomed = std::mem::take(&mut core.lifecycle().doomed);
        if doomed {
            self.bury_all(Reason::Killed);
        }
        let mut lifecycle = core.lifecycle();
        if lifecycle.phase != Phase::Idle {
            return None;
        }
        lifecycle.phase = Phase::Running;
        lifecycle.launched += 1;
        let launched = lifecycle.launched;
        core.signals.reset();
        let killed_again = std::mem::take(&mut lifecycle.doomed);
        let was_sealed = doomed || matches!(lifecycle.exit, Some(Exit::Stopped | Exit::Killed));
        if killed_again {
            core.signals.mark(KILL);
        } else if was_sealed {
            self.unseal();
        }
        Some(launched)
    }

    /// The incarnation has ended; its actor is dropped already.
    pub(crate) fn finish(&self, exit: Exit) {
        let core = self.core();
        core.signals.unregister();
        if core.signals.raised() & KILL != 0 {
            self.bury_all(Reason::Killed);
        }
        let mut lifecycle = core.lifecycle();
        let killed = core.signals.raised() & KILL != 0;
        let exit = if killed { Exit::Killed } else { exit };
        // What waits is lost at the latest when the next incarnation is launched.
        lifecycle.doomed |= killed;
        let probes = std::mem::take(&mut lifecycle.probes);
        let launched = lifecycle.launched;
        let last = core.link.is_none() || lifecycle.condemned || exit == Exit::Abandoned;
        if !last {
            lifecycle.phase = Phase::Idle;
            lifecycle.exit = Some(exit.clone());
        }
        drop(lifecycle);
        drop(probes);
        if last {
            self.end(exit.clone());
        } else {
            core.changed.notify_waiters();
        }
        if let Some(link) = &core.link {
            link.exited(launched, exit);
        }
    }

    /// Nobody will launch another incarnation: ends the one that runs.
    pub(crate) fn condemn(&self) {
        self.seal();
        let core = self.core();
        let mut lifecycle = core.lifecycle();
        lifecycle.condemned = true;
        let phase = lifecycle.phase;
        drop(lifecycle);
        match phase {
            Phase::Running => core.signals.raise(KILL),
            Phase::Idle => self.end(Exit::Killed),
            Phase::Ending | Phase::Ended => {}
        }
    }

    /// Ends the actor for good. No incarnation runs any more.
    pub(crate) fn end(&self, exit: Exit) {
        let core = self.core();
        let mut lifecycle = core.lifecycle();
        if matches!(lifecycle.phase, Phase::Ending | Phase::Ended) {
            return;
        }
        lifecycle.phase = Phase::Ending;
        let killed = lifecycle.doomed || exit == Exit::Killed;
        lifecycle.exit = Some(exit);
        drop(lifecycle);
        self.bury_all(if killed {
            Reason::Killed
        } else {
            Reason::Ended
        });
        core.system.forget(core, core.registered);
        core.lifecycle().phase = Phase::Ended;
        core.changed.notify_waiters();
    }
}
