use proptest::prelude::*;

use super::*;
use crate::model::profile::Sampler;
use crate::model::recording::{Chain, Module, Registers, StackSample};

const FORMAT_IP: u64 = 1;
const FORMAT_TID: u64 = 1 << 1;
const FORMAT_TIME: u64 = 1 << 2;
const FORMAT_CALLCHAIN: u64 = 1 << 5;
const FORMAT_PERIOD: u64 = 1 << 8;
const FORMAT_USER_REGISTERS: u64 = 1 << 12;
const FORMAT_USER_STACK: u64 = 1 << 13;

const BASICS: u64 = FORMAT_IP | FORMAT_TID | FORMAT_TIME | FORMAT_PERIOD;
const FRAME_POINTERS: u64 = BASICS | FORMAT_CALLCHAIN;
const COPIES: u64 = FRAME_POINTERS | FORMAT_USER_REGISTERS | FORMAT_USER_STACK;

const MISC_USER: u16 = 2;
const MISC_EXEC: u16 = 1 << 13;
const MISC_KERNEL: u16 = 1;
const CONTEXT_KERNEL: u64 = -128_i64 as u64;
const CONTEXT_USER: u64 = -512_i64 as u64;

/// Writes little-endian words one after another.
fn words(values: &[u64]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}

/// Two halves of a word.
fn pair(low: u32, high: u32) -> u64 {
    u64::from(low) | u64::from(high) << 32
}

fn padded(text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.resize(text.len() / 8 * 8 + 8, 0);
    bytes
}

fn record(kind: u32, misc: u16, body: &[u8]) -> Vec<u8> {
    let length = u64::from(misc) << 32 | (body.len() as u64 + 8) << 48;
    [words(&[u64::from(kind) | length]), body.to_vec()].concat()
}

fn comm(pid: u32, tid: u32, misc: u16, name: &str) -> Vec<u8> {
    record(3, misc, &[words(&[pair(pid, tid)]), padded(name)].concat())
}

fn fork(pid: u32, parent: u32, tid: u32, parent_tid: u32) -> Vec<u8> {
    record(7, 0, &words(&[pair(pid, parent), pair(tid, parent_tid), 0]))
}

fn mapping(pid: u32, start: u64, length: u64, offset: u64, path: &str) -> Vec<u8> {
    let protection = 5;
    let fields = [
        pair(pid, pid),
        start,
        length,
        offset,
        0,
        0,
        0,
        pair(protection, 2),
    ];
    record(10, MISC_USER, &[words(&fields), padded(path)].concat())
}

fn chain_sample(misc: u16, tid: u32, time_ns: u64, chain: &[u64]) -> Vec<u8> {
    let fields = [
        chain[chain.len() - 1],
        pair(7, tid),
        time_ns,
        1_001_001,
        chain.len() as u64,
    ];
    record(9, misc, &[words(&fields), words(chain)].concat())
}

/// A file as perf writes it: header, ids, attributes, records, and then the further parts.
fn file(format: u64, records: &[Vec<u8>]) -> Vec<u8> {
    file_with_flags(format, 0, records)
}

