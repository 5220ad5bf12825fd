//! Many senders at once on several threads: nothing is lost, nothing overtakes.

use runtime::{
    Actor, Address, Child, Context, Exit, Mailbox, Overflow, Reason, Reply, RestartIntensity,
    Supervisor, System,
};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const SENDERS: u32 = 8;
const MESSAGES: u32 = 5_000;

enum Record {
    Entry { sender: u32, number: u32 },
    Fault,
    Summary(Reply<Summary>),
}

#[derive(Default, Clone)]
struct Summary {
    entries: u64,
    /// The last number of each sender.
    last: BTreeMap<u32, u32>,
    out_of_order: u64,
}

#[derive(Default)]
struct Recorder(Summary);

impl Actor for Recorder {
    type Message = Record;
    type Error = Infallible;

    async fn handle(&mut self, message: Record, _: &mut Context<Self>) -> Result<(), Infallible> {
        match message {
            Record::Entry { sender, number } => {
                self.0.entries += 1;
                if let Some(before) = self.0.last.insert(sender, number)
                    && before >= number
                {
                    self.0.out_of_order += 1;
                }
            }
            Record::Fault => {
                std::panic::resume_unwind(Box::new("a fault without the hook's noise"))
            }
            Record::Summary(reply) => {
                reply.send(self.0.clone());
            }
        }
        Ok(())
    }
}

fn recorder(system: &System, mailbox: Mailbox) -> Address<Record> {
    let built = system.build(Recorder::default).mailbox(mailbox);
    built.spawn().expect("no name is asked for")
}

/// All senders at once; each message is sent only after the one before was accepted.
async fn flood(address: &Address<Record>) {
    let senders: Vec<_> = (0..SENDERS)
        .map(|sender| {
            let address = address.clone();
            tokio::spawn(async move {
                for number in 0..MESSAGES {
                    let entry = Record::Entry { sender, number };
                    address.tell(entry).await.expect("it runs");
                }
            })
        })
        .collect();
    for sender in senders {
        sender.await.expect("no panic");
    }
}

async fn summary(address: &Address<Record>) -> Summary {
    address.ask(Record::Summary).await.expect("it answers")
}

