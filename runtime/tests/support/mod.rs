//! An actor that does as it is told, for all tests of behaviour.
#![allow(dead_code)] // Each test file uses its part.

use runtime::{
    Actor, Address, Child, Context, Health, Reply, StopReason, Strategy, Supervisor,
    SupervisorHandle, System,
};
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// What the puppet is told.
pub enum Order {
    /// Write this into the journal.
    Note(u32),
    /// Say which incarnation it is and how many notes this one has taken.
    Report(Reply<(u64, u32)>),
    Panic,
    Fail,
    /// Tell the first that it is here, and wait for the second.
    Wait(Arc<Notify>, Arc<Notify>),
    Stop,
    /// From now on be unhealthy.
    Sicken,
}

/// What all puppets of a test did, in order.
#[derive(Clone, Default)]
pub struct Journal(Arc<Mutex<Vec<String>>>);

impl Journal {
    pub fn write(&self, line: String) {
        self.0.lock().expect("no panic while it is held").push(line);
    }

    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().expect("no panic while it is held"))
    }
}

pub struct Puppet {
    name: &'static str,
    journal: Journal,
    notes: u32,
    sick: bool,
}

impl Puppet {
    pub fn new(name: &'static str, journal: &Journal) -> Self {
        Self {
            name,
            journal: journal.clone(),
            notes: 0,
            sick: false,
        }
    }

    fn write(&self, what: &str) {
        self.journal.write(format!("{} {what}", self.name));
    }
}

impl Actor for Puppet {
    type Message = Order;
    type Error = String;

    async fn started(&mut self, context: &mut Context<Self>) -> Result<(), String> {
        self.write(&format!("started {}", context.incarnation()));
        Ok(())
    }

    async fn handle(&mut self, order: Order, context: &mut Context<Self>) -> Result<(), String> {
        match order {
            Order::Note(number) => {
                self.notes += 1;
                self.write(&format!("noted {number}"));
            }
            Order::Report(reply) => {
                reply.send((context.incarnation(), self.notes));
            }
            Order::Panic => panic!("as told"),
            Order::Fail => return Err("as told".to_owned()),
            Order::Wait(here, go_on) => {
                here.notify_one();
                go_on.notified().await;
                self.write("waited");
            }
            Order::Stop => context.stop(),
            Order::Sicken => self.sick = true,
        }
        Ok(())
    }

    async fn stopping(&mut self, reason: StopReason, _: &mut Context<Self>) -> Result<(), String> {
        self.write(&format!("stopping {reason:?}"));
        Ok(())
    }

    async fn health(&mut self) -> Health {
        match self.sick {
            true => Health::Unhealthy("sick".to_owned()),
            false => Health::Healthy,
        }
    }
}

impl Drop for Puppet {
    fn drop(&mut self) {
        self.write("dropped");
    }
}

/// Lets the puppet begin to wait, and returns what lets it go on.
pub async fn suspend(puppet: &Address<Order>) -> Arc<Notify> {
    let (here, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    puppet
        .tell(Order::Wait(Arc::clone(&here), Arc::clone(&go_on)))
        .await
        .expect("the puppet takes messages");
    here.notified().await;
    go_on
}

pub async fn tell(puppet: &Address<Order>, order: Order) {
    puppet.tell(order).await.expect("the puppet takes messages");
}

/// The incarnation that answers, and how many notes it has taken.
pub async fn report(puppet: &Address<Order>) -> (u64, u32) {
    puppet.ask(Order::Report).await.expect("the puppet answers")
}

pub fn puppet(name: &'static str, journal: &Journal) -> Child<Order> {
    let journal = journal.clone();
    Child::new(name, move || Puppet::new(name, &journal))
}

/// A supervisor of the children a, b and c.
pub async fn three(strategy: Strategy, journal: &Journal) -> SupervisorHandle {
    Supervisor::new("root")
        .strategy(strategy)
        .child(puppet("a", journal))
        .child(puppet("b", journal))
        .child(puppet("c", journal))
        .start(&System::new())
        .await
        .expect("the children start")
}

pub fn child(handle: &SupervisorHandle, name: &str) -> Address<Order> {
    handle.address(name).expect("the child exists")
}

/// The incarnations of a, b and c.
pub async fn incarnations(handle: &SupervisorHandle) -> Vec<u64> {
    let mut numbers = Vec::new();
    for name in ["a", "b", "c"] {
        numbers.push(report(&child(handle, name)).await.0);
    }
    numbers
}
