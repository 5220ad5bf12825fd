//! Stacks as addresses: unwound from registers and a copy of the stack, or taken as recorded.
//!
//! Unwind tables are right wherever the copy of the stack reaches; frame pointers reach
//! further but skip callers in code that was built without them (std, libc). So tables go first, and
//! where they end, the frame-pointer chain goes on from the last address both agree on. Where there is none,
//! because the leaf used the frame pointer for something else, another sample of the same call goes on.

mod borrow;
mod search_table;

use std::{num::NonZeroUsize, ops::Range, thread};

use framehop::{
    ExplicitModuleSectionInfo, FrameAddress, Unwinder,
    aarch64::{CacheAarch64, PtrAuthMask, UnwindRegsAarch64, UnwinderAarch64},
    x86_64::{CacheX86_64, UnwindRegsX86_64, UnwinderX86_64},
};
use object::{Architecture, Object};

use super::images::{AddressSpaces, Image, Mapping};
use crate::model::recording::{Chain, Registers, StackSample};

/// A stack deeper than this is cut: it is a misread one or endless recursion.
const MAX_FRAMES: usize = 2_048;

/// Addresses from here up are the kernel's, or marks that perf puts between kernel and user part.
pub(super) const KERNEL_START: u64 = 0xffff_8000_0000_0000;
const MARKS_START: u64 = 0xffff_ffff_ffff_f000;

/// One unwound stack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Unwound {
    /// The instruction pointer, then return addresses, leaf first.
    pub(super) addresses: Vec<u64>,
    /// How the last one was found.
    end: End,
    /// The stack pointer in each caller, after its callee has returned, as far as unwind tables told:
    /// the first belongs to `addresses[1]`.
    stack_pointers: Vec<u64>,
}

/// Where a stack ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum End {
    /// The unwind tables say that the last address has no caller.
    Root,
    /// The frame-pointer chain went on from the copy of the stack.
    Chain,
    /// With the copy of the stack, or as recorded.
    #[default]
    Open,
}

impl Unwound {
    /// Whether the unwind tables say that the last address has no caller.
    pub(super) fn rooted(&self) -> bool {
        self.end == End::Root
    }
}

