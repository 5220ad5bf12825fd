//! Starting children, adding them and letting go of them.

mod support;

use runtime::{Child, Exit, Mailbox, StartError, Strategy, Supervisor, System};
use support::{Journal, Order, Puppet, child, incarnations, puppet, tell, three};

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

#[tokio::test]
async fn a_start_that_nobody_waits_for_any_more_is_undone() {
    let journal = Journal::default();
    let system = System::new();
    let mut start = Box::pin(
        Supervisor::new("root")
            .child(puppet("a", &journal))
            .start(&system),
    );
    let begun = std::future::poll_fn(|context| {
        std::task::Poll::Ready(start.as_mut().poll(context).is_pending())
    });
    assert!(begun.await);
    drop(start);
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    assert_eq!(system.actor_count(), 0);
    let lines = journal.take();
    assert_eq!(lines.last().map(String::as_str), Some("a dropped"));
}

#[tokio::test]
async fn a_supervisor_works_on_without_its_handle() {
    let journal = Journal::default();
    let handle = three(Strategy::OneForOne, &journal).await;
    let a = child(&handle, "a");
    drop(handle);
    tell(&a, Order::Panic).await;
    assert_eq!(a.incarnation_changed(1).await, Some(2));
}
