use std::borrow::Cow;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn header() -> Header {
    Header {
        architecture: Architecture::X86_64,
        clock: Clock::Monotonic,
        pid: 42,
        requested_rate_hz: 997,
        start_time_ns: 7,
        event: "cpu-clock".to_owned(),
    }
}

fn write(header: &Header, records: &[Record<'_>], end_time_ns: u64, cpu_ns: u64) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new(), header).expect("a vector accepts everything");
    for record in records {
        match record {
            Record::ThreadName { tid, name } => writer.thread_name(*tid, name),
            Record::Module(module) => writer.module(module),
            Record::Sample(sample) => writer.sample(sample),
            Record::Lost(count) => writer.lost(*count),
            Record::Process(pid) => writer.process(*pid),
            Record::End(_) => unreachable!("the writer makes the end marker"),
        }
        .expect("a vector accepts everything");
    }
    writer
        .finish(end_time_ns, cpu_ns)
        .expect("a vector accepts everything")
        .1
}

fn sample(stack: &[u8]) -> Sample<'static> {
    Sample {
        time_ns: 8,
        tid: 43,
        cpu: 1,
        weight: 4_000_000,
        registers: Registers {
            ip: 1,
            sp: 2,
            bp: 3,
            lr: 4,
        },
        chain: Cow::Owned(vec![1, 10, 100]),
        stack: Cow::Owned(stack.to_vec()),
    }
}

fn any_header() -> impl Strategy<Value = Header> {
    let architecture = prop_oneof![Just(Architecture::X86_64), Just(Architecture::Aarch64)];
    let clock = prop_oneof![
        Just(Clock::Monotonic),
        Just(Clock::MonotonicRaw),
        Just(Clock::Unknown)
    ];
    (architecture, clock, any::<(u32, u32, u64, String)>()).prop_map(
        |(architecture, clock, rest)| Header {
            architecture,
            clock,
            pid: rest.0,
            requested_rate_hz: rest.1,
            start_time_ns: rest.2,
            event: rest.3,
        },
    )
}

fn any_record() -> impl Strategy<Value = Record<'static>> {
    let thread_name = any::<(u32, String)>().prop_map(|(tid, name)| Record::ThreadName {
        tid,
        name: Cow::Owned(name),
    });
    let module = (
        any::<(u64, u64, u64)>(),
        vec(any::<u8>(), 0..24),
        any::<String>(),
    )
        .prop_map(|((start, end, file_offset), build_id, path)| {
            Record::Module(Module {
                start,
                end,
                file_offset,
                build_id,
                path,
            })
        });
    let sample = (
        any::<(u64, u32, u32, u64)>(),
        any::<[u64; 4]>(),
        vec(any::<u64>(), 0..9),
        vec(any::<u8>(), 0..200),
    )
        .prop_map(
            |((time_ns, tid, cpu, weight), [ip, sp, bp, lr], chain, stack)| {
                Record::Sample(Sample {
                    time_ns,
                    tid,
                    cpu,
                    weight,
                    registers: Registers { ip, sp, bp, lr },
                    chain: Cow::Owned(chain),
                    stack: Cow::Owned(stack),
                })
            },
        );
    let lost = any::<u32>().prop_map(|count| Record::Lost(u64::from(count)));
    let process = (1_u32..4).prop_map(Record::Process);
    prop_oneof![thread_name, module, sample, lost, process]
}

