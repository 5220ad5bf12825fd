//! Executables and libraries: unwind tables, symbols and debug information of damaged files.

use std::{num::NonZeroUsize, sync::Arc};

use yardstick::{
    model::{
        profile::{Refusal, Sampler},
        recording::{Chain, FileBytes, Module, Recording, Registers, StackSample},
    },
    parse,
    symbolize::{self, Context, Harness, Member},
};

use crate::Outcome;

/// Where the file is mapped, and where the copied stack lay.
const BASE: u64 = 0x5555_0000_0000;
const STACK: u64 = 0x7fff_0000_0000;

/// How many places of the file are asked for.
const PLACES: u64 = 48;

/// A profile of samply that names one file.
const SAMPLY: &str = r#"{"meta": {"interval": 1}, "libs": [{"name": "a", "path": "/a"}], "threads": [{"name": "t", "pid": 1, "tid": 1, "samples": {"stack": [0]}, "stackTable": {"frame": [0], "prefix": [null]}, "frameTable": {"address": [4096], "func": [0]}, "funcTable": {"name": [0], "resource": [0]}, "resourceTable": {"lib": [0]}}]}"#;

/// Unwinds, resolves and folds stacks whose addresses are spread over the file.
pub(crate) fn symbolise(bytes: &[u8]) -> Outcome {
    let file: FileBytes = Arc::new(bytes.to_vec());
    let found = |_: &str| Some(Arc::clone(&file));
    let member = Member {
        package: "a".to_owned(),
        crates: Vec::new(),
        root: "/w".to_owned(),
    };
    let mut outcome = Outcome::Refused;
    for recording in [mapped(bytes), placed(&found)].into_iter().flatten() {
        let context = Context {
            files: &found,
            members: std::slice::from_ref(&member),
            window_ns: None,
            threads: NonZeroUsize::MIN,
            harness: Harness::Criterion,
        };
        let profile = symbolize::profile(&recording, &context);
        // Most places of a file are no code, so that many frames stay without a name.
        if matches!(profile, Ok(_) | Err(Refusal::Unsymbolised { .. })) {
            outcome = Outcome::Read;
        }
    }
    outcome
}

/// The file where samply's profiles put it.
fn placed(found: parse::recording::FindBinary<'_>) -> Option<Recording> {
    parse::recording::read("fuzz", SAMPLY.as_bytes(), found).ok()
}

/// A process that mapped the whole file, and was seen at places all over it.
fn mapped(bytes: &[u8]) -> Option<Recording> {
    let length = (bytes.len() as u64).max(1 << 16);
    let step = (length / PLACES).max(1);
    let addresses: Vec<u64> = (0..PLACES).map(|place| BASE + place * step).collect();
    // Pointers into the file and into the stack itself, so that unwinding can go on.
    let stack = addresses
        .iter()
        .enumerate()
        .flat_map(|(at, address)| [*address, STACK + 16 * at as u64 + 16])
        .flat_map(u64::to_le_bytes);
    let stack: Vec<u8> = stack.collect();
    let raw = |address: &u64| StackSample {
        pid: 1,
        tid: 1,
        time_ns: 0,
        weight: 1,
        chain: Chain::Raw {
            registers: Registers {
                instruction_pointer: *address,
                stack_pointer: STACK,
                frame_pointer: STACK + 32,
                link_register: Some(BASE + step),
            },
            stack: stack.clone(),
            frame_pointer_chain: vec![*address, BASE + step],
        },
    };
    Some(Recording {
        sampler: Sampler::PerfEvent,
        started: [1].into(),
        event: "cpu-clock:u".to_owned(),
        asked_rate_hz: None,
        kernel_included: false,
        threads: Default::default(),
        modules: vec![Module {
            pid: 1,
            start: BASE,
            end: BASE + 2 * length,
            file_offset: 0,
            path: "/a".to_owned(),
            build_id: None,
        }],
        samples: addresses.iter().map(raw).collect(),
        lost: 0,
        cpu_ns: None,
    })
}
