//! What supervisors are told.

use crate::actor::Exit;
use crate::cell::Cell;
use std::sync::Arc;

/// The number of a child within its supervisor, never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
}

/// The way from a child's cell to its supervisor.
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
