//! Asking and answering.

use runtime::{Actor, AskError, Context, Mailbox, Overflow, Reply, System};
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::Notify;

enum Say {
    Echo(u32, Reply<u32>),
    Keep(Reply<u32>),
    Drop(Reply<u32>),
    Wait(std::sync::Arc<Notify>),
    Nothing,
}

#[derive(Default)]
struct Speaker {
    kept: Vec<Reply<u32>>,
}

impl Actor for Speaker {
    type Message = Say;
    type Error = Infallible;

    async fn handle(&mut self, message: Say, _: &mut Context<Self>) -> Result<(), Infallible> {
        match message {
            Say::Echo(number, reply) => {
                reply.send(number);
            }
            Say::Keep(reply) => self.kept.push(reply),
            Say::Drop(reply) => drop(reply),
            Say::Wait(gate) => gate.notified().await,
            Say::Nothing => {}
        }
        Ok(())
    }
}

#[tokio::test]
async fn an_answer_comes_back_to_the_asker() {
    let speaker = System::new().spawn(Speaker::default());
    assert_eq!(speaker.ask(|reply| Say::Echo(7, reply)).await, Ok(7));
}

#[tokio::test]
async fn questions_in_flight_get_their_own_answers() {
    let speaker = System::new().spawn(Speaker::default());
    let (one, two) = tokio::join!(
        speaker.ask(|reply| Say::Echo(1, reply)),
        speaker.ask(|reply| Say::Echo(2, reply)),
    );
    assert_eq!((one, two), (Ok(1), Ok(2)));
}

#[tokio::test]
async fn a_dropped_reply_tells_the_asker() {
    let speaker = System::new().spawn(Speaker::default());
    assert_eq!(speaker.ask(Say::Drop).await, Err(AskError::NoReply));
}

#[tokio::test]
async fn a_reply_that_dies_with_its_actor_tells_the_asker() {
    let speaker = System::new().spawn(Speaker::default());
    let killer = speaker.clone();
    let (answer, ()) = tokio::join!(speaker.ask(Say::Keep), async move {
        killer.tell(Say::Nothing).await.expect("it runs");
        killer.stop();
    });
    assert_eq!(answer, Err(AskError::NoReply));
}

#[tokio::test]
async fn asking_an_actor_that_has_ended_fails_at_once() {
    let speaker = System::new().spawn(Speaker::default());
    speaker.stop();
    speaker.terminated().await;
    assert_eq!(
        speaker.ask(|reply| Say::Echo(1, reply)).await,
        Err(AskError::Closed)
    );
}

#[tokio::test(start_paused = true)]
async fn an_ask_gives_up_after_its_timeout() {
    let speaker = System::new().spawn(Speaker::default());
    let limit = Duration::from_millis(50);
    let begun = tokio::time::Instant::now();
    assert_eq!(
        speaker.ask(Say::Keep).timeout(limit).await,
        Err(AskError::Timeout)
    );
    assert_eq!(begun.elapsed(), limit);
}

#[tokio::test(start_paused = true)]
async fn the_timeout_covers_the_wait_for_room_and_then_nothing_is_sent() {
    let system = System::new();
    let speaker = system
        .build(Speaker::default)
        .mailbox(Mailbox::bounded(1))
        .spawn()
        .expect("no name is asked for");
    let gate = std::sync::Arc::new(Notify::new());
    speaker
        .tell(Say::Wait(gate.clone()))
        .await
        .expect("it runs");
    speaker.tell(Say::Nothing).await.expect("it runs");
    let answer = speaker
        .ask(|reply| Say::Echo(1, reply))
        .timeout(Duration::from_millis(5))
        .await;
    assert_eq!(answer, Err(AskError::Timeout));
    assert_eq!(speaker.depth(), 1);
}

#[tokio::test]
async fn asking_a_full_mailbox_that_rejects_fails_at_once() {
    let system = System::new();
    let speaker = system
        .build(Speaker::default)
        .mailbox(Mailbox::bounded(1).overflow(Overflow::Reject))
        .spawn()
        .expect("no name is asked for");
    speaker.try_tell(Say::Nothing).expect("there is room");
    assert_eq!(
        speaker.ask(|reply| Say::Echo(1, reply)).await,
        Err(AskError::Full)
    );
}
