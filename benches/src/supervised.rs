//! Children of a supervisor: starting one more (row 44), and asking all whether they are well (row 48).

use std::sync::Arc;
use std::time::Duration;

use runtime::{Child, Health, Supervisor, System};
use tokio::sync::oneshot;
use yardstick_probe::{Latencies, Region};

use crate::chunks::in_chunks;
use crate::counter::Counter;
use crate::latch::Latch;
use crate::raw::{RawCount, RawCounter};

/// Children that a supervisor gets before it is replaced by a new one.
pub const BROOD: u64 = 64;
/// Children that are probed in one check.
pub const PROBED: usize = 10;

/// One iteration starts a child under a running supervisor and waits until it has started.
pub async fn spawn(iterations: u64) -> Duration {
    in_chunks(iterations, BROOD, async |count| {
        let system = System::new();
        let handle = Supervisor::new("brood")
            .start(&system)
            .await
            .expect("a supervisor without children starts");
        let names = (0..count)
            .map(|number| format!("child_{number}"))
            .collect::<Vec<_>>();
        let mut addresses = Vec::with_capacity(names.len());
        let latencies = Latencies::new();
        let region = Region::start(count);
        for name in &names {
            let start = latencies.start();
            let child = Child::new(name.as_str(), Counter::new);
            addresses.push(handle.start_child(child).await.expect("the child starts"));
            latencies.record(start);
        }
        let elapsed = region.finish();
        assert!(
            addresses.iter().all(|address| address.incarnation() == 1),
            "every child has started"
        );
        let children = handle.children();
        assert!(
            children
                .iter()
                .map(|child| &*child.name)
                .eq(names.iter().map(String::as_str))
        );
        handle.stop().await;
        assert!(
            addresses.iter().all(|address| address.is_terminated()),
            "the children ended with their supervisor"
        );
        elapsed
    })
    .await
}

/// The control of [`spawn`]: raw tokio tasks that nobody supervises.
pub async fn raw_spawn(iterations: u64) -> Duration {
    in_chunks(iterations, BROOD, async |count| {
        let started = Arc::new(Latch::new());
        let mut tasks = Vec::with_capacity(count as usize);
        let latencies = Latencies::new();
        let region = Region::start(count);
        for _ in 0..count {
            let start = latencies.start();
            started.expect(1);
            tasks.push(RawCounter::spawn(Some(&started)));
            started.wait().await;
            latencies.record(start);
        }
        let elapsed = region.finish();
        for task in tasks {
            task.stop().await;
        }
        elapsed
    })
    .await
}

/// One iteration probes ten children and waits for all answers.
pub async fn check_health(iterations: u64) -> Duration {
    let system = System::new();
    let mut supervisor = Supervisor::new("ward");
    for number in 0..PROBED {
        supervisor = supervisor.child(Child::new(format!("child_{number}"), Counter::new));
    }
    let handle = supervisor.start(&system).await.expect("every child starts");
    let mut healthy = 0;
    let latencies = Latencies::new();
    let region = Region::start(iterations);
    for _ in 0..iterations {
        let start = latencies.start();
        let answers = handle.check_health().await;
        healthy += answers
            .iter()
            .filter(|answer| answer.health == Some(Health::Healthy))
            .count();
        latencies.record(start);
    }
    let elapsed = region.finish();
    assert_eq!(
        healthy as u64,
        PROBED as u64 * iterations,
        "every child answered every probe"
    );
    assert!(
        handle.children().iter().all(|child| child.incarnation == 1),
        "no child was restarted"
    );
    handle.stop().await;
    elapsed
}

/// The control of [`check_health`]: a question to each of ten raw tasks, and then their answers.
pub async fn raw_check_health(iterations: u64) -> Duration {
    let tasks = (0..PROBED)
        .map(|_| RawCounter::spawn(None))
        .collect::<Vec<_>>();
    let mut answered = 0;
    let latencies = Latencies::new();
    let region = Region::start(iterations);
    for _ in 0..iterations {
        let start = latencies.start();
        let mut answers = Vec::with_capacity(PROBED);
        for task in &tasks {
            let (reply, answer) = oneshot::channel();
            task.sender
                .send(RawCount::Total(reply))
                .expect("the task runs");
            answers.push(answer);
        }
        for answer in answers {
            answered += u64::from(answer.await == Ok(0));
        }
        latencies.record(start);
    }
    let elapsed = region.finish();
    assert_eq!(
        answered,
        PROBED as u64 * iterations,
        "every task answered every question"
    );
    for task in tasks {
        task.stop().await;
    }
    elapsed
}
