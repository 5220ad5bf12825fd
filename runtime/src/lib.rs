//! A tokio actor runtime with supervision, and a workflow engine on it.
//!
//! An [`Actor`] has state and handles one message at a time, in a native `async fn`. It is
//! reached through an [`Address`], which stays valid when the actor is restarted. It lives in a
//! [`System`], alone or under a [`Supervisor`]. A [`Broker`] carries publications to whoever
//! subscribed. [`workflow`] runs graphs of steps on top.
//!
//! ```
//! use runtime::{Actor, Child, Context, Mailbox, Reply, Supervisor, System};
//! use std::collections::HashMap;
//!
//! /// Remembers how often each word was seen.
//! #[derive(Default)]
//! struct Words(HashMap<String, u64>);
//!
//! enum Word {
//!     Seen(String),
//!     Count(String, Reply<u64>),
//! }
//!
//! impl Actor for Words {
//!     type Message = Word;
//!     type Error = &'static str;
//!
//!     async fn handle(&mut self, word: Word, _: &mut Context<Self>) -> Result<(), &'static str> {
//!         match word {
//!             Word::Seen(word) if word.is_empty() => return Err("an empty word"),
//!             Word::Seen(word) => *self.0.entry(word).or_default() += 1,
//!             Word::Count(word, reply) => {
//!                 reply.send(self.0.get(&word).copied().unwrap_or(0));
//!             }
//!         }
//!         Ok(())
//!     }
//! }
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let system = System::new();
//! let handle = Supervisor::new("text")
//!     .child(Child::new("words", Words::default).mailbox(Mailbox::bounded(100)))
//!     .start(&system)
//!     .await?;
//! let words = handle.address::<Word>("words").ok_or("no such child")?;
//!
//! words.tell(Word::Seen("tokio".into())).await?;
//! assert_eq!(words.ask(|reply| Word::Count("tokio".into(), reply)).await?, 1);
//!
//! // An error (or a panic) ends this incarnation. The next one begins with a fresh state;
//! // what waits in the mailbox is kept, and the address leads there.
//! words.tell(Word::Seen(String::new())).await?;
//! words.tell(Word::Seen("tokio".into())).await?;
//! assert_eq!(words.ask(|reply| Word::Count("tokio".into(), reply)).await?, 1);
//! assert_eq!(words.incarnation(), 2);
//! assert_eq!(system.dead_letters().total(), 1);
//!
//! system.shutdown().await;
//! assert!(words.is_terminated());
//! # Ok(())
//! # }
//! ```
//!
//! # What things cost
//!
//! The suites of the package `benches` measure these; the shape of each cost is:
//!
//! - `tell` takes one uncontended lock and wakes the receiver only if it is idle. It allocates
//!   nothing but the growth of the queue. The message is moved, never boxed; so are the
//!   futures of handlers. A large message is better boxed by the sender, once.
//! - A mailbox owns no memory before its first message, and gives a large buffer back when it
//!   is empty and its actor goes idle. A bounded mailbox grows like an unbounded one, up to its
//!   capacity: the capacity is a limit, not a reservation.
//! - `ask` allocates one slot for the answer. A timeout adds a timer; without one there is
//!   none.
//! - An idle actor costs one allocation for its cell and one for its task, which is as large as
//!   the largest future of its handler and hooks. Boxing a rare, large future inside
//!   a handler makes every actor of that type smaller.
//! - A restart keeps the cell: it costs a catch of the panic, a message to the supervisor
//!   and a new task. The restart of a group costs that for each child, one after another.
//! - A publication allocates its payload once and clones two counted pointers for each
//!   subscriber.
//! - Dead letters and events cost a counter when nobody listens.
//!
//! A handler that computes for long without awaiting occupies a thread of the tokio runtime
//! and can be neither killed nor probed meanwhile: `tokio::task::spawn_blocking` is the place
//! for it.

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
