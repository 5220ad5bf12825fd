//! What the controls are made of: actors by hand, a tokio task that owns the receiving end of a channel.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::latch::Latch;

/// What a raw counter is told; the counterpart of [`Count`](crate::counter::Count).
#[derive(Debug)]
pub enum RawCount {
    /// Add this.
    Add(u64),
    /// Answer with the sum.
    Total(oneshot::Sender<u64>),
}

/// A task that adds up what comes through its channel, and ends when the channel is closed.
#[derive(Debug)]
pub struct RawCounter {
    /// The sending end.
    pub sender: mpsc::UnboundedSender<RawCount>,
    /// The task; it returns its sum.
    pub task: JoinHandle<u64>,
}

impl RawCounter {
    /// Spawns a counter that counts `started` down, if there is one, when it runs.
    #[must_use]
    pub fn spawn(started: Option<&Arc<Latch>>) -> Self {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        let started = started.cloned();
        let task = tokio::spawn(async move {
            if let Some(latch) = started {
                latch.count_down();
            }
            let mut total = 0;
            while let Some(message) = receiver.recv().await {
                add(&mut total, message);
            }
            total
        });
        Self { sender, task }
    }

    /// Closes the channel and waits for the task.
    ///
    /// # Panics
    /// If the task panicked.
    pub async fn stop(self) -> u64 {
        drop(self.sender);
        self.task.await.expect("a raw counter does not panic")
    }
}

/// Handles one message of a raw counter.
pub fn add(total: &mut u64, message: RawCount) {
    match message {
        RawCount::Add(number) => *total = total.wrapping_add(number),
        RawCount::Total(reply) => {
            // An asker that has gone needs no answer.
            let _ = reply.send(*total);
        }
    }
}
