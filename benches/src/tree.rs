//! Supervision trees: three supervisors deep (row 49) and ten children wide (row 50), started and walked.

use std::sync::Arc;
use std::time::Duration;

use runtime::{Child, ChildInfo, ChildState, Supervisor, SupervisorHandle, System};
use yardstick_probe::{Latencies, Region};

use crate::chunks::in_chunks;
use crate::counter::{Count, Counter};
use crate::latch::Latch;
use crate::raw::RawCounter;

/// Trees alive at a time, at most.
const ALIVE: u64 = 32;

/// The form of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A supervisor in a supervisor in a supervisor, each with one worker.
    Depth3,
    /// One supervisor with ten workers.
    Width10,
}

impl Form {
    /// Workers in the tree.
    #[must_use]
    pub fn workers(self) -> usize {
        match self {
            Self::Depth3 => 3,
            Self::Width10 => 10,
        }
    }

    /// Supervisors in the tree.
    #[must_use]
    pub fn supervisors(self) -> usize {
        match self {
            Self::Depth3 => 3,
            Self::Width10 => 1,
        }
    }

    fn describe(self) -> Supervisor {
        let level = |name: &str| Supervisor::new(name).child(Child::new("worker", Counter::new));
        match self {
            Self::Depth3 => {
                level("level_1").supervisor(level("level_2").supervisor(level("level_3")))
            }
            Self::Width10 => (0..10).fold(Supervisor::new("level_1"), |supervisor, number| {
                supervisor.child(Child::new(format!("worker_{number}"), Counter::new))
            }),
        }
    }
}

/// One iteration describes a tree, starts it and waits until every worker has started.
pub async fn start(form: Form, iterations: u64) -> Duration {
    in_chunks(iterations, ALIVE, async |count| {
        let system = System::new();
        let mut trees = Vec::with_capacity(count as usize);
        let latencies = Latencies::new();
        let region = Region::start(count);
        for _ in 0..count {
            let start = latencies.start();
            trees.push(
                form.describe()
                    .start(&system)
                    .await
                    .expect("every worker starts"),
            );
            latencies.record(start);
        }
        let elapsed = region.finish();
        for tree in &trees {
            check(form, tree);
        }
        let alive = (form.workers() + form.supervisors()) * trees.len();
        assert_eq!(
            system.actor_count(),
            alive,
            "every member of every tree is alive"
        );
        for tree in &trees {
            tree.stop().await;
        }
        assert_eq!(system.actor_count(), 0, "every member ended with its tree");
        elapsed
    })
    .await
}

/// One iteration lists all members of a running tree, level by level.
pub async fn walk(form: Form, iterations: u64) -> Duration {
    let system = System::new();
    let tree = form
        .describe()
        .start(&system)
        .await
        .expect("every worker starts");
    let mut running = 0;
    let region = Region::start(iterations);
    for _ in 0..iterations {
        running += members(&tree)
            .iter()
            .filter(|member| member.state == ChildState::Running)
            .count();
    }
    let elapsed = region.finish();
    // The root is nobody's child.
    let listed = form.workers() + form.supervisors() - 1;
    assert_eq!(
        running as u64,
        listed as u64 * iterations,
        "every member was found running"
    );
    tree.stop().await;
    elapsed
}

/// The control of [`start`]: tasks that spawn tasks, one for each supervisor and each worker.
pub async fn raw_start(form: Form, iterations: u64) -> Duration {
    in_chunks(iterations, ALIVE, async |count| {
        let started = Arc::new(Latch::new());
        let mut trees = Vec::with_capacity(count as usize);
        let latencies = Latencies::new();
        let region = Region::start(count);
        for _ in 0..count {
            let start = latencies.start();
            started.expect(form.workers());
            trees.push(raw_level(form, form.supervisors(), &started));
            started.wait().await;
            latencies.record(start);
        }
        let elapsed = region.finish();
        for tree in trees {
            assert_eq!(stop_raw(tree).await, form.workers(), "every worker ran");
        }
        elapsed
    })
    .await
}

/// A task that stands for a supervisor, and what it spawned.
type RawLevel = tokio::task::JoinHandle<RawMembers>;

struct RawMembers {
    workers: Vec<RawCounter>,
    below: Option<Box<RawLevel>>,
}

fn raw_level(form: Form, levels: usize, started: &Arc<Latch>) -> RawLevel {
    let started = Arc::clone(started);
    tokio::spawn(async move {
        let workers = form.workers() / form.supervisors();
        RawMembers {
            workers: (0..workers)
                .map(|_| RawCounter::spawn(Some(&started)))
                .collect(),
            below: (levels > 1).then(|| Box::new(raw_level(form, levels - 1, &started))),
        }
    })
}

/// Stops the workers of all levels and returns how many there were.
async fn stop_raw(mut level: RawLevel) -> usize {
    let mut stopped = 0;
    loop {
        let members = level.await.expect("the task does not panic");
        for worker in members.workers {
            worker.stop().await;
            stopped += 1;
        }
        match members.below {
            Some(below) => level = *below,
            None => return stopped,
        }
    }
}

fn check(form: Form, tree: &SupervisorHandle) {
    let members = members(tree);
    assert_eq!(members.len(), form.workers() + form.supervisors() - 1);
    assert!(
        members
            .iter()
            .all(|member| member.state == ChildState::Running && member.incarnation == 1)
    );
    if form == Form::Depth3 {
        let third = tree
            .supervisor("level_2")
            .and_then(|second| second.supervisor("level_3"));
        let worker = third.and_then(|third| third.address::<Count>("worker"));
        assert_eq!(
            worker.map(|worker| worker.incarnation()),
            Some(1),
            "the deepest worker has started"
        );
    }
}

/// All members but the root.
fn members(tree: &SupervisorHandle) -> Vec<ChildInfo> {
    let mut members = Vec::new();
    let mut level = Some(tree.clone());
    while let Some(supervisor) = level {
        let children = supervisor.children();
        level = children
            .iter()
            .find_map(|child| supervisor.supervisor(&child.name));
        members.extend(children);
    }
    members
}
