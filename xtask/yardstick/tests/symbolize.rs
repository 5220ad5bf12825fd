//! The stack of this very process, copied as a recorder would, unwound and named.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]
#![allow(clippy::disallowed_methods, reason = "tests meet the machine itself")]

use std::{
    arch::asm,
    collections::{BTreeMap, BTreeSet},
    ffi::{c_int, c_void},
    fs,
    fs::File,
    hint::black_box,
    num::NonZeroUsize,
    os::unix::fs::FileExt,
    sync::Arc,
};

use yardstick::{
    model::{
        profile::{NoSymbols, OriginKind, Refusal, Sampler},
        recording::{Chain, FileBytes, Module, Recording, Registers, StackSample},
    },
    symbolize::{self, Context, Files, Harness, Member, Symbolized},
};

const DUMP_BYTES: usize = 16 * 1024;
const PID: u32 = 7;
const TID: u32 = 8;

/// What a recorder copies, and what it would find by following frame pointers.
struct StackCopy {
    registers: Registers,
    stack: Vec<u8>,
    /// Return addresses, those into the nearest caller first.
    callers: Vec<u64>,
}

unsafe extern "C" {
    fn _Unwind_Backtrace(
        visit: extern "C" fn(*mut c_void, *mut c_void) -> c_int,
        addresses: *mut c_void,
    ) -> c_int;
    fn _Unwind_GetIP(frame: *mut c_void) -> usize;
}

extern "C" fn push(frame: *mut c_void, addresses: *mut c_void) -> c_int {
    // SAFETY: Called by `_Unwind_Backtrace` only: the frame is valid, and the list is the one given to it.
    unsafe { (*addresses.cast::<Vec<u64>>()).push(_Unwind_GetIP(frame) as u64) };
    0
}

#[inline(never)]
fn outer() -> StackCopy {
    black_box(middle())
}

#[inline(never)]
fn middle() -> StackCopy {
    black_box(inlined())
}

#[inline(always)]
fn inlined() -> StackCopy {
    inner()
}

#[inline(never)]
fn inner() -> StackCopy {
    let (instruction_pointer, stack_pointer, frame_pointer): (u64, u64, u64);
    // SAFETY: The three registers are only read.
    unsafe {
        asm!(
            "lea {}, [rip]",
            "mov {}, rsp",
            "mov {}, rbp",
            out(reg) instruction_pointer,
            out(reg) stack_pointer,
            out(reg) frame_pointer,
            options(nomem, nostack),
        );
    }
    let mut stack = vec![0; DUMP_BYTES];
    let memory = File::open("/proc/self/mem").expect("our own memory");
    let copied = memory
        .read_at(&mut stack, stack_pointer)
        .expect("the stack is mapped");
    stack.truncate(copied);
    let registers = Registers {
        instruction_pointer,
        stack_pointer,
        frame_pointer,
        link_register: None,
    };
    let mut addresses: Vec<u64> = Vec::new();
    // SAFETY: `push` takes exactly this list.
    unsafe { _Unwind_Backtrace(push, (&raw mut addresses).cast()) };
    StackCopy {
        registers,
        stack,
        callers: addresses.split_off(1),
    }
}

fn modules() -> Vec<Module> {
    let maps = fs::read_to_string("/proc/self/maps").expect("our own mappings");
    let hex = |text: &str| u64::from_str_radix(text, 16).expect("a hexadecimal number");
    maps.lines()
        .filter_map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let [range, permissions, offset, _device, _inode, path] = fields[..] else {
                return None;
            };
            let (start, end) = range.split_once('-')?;
            permissions.contains('x').then(|| Module {
                pid: PID,
                start: hex(start),
                end: hex(end),
                file_offset: hex(offset),
                path: path.to_owned(),
                build_id: None,
            })
        })
        .collect()
}

fn recording(chain: Chain) -> Recording {
    Recording {
        sampler: Sampler::PerfEvent,
        started: BTreeSet::from([PID]),
        event: "cpu-clock".to_owned(),
        asked_rate_hz: Some(999.0),
        kernel_included: false,
        threads: BTreeMap::from([((PID, TID), "worker-3".to_owned())]),
        modules: modules(),
        samples: vec![StackSample {
            pid: PID,
            tid: TID,
            time_ns: 100,
            weight: 3,
            chain,
        }],
        lost: 0,
        cpu_ns: None,
    }
}

fn own_recording() -> Recording {
    let copy = outer();
    recording(Chain::Raw {
        registers: copy.registers,
        stack: copy.stack,
        frame_pointer_chain: Vec::new(),
    })
}

fn read(path: &str) -> Option<FileBytes> {
    fs::read(path)
        .ok()
        .map(|bytes| Arc::new(bytes) as FileBytes)
}

