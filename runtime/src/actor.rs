//! What an actor is, and how one ends.

use crate::context::Context;
use std::fmt;
use std::future::{Future, ready};
use std::sync::Arc;

/// A thing with state that handles one message at a time.
///
/// Implementors write the methods as `async fn`; the futures must be `Send`. While
/// a handler is suspended at an `await`, the actor takes no other message.
///
/// ```
/// use runtime::{Actor, Context, Reply, System};
/// use std::convert::Infallible;
///
/// struct Counter(u64);
///
/// enum Count {
///     Add(u64),
///     Total(Reply<u64>),
/// }
///
/// impl Actor for Counter {
///     type Message = Count;
///     type Error = Infallible;
///
///     async fn handle(&mut self, message: Count, _: &mut Context<Self>) -> Result<(), Infallible> {
///         match message {
///             Count::Add(n) => self.0 += n,
///             Count::Total(reply) => { reply.send(self.0); }
///         }
///         Ok(())
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let system = System::new();
/// let counter = system.spawn(Counter(0));
/// counter.tell(Count::Add(2)).await?;
/// counter.tell(Count::Add(3)).await?;
/// assert_eq!(counter.ask(Count::Total).await?, 5);
/// # Ok(())
/// # }
/// ```
pub trait Actor: Sized + Send + 'static {
    /// What the actor is told: one type, often an enum.
    type Message: Send + 'static;
    /// What handling can fail with. An error ends the incarnation; a supervisor
    /// then decides whether there is a next one.
    type Error: fmt::Display + Send + 'static;

    /// Handles one message.
    ///
    /// # Errors
    ///
    /// Ends this incarnation; the message becomes a dead letter.
    fn handle(
        &mut self,
        message: Self::Message,
        context: &mut Context<Self>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Runs before the first message of each incarnation.
    ///
    /// # Errors
    ///
    /// Ends this incarnation before it has handled a message.
    fn started(
        &mut self,
        context: &mut Context<Self>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send {
        let _ = context;
        ready(Ok(()))
    }

    /// Runs after the last message of an incarnation that ends in order: not
    /// after a panic, an error, or a kill. Dropping the actor follows in any case.
    ///
    /// # Errors
    ///
    /// Makes this end a failure, after which a supervisor restarts a transient
    /// child too.
    fn stopping(
        &mut self,
        reason: StopReason,
        context: &mut Context<Self>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send {
        let _ = (reason, context);
        ready(Ok(()))
    }

    /// Answers a health probe, between two messages. A supervised actor that calls
    /// itself unhealthy, or does not answer in time, is restarted.
    fn health(&mut self) -> impl Future<Output = Health> + Send {
        ready(Health::Healthy)
    }
}

/// Why an incarnation ends in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StopReason {
    /// It was told to stop and has drained its mailbox.
    Stopped,
    /// The last address was dropped, so that nobody can send to it any more, and
    /// it has drained its mailbox.
    Orphaned,
    /// Its supervisor restarts it together with a sibling. Its mailbox waits for
    /// the next incarnation.
    Restarting,
}

/// What an actor says of itself when it is probed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// All is well.
    Healthy,
    /// It should be restarted, for this reason.
    Unhealthy(String),
}

/// How an incarnation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    /// It stopped in order: told to, or because the last address was dropped.
    Stopped,
    /// It was killed.
    Killed,
    /// A handler or a lifecycle hook returned this error.
    Failed(Arc<str>),
    /// A handler, a lifecycle hook, its factory or its `Drop` panicked with this
    /// message.
    Panicked(Arc<str>),
    /// Its supervisor ended it, for a restart of the group, after a failed health
    /// probe, or because it did not stop in time.
    Halted(Arc<str>),
    /// The tokio runtime it ran on was shut down.
    Abandoned,
}

impl Exit {
    /// Whether a transient child is restarted after it.
    pub fn is_failure(&self) -> bool {
        !matches!(self, Self::Stopped)
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stopped => formatter.write_str("stopped"),
            Self::Killed => formatter.write_str("killed"),
            Self::Failed(error) => write!(formatter, "failed: {error}"),
            Self::Panicked(message) => write!(formatter, "panicked: {message}"),
            Self::Halted(reason) => write!(formatter, "halted by its supervisor: {reason}"),
            Self::Abandoned => formatter.write_str("abandoned by the tokio runtime"),
        }
    }
}

/// The number of an actor, unique within its system and never used again. A
/// restart keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActorId(pub(crate) u64);

impl fmt::Display for ActorId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "#{}", self.0)
    }
}
