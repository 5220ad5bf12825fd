//! Names, counting, and shutting down.

mod support;

use runtime::{Shutdown, SpawnError, Supervisor, System};
use std::time::Duration;
use support::{Journal, Order, Puppet, puppet, report, suspend, tell};
use tokio::time::Instant;

#[tokio::test]
async fn a_name_leads_to_its_actor_and_belongs_to_one_at_a_time() {
    let (system, journal) = (System::new(), Journal::default());
    let build = || {
        let journal = journal.clone();
        system.build(move || Puppet::new("a", &journal)).name("a")
    };
    let a = build().spawn().expect("the name is free");
    assert_eq!(a.name(), Some("a"));
    assert_eq!(system.lookup::<Order>("a"), Some(a.clone()));
    assert!(system.lookup::<u8>("a").is_none());
    assert!(system.lookup::<Order>("b").is_none());
    assert_eq!(build().spawn(), Err(SpawnError::NameTaken("a".into())));
    a.stop();
    a.terminated().await;
    assert!(system.lookup::<Order>("a").is_none());
    assert!(build().spawn().is_ok());
}

#[tokio::test]
async fn an_actor_with_a_name_lives_without_an_address() {
    let (system, journal) = (System::new(), Journal::default());
    let built = system.build(move || Puppet::new("a", &journal)).name("a");
    drop(built.spawn().expect("the name is free"));
    let again = system.lookup::<Order>("a").expect("it lives");
    assert_eq!(report(&again).await, (1, 0));
}

#[tokio::test]
async fn shutdown_stops_the_youngest_first_and_drains_everything() {
    let (system, journal) = (System::new(), Journal::default());
    let a = system.spawn(Puppet::new("a", &journal));
    let handle = Supervisor::new("root")
        .child(puppet("b", &journal))
        .child(puppet("c", &journal))
        .start(&system)
        .await
        .expect("it starts");
    let d = system.spawn(Puppet::new("d", &journal));
    for puppet in [&a, &d] {
        tell(puppet, Order::Note(1)).await;
    }
    let ended = Shutdown {
        stopped: 3,
        killed: 0,
    };
    assert_eq!(system.shutdown().await, ended);
    assert!(handle.is_terminated());
    assert_eq!(system.actor_count(), 0);
    let drops = |line: &String| line.contains("dropped");
    let order: Vec<_> = journal.take().into_iter().filter(drops).collect();
    assert_eq!(order, ["d dropped", "c dropped", "b dropped", "a dropped"]);
    assert_eq!(system.dead_letters().total(), 0);
}

#[tokio::test(start_paused = true)]
async fn shutdown_kills_what_does_not_stop_in_time() {
    let (system, journal) = (System::new(), Journal::default());
    let a = system.spawn(Puppet::new("a", &journal));
    let handle = Supervisor::new("root")
        .child(puppet("b", &journal).grace(Duration::from_secs(3600)))
        .start(&system)
        .await
        .expect("it starts");
    suspend(&a).await;
    suspend(&support::child(&handle, "b")).await;
    let begun = Instant::now();
    let ended = system.shutdown_within(Duration::from_secs(3)).await;
    assert_eq!(begun.elapsed(), Duration::from_secs(3));
    let expected = Shutdown {
        stopped: 0,
        killed: 2,
    };
    assert_eq!(ended, expected);
    assert_eq!(system.actor_count(), 0);
}

#[tokio::test]
async fn nothing_starts_in_a_system_that_was_shut_down() {
    let (system, journal) = (System::new(), Journal::default());
    system.shutdown().await;
    let a = system.spawn(Puppet::new("a", &journal));
    assert!(a.is_terminated() && a.try_tell(Order::Note(1)).is_err());
    a.terminated().await;
    let b = system.build(|| -> Puppet { unreachable!() }).name("b");
    assert_eq!(b.spawn(), Err(SpawnError::ShutDown));
    let tree = Supervisor::new("root").child(puppet("c", &journal));
    assert!(tree.start(&system).await.is_err());
    assert_eq!(system.actor_count(), 0);
    // It was made by the caller, and never started.
    assert_eq!(journal.take(), ["a dropped"]);
}
