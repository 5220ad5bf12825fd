//! CPU use of actors that wait (row 54) and of actors under a steady load (row 55), on a runtime with two workers.
//!
//! One iteration lasts [`INTERVAL`]. That interval is not the measured value: it is the time over which CPU use is observed, so waiting
//! through it is what the workload does. The value is CPU time of the process divided by wall time, in percent of one CPU.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use runtime::{Actor, Context, System};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval, sleep};
use yardstick_probe::{CpuPercent, Region};

use crate::counter::Counter;
use crate::latch::Latch;
use crate::raw::RawCounter;

/// How long CPU use is observed in one iteration.
pub const INTERVAL: Duration = Duration::from_millis(50);
/// Actors that wait.
pub const IDLE_ACTORS: usize = 10_000;
/// Actors under load.
pub const ACTIVE_ACTORS: usize = 100;
/// How often messages are sent; due times are fixed in advance, so a late tick is made up for.
const TICK: Duration = Duration::from_millis(1);
const TICKS: usize = (INTERVAL.as_millis() / TICK.as_millis()) as usize;
/// Half of the actors get a message at each tick: 50,000 messages per second.
const MESSAGES_PER_TICK: usize = ACTIVE_ACTORS / 2;

/// CPU use while 10,000 actors wait for messages that do not come.
pub async fn idle_actors(iterations: u64) -> f64 {
    let system = System::new();
    let started = Arc::new(Latch::new());
    started.expect(IDLE_ACTORS);
    let addresses = (0..IDLE_ACTORS)
        .map(|_| system.spawn(Counter::announced(&started)))
        .collect::<Vec<_>>();
    started.wait().await;
    let percent = observe_rest(iterations).await;
    assert_eq!(system.actor_count(), IDLE_ACTORS, "every actor still waits");
    drop(addresses);
    system.shutdown().await;
    percent
}

/// The control of [`idle_actors`]: raw tokio tasks.
pub async fn raw_idle_tasks(iterations: u64) -> f64 {
    let started = Arc::new(Latch::new());
    started.expect(IDLE_ACTORS);
    let tasks = (0..IDLE_ACTORS)
        .map(|_| RawCounter::spawn(Some(&started)))
        .collect::<Vec<_>>();
    started.wait().await;
    let percent = observe_rest(iterations).await;
    for task in tasks {
        task.stop().await;
    }
    percent
}

async fn observe_rest(iterations: u64) -> f64 {
    let mut total = 0.0;
    for _ in 0..iterations {
        let region = Region::start(1);
        let reading = CpuPercent::now();
        sleep(INTERVAL).await;
        total += CpuPercent::since(reading);
        region.finish();
    }
    total
}

/// Counts a latch down for every message.
struct Worker(Arc<Latch>);

impl Actor for Worker {
    type Message = u64;
    type Error = Infallible;

    async fn handle(&mut self, _: u64, _: &mut Context<Self>) -> Result<(), Infallible> {
        self.0.count_down();
        Ok(())
    }
}

/// CPU use while 100 actors handle 50,000 messages per second.
pub async fn active_actors(iterations: u64) -> f64 {
    let system = System::new();
    let handled = Arc::new(Latch::new());
    let workers = (0..ACTIVE_ACTORS)
        .map(|_| system.spawn(Worker(Arc::clone(&handled))))
        .collect::<Vec<_>>();
    let percent = observe_load(iterations, &handled, |worker, number| {
        workers[worker].try_tell(number).expect("the worker runs");
    })
    .await;
    assert_eq!(system.dead_letters().total(), 0, "no message was lost");
    system.shutdown().await;
    percent
}

/// The control of [`active_actors`]: raw tokio tasks.
pub async fn raw_active_tasks(iterations: u64) -> f64 {
    let handled = Arc::new(Latch::new());
    let senders = (0..ACTIVE_ACTORS)
        .map(|_| {
            let (sender, mut receiver) = mpsc::unbounded_channel::<u64>();
            let latch = Arc::clone(&handled);
            tokio::spawn(async move {
                while receiver.recv().await.is_some() {
                    latch.count_down();
                }
            });
            sender
        })
        .collect::<Vec<_>>();
    observe_load(iterations, &handled, |worker, number| {
        senders[worker].send(number).expect("the worker runs");
    })
    .await
}

/// Sends the load of each interval and waits until all of it has been handled: the latch proves that nothing was lost.
async fn observe_load(iterations: u64, handled: &Latch, send: impl Fn(usize, u64)) -> f64 {
    let mut total = 0.0;
    for _ in 0..iterations {
        let mut due = interval(TICK);
        due.set_missed_tick_behavior(MissedTickBehavior::Burst);
        handled.expect(TICKS * MESSAGES_PER_TICK);
        let region = Region::start(1);
        let reading = CpuPercent::now();
        for tick in 0..TICKS {
            due.tick().await;
            for message in 0..MESSAGES_PER_TICK {
                let number = tick * MESSAGES_PER_TICK + message;
                send(number % ACTIVE_ACTORS, number as u64);
            }
        }
        handled.wait().await;
        total += CpuPercent::since(reading);
        region.finish();
    }
    total
}
