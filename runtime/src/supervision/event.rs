use crate::actor::Exit;
use std::sync::Arc;
use std::time::Duration;

/// Something that happened in a supervision tree. `supervisor` is the path of the
/// supervisor from the root of the tree, `name` that of the child within it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SupervisionEvent {
    /// The first incarnation of a child has started.
    ChildStarted {
        /// The path of the supervisor.
        supervisor: Arc<str>,
        /// The name of the child.
        name: Arc<str>,
        /// The incarnation that has started.
        incarnation: u64,
    },
    /// An incarnation of a child has ended.
    ChildExited {
        /// The path of the supervisor.
        supervisor: Arc<str>,
        /// The name of the child.
        name: Arc<str>,
        /// The incarnation that has ended.
        incarnation: u64,
        /// How it ended.
        exit: Exit,
    },
    /// A child failed, and will be restarted after this delay.
    RestartScheduled {
        /// The path of the supervisor.
        supervisor: Arc<str>,
        /// The name of the child.
        name: Arc<str>,
        /// The backoff, counted from when the last child of the group has ended.
        delay: Duration,
    },
    /// A later incarnation of a child has started.
    ChildRestarted {
        /// The path of the supervisor.
        supervisor: Arc<str>,
        /// The name of the child.
        name: Arc<str>,
        /// The incarnation that has started.
        incarnation: u64,
    },
    /// A child has ended for good.
    ChildEnded {
        /// The path of the supervisor.
        supervisor: Arc<str>,
        /// The name of the child.
        name: Arc<str>,
    },
    /// The failure of a child exceeded the restart intensity: the supervisor stops its
    /// children and fails, which its own supervisor has to deal with. The root of a
    /// tree ends its children for good.
    GaveUp {
        /// The path of the supervisor.
        supervisor: Arc<str>,
        /// The name of the child whose failure was one too many.
        name: Arc<str>,
    },
}
