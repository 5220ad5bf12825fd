//! Restarts: when and how often.

mod support;

use runtime::{
    Actor, Address, Backoff, Child, ChildInfo, ChildState, Context, Exit, Reason, Restart,
    RestartIntensity, Strategy, SupervisionEvent, Supervisor, SupervisorHandle, System,
};
use std::sync::Arc;
use std::time::Duration;
use support::{Journal, Order, child, puppet, report, suspend, tell, three};
use tokio::sync::Notify;
use tokio::time::Instant;

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

#[tokio::test]
async fn a_sibling_finishes_the_message_in_hand_before_it_is_restarted() {
    let journal = Journal::default();
    let handle = three(Strategy::OneForAll, &journal).await;
    let (a, b) = (child(&handle, "a"), child(&handle, "b"));
    let go_on = suspend(&b).await;
    tell(&b, Order::Note(1)).await;
    let mut events = handle.events();
    tell(&a, Order::Panic).await;
    // The last child is halted first; then it is the turn of b.
    while !matches!(
        events.next().await.expect("the tree lives"),
        SupervisionEvent::ChildExited { name, .. } if &*name == "c"
    ) {}
    journal.take();
    go_on.notify_one();
    assert_eq!(b.incarnation_changed(1).await, Some(2));
    assert_eq!(report(&b).await, (2, 1));
    let of_b = |line: &String| line.starts_with('b');
    assert_eq!(
        journal.take().into_iter().filter(of_b).collect::<Vec<_>>(),
        [
            "b waited",
            "b stopping Restarting",
            "b dropped",
            "b started 2",
            "b noted 1"
        ]
    );
}

#[tokio::test]
async fn children_that_fail_at_once_are_restarted_together() {
    let forwards = ["a", "b", "c"];
    let backwards = ["c", "b", "a"];
    for strategy in [Strategy::OneForAll, Strategy::RestForOne] {
        for order in [forwards, backwards] {
            let journal = Journal::default();
            let handle = three(strategy, &journal).await;
            for name in order {
                tell(&child(&handle, name), Order::Panic).await;
                tell(&child(&handle, name), Order::Note(1)).await;
            }
            for name in order {
                let restarted = child(&handle, name).incarnation_changed(1).await;
                assert!(restarted.is_some());
            }
            for name in order {
                report(&child(&handle, name)).await;
            }
            let lines = journal.take();
            assert_eq!(lines.iter().filter(|l| l.contains("noted")).count(), 3);
            let running = |info: &ChildInfo| info.state == ChildState::Running;
            assert!(handle.children().iter().all(running));
        }
    }
}

/// Starts at once at first, and when it is let to later.
struct SlowToRestart(Arc<Notify>);

impl Actor for SlowToRestart {
    type Message = ();
    type Error = String;

    async fn started(&mut self, context: &mut Context<Self>) -> Result<(), String> {
        if context.incarnation() > 1 {
            self.0.notified().await;
        }
        Ok(())
    }

    async fn handle(&mut self, (): (), _: &mut Context<Self>) -> Result<(), String> {
        Err("as told".to_owned())
    }
}

#[tokio::test]
async fn each_child_of_a_group_waits_until_the_one_before_has_started() {
    let journal = Journal::default();
    let go_on = Arc::new(Notify::new());
    let factory = {
        let go_on = Arc::clone(&go_on);
        move || SlowToRestart(Arc::clone(&go_on))
    };
    let handle = Supervisor::new("root")
        .strategy(Strategy::OneForAll)
        .child(Child::new("slow", factory))
        .child(puppet("b", &journal))
        .child(puppet("c", &journal))
        .start(&System::new())
        .await
        .expect("it starts");
    let slow = handle.address::<()>("slow").expect("it exists");
    slow.tell(()).await.expect("it runs");
    while handle.children()[0].incarnation < 2 {
        tokio::task::yield_now().await;
    }
    // Something else happens to the group meanwhile.
    assert!(handle.stop_child("c").await);
    let states: Vec<_> = handle.children().iter().map(|info| info.state).collect();
    assert_eq!(states, [ChildState::Starting, ChildState::Waiting]);
    go_on.notify_one();
    let b = child(&handle, "b");
    assert_eq!(b.incarnation_changed(1).await, Some(2));
    assert_eq!(slow.incarnation(), 2);
}

/// A child that has failed and will be restarted in an hour.
async fn backing_off(journal: &Journal, restart: Restart) -> (SupervisorHandle, Address<Order>) {
    let handle = Supervisor::new("root")
        .backoff(Backoff::constant(Duration::from_secs(3600)))
        .child(puppet("a", journal).restart(restart))
        .start(&System::new())
        .await
        .expect("it starts");
    let a = child(&handle, "a");
    let mut events = handle.events();
    tell(&a, Order::Panic).await;
    tell(&a, Order::Note(1)).await;
    while !matches!(
        events.next().await.expect("the tree lives"),
        SupervisionEvent::RestartScheduled { .. }
    ) {}
    (handle, a)
}

#[tokio::test(start_paused = true)]
async fn a_child_that_is_killed_while_it_waits_for_its_restart_loses_its_mailbox() {
    let journal = Journal::default();
    let (_handle, a) = backing_off(&journal, Restart::Permanent).await;
    a.kill();
    assert!(a.try_tell(Order::Note(2)).is_err());
    assert_eq!(a.incarnation_changed(1).await, Some(2));
    assert_eq!(report(&a).await, (2, 0));
}

#[tokio::test(start_paused = true)]
async fn a_child_that_is_stopped_while_it_waits_for_its_restart_drains_first() {
    let journal = Journal::default();
    let (_handle, a) = backing_off(&journal, Restart::Transient).await;
    a.stop();
    assert!(a.try_tell(Order::Note(2)).is_err());
    assert_eq!(a.terminated().await, Exit::Stopped);
    assert_eq!(
        journal.take()[2..],
        [
            "a started 2",
            "a noted 1",
            "a stopping Stopped",
            "a dropped"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_supervisor_that_stops_ends_a_child_that_waits_for_its_restart() {
    let journal = Journal::default();
    let (handle, a) = backing_off(&journal, Restart::Permanent).await;
    let begun = Instant::now();
    handle.stop().await;
    assert!(a.is_terminated() && begun.elapsed() < Duration::from_secs(1));
}
