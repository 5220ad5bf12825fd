//! What becomes a dead letter, and what does not.

mod support;

use runtime::{Actor, Context, Mailbox, Overflow, Reason, System};
use std::convert::Infallible;
use support::{Journal, Order, Puppet, suspend, tell};

fn counts(system: &System) -> Vec<(Reason, u64)> {
    let letters = system.dead_letters();
    let counted = Reason::ALL.map(|reason| (reason, letters.count(reason)));
    counted
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .collect()
}

#[tokio::test]
async fn a_kill_buries_the_message_in_hand_and_those_that_wait() {
    let (system, journal) = (System::new(), Journal::default());
    let puppet = system.spawn(Puppet::new("a", &journal));
    suspend(&puppet).await;
    tell(&puppet, Order::Note(1)).await;
    tell(&puppet, Order::Note(2)).await;
    puppet.kill();
    puppet.terminated().await;
    assert_eq!(counts(&system), [(Reason::Killed, 3)]);
}

#[tokio::test]
async fn an_actor_that_fails_for_good_leaves_what_waits_as_dead_letters() {
    let (system, journal) = (System::new(), Journal::default());
    let puppet = system.spawn(Puppet::new("a", &journal));
    let go_on = suspend(&puppet).await;
    tell(&puppet, Order::Fail).await;
    tell(&puppet, Order::Note(1)).await;
    go_on.notify_one();
    puppet.terminated().await;
    assert_eq!(counts(&system), [(Reason::Failed, 1), (Reason::Ended, 1)]);
}

#[tokio::test]
async fn a_message_that_its_sender_gets_back_is_not_a_dead_letter() {
    let (system, journal) = (System::new(), Journal::default());
    let puppet = system.spawn(Puppet::new("a", &journal));
    puppet.stop();
    assert!(puppet.tell(Order::Note(1)).await.is_err());
    assert!(puppet.ask(Order::Report).await.is_err());
    puppet.terminated().await;
    assert_eq!(counts(&system), []);
}

#[tokio::test]
async fn a_dead_letter_says_whose_it_was_and_why() {
    let (system, journal) = (System::new(), Journal::default());
    let mut letters = system.dead_letters().subscribe();
    let puppet = system
        .build(move || Puppet::new("a", &journal))
        .name("slow")
        .mailbox(Mailbox::bounded(1).overflow(Overflow::DropNewest))
        .spawn()
        .expect("the name is free");
    puppet.try_tell(Order::Note(1)).expect("there is room");
    puppet
        .try_tell(Order::Note(2))
        .expect("it is shed silently");
    let letter = letters.next().await.expect("the system lives");
    assert_eq!(letter.actor, puppet.id());
    assert_eq!(letter.name.as_deref(), Some("slow"));
    assert_eq!(letter.reason, Reason::Overflow);
    assert!(letter.message_type.ends_with("support::Order"));
    assert_eq!(letters.try_next(), None);
}

struct Idle;

/// A message whose `Drop` panics.
struct Spiteful;

impl Drop for Spiteful {
    fn drop(&mut self) {
        panic!("spite");
    }
}

impl Actor for Idle {
    type Message = Spiteful;
    type Error = Infallible;

    async fn handle(&mut self, _: Spiteful, _: &mut Context<Self>) -> Result<(), Infallible> {
        std::future::pending().await
    }
}

#[tokio::test]
async fn a_dead_letter_that_panics_when_it_is_dropped_does_no_harm() {
    let system = System::new();
    let idle = system
        .build(|| Idle)
        .mailbox(Mailbox::bounded(1).overflow(Overflow::DropOldest))
        .spawn()
        .expect("no name is asked for");
    for _ in 0..3 {
        idle.try_tell(Spiteful).expect("there is always room");
    }
    idle.kill();
    idle.terminated().await;
    assert_eq!(
        counts(&system),
        [(Reason::Overflow, 2), (Reason::Killed, 1)]
    );
}

#[tokio::test]
async fn a_listener_that_lags_loses_the_oldest_and_is_told_how_many() {
    let (system, journal) = (System::new(), Journal::default());
    let mut letters = system.dead_letters().subscribe();
    let puppet = system.spawn(Puppet::new("a", &journal));
    for number in 0..1030 {
        tell(&puppet, Order::Note(number)).await;
    }
    puppet.kill();
    puppet.terminated().await;
    let lost = letters.missed();
    let mut received = 0;
    while letters.try_next().is_some() {
        received += 1;
    }
    let all = system.dead_letters().total();
    assert!(lost > 0 && received == 1024 && received + lost == all);
}
