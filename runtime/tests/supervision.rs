//! Restarts: who, when, how often, and what survives them.

mod support;

use runtime::{
    Backoff, Child, ChildState, Exit, Mailbox, Reason, Restart, RestartIntensity, StartError,
    Strategy, SupervisionEvent, Supervisor, SupervisorHandle, System,
};
use std::time::Duration;
use support::{Journal, Order, Puppet, report, suspend, tell};
use tokio::time::Instant;

fn puppet(name: &'static str, journal: &Journal) -> Child<Order> {
    let journal = journal.clone();
    Child::new(name, move || Puppet::new(name, &journal))
}

/// A supervisor of the children a, b and c.
async fn three(strategy: Strategy, journal: &Journal) -> SupervisorHandle {
    Supervisor::new("root")
        .strategy(strategy)
        .child(puppet("a", journal))
        .child(puppet("b", journal))
        .child(puppet("c", journal))
        .start(&System::new())
        .await
        .expect("the children start")
}

fn child(handle: &SupervisorHandle, name: &str) -> runtime::Address<Order> {
    handle.address(name).expect("the child exists")
}

async fn incarnations(handle: &SupervisorHandle) -> Vec<u64> {
    let mut numbers = Vec::new();
    for name in ["a", "b", "c"] {
        numbers.push(report(&child(handle, name)).await.0);
    }
    numbers
}

#[tokio::test]
async fn one_for_one_restarts_only_the_child_that_panicked() {
    let journal = Journal::default();
    let handle = three(Strategy::OneForOne, &journal).await;
    tell(&child(&handle, "b"), Order::Panic).await;
    child(&handle, "b").incarnation_changed(1).await;
    assert_eq!(incarnations(&handle).await, [1, 2, 1]);
}

#[tokio::test]
async fn an_error_of_a_handler_restarts_like_a_panic() {
    let journal = Journal::default();
    let handle = three(Strategy::OneForOne, &journal).await;
    tell(&child(&handle, "b"), Order::Fail).await;
    child(&handle, "b").incarnation_changed(1).await;
    assert_eq!(incarnations(&handle).await, [1, 2, 1]);
}

#[tokio::test]
async fn one_for_all_halts_backwards_and_starts_forwards() {
    let journal = Journal::default();
    let handle = three(Strategy::OneForAll, &journal).await;
    journal.take();
    tell(&child(&handle, "b"), Order::Panic).await;
    child(&handle, "c").incarnation_changed(1).await;
    assert_eq!(incarnations(&handle).await, [2, 2, 2]);
    assert_eq!(
        journal.take(),
        [
            "b dropped",
            "c stopping Restarting",
            "c dropped",
            "a stopping Restarting",
            "a dropped",
            "a started 2",
            "b started 2",
            "c started 2",
        ]
    );
}

#[tokio::test]
async fn rest_for_one_spares_the_children_before_the_one_that_failed() {
    let journal = Journal::default();
    let handle = three(Strategy::RestForOne, &journal).await;
    journal.take();
    tell(&child(&handle, "b"), Order::Panic).await;
    child(&handle, "c").incarnation_changed(1).await;
    assert_eq!(incarnations(&handle).await, [1, 2, 2]);
    assert_eq!(
        journal.take(),
        [
            "b dropped",
            "c stopping Restarting",
            "c dropped",
            "b started 2",
            "c started 2",
        ]
    );
}

