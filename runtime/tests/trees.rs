//! Supervisors under supervisors, and stopping them.

mod support;

use runtime::{Exit, Reason, RestartIntensity, Strategy, SupervisionEvent, Supervisor, System};
use std::time::Duration;
use support::{Journal, Order, child, puppet, report, suspend, tell, three};
use tokio::time::Instant;

#[tokio::test]
async fn a_failed_subtree_is_restarted_by_the_supervisor_above_and_keeps_its_addresses() {
    let journal = Journal::default();
    let subtree = Supervisor::new("pool")
        .intensity(RestartIntensity::new(0, Duration::from_secs(1)))
        .child(puppet("b", &journal))
        .child(puppet("c", &journal));
    let handle = Supervisor::new("root")
        .strategy(Strategy::RestForOne)
        .child(puppet("a", &journal))
        .supervisor(subtree)
        .child(puppet("d", &journal))
        .start(&System::new())
        .await
        .expect("it starts");
    let pool = handle.supervisor("pool").expect("it exists");
    assert_eq!(pool.path(), "root/pool");
    let (a, d) = (child(&handle, "a"), child(&handle, "d"));
    let (b, c) = (child(&pool, "b"), child(&pool, "c"));
    journal.take();
    tell(&b, Order::Panic).await;
    tell(&b, Order::Note(1)).await;
    assert_eq!(d.incarnation_changed(1).await, Some(2));
    assert_eq!(report(&a).await.0, 1);
    assert_eq!(report(&b).await, (2, 1));
    assert_eq!(report(&c).await.0, 2);
    let ends = |line: &String| line.contains("dropped") || line.contains("started");
    let order: Vec<_> = journal.take().into_iter().filter(ends).collect();
    assert_eq!(
        order,
        [
            "b dropped",
            "c dropped",
            "d dropped",
            "b started 2",
            "c started 2",
            "d started 2"
        ]
    );
}

#[tokio::test]
async fn escalation_reaches_the_root_and_ends_the_whole_tree() {
    let journal = Journal::default();
    let none = RestartIntensity::new(0, Duration::from_secs(1));
    let system = System::new();
    let leaf = Supervisor::new("leaf")
        .intensity(none)
        .child(puppet("c", &journal));
    let middle = Supervisor::new("middle")
        .intensity(none)
        .child(puppet("b", &journal))
        .supervisor(leaf);
    let handle = Supervisor::new("root")
        .intensity(none)
        .child(puppet("a", &journal))
        .supervisor(middle)
        .start(&system)
        .await
        .expect("it starts");
    let mut events = handle.events();
    let leaf = handle
        .supervisor("middle")
        .and_then(|middle| middle.supervisor("leaf"))
        .expect("it exists");
    tell(&child(&leaf, "c"), Order::Panic).await;
    handle.terminated().await;
    let mut gave_up = Vec::new();
    while let Some(event) = events.next().await {
        if let SupervisionEvent::GaveUp { supervisor, .. } = event {
            gave_up.push(supervisor.to_string());
        }
    }
    assert_eq!(gave_up, ["root/middle/leaf", "root/middle", "root"]);
    assert_eq!(system.actor_count(), 0);
}

#[tokio::test]
async fn stopping_drains_the_children_backwards() {
    let journal = Journal::default();
    let handle = three(Strategy::OneForOne, &journal).await;
    journal.take();
    for name in ["a", "b", "c"] {
        tell(&child(&handle, name), Order::Note(1)).await;
    }
    handle.stop().await;
    assert_eq!(handle.terminated().await, Exit::Stopped);
    let stops = |line: &String| !line.contains("noted");
    let lines = journal.take();
    assert_eq!(
        lines.iter().filter(|line| line.contains("noted")).count(),
        3
    );
    assert_eq!(
        lines.into_iter().filter(stops).collect::<Vec<_>>(),
        [
            "c stopping Stopped",
            "c dropped",
            "b stopping Stopped",
            "b dropped",
            "a stopping Stopped",
            "a dropped",
        ]
    );
}

#[tokio::test]
async fn a_subtree_can_be_stopped_alone() {
    let journal = Journal::default();
    let handle = Supervisor::new("root")
        .child(puppet("a", &journal))
        .supervisor(Supervisor::new("pool").child(puppet("b", &journal)))
        .start(&System::new())
        .await
        .expect("it starts");
    let pool = handle.supervisor("pool").expect("it exists");
    let b = child(&pool, "b");
    pool.stop().await;
    assert!(b.is_terminated());
    assert!(handle.supervisor("pool").is_none());
    assert_eq!(report(&child(&handle, "a")).await, (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_child_that_does_not_stop_within_its_grace_is_killed() {
    let journal = Journal::default();
    let system = System::new();
    let handle = Supervisor::new("root")
        .child(puppet("a", &journal).grace(Duration::from_secs(2)))
        .start(&system)
        .await
        .expect("it starts");
    suspend(&child(&handle, "a")).await;
    let begun = Instant::now();
    handle.stop().await;
    assert_eq!(begun.elapsed(), Duration::from_secs(2));
    assert_eq!(journal.take(), ["a started 1", "a dropped"]);
    assert_eq!(system.dead_letters().count(Reason::Killed), 1);
}

#[test]
fn a_tree_that_its_tokio_runtime_abandons_has_ended() {
    let executor = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
    };
    let journal = Journal::default();
    let first = executor().expect("a runtime");
    let (handle, a) = first.block_on(async {
        let handle = Supervisor::new("root")
            .supervisor(Supervisor::new("pool").child(puppet("a", &journal)))
            .start(&System::new())
            .await
            .expect("it starts");
        let pool = handle.supervisor("pool").expect("it exists");
        let a = child(&pool, "a");
        suspend(&a).await;
        (handle, a)
    });
    drop(first);
    assert!(handle.is_terminated() && a.is_terminated());
    assert_eq!(journal.take(), ["a started 1", "a dropped"]);
}
