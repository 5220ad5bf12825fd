//! Gathers the kernel's records in a perf.data file into a recording.

use std::collections::{BTreeMap, BTreeSet};

use linux_perf_event_reader::{
    CommOrExecRecord, CpuMode, EventRecord, ForkOrExitRecord, RawData, RawEventRecord, RecordType,
    Regs, SampleFormat, SampleRecord,
};

use super::{attributes::Attribute, damaged};
use crate::model::profile::Sampler;
use crate::model::recording::{Chain, Module, Recording, Registers, StackSample};
use crate::problem::Problem;

/// From this value on, an entry of a call chain says whose addresses follow and is no address.
const FIRST_CONTEXT_MARKER: u64 = -4095_i64 as u64;
const CONTEXT_USER: u64 = -512_i64 as u64;

const KIND_MMAP2: u32 = 10;
const KIND_LOST_SAMPLES: u32 = 13;
const KIND_SAMPLE: u32 = 9;
const MISC_BUILD_ID: u16 = 1 << 14;
const PROTECTION_EXECUTE: u32 = 4;

/// The kernel's numbers of the registers that unwinding starts from: bp, sp, ip, lr.
const REGISTERS: (u64, u64, u64, Option<u64>) = if cfg!(target_arch = "aarch64") {
    (29, 31, 32, Some(30))
} else {
    (6, 7, 8, None)
};

/// The most mappings of all processes together: a process that forks has those of its parent, so that a short file can ask
/// for any number.
const MOST_MAPPINGS: usize = 1 << 20;

/// What was gathered so far.
pub(super) struct Collector<'file> {
    attributes: &'file [Attribute],
    event: usize,
    threads: BTreeMap<(u32, u32), String>,
    modules: BTreeMap<u32, Vec<Module>>,
    /// How many modules there are.
    mappings: usize,
    samples: Vec<StackSample>,
    lost: u64,
}

impl<'file> Collector<'file> {
    /// Gathers the samples of the event at the index `event` of `attributes`.
    pub(super) fn new(attributes: &'file [Attribute], event: usize) -> Self {
        Self {
            attributes,
            event,
            threads: BTreeMap::new(),
            modules: BTreeMap::new(),
            mappings: 0,
            samples: Vec::new(),
            lost: 0,
        }
    }

    /// When a record of the kernel was written, where it says so.
    pub(super) fn time(&self, kind: u32, misc: u16, body: &[u8]) -> Result<Option<u64>, Problem> {
        let attribute = self.attribute_of(kind, body);
        check(kind, misc, body, attribute)?;
        let layout = attribute.layout();
        let raw = RawEventRecord::new(RecordType(kind), misc, RawData::Single(body), layout);
        Ok(raw.timestamp())
    }

    /// Takes one record of the kernel.
    pub(super) fn record(&mut self, kind: u32, misc: u16, body: &[u8]) -> Result<(), Problem> {
        let attribute = self.attribute_of(kind, body);
        check(kind, misc, body, attribute)?;
        if kind == KIND_LOST_SAMPLES {
            let count = body.first_chunk().ok_or_else(damaged)?;
            self.lost = self.lost.saturating_add(u64::from_le_bytes(*count));
            return Ok(());
        }
        let is_sampled_event = std::ptr::eq(attribute, &self.attributes[self.event]);
        let layout = attribute.layout();
        let raw = RawEventRecord::new(RecordType(kind), misc, RawData::Single(body), layout);
        match raw.parse().map_err(|_| damaged())? {
            EventRecord::Sample(sample) if is_sampled_event => self.sample(&sample),
            EventRecord::Mmap(mapping)
                if mapping.is_executable && mapping.cpu_mode == CpuMode::User =>
            {
                self.map(Module {
                    pid: mapping.pid.cast_unsigned(),
                    start: mapping.address,
                    end: mapping.address.saturating_add(mapping.length),
                    file_offset: mapping.page_offset,
                    path: lossy(mapping.path),
                    build_id: None,
                });
            }
            EventRecord::Mmap2(mapping)
                if mapping.protection & PROTECTION_EXECUTE != 0
                    && mapping.cpu_mode == CpuMode::User =>
            {
                self.map(Module {
                    pid: mapping.pid.cast_unsigned(),
                    start: mapping.address,
                    end: mapping.address.saturating_add(mapping.length),
                    file_offset: mapping.page_offset,
                    path: lossy(mapping.path),
                    build_id: match mapping.file_id {
                        linux_perf_event_reader::Mmap2FileId::BuildId(id) => Some(id),
                        linux_perf_event_reader::Mmap2FileId::InodeAndVersion(_) => None,
                    },
                });
            }
            EventRecord::Comm(name) => self.name(&name),
            EventRecord::Fork(fork) => self.fork(&fork),
            EventRecord::Lost(lost) => self.lost = self.lost.saturating_add(lost.count),
            _ => {}
        }
        match self.mappings {
            ..=MOST_MAPPINGS => Ok(()),
            _ => Err(damaged().fact(format!("it has more than {MOST_MAPPINGS} mappings"))),
        }
    }

