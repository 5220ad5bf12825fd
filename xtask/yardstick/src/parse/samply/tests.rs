use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::model::recording::Module;

/// A profile of two frames in a file, one inlined, one outside all files; the second thread is idle.
fn profile() -> Value {
    json!({
        "meta": {"interval": 2.0, "sampleUnits": {"time": "ms", "eventDelay": "ms", "threadCPUDelta": "µs"}},
        "libs": [{
            "name": "bench", "path": "/bench", "debugName": "bench", "debugPath": "/bench",
            "breakpadId": "", "codeId": "abcd", "arch": null
        }],
        "threads": [
            {
                "name": "worker", "pid": "7.1", "tid": 8,
                "samples": {
                    "stack": [2, null, 0], "time": [1.0, 2.0, 3.0], "weight": [3, 1, 1],
                    "weightType": "samples", "threadCPUDelta": [1000, null, 500]
                },
                "stackTable": {"frame": [0, 1, 2], "prefix": [null, 0, 1]},
                "frameTable": {"address": [64, 32, 32], "inlineDepth": [0, 0, 1], "func": [0, 0, 0]},
                "funcTable": {"name": [0], "resource": [0]},
                "resourceTable": {"lib": [0]},
                "stringArray": ["0x20"]
            },
            {"name": "idle", "pid": 7, "tid": "9", "samples": {"stack": []}}
        ]
    })
}

fn read_value(profile: &Value) -> Result<Recording, Problem> {
    read(profile.to_string().as_bytes(), &|_| None)
}

fn gzipped(text: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).expect("memory can be written");
    encoder.finish().expect("memory can be written")
}

const FILE: u64 = 1 << 40;

#[test]
fn frames_become_return_addresses_in_the_place_of_their_file() {
    let recording = read_value(&profile()).expect("it is a profile");
    assert_eq!(recording.asked_rate_hz, Some(500.0));
    assert_eq!(recording.cpu_ns, Some(1_500_000));
    let chains: Vec<_> = recording
        .samples
        .iter()
        .map(|sample| (sample.weight, &sample.chain))
        .collect();
    assert_eq!(
        chains,
        [
            (3, &Chain::Addresses(vec![FILE + 32, FILE + 65])),
            (1, &Chain::Addresses(vec![FILE + 64])),
        ]
    );
    let names: Vec<_> = recording.threads.into_iter().collect();
    assert_eq!(
        names,
        [((7, 8), "worker".to_owned()), ((7, 9), "idle".to_owned())]
    );
    let module = Module {
        pid: 7,
        start: FILE,
        end: 2 * FILE,
        file_offset: 0,
        path: "/bench".to_owned(),
        build_id: Some(vec![0xab, 0xcd]),
    };
    assert_eq!(recording.modules, [module]);
}

#[test]
#[allow(clippy::disallowed_methods, reason = "the file is this test itself")]
fn where_the_file_is_found_its_code_lies_where_its_headers_say() {
    let this_test = std::env::current_exe().expect("tests have a file");
    let bytes = std::fs::read(this_test).expect("it can be read");
    let recording = read(profile().to_string().as_bytes(), &|path| {
        assert_eq!(path, "/bench");
        Some(Arc::new(bytes.clone()))
    })
    .expect("it is a profile");
    let code = &recording.modules[0];
    let segment = object::read::elf::ElfFile64::<object::Endianness>::parse(&bytes[..])
        .ok()
        .and_then(|file| {
            use object::{Object as _, ObjectSegment as _};
            file.segments()
                .find(|segment| segment.file_range().0 == code.file_offset)
                .map(|segment| segment.address())
        });
    assert_eq!(segment, Some(code.start - FILE));
}

#[test]
fn samples_of_one_thread_with_the_same_stack_become_one_that_weighs_as_much() {
    let mut repeated = profile();
    repeated["threads"][0]["samples"]["stack"] = json!([2, 0, 2]);
    let recording = read_value(&repeated).expect("it is a profile");
    let weights: Vec<u64> = recording.samples.iter().map(|one| one.weight).collect();
    assert_eq!(weights, [4, 1]);
}

#[test]
fn a_file_is_mapped_in_the_processes_that_were_seen_in_it_only() {
    let mut two = profile();
    let library = two["libs"][0].clone();
    two["libs"] = json!([library.clone(), library]);
    let mut thread = two["threads"][0].clone();
    thread["pid"] = json!(9);
    thread["resourceTable"]["lib"] = json!([1]);
    two["threads"]
        .as_array_mut()
        .expect("it is a list")
        .push(thread);
    let recording = read_value(&two).expect("it is a profile");
    let mapped: Vec<_> = recording
        .modules
        .iter()
        .map(|one| (one.pid, one.start))
        .collect();
    assert_eq!(mapped, [(7, FILE), (9, 2 * FILE)]);
}

