//! Raw recordings of our own: the format of `yardstick_probe::wire`, which the perf-event recorder
//! and the in-process sampler write.

use std::collections::{BTreeMap, BTreeSet};

use yardstick_probe::wire::recording::{
    Architecture, Clock, Module as WireModule, Process, Recording as WireRecording,
    Sample as WireSample,
};

use crate::model::profile::Sampler;
use crate::model::recording::{Chain, Module, Recording, Registers, StackSample};
use crate::problem::Problem;

/// The event of the in-process sampler.
const IN_PROCESS_EVENT: &str = "SIGPROF";

/// Reads a raw recording.
///
/// # Errors
/// If it is of another version, damaged, cut off, or made on another architecture.
pub fn read(bytes: &[u8]) -> Result<Recording, Problem> {
    let wire = WireRecording::read(bytes).map_err(|error| Problem::failure(error.to_string()))?;
    let Some(end) = wire.end else {
        return Err(Problem::failure("the recording is cut off")
            .fact(format!(
                "{} samples are there, the end is not",
                wire.samples.len()
            ))
            .hint("the recorder was killed or the disk was full: record again"));
    };
    let pid = wire.header.pid;
    super::recording::require_this_architecture(architecture(wire.header.architecture))?;
    let sampler = if wire.header.event == IN_PROCESS_EVENT {
        Sampler::InProcess
    } else {
        Sampler::PerfEvent
    };
    let clock = wire.header.clock;
    let started = Process {
        threads: wire.threads,
        modules: wire.modules,
        samples: wire.samples,
    };
    let (mut threads, mut modules, mut samples) = (BTreeMap::new(), Vec::new(), Vec::new());
    for (pid, process) in std::iter::once((pid, started)).chain(wire.others) {
        threads.extend(
            process
                .threads
                .into_iter()
                .map(|(tid, name)| ((pid, tid), name)),
        );
        modules.extend(
            process
                .modules
                .into_iter()
                .map(|module| loaded(pid, module)),
        );
        let of_process = process.samples.into_iter();
        samples.extend(of_process.map(|sample| stack_sample(pid, clock, sample)));
    }
    samples.sort_by_key(|sample| sample.time_ns);
    Ok(Recording {
        sampler,
        started: BTreeSet::from([pid]),
        // perf's notation: `:u` says that time in the kernel is left out.
        kernel_included: !wire.header.event.ends_with(":u"),
        event: wire.header.event,
        asked_rate_hz: Some(f64::from(wire.header.requested_rate_hz)),
        threads,
        modules,
        samples,
        lost: wire.lost,
        cpu_ns: Some(end.cpu_ns),
    })
}

fn stack_sample(pid: u32, clock: Clock, sample: WireSample<'_>) -> StackSample {
    let registers = sample.registers;
    StackSample {
        pid,
        tid: sample.tid,
        time_ns: match clock {
            Clock::Monotonic => sample.time_ns,
            Clock::MonotonicRaw | Clock::Unknown => 0,
        },
        weight: sample.weight,
        chain: Chain::Raw {
            registers: Registers {
                instruction_pointer: registers.ip,
                stack_pointer: registers.sp,
                frame_pointer: registers.bp,
                link_register: (registers.lr != 0).then_some(registers.lr),
            },
            stack: sample.stack.into_owned(),
            frame_pointer_chain: sample.chain.into_owned(),
        },
    }
}

fn loaded(pid: u32, module: WireModule) -> Module {
    Module {
        pid,
        start: module.start,
        end: module.end,
        file_offset: module.file_offset,
        path: module.path,
        build_id: (!module.build_id.is_empty()).then_some(module.build_id),
    }
}

fn architecture(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X86_64 => "x86_64",
        Architecture::Aarch64 => "aarch64",
    }
}