    /// The recording; `build_ids` by path fill in what the mappings did not tell.
    pub(super) fn finish(mut self, build_ids: &[(String, Vec<u8>)]) -> Recording {
        let event = &self.attributes[self.event];
        self.samples.sort_by_key(|sample| sample.time_ns);
        if !event.on_monotonic_clock() {
            for sample in &mut self.samples {
                sample.time_ns = 0;
            }
        }
        let mut modules: Vec<Module> = self.modules.into_values().flatten().collect();
        for module in modules
            .iter_mut()
            .filter(|module| module.build_id.is_none())
        {
            let known = build_ids.iter().find(|(path, _)| *path == module.path);
            module.build_id = known.map(|(_, id)| id.clone());
        }
        Recording {
            sampler: Sampler::Perf,
            started: BTreeSet::new(),
            event: event.name(),
            asked_rate_hz: event.frequency_hz(),
            kernel_included: event.kernel_included(),
            threads: self.threads,
            modules,
            samples: self.samples,
            lost: self.lost,
            // The periods only repeat the rate that was asked for.
            cpu_ns: None,
        }
    }

    /// The event that a record belongs to. Without ids in the records there is one event.
    fn attribute_of(&self, kind: u32, body: &[u8]) -> &'file Attribute {
        let event = &self.attributes[self.event];
        if kind != KIND_SAMPLE || !event.format().contains(SampleFormat::IDENTIFIER) {
            return event;
        }
        let id = body.first_chunk().map(|id| u64::from_le_bytes(*id));
        self.attributes
            .iter()
            .find(|attribute| id.is_some_and(|id| attribute.ids.contains(&id)))
            .unwrap_or(event)
    }

    fn sample(&mut self, sample: &SampleRecord<'_>) {
        let Some(chain) = chain(sample) else {
            return;
        };
        self.samples.push(StackSample {
            pid: sample.pid.unwrap_or(0).cast_unsigned(),
            tid: sample.tid.unwrap_or(0).cast_unsigned(),
            time_ns: sample.timestamp.unwrap_or(0),
            weight: 1,
            chain,
        });
    }

    fn map(&mut self, module: Module) {
        let known = self.modules.entry(module.pid).or_default();
        if !known.contains(&module) {
            known.push(module);
            self.mappings += 1;
        }
    }

    fn name(&mut self, name: &CommOrExecRecord<'_>) {
        let pid = name.pid.cast_unsigned();
        if name.is_execve {
            // Another program has taken the place of the one that was mapped.
            let replaced = self.modules.remove(&pid).unwrap_or_default();
            self.mappings -= replaced.len();
        }
        let key = (pid, name.tid.cast_unsigned());
        self.threads.insert(key, lossy(name.name));
    }

    fn fork(&mut self, fork: &ForkOrExitRecord) {
        let (pid, parent) = (fork.pid.cast_unsigned(), fork.ppid.cast_unsigned());
        let inherited = self.threads.get(&(parent, fork.ptid.cast_unsigned()));
        if let Some(name) = inherited.cloned() {
            let key = (pid, fork.tid.cast_unsigned());
            self.threads.entry(key).or_insert(name);
        }
        if pid != parent
            && !self.modules.contains_key(&pid)
            && let Some(mapped) = self.modules.get(&parent)
        {
            let copies = mapped
                .iter()
                .cloned()
                .map(|module| Module { pid, ..module });
            let copies: Vec<Module> = copies.collect();
            self.mappings += copies.len();
            self.modules.insert(pid, copies);
        }
    }
}

