use super::node::Slot;
use super::supervisor::StartError;
use crate::actor::Exit;
use crate::cell::Cell;
use std::sync::Arc;
use tokio::sync::oneshot;

/// The number of a child within its supervisor. Later children have greater ones, and
/// none is used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ChildKey(pub(crate) u64);

/// A message to a supervisor.
pub(crate) enum Notice {
    /// An incarnation of a child has started.
    Started { child: ChildKey, incarnation: u64 },
    /// An incarnation of a child has ended.
    Exited {
        child: ChildKey,
        incarnation: u64,
        exit: Exit,
    },
    /// A health probe has failed.
    Unhealthy {
        child: ChildKey,
        incarnation: u64,
        why: Arc<str>,
    },
    /// The time that was waited for under this number is over.
    Alarm(u64),
    /// Take this child in.
    Adopt(Box<Slot>, oneshot::Sender<Result<(), StartError>>),
    /// Stop this child and let go of it. The sender is dropped when that is done.
    Dismiss(ChildKey, oneshot::Sender<()>),
}

/// The way from a child's cell to its supervisor.
#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) supervisor: Arc<Cell<Notice>>,
    pub(crate) child: ChildKey,
}

impl Link {
    pub(crate) fn started(&self, incarnation: u64) {
        self.tell(Notice::Started {
            child: self.child,
            incarnation,
        });
    }

    pub(crate) fn exited(&self, incarnation: u64, exit: Exit) {
        self.tell(Notice::Exited {
            child: self.child,
            incarnation,
            exit,
        });
    }

    /// A supervisor that stops does not listen any more: it waits for the ends of its
    /// children's incarnations instead.
    fn tell(&self, notice: Notice) {
        let _ = self.supervisor.try_tell(notice);
    }
}