proptest! {
    #[test]
    fn what_was_written_is_read_back(
        header in any_header(),
        records in vec(any_record(), 0..20),
        end_time_ns: u64,
        cpu_ns: u64,
    ) {
        let bytes = write(&header, &records, end_time_ns, cpu_ns);
        let (read_header, read) = Records::new(&bytes).expect("the header is sound");
        let mut read = read.collect::<Result<Vec<_>, _>>().expect("the records are sound");
        let end = read.pop();
        // Who is meant already is not said again.
        let mut meant = header.pid;
        let mut wanted = records.clone();
        wanted.retain(|record| match record {
            Record::Process(pid) => std::mem::replace(&mut meant, *pid) != *pid,
            _ => true,
        });
        prop_assert_eq!(read_header, header);
        prop_assert_eq!(&read, &wanted);
        let Some(Record::End(end)) = end else { panic!("no end marker, but {end:?}") };
        let samples = records.iter().filter(|record| matches!(record, Record::Sample(_))).count();
        prop_assert_eq!((end.samples, end.end_time_ns, end.cpu_ns), (samples as u64, end_time_ns, cpu_ns));
        let whole = Recording::read(&bytes).expect("the recording is sound");
        let others = whole.others.values().map(|process| process.samples.len());
        prop_assert_eq!((whole.samples.len() + others.sum::<usize>(), whole.truncated()), (samples, false));
    }

    #[test]
    fn a_recording_cut_anywhere_behind_its_header_gives_the_records_before_the_cut(
        records in vec(any_record(), 1..8),
        cut_share in 0.0..1.0f64,
    ) {
        let bytes = write(&header(), &records, 1, 1);
        let header_length = write(&header(), &[], 1, 1).len() - 37;
        let cut = header_length + ((bytes.len() - header_length) as f64 * cut_share) as usize;
        let recording = Recording::read(&bytes[..cut]).expect("a cut is not an error");
        prop_assert!(recording.truncated());
        let whole = Recording::read(&bytes).expect("the recording is sound");
        prop_assert!(whole.samples.starts_with(&recording.samples));
    }

    #[test]
    fn damaged_bytes_give_an_error_or_a_recording_but_never_a_panic(
        records in vec(any_record(), 0..8),
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = write(&header(), &records, 1, 1);
        for (index, value) in damage {
            let position = index.index(bytes.len());
            bytes[position] = value;
        }
        let length = bytes.len();
        match Recording::read(&bytes) {
            Ok(_) | Err(ReadError::NotARecording | ReadError::Version { .. }) => {}
            Err(ReadError::Damaged { offset, .. }) => prop_assert!(offset <= length),
        }
    }

    #[test]
    fn arbitrary_bytes_behind_a_header_never_panic(noise in vec(any::<u8>(), 0..400)) {
        let mut bytes = write(&header(), &[], 1, 1);
        bytes.truncate(bytes.len() - 37);
        bytes.extend(noise);
        let _ = Recording::read(&bytes);
    }
}

#[test]
fn a_header_cut_short_is_damage_that_names_the_byte() {
    let bytes = write(&header(), &[], 1, 1);
    let error = Recording::read(&bytes[..20]).expect_err("the header is not whole");
    assert_eq!(
        error.to_string(),
        "the recording is damaged at byte 16\n  found:  4 bytes\n  wanted: the header, 31 bytes"
    );
}

#[test]
fn a_file_of_another_kind_is_refused_as_such() {
    assert_eq!(
        Recording::read(b"PERFILE2 and more"),
        Err(ReadError::NotARecording)
    );
    assert_eq!(Recording::read(b""), Err(ReadError::NotARecording));
}

#[test]
fn another_version_is_refused_with_both_versions() {
    let mut bytes = write(&header(), &[], 1, 1);
    bytes[8] = 9;
    let error = Recording::read(&bytes).expect_err("version 9 does not exist");
    assert_eq!(
        error.to_string(),
        "the recording was written by another version\n  found:  version 9\n  wanted: version 2 or an earlier one"
    );
}

#[test]
fn an_unknown_record_kind_is_damage() {
    let mut bytes = write(&header(), &[], 1, 1);
    let end_marker = bytes.len() - 37;
    bytes[end_marker] = 77;
    let error = Recording::read(&bytes).expect_err("kind 77 does not exist");
    assert_eq!(
        error,
        ReadError::Damaged {
            offset: end_marker,
            wanted: "a record kind from 1 to 6".to_owned(),
            found: "77".to_owned(),
        }
    );
}