/// Unwinds every sample, in order.
pub(super) fn unwind_all(
    samples: &[&StackSample],
    spaces: &AddressSpaces,
    images: &[Image<'_>],
    threads: NonZeroUsize,
) -> Vec<Unwound> {
    let share = samples.len().div_ceil(threads.get()).max(1);
    let mut stacks: Vec<Unwound> = thread::scope(|scope| {
        let workers: Vec<_> = samples
            .chunks(share)
            .map(|samples| scope.spawn(|| unwind_share(samples, spaces, images)))
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| match worker.join() {
                Ok(stacks) => stacks,
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect()
    });
    borrow::complete(samples, &mut stacks);
    stacks
}

fn unwind_share(
    samples: &[&StackSample],
    spaces: &AddressSpaces,
    images: &[Image<'_>],
) -> Vec<Unwound> {
    let mut tables: Option<(u32, Tables<'_>)> = None;
    samples
        .iter()
        .map(|sample| match &sample.chain {
            Chain::Addresses(addresses) => Unwound {
                addresses: recorded(addresses).collect(),
                ..Unwound::default()
            },
            Chain::Raw {
                registers,
                stack,
                frame_pointer_chain,
            } => {
                if tables.as_ref().is_none_or(|(pid, _)| *pid != sample.pid) {
                    tables = Some((sample.pid, Tables::new(spaces.of(sample.pid), images)));
                }
                let mut unwound = match &mut tables {
                    Some((_, tables)) => tables.unwind(registers, stack),
                    None => Unwound::default(),
                };
                if !unwound.rooted() {
                    let user_part = |address: &u64| *address < KERNEL_START;
                    let chain: Vec<u64> = recorded(frame_pointer_chain).filter(user_part).collect();
                    graft(&mut unwound, &chain);
                }
                unwound
            }
        })
        .collect()
}

/// A recorded chain without the marks between its parts.
fn recorded(chain: &[u64]) -> impl Iterator<Item = u64> + '_ {
    chain
        .iter()
        .copied()
        .filter(|&address| address != 0 && address < MARKS_START)
        .take(MAX_FRAMES)
}

/// Goes on with the frame-pointer chain behind the last address that is in both.
fn graft(unwound: &mut Unwound, chain: &[u64]) {
    let addresses = &mut unwound.addresses;
    if addresses.len() <= 1 {
        if chain.len() > addresses.len() {
            *addresses = chain.to_vec();
            unwound.end = End::Chain;
        }
        return;
    }
    // The instruction pointer is in both always and says nothing about the callers.
    for last in (1..addresses.len()).rev() {
        if let Some(found) = chain
            .iter()
            .skip(1)
            .position(|address| *address == addresses[last])
        {
            addresses.truncate(last + 1);
            addresses.extend_from_slice(&chain[found + 2..]);
            unwound.stack_pointers.truncate(last);
            unwound.end = End::Chain;
            return;
        }
    }
}

/// The unwind tables of one process.
enum Tables<'a> {
    X86_64(UnwinderX86_64<&'a [u8]>, CacheX86_64),
    Aarch64(UnwinderAarch64<&'a [u8]>, CacheAarch64),
}

impl<'a> Tables<'a> {
    fn new(mappings: &[Mapping], images: &[Image<'a>]) -> Self {
        let elves = images.iter().filter_map(|image| image.elf.as_ref().ok());
        let is_aarch64 = elves
            .map(Object::architecture)
            .any(|a| a == Architecture::Aarch64);
        let modules = mappings
            .iter()
            .filter_map(|mapping| module(mapping, &images[mapping.image]));
        if is_aarch64 {
            let mut unwinder = UnwinderAarch64::new();
            modules.for_each(|module| unwinder.add_module(module));
            Self::Aarch64(unwinder, CacheAarch64::new())
        } else {
            let mut unwinder = UnwinderX86_64::new();
            modules.for_each(|module| unwinder.add_module(module));
            Self::X86_64(unwinder, CacheX86_64::new())
        }
    }

    fn unwind(&mut self, registers: &Registers, stack: &[u8]) -> Unwound {
        let Registers {
            instruction_pointer: ip,
            stack_pointer: sp,
            frame_pointer: fp,
            link_register,
        } = *registers;
        match self {
            Self::X86_64(unwinder, cache) => {
                let registers = UnwindRegsX86_64::new(ip, sp, fp);
                follow(unwinder, registers, cache, ip, sp, stack)
            }
            Self::Aarch64(unwinder, cache) => {
                let mask = PtrAuthMask::from_max_known_address(unwinder.max_known_code_address());
                let link = link_register.unwrap_or_default();
                let registers = UnwindRegsAarch64::new_with_ptr_auth_mask(mask, link, sp, fp);
                follow(unwinder, registers, cache, ip, sp, stack)
            }
        }
    }
}

fn module<'a>(mapping: &Mapping, image: &Image<'a>) -> Option<framehop::Module<&'a [u8]>> {
    let range = |section: Option<(u64, &[u8])>| -> Option<Range<u64>> {
        let (address, data) = section?;
        Some(address..address.checked_add(data.len() as u64)?)
    };
    let eh_frame = image.section(".eh_frame");
    let eh_frame_hdr = image
        .section(".eh_frame_hdr")
        .filter(|table| search_table::is_sound(*table, eh_frame));
    let debug_frame = image.section(".debug_frame");
    if eh_frame.is_none() && debug_frame.is_none() {
        return None;
    }
    let sections = ExplicitModuleSectionInfo {
        base_svma: 0,
        text_svma: range(image.section(".text")),
        got_svma: range(image.section(".got")),
        eh_frame_svma: range(eh_frame),
        eh_frame: eh_frame.map(|(_, data)| data),
        eh_frame_hdr_svma: range(eh_frame_hdr),
        eh_frame_hdr: eh_frame_hdr.map(|(_, data)| data),
        debug_frame: debug_frame.map(|(_, data)| data),
        ..ExplicitModuleSectionInfo::default()
    };
    let addresses = mapping.start..mapping.end;
    Some(framehop::Module::new(
        String::new(),
        addresses,
        mapping.bias,
        sections,
    ))
}

/// Registers that know the stack pointer of the frame they describe.
trait StackPointer {
    fn stack_pointer(&self) -> u64;
}

impl StackPointer for UnwindRegsX86_64 {
    fn stack_pointer(&self) -> u64 {
        self.sp()
    }
}

impl StackPointer for UnwindRegsAarch64 {
    fn stack_pointer(&self) -> u64 {
        self.sp()
    }
}

fn follow<U>(
    unwinder: &U,
    mut registers: U::UnwindRegs,
    cache: &mut U::Cache,
    ip: u64,
    sp: u64,
    stack: &[u8],
) -> Unwound
where
    U: Unwinder,
    U::UnwindRegs: StackPointer,
{
    let mut read_stack = |address: u64| -> Result<u64, ()> {
        let at = usize::try_from(address.checked_sub(sp).ok_or(())?).map_err(|_| ())?;
        let word = at
            .checked_add(8)
            .and_then(|end| stack.get(at..end))
            .ok_or(())?;
        word.try_into().map(u64::from_le_bytes).map_err(|_| ())
    };
    let mut unwound = Unwound {
        addresses: vec![ip],
        ..Unwound::default()
    };
    let mut frame = FrameAddress::from_instruction_pointer(ip);
    while unwound.addresses.len() < MAX_FRAMES {
        match unwinder.unwind_frame(frame, &mut registers, cache, &mut read_stack) {
            Ok(Some(caller)) => {
                let Some(next) = FrameAddress::from_return_address(caller) else {
                    break;
                };
                unwound.addresses.push(caller);
                unwound.stack_pointers.push(registers.stack_pointer());
                frame = next;
            }
            Ok(None) => {
                unwound.end = End::Root;
                break;
            }
            Err(_) => break,
        }
    }
    unwound
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grafted(unwound: &[u64], chain: &[u64]) -> Vec<u64> {
        let mut unwound = Unwound {
            addresses: unwound.to_vec(),
            ..Unwound::default()
        };
        graft(&mut unwound, chain);
        unwound.addresses
    }

    #[test]
    fn the_frame_pointer_chain_goes_on_where_the_copy_of_the_stack_ends() {
        assert_eq!(grafted(&[1, 2, 3, 4], &[1, 3, 4, 5, 6]), [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn misread_frames_behind_the_last_common_one_are_dropped() {
        assert_eq!(grafted(&[1, 2, 3, 99], &[1, 3, 5]), [1, 2, 3, 5]);
    }

    #[test]
    fn without_a_common_address_what_was_unwound_stays() {
        assert_eq!(grafted(&[1, 2, 3], &[1, 7, 8]), [1, 2, 3]);
        assert_eq!(grafted(&[1, 2, 3], &[]), [1, 2, 3]);
    }

    #[test]
    fn where_the_tables_found_no_caller_the_chain_is_taken_whole() {
        assert_eq!(grafted(&[1], &[1, 2, 3]), [1, 2, 3]);
    }

    #[test]
    fn the_marks_of_perf_are_no_addresses() {
        let marked = [0xffff_ffff_ffff_fe00, 1, 2, 0];
        assert_eq!(recorded(&marked).collect::<Vec<_>>(), [1, 2]);
    }
}
