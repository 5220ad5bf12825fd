//! From the first message to the last: hooks, stopping, killing, panics in odd places.

mod support;

use runtime::{Actor, Context, Exit, StopReason, System};
use std::sync::Arc;
use support::{Journal, Order, Puppet, report, suspend, tell};
use tokio::sync::Notify;

#[tokio::test]
async fn the_hooks_surround_the_messages() {
    let journal = Journal::default();
    let puppet = System::new().spawn(Puppet::new("a", &journal));
    tell(&puppet, Order::Note(1)).await;
    puppet.stop();
    assert_eq!(puppet.terminated().await, Exit::Stopped);
    assert_eq!(
        journal.take(),
        [
            "a started 1",
            "a noted 1",
            "a stopping Stopped",
            "a dropped"
        ]
    );
}

#[tokio::test]
async fn messages_of_one_sender_are_handled_in_order() {
    let journal = Journal::default();
    let puppet = System::new().spawn(Puppet::new("a", &journal));
    for number in 0..100 {
        tell(&puppet, Order::Note(number)).await;
    }
    assert_eq!(report(&puppet).await, (1, 100));
    let noted: Vec<_> = (0..100).map(|number| format!("a noted {number}")).collect();
    assert_eq!(journal.take()[1..], noted);
}

#[tokio::test]
async fn an_actor_takes_no_message_while_a_handler_is_suspended() {
    let journal = Journal::default();
    let puppet = System::new().spawn(Puppet::new("a", &journal));
    let go_on = suspend(&puppet).await;
    tell(&puppet, Order::Note(1)).await;
    tokio::task::yield_now().await;
    assert_eq!(puppet.depth(), 1);
    go_on.notify_one();
    report(&puppet).await;
    assert_eq!(journal.take(), ["a started 1", "a waited", "a noted 1"]);
}

#[tokio::test]
async fn stop_drains_the_mailbox_and_refuses_what_comes_after() {
    let journal = Journal::default();
    let puppet = System::new().spawn(Puppet::new("a", &journal));
    let go_on = suspend(&puppet).await;
    tell(&puppet, Order::Note(1)).await;
    puppet.stop();
    assert!(puppet.try_tell(Order::Note(2)).is_err());
    assert!(!puppet.is_terminated());
    go_on.notify_one();
    puppet.terminated().await;
    assert_eq!(
        journal.take()[1..],
        ["a waited", "a noted 1", "a stopping Stopped", "a dropped"]
    );
}

#[tokio::test]
async fn kill_interrupts_a_suspended_handler_and_loses_the_mailbox() {
    let journal = Journal::default();
    let puppet = System::new().spawn(Puppet::new("a", &journal));
    suspend(&puppet).await;
    tell(&puppet, Order::Note(1)).await;
    puppet.kill();
    assert!(puppet.try_tell(Order::Note(2)).is_err());
    assert_eq!(puppet.terminated().await, Exit::Killed);
    assert_eq!(journal.take(), ["a started 1", "a dropped"]);
}

#[tokio::test]
async fn an_actor_can_stop_itself() {
    let journal = Journal::default();
    let puppet = System::new().spawn(Puppet::new("a", &journal));
    tell(&puppet, Order::Stop).await;
    assert_eq!(puppet.terminated().await, Exit::Stopped);
}

#[tokio::test]
async fn an_actor_stops_when_its_last_address_is_dropped() {
    let journal = Journal::default();
    let system = System::new();
    let puppet = system.spawn(Puppet::new("a", &journal));
    let weak = puppet.downgrade();
    let second = weak.upgrade().expect("there is an address");
    drop(puppet);
    assert_eq!(report(&second).await, (1, 0));
    tell(&second, Order::Note(1)).await;
    drop(second);
    assert!(weak.upgrade().is_none());
    system.shutdown().await;
    assert_eq!(
        journal.take(),
        [
            "a started 1",
            "a noted 1",
            "a stopping Orphaned",
            "a dropped"
        ]
    );
}

#[tokio::test]
async fn a_panic_of_a_handler_ends_only_its_actor() {
    let journal = Journal::default();
    let system = System::new();
    let (a, b) = (
        system.spawn(Puppet::new("a", &journal)),
        system.spawn(Puppet::new("b", &journal)),
    );
    tell(&a, Order::Panic).await;
    assert_eq!(a.terminated().await, Exit::Panicked("as told".into()));
    assert_eq!(report(&b).await, (1, 0));
    assert_eq!(journal.take(), ["a started 1", "a dropped", "b started 1"]);
}

/// Panics where it is told to.
struct Bomb(Place);

#[derive(PartialEq, Clone, Copy)]
enum Place {
    Started,
    Stopping,
    Drop,
    /// In `Drop` while the panic of the handler is dealt with.
    HandlerAndDrop,
    /// In the `Drop` of what a killed handler holds.
    SuspendedHandler,
    /// In the `Display` of an error.
    Error,
}

struct PanicsOnDrop;

