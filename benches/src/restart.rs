//! A supervisor that restarts children after one has panicked (rows 45 to 47).
//!
//! Four children, of which the second panics. It does so without the panic hook, whose message would cost more than
//! the restart. Nothing is waited for between a failure and the restart: no backoff, and any number of restarts is allowed.

use std::convert::Infallible;
use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Duration;

use runtime::{
    Actor, Address, Backoff, Child, Context, Reason, RestartIntensity, Strategy, Supervisor,
    SupervisorHandle, System,
};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use yardstick_probe::{Latencies, Region};

use crate::latch::Latch;

/// Children of the supervisor.
pub const CHILDREN: usize = 4;
/// The position of the child that panics.
pub const FAILING: usize = 1;

/// The children that `strategy` restarts when the one at [`FAILING`] fails.
#[must_use]
pub fn affected(strategy: Strategy) -> Range<usize> {
    match strategy {
        Strategy::OneForOne => FAILING..FAILING + 1,
        Strategy::OneForAll => 0..CHILDREN,
        Strategy::RestForOne => FAILING..CHILDREN,
    }
}

/// Panics when it is told to.
struct Fragile;

struct Fail;

impl Actor for Fragile {
    type Message = Fail;
    type Error = Infallible;

    async fn handle(&mut self, _: Fail, _: &mut Context<Self>) -> Result<(), Infallible> {
        resume_unwind(Box::new("as told"))
    }
}

/// One iteration makes a child panic and waits until every child that the strategy restarts has started again.
pub async fn supervisor(strategy: Strategy, iterations: u64) -> Duration {
    let system = System::new();
    let handle = start_supervisor(&system, strategy).await;
    let children = (0..CHILDREN)
        .map(|position| {
            handle
                .address::<Fail>(&name(position))
                .expect("the child exists")
        })
        .collect::<Vec<_>>();
    let restarted = affected(strategy);
    let latencies = Latencies::new();
    let region = Region::start(iterations);
    for incarnation in 1..=iterations {
        let start = latencies.start();
        children[FAILING]
            .tell(Fail)
            .await
            .expect("the child takes messages");
        for child in &children[restarted.clone()] {
            let next = child.incarnation_changed(incarnation).await;
            assert_eq!(next, Some(incarnation + 1), "one failure is one restart");
        }
        latencies.record(start);
    }
    let elapsed = region.finish();
    check(&children, &restarted, iterations);
    assert_eq!(handle.children().len(), CHILDREN, "no child was given up");
    assert_eq!(
        system.dead_letters().count(Reason::Panicked),
        iterations,
        "every failure was a panic"
    );
    handle.stop().await;
    elapsed
}

async fn start_supervisor(system: &System, strategy: Strategy) -> SupervisorHandle {
    let mut supervisor = Supervisor::new("restarts")
        .strategy(strategy)
        .intensity(RestartIntensity::new(u32::MAX, Duration::from_nanos(1)))
        .backoff(Backoff::none());
    for position in 0..CHILDREN {
        supervisor = supervisor.child(Child::new(name(position), || Fragile));
    }
    supervisor.start(system).await.expect("every child starts")
}

/// Exactly the children that the strategy names have new incarnations, one for each failure.
fn check(children: &[Address<Fail>], restarted: &Range<usize>, failures: u64) {
    for (position, child) in children.iter().enumerate() {
        let expected = if restarted.contains(&position) {
            1 + failures
        } else {
            1
        };
        assert_eq!(
            child.incarnation(),
            expected,
            "incarnation of the child at {position}"
        );
        assert!(!child.is_terminated(), "the child at {position} runs");
    }
}

fn name(position: usize) -> String {
    format!("child_{position}")
}

/// The control of [`supervisor`]: raw tokio tasks. Whoever waits for the one that panics aborts the others and spawns them again.
pub async fn raw_tasks(strategy: Strategy, iterations: u64) -> Duration {
    let started = Arc::new(Latch::new());
    started.expect(CHILDREN);
    let mut children = (0..CHILDREN)
        .map(|_| RawChild::spawn(&started))
        .collect::<Vec<_>>();
    started.wait().await;
    let restarted = affected(strategy);
    let mut panics = 0;
    let latencies = Latencies::new();
    let region = Region::start(iterations);
    for _ in 0..iterations {
        let start = latencies.start();
        children[FAILING].sender.send(Fail).expect("the child runs");
        panics += u64::from(
            (&mut children[FAILING].task)
                .await
                .is_err_and(|error| error.is_panic()),
        );
        for position in restarted.clone().filter(|position| *position != FAILING) {
            let task = &mut children[position].task;
            task.abort();
            assert!(
                task.await.is_err_and(|error| error.is_cancelled()),
                "the sibling ran until it was aborted"
            );
        }
        started.expect(restarted.len());
        for position in restarted.clone() {
            children[position] = RawChild::spawn(&started);
        }
        started.wait().await;
        latencies.record(start);
    }
    let elapsed = region.finish();
    assert_eq!(panics, iterations, "every failure was a panic");
    for child in children {
        drop(child.sender);
        child
            .task
            .await
            .expect("the child ends when its channel is closed");
    }
    elapsed
}

struct RawChild {
    sender: mpsc::UnboundedSender<Fail>,
    task: JoinHandle<()>,
}

impl RawChild {
    fn spawn(started: &Arc<Latch>) -> Self {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        let started = Arc::clone(started);
        let task = tokio::spawn(async move {
            started.count_down();
            if let Some(Fail) = receiver.recv().await {
                resume_unwind(Box::new("as told"));
            }
        });
        Self { sender, task }
    }
}
