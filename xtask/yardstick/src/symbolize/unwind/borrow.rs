//! Stacks whose end was neither copied nor reachable by frame pointers.
//!
//! A frame that is at the same place of the same thread's stack and returns to the same address is
//! the same call, or one from the same place in the same caller. Another sample that unwound it therefore
//! knows the callers that this one lacks.

use std::collections::{HashMap, HashSet};

use super::{End, Unwound};
use crate::model::recording::StackSample;

/// A frame in a thread: process, thread, stack pointer, return address.
type Frame = (u32, u32, u64, u64);

/// Completes the stacks that end openly from others that do not.
pub(super) fn complete(samples: &[&StackSample], stacks: &mut [Unwound]) {
    let wanted: HashSet<Frame> = samples
        .iter()
        .zip(&*stacks)
        .filter(|(_, stack)| stack.end == End::Open)
        .flat_map(|(sample, stack)| frames(sample, stack))
        .collect();
    if wanted.is_empty() {
        return;
    }
    let mut callers: HashMap<Frame, (End, Vec<u64>)> = HashMap::new();
    for (sample, stack) in samples.iter().zip(&*stacks) {
        if stack.end == End::Open {
            continue;
        }
        for (position, frame) in frames(sample, stack).enumerate() {
            if wanted.contains(&frame) {
                callers
                    .entry(frame)
                    .or_insert_with(|| (stack.end, stack.addresses[position + 2..].to_vec()));
            }
        }
    }
    for (sample, stack) in samples.iter().zip(stacks) {
        if stack.end != End::Open {
            continue;
        }
        let known: Vec<Frame> = frames(sample, stack).collect();
        let last = known.iter().rposition(|frame| callers.contains_key(frame));
        if let Some((last, (end, rest))) = last.map(|last| (last, &callers[&known[last]])) {
            stack.addresses.truncate(last + 2);
            stack.addresses.extend_from_slice(rest);
            stack.end = *end;
        }
    }
}

/// The callers' frames that unwind tables found: the first belongs to `addresses[1]`.
fn frames<'a>(sample: &'a StackSample, stack: &'a Unwound) -> impl Iterator<Item = Frame> + 'a {
    let returns = stack.addresses.iter().skip(1);
    returns
        .zip(&stack.stack_pointers)
        .map(|(&address, &stack_pointer)| (sample.pid, sample.tid, stack_pointer, address))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::recording::Chain;

    fn sample(tid: u32) -> StackSample {
        StackSample {
            pid: 1,
            tid,
            time_ns: 0,
            weight: 1,
            chain: Chain::Addresses(Vec::new()),
        }
    }

    fn stack(addresses: &[u64], stack_pointers: &[u64], end: End) -> Unwound {
        Unwound {
            addresses: addresses.to_vec(),
            stack_pointers: stack_pointers.to_vec(),
            end,
        }
    }

    fn completed(open: Unwound, tid: u32) -> Vec<u64> {
        let whole = stack(&[1, 20, 30, 40, 50], &[200, 300], End::Chain);
        let samples = [sample(1), sample(tid)];
        let mut stacks = [whole, open];
        complete(&samples.iter().collect::<Vec<_>>(), &mut stacks);
        stacks[1].addresses.clone()
    }

    #[test]
    fn a_stack_that_ends_openly_goes_on_like_another_of_the_same_call() {
        let open = stack(&[9, 8, 20, 30], &[150, 200, 300], End::Open);
        assert_eq!(completed(open, 1), [9, 8, 20, 30, 40, 50]);
        let misread_at_its_end = stack(&[9, 20, 77], &[200, 310], End::Open);
        assert_eq!(completed(misread_at_its_end, 1), [9, 20, 30, 40, 50]);
    }

    #[test]
    fn a_frame_elsewhere_is_another_call() {
        let elsewhere_on_the_stack = stack(&[9, 30], &[301], End::Open);
        assert_eq!(completed(elsewhere_on_the_stack, 1), [9, 30]);
        let on_another_thread = stack(&[9, 30], &[300], End::Open);
        assert_eq!(completed(on_another_thread, 2), [9, 30]);
    }

    #[test]
    fn a_stack_that_has_its_root_is_left_alone() {
        let rooted = stack(&[9, 30, 99], &[300, 400], End::Root);
        assert_eq!(completed(rooted, 1), [9, 30, 99]);
    }
}