impl Drop for PanicsOnDrop {
    fn drop(&mut self) {
        panic!("held");
    }
}

struct UnspeakableError;

impl std::fmt::Display for UnspeakableError {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        panic!("unspeakable");
    }
}

impl Actor for Bomb {
    type Message = Arc<Notify>;
    type Error = UnspeakableError;

    async fn started(&mut self, _: &mut Context<Self>) -> Result<(), UnspeakableError> {
        assert!(self.0 != Place::Started, "started");
        Ok(())
    }

    async fn handle(
        &mut self,
        here: Arc<Notify>,
        _: &mut Context<Self>,
    ) -> Result<(), UnspeakableError> {
        match self.0 {
            Place::HandlerAndDrop => panic!("handler"),
            Place::Error => return Err(UnspeakableError),
            Place::SuspendedHandler => {
                let _held = PanicsOnDrop;
                here.notify_one();
                std::future::pending::<()>().await;
            }
            _ => {}
        }
        Ok(())
    }

    async fn stopping(
        &mut self,
        _: StopReason,
        _: &mut Context<Self>,
    ) -> Result<(), UnspeakableError> {
        assert!(self.0 != Place::Stopping, "stopping");
        Ok(())
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(
            !matches!(self.0, Place::Drop | Place::HandlerAndDrop),
            "drop"
        );
    }
}

async fn end_of_bomb(place: Place) -> Exit {
    let bomb = System::new().spawn(Bomb(place));
    // One that panics when it starts may be gone already.
    let _ = bomb.try_tell(Arc::default());
    bomb.stop();
    bomb.terminated().await
}

#[tokio::test]
async fn a_panic_in_a_hook_ends_the_actor_like_one_in_a_handler() {
    assert_eq!(
        end_of_bomb(Place::Started).await,
        Exit::Panicked("started".into())
    );
    assert_eq!(
        end_of_bomb(Place::Stopping).await,
        Exit::Panicked("stopping".into())
    );
}

#[tokio::test]
async fn a_panic_in_drop_is_caught_also_after_a_panic_of_the_handler() {
    for place in [Place::Drop, Place::HandlerAndDrop] {
        assert_eq!(end_of_bomb(place).await, Exit::Panicked("drop".into()));
    }
}

#[tokio::test]
async fn a_panic_while_an_error_is_printed_is_caught() {
    assert_eq!(
        end_of_bomb(Place::Error).await,
        Exit::Panicked("unspeakable".into())
    );
}

#[tokio::test]
async fn a_panic_of_what_a_killed_handler_holds_is_caught() {
    let bomb = System::new().spawn(Bomb(Place::SuspendedHandler));
    let here = Arc::new(Notify::new());
    bomb.tell(Arc::clone(&here)).await.expect("it runs");
    here.notified().await;
    bomb.kill();
    assert_eq!(bomb.terminated().await, Exit::Killed);
}

#[tokio::test]
async fn a_panic_of_a_factory_ends_the_actor_and_not_the_caller() {
    let built = System::new()
        .build(|| -> Bomb { panic!("no bomb") })
        .spawn();
    let bomb = built.expect("no name is asked for");
    assert_eq!(bomb.terminated().await, Exit::Panicked("no bomb".into()));
}

#[test]
fn an_actor_that_its_tokio_runtime_abandons_has_ended() {
    let executor = |build: fn(&mut tokio::runtime::Builder) -> &mut tokio::runtime::Builder| {
        build(&mut tokio::runtime::Builder::new_current_thread())
            .build()
            .expect("a runtime")
    };
    let journal = Journal::default();
    let first = executor(|builder| builder.enable_time());
    let puppet = first.block_on(async {
        let puppet = System::new().spawn(Puppet::new("a", &journal));
        suspend(&puppet).await;
        puppet
    });
    drop(first);
    let exit = executor(|builder| builder).block_on(puppet.terminated());
    assert_eq!(exit, Exit::Abandoned);
    assert!(puppet.try_tell(Order::Note(1)).is_err());
    assert_eq!(journal.take(), ["a started 1", "a dropped"]);
}

/// Sends to itself for ever.
struct Perpetual;

impl Actor for Perpetual {
    type Message = ();
    type Error = std::convert::Infallible;

    async fn handle(
        &mut self,
        (): (),
        context: &mut Context<Self>,
    ) -> Result<(), std::convert::Infallible> {
        // It fails only when the actor is killed.
        let _ = context.address().try_tell(());
        Ok(())
    }
}

#[tokio::test]
async fn an_actor_that_is_never_idle_lets_others_run_and_can_be_killed() {
    let system = System::new();
    let perpetual = system.spawn(Perpetual);
    perpetual.tell(()).await.expect("it runs");
    perpetual.tell(()).await.expect("it runs");
    let journal = Journal::default();
    assert_eq!(
        report(&system.spawn(Puppet::new("a", &journal))).await,
        (1, 0)
    );
    perpetual.kill();
    assert_eq!(perpetual.terminated().await, Exit::Killed);
}