fn file_with_flags(format: u64, flags: u64, records: &[Vec<u8>]) -> Vec<u8> {
    let records = records.concat();
    let (ids_at, attributes_at) = (104, 112);
    let attribute_bytes = 136 + 16;
    let records_at = attributes_at + attribute_bytes;
    let table_at = records_at + records.len() as u64;
    let build_id = [
        &words(&[u64::from(MISC_USER) << 32 | (36 + 8) << 48])[..],
        &7_u32.to_le_bytes(),
        &[0xab; 20],
        &[20, 0, 0, 0],
        b"/bench\0\0",
    ]
    .concat();
    let name = crate::parse::recording::THIS_ARCHITECTURE;
    let architecture = [
        &64_u32.to_le_bytes()[..],
        name.as_bytes(),
        &[0; 64][name.len()..],
    ]
    .concat();
    let build_id_at = table_at + 32;
    let architecture_at = build_id_at + build_id.len() as u64;
    let magic = u64::from_le_bytes(*b"PERFILE2");
    let header = [
        magic,
        104,
        attribute_bytes,
        attributes_at,
        attribute_bytes,
        records_at,
    ];
    let features = 1 << FEATURE_BUILD_ID | 1 << FEATURE_ARCHITECTURE;
    let exclude_kernel_frequency_and_clock = 1 << 5 | 1 << 10 | 1 << 25;
    let attribute = [
        pair(1, 136),
        0,
        999,
        format,
        4,
        exclude_kernel_frequency_and_clock | flags,
        0,
        0,
        0,
        0,
        1 << 6 | 1 << 7 | 1 << 8,
        pair(64, 1),
        0,
        0,
        0,
        0,
        0,
        ids_at,
        8,
    ];
    [
        words(&header),
        words(&[records.len() as u64, 0, 0, features, 0, 0, 0]),
        words(&[1]),
        words(&attribute),
        records,
        words(&[
            build_id_at,
            build_id.len() as u64,
            architecture_at,
            architecture.len() as u64,
        ]),
        build_id,
        architecture,
    ]
    .concat()
}

fn whole_file() -> Vec<u8> {
    file(
        FRAME_POINTERS,
        &[
            comm(7, 7, 0, "perf"),
            mapping(7, 0x1000, 0x1000, 0, "/usr/bin/perf"),
            comm(7, 7, MISC_EXEC, "bench"),
            mapping(7, 0x40_0000, 0x2000, 0x1000, "/bench"),
            fork(7, 7, 8, 7),
            chain_sample(MISC_USER, 8, 30, &[CONTEXT_USER, 0x40_0010, 0x40_0020]),
            chain_sample(
                MISC_KERNEL,
                7,
                20,
                &[
                    CONTEXT_KERNEL,
                    0xffff_8000_0000_0000,
                    CONTEXT_USER,
                    0x40_0030,
                ],
            ),
            chain_sample(MISC_KERNEL, 7, 25, &[CONTEXT_KERNEL, 0xffff_8000_0000_0000]),
            record(2, 0, &words(&[1, 4])),
            record(13, 0, &words(&[2])),
            record(68, 0, &[]),
        ],
    )
}

fn sample(tid: u32, time_ns: u64, addresses: &[u64]) -> StackSample {
    StackSample {
        pid: 7,
        tid,
        time_ns,
        weight: 1,
        chain: Chain::Addresses(addresses.to_vec()),
    }
}

#[test]
fn a_file_with_frame_pointer_chains_becomes_a_recording_of_user_stacks_in_time_order() {
    let recording = read(&whole_file()).expect("the file is whole");
    assert_eq!(recording.sampler, Sampler::Perf);
    assert_eq!(
        (recording.event.as_str(), recording.asked_rate_hz),
        ("cpu-clock:u", Some(999.0))
    );
    assert!(!recording.kernel_included);
    assert_eq!(recording.lost, 6);
    let names: Vec<_> = recording.threads.into_iter().collect();
    assert_eq!(
        names,
        [((7, 7), "bench".to_owned()), ((7, 8), "bench".to_owned())]
    );
    let module = Module {
        pid: 7,
        start: 0x40_0000,
        end: 0x40_2000,
        file_offset: 0x1000,
        path: "/bench".to_owned(),
        build_id: Some(vec![0xab; 20]),
    };
    assert_eq!(recording.modules, [module]);
    let expected = [
        sample(7, 20, &[0x40_0030]),
        sample(8, 30, &[0x40_0010, 0x40_0020]),
    ];
    assert_eq!(recording.samples, expected);
}