#[tokio::test]
async fn messages_in_the_mailbox_survive_a_restart_in_order() {
    let journal = Journal::default();
    let handle = three(Strategy::OneForAll, &journal).await;
    let (a, b) = (child(&handle, "a"), child(&handle, "b"));
    let go_on = suspend(&a).await;
    tell(&a, Order::Panic).await;
    for number in 1..=3 {
        tell(&a, Order::Note(number)).await;
        tell(&b, Order::Note(number)).await;
    }
    let letters = {
        go_on.notify_one();
        assert_eq!(report(&a).await, (2, 3));
        assert!(report(&b).await.0 >= 1);
        journal.take()
    };
    let of_a: Vec<_> = letters
        .iter()
        .filter(|l| l.starts_with("a noted"))
        .collect();
    assert_eq!(of_a, ["a noted 1", "a noted 2", "a noted 3"]);
    let of_b: Vec<_> = letters
        .iter()
        .filter(|l| l.starts_with("b noted"))
        .collect();
    assert_eq!(of_b, ["b noted 1", "b noted 2", "b noted 3"]);
}

#[tokio::test]
async fn only_the_message_that_was_handled_becomes_a_dead_letter() {
    let journal = Journal::default();
    let system = System::new();
    let handle = Supervisor::new("root")
        .child(puppet("a", &journal))
        .start(&system)
        .await
        .expect("it starts");
    let a = child(&handle, "a");
    let mut letters = system.dead_letters().subscribe();
    tell(&a, Order::Panic).await;
    tell(&a, Order::Fail).await;
    tell(&a, Order::Note(1)).await;
    assert_eq!(report(&a).await, (3, 1));
    let panicked = letters.next().await.expect("a dead letter");
    assert_eq!(
        (panicked.actor, panicked.reason),
        (a.id(), Reason::Panicked)
    );
    assert_eq!(panicked.name.as_deref(), Some("a"));
    assert_eq!(letters.next().await.map(|l| l.reason), Some(Reason::Failed));
    assert_eq!(system.dead_letters().total(), 2);
}

#[tokio::test]
async fn a_permanent_child_is_restarted_also_when_it_stops() {
    let journal = Journal::default();
    let handle = three(Strategy::OneForOne, &journal).await;
    let a = child(&handle, "a");
    a.stop();
    assert_eq!(a.incarnation_changed(1).await, Some(2));
    assert_eq!(report(&a).await, (2, 0));
}

#[tokio::test]
async fn a_killed_child_is_restarted_with_an_empty_mailbox() {
    let journal = Journal::default();
    let handle = three(Strategy::OneForOne, &journal).await;
    let a = child(&handle, "a");
    suspend(&a).await;
    tell(&a, Order::Note(1)).await;
    a.kill();
    assert_eq!(a.incarnation_changed(1).await, Some(2));
    assert_eq!(report(&a).await, (2, 0));
}

#[tokio::test]
async fn a_transient_child_is_restarted_after_a_failure_but_not_after_a_stop() {
    let journal = Journal::default();
    let handle = Supervisor::new("root")
        .child(puppet("a", &journal).restart(Restart::Transient))
        .start(&System::new())
        .await
        .expect("it starts");
    let a = child(&handle, "a");
    tell(&a, Order::Fail).await;
    assert_eq!(a.incarnation_changed(1).await, Some(2));
    a.stop();
    assert_eq!(a.terminated().await, Exit::Stopped);
    assert_eq!(handle.children()[0].state, ChildState::Ended);
}

#[tokio::test]
async fn a_temporary_child_is_never_restarted_and_leaves_no_trace() {
    let journal = Journal::default();
    let handle = Supervisor::new("root")
        .child(puppet("a", &journal).restart(Restart::Temporary))
        .start(&System::new())
        .await
        .expect("it starts");
    let a = child(&handle, "a");
    let mut events = handle.events();
    tell(&a, Order::Panic).await;
    assert_eq!(a.terminated().await, Exit::Panicked("as told".into()));
    while !matches!(
        events.next().await.expect("the tree lives"),
        SupervisionEvent::ChildEnded { .. }
    ) {}
    assert_eq!(handle.children(), []);
}

