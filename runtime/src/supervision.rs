//! Supervision: actors that are restarted when they fail.
//!
//! A supervisor is an actor itself: it is told how each incarnation of its children
//! ends, and everything that takes time (backing off, waiting for a child to stop)
//! comes back to it as another message, so that it never blocks.

mod backoff;
mod child;
mod event;
mod handle;
mod health;
mod intensity;
mod membership;
mod node;
mod notice;
mod overseer;
mod retirement;
mod strategy;
mod supervisor;
mod wave;

pub use backoff::Backoff;
pub use child::Child;
pub use event::SupervisionEvent;
pub use handle::{ChildInfo, ChildState, SupervisorHandle};
pub use health::{ChildHealth, HealthProbe};
pub use intensity::RestartIntensity;
pub use strategy::{Restart, Strategy};
pub use supervisor::{StartError, Supervisor};

pub(crate) use notice::Link;