/// Refuses what the decoder would trust: counts that overflow and lengths that are too large.
fn check(kind: u32, misc: u16, body: &[u8], attribute: &Attribute) -> Result<(), Problem> {
    if kind == KIND_MMAP2 && misc & MISC_BUILD_ID != 0 {
        const LENGTH_AT: usize = 32;
        const LONGEST: u8 = 20;
        return match body.get(LENGTH_AT) {
            Some(&length) if length <= LONGEST => Ok(()),
            _ => Err(damaged()),
        };
    }
    let format = attribute.format();
    if kind != KIND_SAMPLE || !format.contains(SampleFormat::CALLCHAIN) {
        return Ok(());
    }
    if format.contains(SampleFormat::READ) {
        return Err(
            Problem::failure("its samples hold counters, which is not supported")
                .hint("record one event, without perf's options `-s` and `--group`"),
        );
    }
    let words_before_chain = format
        .intersection(
            SampleFormat::IDENTIFIER
                | SampleFormat::IP
                | SampleFormat::TID
                | SampleFormat::TIME
                | SampleFormat::ADDR
                | SampleFormat::ID
                | SampleFormat::STREAM_ID
                | SampleFormat::CPU
                | SampleFormat::PERIOD,
        )
        .bits()
        .count_ones() as usize;
    let count = body
        .get(words_before_chain * 8..)
        .and_then(<[u8]>::first_chunk)
        .map(|count| u64::from_le_bytes(*count))
        .ok_or_else(damaged)?;
    if count > body.len() as u64 / 8 {
        return Err(damaged());
    }
    Ok(())
}

/// The stack outside the kernel; `None` for a sample that has none, such as one of a kernel thread.
///
/// Time in the kernel counts for the function that called it.
fn chain(sample: &SampleRecord<'_>) -> Option<Chain> {
    let addresses = user_addresses(sample);
    let registers = sample.user_regs.as_ref().and_then(registers);
    match (registers, sample.user_stack) {
        (Some(registers), Some((stack, copied))) => {
            let stack = stack.as_slice();
            let copied = usize::try_from(copied).unwrap_or(usize::MAX);
            Some(Chain::Raw {
                registers,
                stack: stack[..copied.min(stack.len())].to_vec(),
                frame_pointer_chain: addresses,
            })
        }
        _ if addresses.is_empty() => None,
        _ => Some(Chain::Addresses(addresses)),
    }
}

fn user_addresses(sample: &SampleRecord<'_>) -> Vec<u64> {
    let Some(chain) = sample.callchain else {
        return Vec::new();
    };
    let entries = (0..chain.len()).filter_map(|index| chain.get(index));
    let mut in_user = sample.cpu_mode == CpuMode::User;
    let mut addresses = Vec::new();
    for entry in entries {
        if entry >= FIRST_CONTEXT_MARKER {
            in_user = entry == CONTEXT_USER;
        } else if in_user {
            addresses.push(entry);
        }
    }
    addresses
}

fn registers(values: &Regs<'_>) -> Option<Registers> {
    let (bp, sp, ip, lr) = REGISTERS;
    Some(Registers {
        instruction_pointer: values.get(ip)?,
        stack_pointer: values.get(sp)?,
        frame_pointer: values.get(bp)?,
        link_register: lr.and_then(|lr| values.get(lr)),
    })
}

fn lossy(text: RawData<'_>) -> String {
    String::from_utf8_lossy(&text.as_slice()).into_owned()
}
