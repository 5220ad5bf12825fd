use proptest::prelude::*;
use yardstick_probe::wire::recording::{
    Architecture, Clock, Header, Module as WireModule, Registers as WireRegisters,
    Sample as WireSample, Writer,
};

use super::*;
use crate::model::profile::Sampler;
use crate::model::recording::{Chain, Module, Registers};

fn architecture() -> Architecture {
    Architecture::of_this_process().expect("recordings know the architecture of the tests")
}

fn written(architecture: Architecture, event: &str, times_ns: &[u64]) -> Vec<u8> {
    weighing(2, architecture, event, times_ns)
}

fn weighing(weight: u64, architecture: Architecture, event: &str, times_ns: &[u64]) -> Vec<u8> {
    let header = Header {
        architecture,
        clock: Clock::Monotonic,
        pid: 7,
        requested_rate_hz: 999,
        start_time_ns: 1,
        event: event.to_owned(),
    };
    let mut writer = Writer::new(Vec::new(), &header).expect("memory can be written");
    let module = WireModule {
        start: 0x1000,
        end: 0x2000,
        file_offset: 0x100,
        build_id: Vec::new(),
        path: "/bench".to_owned(),
    };
    writer.module(&module).expect("memory can be written");
    writer
        .thread_name(8, "worker")
        .expect("memory can be written");
    for &time_ns in times_ns {
        let sample = WireSample {
            time_ns,
            tid: 8,
            cpu: 0,
            weight,
            registers: WireRegisters {
                ip: 0x1010,
                sp: 0x20,
                bp: 0x30,
                lr: 0,
            },
            chain: vec![0x1010, 0x1020].into(),
            stack: vec![1, 2, 3].into(),
        };
        writer.sample(&sample).expect("memory can be written");
    }
    writer.lost(3).expect("memory can be written");
    writer
        .finish(9, 1_000_000)
        .expect("memory can be written")
        .1
}

fn read_bytes(bytes: &[u8]) -> Result<Recording, Problem> {
    read("file", bytes, &|_| None)
}

#[test]
fn samples_that_stand_for_more_than_can_be_counted_are_damage_and_not_added_up() {
    for weight in [u64::MAX, 1 << 63, 1 << 53] {
        let bytes = weighing(weight, architecture(), "SIGPROF", &[4, 5]);
        let problem = read_bytes(&bytes).expect_err("it is too much").to_string();
        assert!(problem.contains("more than 2⁵³"), "{problem}");
    }
}

#[test]
fn our_own_recording_becomes_the_model_in_time_order() {
    let bytes = written(architecture(), "cpu-clock:u", &[5, 4]);
    let recording = read_bytes(&bytes).expect("it is whole");
    assert_eq!(
        (recording.sampler, recording.kernel_included),
        (Sampler::PerfEvent, false)
    );
    assert_eq!((recording.lost, recording.asked_rate_hz), (3, Some(999.0)));
    assert_eq!(recording.real_rate_hz(), Some(7_000.0));
    assert_eq!(recording.threads[&(7, 8)], "worker");
    let module = Module {
        pid: 7,
        start: 0x1000,
        end: 0x2000,
        file_offset: 0x100,
        path: "/bench".to_owned(),
        build_id: None,
    };
    assert_eq!(recording.modules, [module]);
    let times: Vec<_> = recording
        .samples
        .iter()
        .map(|sample| sample.time_ns)
        .collect();
    assert_eq!(times, [4, 5]);
    let chain = Chain::Raw {
        registers: Registers {
            instruction_pointer: 0x1010,
            stack_pointer: 0x20,
            frame_pointer: 0x30,
            link_register: None,
        },
        stack: vec![1, 2, 3],
        frame_pointer_chain: vec![0x1010, 0x1020],
    };
    assert_eq!(recording.samples[0].chain, chain);
}

#[test]
fn the_event_tells_which_of_our_samplers_recorded() {
    let recording = read_bytes(&written(architecture(), "SIGPROF", &[5])).expect("it is whole");
    assert_eq!(
        (recording.sampler, recording.kernel_included),
        (Sampler::InProcess, true)
    );
}

#[test]
fn processes_beside_the_benchmark_are_left_out() {
    let mut recording = read_bytes(&written(architecture(), "x", &[5, 6])).expect("it is whole");
    // As a tool's recording, it does not tell which process was started.
    recording.started.clear();
    let mut foreign = recording.samples[0].clone();
    foreign.pid = 6;
    recording.samples.push(foreign);
    recording.threads.insert((6, 6), "sh".to_owned());
    let left = only_the_busiest_process(recording);
    assert!(left.samples.iter().all(|sample| sample.pid == 7));
    assert_eq!(left.threads.len(), 1);
}

#[test]
fn what_is_no_recording_is_told_with_its_name_and_the_reason() {
    let foreign = match architecture() {
        Architecture::X86_64 => Architecture::Aarch64,
        Architecture::Aarch64 => Architecture::X86_64,
    };
    let whole = written(architecture(), "cpu-clock:u", &[5]);
    let mut later = whole.clone();
    later[8] = 9;
    for (bytes, words) in [
        (Vec::new(), "the file is empty"),
        (
            b"main;leaf 3\n".to_vec(),
            "no recording that can be read here",
        ),
        (whole[..whole.len() - 8].to_vec(), "cut off"),
        (later, "version 9"),
        (
            written(foreign, "cpu-clock:u", &[5]),
            "another instruction set",
        ),
        (
            written(architecture(), "cpu-clock:u", &[]),
            "it holds no samples\n  event: cpu-clock:u\n  lost samples: 3",
        ),
    ] {
        let text = read_bytes(&bytes)
            .expect_err("it cannot be read")
            .to_string();
        assert!(
            text.starts_with("cannot read the recording `file`: "),
            "{text}"
        );
        assert!(text.contains(words), "{words}: {text}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_recording_or_an_error(
        start in prop::sample::select(vec![&b"PERFILE2"[..], b"YSTACKS\0", b"\x1f\x8b", b"{", b""]),
        rest in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let _ = read_bytes(&[start, &rest].concat());
    }
}