fn all() -> u64 {
    u64::from(SENDERS) * u64::from(MESSAGES)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_unbounded_mailbox_takes_everything_in_order() {
    let recorder = recorder(&System::new(), Mailbox::unbounded());
    flood(&recorder).await;
    let summary = summary(&recorder).await;
    assert_eq!((summary.entries, summary.out_of_order), (all(), 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_small_mailbox_makes_all_senders_wait_their_turn_and_loses_nothing() {
    let recorder = recorder(&System::new(), Mailbox::bounded(3));
    let watched = recorder.clone();
    let watch = tokio::spawn(async move {
        let mut deepest = 0;
        for _ in 0..2_000 {
            deepest = deepest.max(watched.depth());
            tokio::task::yield_now().await;
        }
        deepest
    });
    flood(&recorder).await;
    let summary = summary(&recorder).await;
    assert_eq!((summary.entries, summary.out_of_order), (all(), 0));
    assert!(watch.await.expect("no panic") <= 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_a_small_mailbox_sheds_and_what_is_handled_add_up() {
    let system = System::new();
    for overflow in [Overflow::DropNewest, Overflow::DropOldest] {
        let before = system.dead_letters().count(Reason::Overflow);
        // The summary must not be shed: it is asked for when the mailbox is empty.
        let recorder = recorder(&system, Mailbox::bounded(3).overflow(overflow));
        flood(&recorder).await;
        while recorder.depth() > 0 {
            tokio::task::yield_now().await;
        }
        let summary = summary(&recorder).await;
        let shed = system.dead_letters().count(Reason::Overflow) - before;
        assert_eq!(summary.entries + shed, all());
        assert_eq!(summary.out_of_order, 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn restarts_under_load_lose_only_the_messages_that_panicked() {
    const FAULTS: u64 = 200;
    let system = System::new();
    let handle = Supervisor::new("root")
        .intensity(RestartIntensity::new(u32::MAX, Duration::from_secs(3600)))
        .child(Child::new("recorder", Recorder::default).mailbox(Mailbox::bounded(64)))
        .start(&system)
        .await
        .expect("it starts");
    let recorder = handle.address::<Record>("recorder").expect("it exists");
    let faulty = recorder.clone();
    let faults = tokio::spawn(async move {
        for _ in 0..FAULTS {
            faulty.tell(Record::Fault).await.expect("it is restarted");
        }
    });
    flood(&recorder).await;
    faults.await.expect("no panic");
    let summary = summary(&recorder).await;
    assert_eq!(summary.out_of_order, 0);
    assert_eq!(recorder.incarnation(), 1 + FAULTS);
    assert_eq!(system.dead_letters().count(Reason::Panicked), FAULTS);
    assert_eq!(system.dead_letters().total(), FAULTS);
}

/// Counts what it handles where a kill cannot take it along.
struct Tally(Arc<AtomicU64>);

impl Actor for Tally {
    type Message = ();
    type Error = Infallible;

    async fn handle(&mut self, (): (), _: &mut Context<Self>) -> Result<(), Infallible> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn under_a_kill_every_accepted_message_is_handled_or_a_dead_letter() {
    let system = System::new();
    let handled = Arc::new(AtomicU64::new(0));
    let mut accepted = 0;
    for round in 0..200 {
        let tally = system.spawn(Tally(Arc::clone(&handled)));
        let sender = {
            let tally = tally.clone();
            tokio::spawn(async move {
                let told = (0..MESSAGES).map_while(|_| tally.try_tell(()).ok());
                told.count() as u64
            })
        };
        for _ in 0..round % 10 {
            tokio::task::yield_now().await;
        }
        tally.kill();
        assert_eq!(tally.terminated().await, Exit::Killed);
        accepted += sender.await.expect("no panic");
    }
    let dead = system.dead_letters().count(Reason::Killed);
    assert_eq!(handled.load(Ordering::Relaxed) + dead, accepted);
    assert_eq!(system.actor_count(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_name_is_free_as_soon_as_its_actor_has_ended() {
    let system = System::new();
    for _ in 0..5_000 {
        let tally = system.build(|| Tally(Arc::default())).name("tally");
        let tally = tally.spawn().expect("the name is free");
        tally.stop();
        // Looked at without waiting, to come as close to the end as possible.
        while !tally.is_terminated() {
            std::hint::spin_loop();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn under_kills_and_restarts_every_accepted_message_is_handled_or_a_dead_letter() {
    let system = System::new();
    let handled = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&handled);
    let handle = Supervisor::new("root")
        .intensity(RestartIntensity::new(u32::MAX, Duration::from_secs(3600)))
        .child(Child::new("tally", move || Tally(Arc::clone(&count))))
        .start(&system)
        .await
        .expect("it starts");
    let tally = handle.address::<()>("tally").expect("it exists");
    let senders: Vec<_> = (0..SENDERS)
        .map(|_| {
            let tally = tally.clone();
            tokio::spawn(async move {
                let mut accepted = 0;
                for _ in 0..MESSAGES {
                    accepted += u64::from(tally.tell(()).await.is_ok());
                    tokio::task::consume_budget().await;
                }
                accepted
            })
        })
        .collect();
    for _ in 0..100 {
        let before = tally.incarnation();
        tally.kill();
        tally.incarnation_changed(before).await;
    }
    let mut accepted = 0;
    for sender in senders {
        accepted += sender.await.expect("no panic");
    }
    handle.stop().await;
    assert_eq!(
        handled.load(Ordering::Relaxed) + system.dead_letters().total(),
        accepted
    );
}
