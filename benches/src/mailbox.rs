//! The queue behind an address, by itself: putting in (row 40) and taking out (row 41). Nobody waits on either side.

use std::time::Duration;

use runtime::{Accepted, Inbox, Mailbox};
use tokio::sync::mpsc;
use yardstick_probe::Region;

use crate::chunks::in_chunks;

/// Messages in the queue at most.
const BURST: u64 = 1024;

/// One iteration puts one message in. The queue is emptied outside the timed part; it grows in the first burst
/// of 1,024 and keeps its buffer for the others.
pub async fn enqueue(iterations: u64) -> Duration {
    let inbox = Inbox::new(Mailbox::unbounded());
    in_chunks(iterations, BURST, async |count| {
        let mut queued = 0;
        let region = Region::start(count);
        for number in 0..count {
            queued += u64::from(inbox.try_push(number) == Ok(Accepted::Queued));
        }
        let elapsed = region.finish();
        assert_eq!(queued, count, "every message was queued");
        assert_eq!(inbox.depth() as u64, count);
        assert!(
            (0..count).all(|number| inbox.try_pop() == Some(number)),
            "messages come out in order"
        );
        elapsed
    })
    .await
}

/// One iteration takes one message out. The queue is filled outside the timed part.
pub async fn dequeue(iterations: u64) -> Duration {
    let inbox = Inbox::new(Mailbox::unbounded());
    in_chunks(iterations, BURST, async |count| {
        for number in 0..count {
            inbox
                .try_push(number)
                .expect("the inbox takes every message");
        }
        let mut in_order = 0;
        let region = Region::start(count);
        for number in 0..count {
            in_order += u64::from(inbox.try_pop() == Some(number));
        }
        let elapsed = region.finish();
        assert_eq!(in_order, count, "messages come out in order");
        assert_eq!(inbox.depth(), 0, "the queue was emptied");
        elapsed
    })
    .await
}

/// The control of [`enqueue`]: an unbounded tokio channel.
pub async fn raw_enqueue(iterations: u64) -> Duration {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    in_chunks(iterations, BURST, async |count| {
        let mut queued = 0;
        let region = Region::start(count);
        for number in 0..count {
            queued += u64::from(sender.send(number).is_ok());
        }
        let elapsed = region.finish();
        assert_eq!(queued, count, "every message was queued");
        assert!(
            (0..count).all(|number| receiver.try_recv() == Ok(number)),
            "messages come out in order"
        );
        elapsed
    })
    .await
}

/// The control of [`dequeue`]: an unbounded tokio channel.
pub async fn raw_dequeue(iterations: u64) -> Duration {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    in_chunks(iterations, BURST, async |count| {
        for number in 0..count {
            sender
                .send(number)
                .expect("the channel takes every message");
        }
        let mut in_order = 0;
        let region = Region::start(count);
        for number in 0..count {
            in_order += u64::from(receiver.try_recv() == Ok(number));
        }
        let elapsed = region.finish();
        assert_eq!(in_order, count, "messages come out in order");
        elapsed
    })
    .await
}