#[test]
fn bytes_behind_the_end_marker_are_damage() {
    let mut bytes = write(&header(), &[Record::Sample(sample(b"stack"))], 1, 1);
    let length = bytes.len();
    bytes.extend_from_slice(b"more");
    let error = Recording::read(&bytes).expect_err("nothing may follow the end marker");
    assert!(
        matches!(error, ReadError::Damaged { offset, .. } if offset == length),
        "{error:?}"
    );
}

#[test]
fn totals_that_disagree_with_the_records_are_damage() {
    let mut bytes = write(&header(), &[Record::Sample(sample(b"stack"))], 1, 1);
    let samples_in_end_marker = bytes.len() - 32;
    bytes[samples_in_end_marker] = 2;
    let error = Recording::read(&bytes).expect_err("one sample is missing");
    assert!(
        error.to_string().contains("wanted: 2 samples and 0 lost"),
        "{error}"
    );
}

#[test]
fn a_length_beyond_the_file_reads_as_cut_off_without_allocating_for_it() {
    let mut bytes = write(&header(), &[Record::Sample(sample(b"stack"))], 1, 1);
    let first_record = write(&header(), &[], 1, 1).len() - 37;
    bytes[first_record + 1..first_record + 5].copy_from_slice(&u32::MAX.to_le_bytes());
    let recording = Recording::read(&bytes).expect("the records before it are sound");
    assert!(recording.truncated());
    assert_eq!(recording.samples, []);
}

#[test]
fn a_module_written_twice_is_read_once_and_the_last_thread_name_counts() {
    let module = Module {
        start: 1,
        end: 2,
        file_offset: 0,
        build_id: vec![9],
        path: "/bin/true".to_owned(),
    };
    let name = |name: &'static str| Record::ThreadName {
        tid: 5,
        name: Cow::Borrowed(name),
    };
    let records = [
        Record::Module(module.clone()),
        name("old"),
        Record::Module(module.clone()),
        name("new"),
    ];
    let bytes = write(&header(), &records, 1, 1);
    let recording = Recording::read(&bytes).expect("the recording is sound");
    assert_eq!(recording.modules, [module]);
    assert_eq!(recording.threads[&5], "new");
}

#[test]
fn what_a_record_is_about_is_the_process_named_last() {
    let module = |path: &str| Module {
        start: 1,
        end: 2,
        file_offset: 0,
        build_id: Vec::new(),
        path: path.to_owned(),
    };
    let records = [
        Record::Module(module("bench")),
        Record::Process(43),
        Record::Module(module("child")),
        Record::Module(module("bench")),
        Record::Sample(sample(b"child")),
        Record::Process(42),
        Record::Sample(sample(b"bench")),
    ];
    let bytes = write(&header(), &records, 1, 1);
    let recording = Recording::read(&bytes).expect("the recording is sound");
    assert_eq!(recording.modules, [module("bench")]);
    assert_eq!(recording.samples, [sample(b"bench")]);
    let child = &recording.others[&43];
    assert_eq!(child.modules, [module("child"), module("bench")]);
    assert_eq!(child.samples, [sample(b"child")]);
}

#[test]
fn a_recording_of_version_1_is_read() {
    let mut bytes = write(&header(), &[Record::Sample(sample(b"stack"))], 1, 1);
    bytes[8] = 1;
    let recording = Recording::read(&bytes).expect("its records are known");
    assert_eq!(recording.samples, [sample(b"stack")]);
}

#[test]
fn the_real_rate_counts_lost_samples_and_is_absent_without_cpu_time() {
    let end = End {
        samples: 400,
        lost: 100,
        end_time_ns: 0,
        cpu_ns: 2_000_000_000,
    };
    assert_eq!(end.real_rate_hz(), Some(250.0));
    assert_eq!(End::default().real_rate_hz(), None);
}
