//! Models of the mailbox: loom runs them under every interleaving of the threads.
//!
//! `RUSTFLAGS="--cfg loom" cargo test -p runtime --release --test loom`
#![cfg(loom)]

use loom::future::block_on;
use loom::thread;
use runtime::{Accepted, Inbox, Mailbox, Overflow, Push};
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

fn model(test: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(test);
}

#[test]
fn no_message_and_no_wake_up_is_lost() {
    model(|| {
        let inbox = Arc::new(Inbox::new(Mailbox::unbounded()));
        let senders: Vec<_> = (0..2)
            .map(|number| {
                let inbox = Arc::clone(&inbox);
                thread::spawn(move || inbox.try_push(number))
            })
            .collect();
        let sum = block_on(async { inbox.pop().await.map(|n| n + 10) });
        let rest = block_on(inbox.pop());
        assert_eq!(sum.zip(rest).map(|(a, b)| a + b), Some(11));
        for sender in senders {
            assert_eq!(sender.join().expect("no panic"), Ok(Accepted::Queued));
        }
    });
}

#[test]
fn senders_that_wait_are_all_served_and_the_capacity_holds() {
    model(|| {
        let inbox = Arc::new(Inbox::new(Mailbox::bounded(1)));
        let senders: Vec<_> = (0..2)
            .map(|number| {
                let inbox = Arc::clone(&inbox);
                thread::spawn(move || block_on(inbox.push(number)))
            })
            .collect();
        let mut sum = 0;
        for _ in 0..2 {
            assert!(inbox.depth() <= 1);
            sum += block_on(inbox.pop()).expect("nobody seals it");
        }
        assert_eq!(sum, 1);
        for sender in senders {
            assert_eq!(sender.join().expect("no panic"), Ok(Accepted::Queued));
        }
    });
}

#[test]
fn a_seal_wakes_everybody_and_every_message_ends_somewhere() {
    model(|| {
        let inbox = Arc::new(Inbox::new(Mailbox::bounded(1)));
        assert_eq!(inbox.try_push(0), Ok(Accepted::Queued));
        let sender = {
            let inbox = Arc::clone(&inbox);
            thread::spawn(move || block_on(inbox.push(1)).is_ok())
        };
        let sealer = {
            let inbox = Arc::clone(&inbox);
            thread::spawn(move || inbox.seal())
        };
        let mut received = 0;
        while block_on(inbox.pop()).is_some() {
            received += 1;
        }
        sealer.join().expect("no panic");
        let sent = sender.join().expect("no panic");
        // What was accepted was received: the receiver ends only after the seal.
        assert_eq!(received, 1 + usize::from(sent));
        assert_eq!(inbox.depth(), 0);
    });
}

/// Polls a push once.
async fn begin(push: &mut Push<'_, u32>) -> bool {
    poll_fn(|context| Poll::Ready(Pin::new(&mut *push).poll(context).is_ready())).await
}

#[test]
fn a_place_that_was_reserved_for_a_sender_that_gave_up_goes_to_the_next() {
    model(|| {
        let inbox = Arc::new(Inbox::new(Mailbox::bounded(1)));
        assert_eq!(inbox.try_push(0), Ok(Accepted::Queued));
        let gives_up = {
            let inbox = Arc::clone(&inbox);
            thread::spawn(move || {
                let mut push = inbox.push(1);
                block_on(begin(&mut push))
            })
        };
        let receiver = {
            let inbox = Arc::clone(&inbox);
            thread::spawn(move || {
                let mut received = 1;
                while block_on(inbox.pop()) != Some(2) {
                    received += 1;
                }
                received
            })
        };
        // Would wait for ever if the place were lost.
        assert_eq!(block_on(inbox.push(2)), Ok(Accepted::Queued));
        let sent = gives_up.join().expect("no panic");
        let received = receiver.join().expect("no panic");
        assert_eq!(received + inbox.depth(), 2 + usize::from(sent));
    });
}

#[test]
fn drop_oldest_keeps_the_capacity_against_a_receiver() {
    model(|| {
        let mailbox = Mailbox::bounded(1).overflow(Overflow::DropOldest);
        let inbox = Arc::new(Inbox::new(mailbox));
        assert_eq!(inbox.try_push(0), Ok(Accepted::Queued));
        let sender = {
            let inbox = Arc::clone(&inbox);
            thread::spawn(move || inbox.try_push(1))
        };
        let received = inbox.try_pop();
        let accepted = sender.join().expect("no panic");
        match accepted {
            Ok(Accepted::Shed(shed)) => assert_eq!((shed, received), (0, Some(1))),
            other => assert_eq!((other, received), (Ok(Accepted::Queued), Some(0))),
        }
        assert!(inbox.depth() <= 1);
    });
}
