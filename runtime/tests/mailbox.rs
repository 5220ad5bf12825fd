//! Capacity and overflow, as senders see them.

mod support;

use runtime::{Address, Mailbox, Overflow, Reason, SendError, System};
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use support::{Journal, Order, Puppet, report, suspend, tell};

/// A puppet with this mailbox, suspended in a handler.
async fn suspended(
    system: &System,
    journal: &Journal,
    mailbox: Mailbox,
) -> (Address<Order>, std::sync::Arc<tokio::sync::Notify>) {
    let journal = journal.clone();
    let puppet = system
        .build(move || Puppet::new("a", &journal))
        .mailbox(mailbox)
        .spawn()
        .expect("no name is asked for");
    let go_on = suspend(&puppet).await;
    (puppet, go_on)
}

fn noted(journal: &Journal) -> Vec<u32> {
    let number = |line: String| line.strip_prefix("a noted ").map(|n| n.parse());
    let numbers = journal.take().into_iter().filter_map(number);
    numbers.map(|n| n.expect("a number")).collect()
}

/// Polls a future once; true when it has to wait.
async fn waits<F: Future + Unpin>(future: &mut F) -> bool {
    poll_fn(|context| Poll::Ready(pin!(&mut *future).poll(context).is_pending())).await
}

#[tokio::test]
async fn the_message_that_is_handled_does_not_count_and_those_that_wait_do() {
    let (system, journal) = (System::new(), Journal::default());
    let (puppet, _go_on) = suspended(&system, &journal, Mailbox::bounded(2)).await;
    assert_eq!((puppet.depth(), puppet.capacity()), (0, Some(2)));
    for number in 0..2 {
        puppet.try_tell(Order::Note(number)).expect("there is room");
    }
    let refused = puppet.try_tell(Order::Note(2));
    assert!(matches!(refused, Err(SendError::Full(Order::Note(2)))));
    assert_eq!(puppet.depth(), 2);
}

#[tokio::test]
async fn a_sender_waits_for_room_and_the_first_to_come_is_served_first() {
    let (system, journal) = (System::new(), Journal::default());
    let (puppet, go_on) = suspended(&system, &journal, Mailbox::bounded(1)).await;
    tell(&puppet, Order::Note(0)).await;
    let mut first = puppet.tell(Order::Note(1));
    let mut second = puppet.tell(Order::Note(2));
    assert!(waits(&mut first).await && waits(&mut second).await);
    assert_eq!(puppet.depth(), 1);
    go_on.notify_one();
    let (second, first) = tokio::join!(second, first);
    assert!(first.is_ok() && second.is_ok());
    report(&puppet).await;
    assert_eq!(noted(&journal), [0, 1, 2]);
}

#[tokio::test]
async fn nobody_overtakes_a_sender_that_waits() {
    let (system, journal) = (System::new(), Journal::default());
    let (puppet, go_on) = suspended(&system, &journal, Mailbox::bounded(1)).await;
    tell(&puppet, Order::Note(0)).await;
    let mut waiting = puppet.tell(Order::Note(1));
    assert!(waits(&mut waiting).await);
    go_on.notify_one();
    // The puppet takes everything that waits and gives the place away.
    tokio::task::yield_now().await;
    assert_eq!(puppet.depth(), 0);
    assert!(puppet.try_tell(Order::Note(2)).is_err());
    waiting.await.expect("its place is reserved");
    report(&puppet).await;
    assert_eq!(noted(&journal), [0, 1]);
}

#[tokio::test]
async fn a_tell_that_is_dropped_while_it_waits_sends_nothing_and_lets_the_next_one_in() {
    let (system, journal) = (System::new(), Journal::default());
    let (puppet, go_on) = suspended(&system, &journal, Mailbox::bounded(1)).await;
    tell(&puppet, Order::Note(0)).await;
    let (mut first, mut second) = (puppet.tell(Order::Note(1)), puppet.tell(Order::Note(2)));
    assert!(waits(&mut first).await && waits(&mut second).await);
    go_on.notify_one();
    tokio::task::yield_now().await;
    // By now the place is reserved for the first.
    drop(first);
    second.await.expect("there is room");
    report(&puppet).await;
    assert_eq!(noted(&journal), [0, 2]);
    assert_eq!(system.dead_letters().total(), 0);
}

#[tokio::test]
async fn a_sender_that_waits_gets_its_message_back_when_the_actor_stops() {
    let (system, journal) = (System::new(), Journal::default());
    let (puppet, _go_on) = suspended(&system, &journal, Mailbox::bounded(1)).await;
    tell(&puppet, Order::Note(0)).await;
    let mut waiting = puppet.tell(Order::Note(1));
    assert!(waits(&mut waiting).await);
    puppet.stop();
    assert!(matches!(
        waiting.await,
        Err(SendError::Closed(Order::Note(1)))
    ));
}

#[tokio::test]
async fn reject_gives_the_message_back_at_once() {
    let (system, journal) = (System::new(), Journal::default());
    let mailbox = Mailbox::bounded(1).overflow(Overflow::Reject);
    let (puppet, go_on) = suspended(&system, &journal, mailbox).await;
    tell(&puppet, Order::Note(0)).await;
    let refused = puppet.tell(Order::Note(1)).await;
    assert!(matches!(refused, Err(SendError::Full(Order::Note(1)))));
    go_on.notify_one();
    puppet.stop();
    puppet.terminated().await;
    assert_eq!(noted(&journal), [0]);
    assert_eq!(system.dead_letters().total(), 0);
}

#[tokio::test]
async fn drop_newest_sheds_what_comes_and_drop_oldest_what_has_waited_longest() {
    for (overflow, kept) in [
        (Overflow::DropNewest, [0, 1]),
        (Overflow::DropOldest, [2, 3]),
    ] {
        let (system, journal) = (System::new(), Journal::default());
        let mailbox = Mailbox::bounded(2).overflow(overflow);
        let (puppet, go_on) = suspended(&system, &journal, mailbox).await;
        for number in 0..4 {
            tell(&puppet, Order::Note(number)).await;
            assert!(puppet.depth() <= 2);
        }
        assert_eq!(system.dead_letters().count(Reason::Overflow), 2);
        go_on.notify_one();
        puppet.stop();
        puppet.terminated().await;
        assert_eq!(noted(&journal), kept, "{overflow:?}");
    }
}

#[test]
#[should_panic(expected = "must be at least 1")]
fn a_mailbox_without_room_is_refused() {
    let _ = Mailbox::bounded(0);
}
