//! The mailbox against a plain queue, under random operations.

use proptest::prelude::*;
use runtime::{Accepted, Inbox, Mailbox, Overflow, Push, SendError};
use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

#[derive(Debug, Clone)]
enum Step {
    TryPush,
    /// Begin a push, which may have to wait.
    Push,
    /// Poll a push that waits.
    Poll(usize),
    /// Drop a push that waits.
    Drop(usize),
    Pop,
    Seal,
    Unseal,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::TryPush),
        4 => Just(Step::Push),
        4 => (0usize..8).prop_map(Step::Poll),
        2 => (0usize..8).prop_map(Step::Drop),
        6 => Just(Step::Pop),
        1 => Just(Step::Seal),
        1 => Just(Step::Unseal),
    ]
}

fn mailbox() -> impl Strategy<Value = Mailbox> {
    let overflow = prop_oneof![
        3 => Just(Overflow::Wait),
        1 => Just(Overflow::Reject),
        1 => Just(Overflow::DropNewest),
        1 => Just(Overflow::DropOldest),
    ];
    prop_oneof![
        1 => Just(Mailbox::unbounded()),
        9 => (1usize..5, overflow)
            .prop_map(|(capacity, overflow)| Mailbox::bounded(capacity).overflow(overflow)),
    ]
}

/// What the mailbox should do, said in the plainest way.
struct Model {
    mailbox: Mailbox,
    queue: VecDeque<u32>,
    /// Pushes that wait, oldest first: their message, and whether a place is reserved.
    waiting: Vec<(u32, Standing)>,
    sealed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Standing {
    InLine,
    Reserved,
    /// The mailbox was sealed since.
    Refused,
}

impl Model {
    fn count(&self, standing: Standing) -> usize {
        self.waiting.iter().filter(|(_, s)| *s == standing).count()
    }

    fn is_full(&self) -> bool {
        let taken = self.queue.len() + self.count(Standing::Reserved);
        self.mailbox
            .capacity()
            .is_some_and(|capacity| taken >= capacity)
    }

    fn try_push(&mut self, message: u32) -> Result<Accepted<u32>, SendError<u32>> {
        if self.sealed {
            return Err(SendError::Closed(message));
        }
        let mut accepted = Accepted::Queued;
        if self.is_full() {
            match self.mailbox.overflow_policy() {
                Overflow::Wait | Overflow::Reject => return Err(SendError::Full(message)),
                Overflow::DropNewest => return Ok(Accepted::Shed(message)),
                Overflow::DropOldest => {
                    accepted = Accepted::Shed(self.queue.pop_front().expect("it is full"));
                }
            }
        }
        self.queue.push_back(message);
        Ok(accepted)
    }

    /// A place has become free.
    fn grant(&mut self) {
        let first = self
            .waiting
            .iter_mut()
            .find(|(_, s)| *s == Standing::InLine);
        if let Some((_, standing)) = first {
            *standing = Standing::Reserved;
        }
    }

    fn pop(&mut self) -> Poll<Option<u32>> {
        match self.queue.pop_front() {
            Some(message) => {
                self.grant();
                Poll::Ready(Some(message))
            }
            None if self.sealed => Poll::Ready(None),
            None => Poll::Pending,
        }
    }
}

fn poll(push: &mut Push<'_, u32>) -> Poll<Result<Accepted<u32>, SendError<u32>>> {
    Pin::new(push).poll(&mut Context::from_waker(Waker::noop()))
}

fn check(mailbox: Mailbox, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let inbox = Inbox::new(mailbox);
    let mut model = Model {
        mailbox,
        queue: VecDeque::new(),
        waiting: Vec::new(),
        sealed: false,
    };
    let mut pushes: Vec<Push<'_, u32>> = Vec::new();
    for (message, step) in (0..).zip(steps) {
        match step {
            Step::TryPush => {
                prop_assert_eq!(inbox.try_push(message), model.try_push(message));
            }
            Step::Push => {
                let mut push = inbox.push(message);
                let must_wait =
                    !model.sealed && model.is_full() && mailbox.overflow_policy() == Overflow::Wait;
                match poll(&mut push) {
                    Poll::Ready(result) => prop_assert_eq!(result, model.try_push(message)),
                    Poll::Pending => {
                        prop_assert!(must_wait);
                        pushes.push(push);
                        model.waiting.push((message, Standing::InLine));
                    }
                }
            }
            Step::Poll(index) if index < pushes.len() => {
                let (message, standing) = model.waiting[index];
                let expected = match standing {
                    Standing::InLine => Poll::Pending,
                    Standing::Reserved => Poll::Ready(Ok(Accepted::Queued)),
                    Standing::Refused => Poll::Ready(Err(SendError::Closed(message))),
                };
                prop_assert_eq!(poll(&mut pushes[index]), expected);
                if standing != Standing::InLine {
                    drop(pushes.remove(index));
                    model.waiting.remove(index);
                }
                if standing == Standing::Reserved {
                    model.queue.push_back(message);
                }
            }
            Step::Drop(index) if index < pushes.len() => {
                drop(pushes.remove(index));
                let (_, standing) = model.waiting.remove(index);
                if standing == Standing::Reserved {
                    model.grant();
                }
            }
            Step::Poll(_) | Step::Drop(_) => {}
            Step::Pop => {
                let mut context = Context::from_waker(Waker::noop());
                prop_assert_eq!(inbox.poll_pop(&mut context), model.pop());
            }
            Step::Seal => {
                inbox.seal();
                model.sealed = true;
                for (_, standing) in &mut model.waiting {
                    *standing = Standing::Refused;
                }
            }
            Step::Unseal => {
                inbox.unseal();
                model.sealed = false;
            }
        }
        prop_assert_eq!(inbox.depth(), model.queue.len());
        prop_assert_eq!(inbox.is_sealed(), model.sealed);
        if let Some(capacity) = inbox.capacity() {
            prop_assert!(inbox.depth() + model.count(Standing::Reserved) <= capacity);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_mailbox_does_what_a_plain_queue_would(
        mailbox in mailbox(),
        steps in prop::collection::vec(step(), 0..80),
    ) {
        check(mailbox, steps)?;
    }
}