#[test]
fn more_frames_than_there_is_memory_for_are_refused_before_they_are_read() {
    let profile: Profile = serde_json::from_value(profile()).expect("it is a profile");
    let tables = profile.threads[0].tables(&profile);
    let placement = Placement::of(&profile.libs, &|_| None);
    for (mut frames_left, fits) in [(3, true), (2, false)] {
        let mut stacks = StackReader {
            tables: &tables,
            placement: &placement,
            frames_left: &mut frames_left,
        };
        assert_eq!(stacks.addresses(2).is_ok(), fits);
    }
}

#[test]
fn later_versions_share_the_tables_and_count_time_in_steps() {
    let mut later = profile();
    let thread = later["threads"][0]
        .as_object_mut()
        .expect("it is an object");
    let mut shared = serde_json::Map::new();
    for name in [
        "stackTable",
        "frameTable",
        "funcTable",
        "resourceTable",
        "stringArray",
    ] {
        shared.insert(name.to_owned(), thread.remove(name).expect("it is there"));
    }
    let samples = thread["samples"].as_object_mut().expect("it is an object");
    samples.remove("time");
    samples.insert("timeDeltas".to_owned(), json!([1.0, 1.0, 1.0]));
    later["shared"] = Value::Object(shared);
    assert_eq!(read_value(&later), read_value(&profile()));
}

#[test]
fn a_gzipped_profile_reads_the_same() {
    let text = profile().to_string();
    assert_eq!(
        read(&gzipped(text.as_bytes()), &|_| None),
        read_value(&profile())
    );
}

#[test]
fn the_kernel_is_left_out_and_frames_without_a_file_keep_their_address() {
    let mut kernel = profile();
    kernel["libs"][0]["name"] = json!("[kernel.kallsyms]");
    let recording = read_value(&kernel).expect("it is a profile");
    assert!(recording.kernel_included && recording.samples.is_empty());

    let mut anonymous = profile();
    anonymous["threads"][0]["funcTable"]["resource"] = json!([-1]);
    let recording = read_value(&anonymous).expect("it is a profile");
    assert_eq!(recording.samples[1].chain, Chain::Addresses(vec![0x20]));
}

#[test]
fn what_is_no_profile_or_does_not_fit_together_is_told() {
    let mut circular = profile();
    circular["threads"][0]["stackTable"]["prefix"] = json!([2, 0, 1]);
    let mut dangling = profile();
    dangling["threads"][0]["samples"]["stack"] = json!([77]);
    for broken in [&circular, &dangling] {
        let problem = read_value(broken).expect_err("it is broken").to_string();
        assert!(problem.contains("do not fit together"), "{problem}");
    }
    let problem = read(b"{\"meta\": 1}", &|_| None)
        .expect_err("it is none")
        .to_string();
    assert!(problem.contains("not a profile of samply"), "{problem}");
    let cut = gzipped(profile().to_string().as_bytes());
    let problem = read(&cut[..cut.len() / 2], &|_| None)
        .expect_err("it is cut")
        .to_string();
    assert!(problem.contains("compression is damaged"), "{problem}");
}

proptest! {
    #[test]
    fn damage_is_an_error_or_another_recording_and_never_a_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), "[0-9,\\[\\]{}a-z\".-]"), 1..8),
        packed in any::<bool>(),
    ) {
        let mut bytes = profile().to_string().into_bytes();
        if packed {
            bytes = gzipped(&bytes);
        }
        for (position, value) in changes {
            let position = position.index(bytes.len());
            bytes[position] = value.as_bytes()[0];
        }
        let _ = read(&bytes, &|_| Some(Arc::new(vec![0x7f; 100])));
    }

    #[test]
    fn numbers_that_fit_nothing_never_panic(number in any::<i64>(), field in 0..6_usize) {
        let mut broken = profile();
        let thread = &mut broken["threads"][0];
        *[
            "/samples/stack/0", "/stackTable/frame/0", "/stackTable/prefix/1",
            "/frameTable/address/0", "/funcTable/resource/0", "/resourceTable/lib/0",
        ].get(field).and_then(|path| thread.pointer_mut(path)).expect("it is there") = json!(number);
        let _ = read_value(&broken);
    }
}