fn symbolized_with(recording: &Recording, files: Files<'_>) -> Result<Symbolized, Refusal> {
    let members = [Member {
        package: "yardstick".to_owned(),
        crates: vec!["symbolize".to_owned()],
        root: env!("CARGO_MANIFEST_DIR").to_owned(),
    }];
    let context = Context {
        files,
        members: &members,
        window_ns: None,
        threads: NonZeroUsize::new(2).expect("not zero"),
        harness: Harness::Criterion,
    };
    symbolize::profile(recording, &context)
}

fn symbolized(recording: &Recording) -> Symbolized {
    symbolized_with(recording, &read).expect("a profile")
}

/// The one stack of a profile.
fn stack(symbolized: &Symbolized) -> Vec<&str> {
    let stack = symbolized.stacks.0.keys().next().expect("a stack");
    stack.iter().map(String::as_str).collect()
}

#[test]
fn a_copied_stack_becomes_its_functions_with_what_is_inlined() {
    let symbolized = symbolized(&own_recording());
    let stack = stack(&symbolized);
    let start = stack
        .iter()
        .position(|name| *name == "symbolize::outer")
        .expect("the outer function");
    assert_eq!(
        stack[start..],
        [
            "symbolize::outer",
            "symbolize::middle",
            "symbolize::inlined",
            "symbolize::inner"
        ]
    );
    assert_eq!(stack[0], "[worker-*]");
    let origin = &symbolized.origins["symbolize::inlined"];
    assert_eq!(
        (origin.kind, origin.crate_name.as_str()),
        (OriginKind::Workspace, "yardstick")
    );
    assert_eq!(symbolized.stacks.total(), 3);
    assert_eq!(symbolized.quality.rooted_share, 1.0);
}

#[test]
fn where_the_copy_ends_the_frame_pointer_chain_goes_on() {
    let copy = outer();
    // The tables find `middle`; the return address into `outer` is the first word that is missing.
    let into_outer = copy.callers[1].to_le_bytes();
    let bytes = copy
        .stack
        .windows(8)
        .position(|word| word == into_outer)
        .expect("the stack holds it");
    let with = |frame_pointer_chain| {
        symbolized(&recording(Chain::Raw {
            registers: copy.registers,
            stack: copy.stack[..bytes].to_vec(),
            frame_pointer_chain,
        }))
    };
    let ip = copy.registers.instruction_pointer;
    let grafted = with([&[ip], copy.callers.as_slice()].concat());
    assert!(stack(&grafted).contains(&"symbolize::outer"), "{grafted:?}");
    assert_eq!(grafted.quality.rooted_share, 1.0);
    let cut = with(Vec::new());
    assert_eq!(
        stack(&cut),
        [
            "[truncated]",
            "symbolize::middle",
            "symbolize::inlined",
            "symbolize::inner"
        ]
    );
    assert_eq!(cut.quality.rooted_share, 0.0);
}

#[test]
fn samples_outside_the_window_are_left_out() {
    let recording = own_recording();
    let members = [];
    let with = |window_ns| {
        let context = Context {
            files: &read,
            members: &members,
            window_ns: Some(window_ns),
            threads: NonZeroUsize::MIN,
            harness: Harness::Criterion,
        };
        symbolize::profile(&recording, &context)
    };
    assert_eq!(with(&(0..100)), Err(Refusal::NoSamples));
    assert_eq!(
        with(&(100..101)),
        Err(Refusal::NothingMeasured { trimmed: 3 })
    );
}

#[test]
fn files_that_are_gone_or_rebuilt_are_named() {
    let reason = |result: Result<Symbolized, Refusal>| match result {
        Err(Refusal::Unsymbolised { share, worst }) => {
            assert!(share < 0.95, "{share}");
            worst[0].reason
        }
        other => panic!("not refused for its names: {other:?}"),
    };
    let mut recording = own_recording();
    assert_eq!(
        reason(symbolized_with(&recording, &|_| None)),
        NoSymbols::Unreadable
    );
    for module in &mut recording.modules {
        module.build_id = Some(vec![0xee; 20]);
    }
    assert_eq!(
        reason(symbolized_with(&recording, &read)),
        NoSymbols::Rebuilt
    );
}

#[test]
fn a_recording_without_samples_is_refused() {
    let mut recording = own_recording();
    recording.samples.clear();
    assert_eq!(symbolized_with(&recording, &read), Err(Refusal::NoSamples));
}

#[test]
fn the_main_thread_outside_a_routine_is_the_harness() {
    let mut recording = own_recording();
    recording.samples[0].tid = PID;
    assert_eq!(
        symbolized_with(&recording, &read),
        Err(Refusal::NothingMeasured { trimmed: 3 })
    );
}