#[test]
fn what_another_cpu_wrote_earlier_in_the_file_is_taken_in_its_time() {
    let times_everywhere = 1 << 18;
    let timed = |mut record: Vec<u8>, time_ns: u64| {
        record.extend(words(&[pair(7, 7), time_ns]));
        let length = record.len() as u16;
        record[6..8].copy_from_slice(&length.to_le_bytes());
        record
    };
    let data = file_with_flags(
        FRAME_POINTERS,
        times_everywhere,
        &[
            timed(mapping(7, 0x70_0000, 0x1000, 0, "/libc"), 12),
            timed(mapping(7, 0x1000, 0x1000, 0, "/usr/bin/perf"), 9),
            timed(comm(7, 7, MISC_EXEC, "bench"), 10),
            timed(mapping(7, 0x40_0000, 0x2000, 0x1000, "/bench"), 11),
            chain_sample(MISC_USER, 7, 30, &[CONTEXT_USER, 0x40_0010]),
        ],
    );
    let recording = read(&data).expect("the file is whole");
    let paths: Vec<_> = recording.modules.iter().map(|m| m.path.as_str()).collect();
    assert_eq!(paths, ["/bench", "/libc"]);
}

#[test]
fn a_copy_of_the_stack_keeps_its_registers_and_only_the_bytes_that_were_copied() {
    let fields = [0x40_0010, pair(7, 7), 5, 1, 0, 2, 0xb0, 0x50, 0x10, 64];
    let body = [words(&fields), vec![9; 64], words(&[24])].concat();
    let recording = read(&file(COPIES, &[record(9, MISC_USER, &body)])).expect("it is whole");
    let registers = Registers {
        instruction_pointer: 0x10,
        stack_pointer: 0x50,
        frame_pointer: 0xb0,
        link_register: None,
    };
    let chain = Chain::Raw {
        registers,
        stack: vec![9; 24],
        frame_pointer_chain: Vec::new(),
    };
    if cfg!(target_arch = "x86_64") {
        assert_eq!(recording.samples[0].chain, chain);
    }
}

#[test]
fn processes_that_fork_without_end_are_damage_and_fill_no_memory() {
    let mut records: Vec<Vec<u8>> = (0..1_100)
        .map(|at: u64| mapping(7, at << 12, 1 << 12, 0, "/bench"))
        .collect();
    records.extend((8..1_100).map(|pid| fork(pid, pid - 1, pid, pid - 1)));
    let problem = read(&file(FRAME_POINTERS, &records)).expect_err("it is too much");
    assert!(problem.to_string().contains("mappings"), "{problem}");
}

#[test]
fn what_cannot_be_read_is_told() {
    let mut stream = whole_file();
    stream[8] = 16;
    let mut unfinished = whole_file();
    unfinished[48..56].fill(0);
    let mut foreign = whole_file();
    let at = foreign.len() - 64;
    foreign[at..at + 8].copy_from_slice(b"riscv64\0");
    for (bytes, words) in [
        (b"PERFILE2".to_vec(), "damaged or cut off"),
        (whole_file()[..300].to_vec(), "damaged or cut off"),
        (stream, "a stream of perf"),
        (unfinished, "did not finish"),
        (foreign, "another instruction set"),
        (file(BASICS, &[record(68, 0, &[])]), "without call chains"),
        (file(FRAME_POINTERS, &[record(81, 0, &[])]), "compressed"),
        (b"2ELIFREP".to_vec(), "big-endian"),
    ] {
        let problem = read(&bytes).expect_err("it cannot be read").to_string();
        assert!(problem.contains(words), "{words}: {problem}");
    }
}

proptest! {
    #[test]
    fn damage_is_an_error_or_another_recording_and_never_a_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        length in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let mut bytes = whole_file();
        for (position, value) in changes {
            let position = position.index(bytes.len());
            bytes[position] = value;
        }
        if cut {
            bytes.truncate(length.index(bytes.len()));
        }
        let _ = read(&bytes);
    }

    #[test]
    fn a_record_of_any_bytes_never_panics(
        kind in 0..16_u32,
        misc in any::<u16>(),
        body in prop::collection::vec(prop_oneof![any::<u64>(), 0..9_u64], 0..30),
        format in any::<u64>(),
    ) {
        let _ = read(&file(format | FORMAT_CALLCHAIN, &[record(kind, misc, &words(&body))]));
    }
}
