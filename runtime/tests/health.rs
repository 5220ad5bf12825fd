//! Health probes and what follows from them.

mod support;

use runtime::{ChildHealth, Health, HealthProbe, Reason, SupervisionEvent, Supervisor, System};
use std::time::Duration;
use support::{Journal, Order, child, puppet, report, suspend, tell};
use tokio::time::Instant;

const SECOND: Duration = Duration::from_secs(1);

fn found(name: &str, supervisor: &str, health: Option<Health>) -> ChildHealth {
    ChildHealth {
        supervisor: supervisor.into(),
        name: name.into(),
        health,
    }
}

#[tokio::test]
async fn a_check_reports_every_running_descendant() {
    let journal = Journal::default();
    let handle = Supervisor::new("root")
        .child(puppet("a", &journal))
        .supervisor(Supervisor::new("pool").child(puppet("b", &journal)))
        .child(puppet("c", &journal))
        .start(&System::new())
        .await
        .expect("it starts");
    let well = Some(Health::Healthy);
    assert_eq!(
        handle.check_health().await,
        [
            found("a", "root", well.clone()),
            found("c", "root", well.clone()),
            found("b", "root/pool", well),
        ]
    );
}

#[tokio::test]
async fn an_unhealthy_child_is_restarted_and_its_mailbox_is_kept() {
    let journal = Journal::default();
    let handle = Supervisor::new("root")
        .child(puppet("a", &journal))
        .start(&System::new())
        .await
        .expect("it starts");
    let a = child(&handle, "a");
    let mut events = handle.events();
    tell(&a, Order::Sicken).await;
    report(&a).await;
    let sick = Some(Health::Unhealthy("sick".to_owned()));
    assert_eq!(handle.check_health().await, [found("a", "root", sick)]);
    tell(&a, Order::Note(1)).await;
    assert_eq!(a.incarnation_changed(1).await, Some(2));
    assert_eq!(report(&a).await.0, 2);
    let exited = events.next().await;
    assert!(matches!(
        exited,
        Some(SupervisionEvent::ChildExited { exit, .. })
            if exit.to_string() == "halted by its supervisor: unhealthy: sick"
    ));
}

#[tokio::test(start_paused = true)]
async fn a_periodic_probe_restarts_a_child_that_does_not_answer() {
    let journal = Journal::default();
    let system = System::new();
    let handle = Supervisor::new("root")
        .probe(HealthProbe::every(10 * SECOND).timeout(2 * SECOND))
        .child(puppet("a", &journal))
        .child(puppet("b", &journal))
        .start(&system)
        .await
        .expect("it starts");
    let (a, b) = (child(&handle, "a"), child(&handle, "b"));
    let begun = Instant::now();
    suspend(&a).await;
    tell(&a, Order::Note(1)).await;
    assert_eq!(a.incarnation_changed(1).await, Some(2));
    assert_eq!(begun.elapsed(), 12 * SECOND);
    assert_eq!(report(&a).await, (2, 1));
    assert_eq!(report(&b).await.0, 1);
    assert_eq!(system.dead_letters().count(Reason::Interrupted), 1);
}

#[tokio::test(start_paused = true)]
async fn healthy_children_are_left_alone() {
    let journal = Journal::default();
    let handle = Supervisor::new("root")
        .probe(HealthProbe::every(SECOND))
        .child(puppet("a", &journal))
        .start(&System::new())
        .await
        .expect("it starts");
    tokio::time::sleep(100 * SECOND).await;
    assert_eq!(report(&child(&handle, "a")).await.0, 1);
}

#[tokio::test]
async fn an_answer_of_an_earlier_incarnation_harms_no_later_one() {
    let journal = Journal::default();
    let handle = Supervisor::new("root")
        .child(puppet("slow", &journal))
        .child(puppet("a", &journal))
        .start(&System::new())
        .await
        .expect("it starts");
    let (slow, a) = (child(&handle, "slow"), child(&handle, "a"));
    tell(&a, Order::Sicken).await;
    report(&a).await;
    let go_on = suspend(&slow).await;
    let (found, ()) = tokio::join!(handle.check_health(), async {
        // The check has asked both, and waits for the slow one first.
        report(&a).await;
        tell(&a, Order::Panic).await;
        a.incarnation_changed(1).await;
        go_on.notify_one();
    });
    assert_eq!(found[1].health, Some(Health::Unhealthy("sick".to_owned())));
    // What the supervisor was told before this, it has dealt with.
    handle
        .start_child(puppet("b", &journal))
        .await
        .expect("it starts");
    assert_eq!(report(&a).await.0, 2);
}
