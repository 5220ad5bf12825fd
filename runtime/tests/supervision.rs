//! Restarts: who is restarted after what, and what survives.

mod support;

use runtime::{ChildState, Exit, Reason, Restart, Strategy, SupervisionEvent, Supervisor, System};
use support::{Journal, Order, child, incarnations, puppet, report, suspend, tell, three};

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
