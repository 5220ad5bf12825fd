//! A tokio actor runtime with supervision, and a workflow engine on it.

mod actor;
mod address;
mod broker;
mod cell;
mod context;
mod dead_letter;
mod feed;
mod guard;
mod incarnation;
mod mailbox;
mod registry;
mod reply;
mod send;
mod signals;
mod supervision;
mod sync;
mod system;
pub mod workflow;

pub use actor::{Actor, ActorId, Exit, Health, StopReason};
pub use address::{Address, WeakAddress};
pub use broker::{Broker, Publication, Request, RequestError, Subscription};
pub use context::Context;
pub use dead_letter::{DeadLetter, DeadLetters, Reason};
pub use feed::Events;
pub use mailbox::{Accepted, Inbox, Mailbox, Overflow, Push};
pub use reply::{Ask, AskError, Reply};
pub use send::{SendError, Tell, TrySendError};
pub use supervision::{
    Backoff, Child, ChildHealth, ChildInfo, ChildState, HealthProbe, Restart, RestartIntensity,
    StartError, Strategy, SupervisionEvent, Supervisor, SupervisorHandle,
};
pub use system::{Builder, Shutdown, SpawnError, System};