#[tokio::test]
async fn a_child_that_fails_too_often_takes_the_root_down() {
    let journal = Journal::default();
    let system = System::new();
    let handle = Supervisor::new("root")
        .intensity(RestartIntensity::new(2, Duration::from_secs(60)))
        .child(puppet("a", &journal))
        .child(puppet("b", &journal))
        .start(&system)
        .await
        .expect("it starts");
    let (a, b) = (child(&handle, "a"), child(&handle, "b"));
    let mut events = handle.events();
    for _ in 0..3 {
        tell(&a, Order::Panic).await;
    }
    let exit = handle.terminated().await;
    assert!(matches!(exit, Exit::Failed(why) if why.contains("`a` failed, after 2 restarts")));
    assert!(a.is_terminated() && b.is_terminated());
    let mut said = false;
    while let Some(event) = events.next().await {
        said |= matches!(event, SupervisionEvent::GaveUp { name, .. } if &*name == "a");
    }
    assert!(said);
    assert_eq!(system.actor_count(), 0);
}

#[tokio::test(start_paused = true)]
async fn restarts_that_are_far_apart_do_not_add_up() {
    let journal = Journal::default();
    let handle = Supervisor::new("root")
        .intensity(RestartIntensity::new(1, Duration::from_secs(1)))
        .child(puppet("a", &journal))
        .start(&System::new())
        .await
        .expect("it starts");
    let a = child(&handle, "a");
    for before in 1..=5 {
        tell(&a, Order::Panic).await;
        assert_eq!(a.incarnation_changed(before).await, Some(before + 1));
        tokio::time::sleep(Duration::from_millis(1001)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_backoff_grows_with_each_failure_in_a_row_and_starts_anew_after_quiet() {
    let journal = Journal::default();
    let second = Duration::from_secs(1);
    let handle = Supervisor::new("root")
        .intensity(RestartIntensity::new(10, second))
        .backoff(Backoff::exponential(second, 3 * second).reset_after(60 * second))
        .child(puppet("a", &journal))
        .start(&System::new())
        .await
        .expect("it starts");
    let a = child(&handle, "a");
    let mut waits = Vec::new();
    for before in 1..=4 {
        let failed = Instant::now();
        tell(&a, Order::Panic).await;
        a.incarnation_changed(before).await;
        waits.push(failed.elapsed().as_secs());
    }
    tokio::time::sleep(60 * second).await;
    let failed = Instant::now();
    tell(&a, Order::Panic).await;
    a.incarnation_changed(5).await;
    waits.push(failed.elapsed().as_secs());
    assert_eq!(waits, [1, 2, 3, 3, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_supervisor_does_not_block_while_it_backs_off() {
    let journal = Journal::default();
    let handle = Supervisor::new("root")
        .backoff(Backoff::constant(Duration::from_secs(3600)))
        .child(puppet("a", &journal))
        .child(puppet("b", &journal).restart(Restart::Transient))
        .start(&System::new())
        .await
        .expect("it starts");
    let begun = Instant::now();
    let (a, b) = (child(&handle, "a"), child(&handle, "b"));
    let mut events = handle.events();
    tell(&a, Order::Panic).await;
    while !matches!(
        events.next().await.expect("the tree lives"),
        SupervisionEvent::RestartScheduled { .. }
    ) {}
    assert_eq!(handle.children()[0].state, ChildState::Waiting);
    b.stop();
    b.terminated().await;
    let c = handle.start_child(puppet("c", &journal)).await;
    assert_eq!(report(&c.expect("it starts")).await, (1, 0));
    tell(&a, Order::Note(1)).await;
    assert_eq!(a.depth(), 1);
    assert!(begun.elapsed() < Duration::from_secs(1));
    assert_eq!(a.incarnation_changed(1).await, Some(2));
    assert!(begun.elapsed() >= Duration::from_secs(3600));
    assert_eq!(report(&a).await, (2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_sibling_that_does_not_stop_in_time_is_cut_off() {
    let journal = Journal::default();
    let system = System::new();
    let handle = Supervisor::new("root")
        .strategy(Strategy::OneForAll)
        .child(puppet("a", &journal))
        .child(puppet("b", &journal).grace(Duration::from_secs(2)))
        .start(&system)
        .await
        .expect("it starts");
    let (a, b) = (child(&handle, "a"), child(&handle, "b"));
    suspend(&b).await;
    tell(&b, Order::Note(1)).await;
    let begun = Instant::now();
    tell(&a, Order::Panic).await;
    assert_eq!(b.incarnation_changed(1).await, Some(2));
    assert_eq!(begun.elapsed().as_secs(), 2);
    assert_eq!(report(&b).await, (2, 1));
    assert_eq!(system.dead_letters().count(Reason::Interrupted), 1);
}

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

#[tokio::test]
async fn children_can_be_added_and_let_go_of() {
    let journal = Journal::default();
    let handle = three(Strategy::OneForOne, &journal).await;
    let d = handle.start_child(puppet("d", &journal)).await;
    let d = d.expect("it starts");
    tell(&d, Order::Panic).await;
    assert_eq!(d.incarnation_changed(1).await, Some(2));
    let again = handle.start_child(puppet("d", &journal)).await;
    assert!(matches!(again, Err(StartError::DuplicateChild { .. })));
    tell(&d, Order::Note(1)).await;
    journal.take();
    assert!(handle.stop_child("d").await);
    assert!(d.is_terminated());
    assert_eq!(journal.take()[0], "d noted 1");
    assert!(!handle.stop_child("d").await);
    assert_eq!(handle.children().len(), 3);
}

#[tokio::test]
async fn a_child_that_does_not_start_undoes_the_start_of_the_others() {
    let journal = Journal::default();
    let system = System::new();
    let started = Supervisor::new("root")
        .child(puppet("a", &journal))
        .child(Child::new("b", || -> Puppet { panic!("no b") }))
        .child(puppet("c", &journal))
        .start(&system)
        .await;
    let Err(StartError::ChildFailed { child, exit, .. }) = started else {
        panic!("b cannot start");
    };
    assert_eq!((&*child, exit), ("b", Exit::Panicked("no b".into())));
    assert_eq!(
        journal.take(),
        ["a started 1", "a stopping Restarting", "a dropped"]
    );
    assert_eq!(system.actor_count(), 0);
}

#[tokio::test]
async fn an_added_child_that_does_not_start_is_refused_and_harms_nobody() {
    let journal = Journal::default();
    let handle = three(Strategy::OneForAll, &journal).await;
    let broken = Child::new("d", || -> Puppet { panic!("no d") });
    let refused = handle.start_child(broken).await;
    assert!(matches!(refused, Err(StartError::ChildFailed { .. })));
    assert_eq!(incarnations(&handle).await, [1, 1, 1]);
    assert_eq!(handle.children().len(), 3);
}

#[tokio::test]
async fn two_children_of_one_name_are_refused() {
    let journal = Journal::default();
    let system = System::new();
    let started = Supervisor::new("root")
        .child(puppet("a", &journal))
        .child(puppet("a", &journal))
        .start(&system)
        .await;
    assert!(matches!(started, Err(StartError::DuplicateChild { .. })));
    assert_eq!(system.actor_count(), 0);
}

#[tokio::test]
async fn a_registered_child_is_found_by_name_across_restarts() {
    let journal = Journal::default();
    let system = System::new();
    let handle = Supervisor::new("root")
        .child(puppet("a", &journal).registered())
        .child(puppet("b", &journal).mailbox(Mailbox::bounded(3)))
        .start(&system)
        .await
        .expect("it starts");
    let a = system.lookup::<Order>("a").expect("it is registered");
    assert!(system.lookup::<Order>("b").is_none());
    assert_eq!(child(&handle, "b").capacity(), Some(3));
    tell(&a, Order::Panic).await;
    assert_eq!(a.incarnation_changed(1).await, Some(2));
    assert_eq!(system.lookup::<Order>("a"), Some(a));
    handle.stop().await;
    assert!(system.lookup::<Order>("a").is_none());
}
