//! What perf asked of the kernel for one event.

use linux_perf_event_reader::{
    BranchSampleFormat, Endianness, ReadFormat, RecordIdParseInfo, RecordParseInfo, SampleFormat,
};

use super::bytes::Bytes;
use crate::problem::Problem;

const TYPE_HARDWARE: u32 = 0;
const TYPE_SOFTWARE: u32 = 1;
const SOFTWARE_CPU_CLOCK: u64 = 0;
const SOFTWARE_TASK_CLOCK: u64 = 1;
const SOFTWARE_DUMMY: u64 = 9;

const FLAG_EXCLUDE_KERNEL: u64 = 1 << 5;
const FLAG_FREQUENCY: u64 = 1 << 10;
/// Records that are no samples end in the fields of samples that tell who and when.
const FLAG_TIMES_EVERYWHERE: u64 = 1 << 18;
const FLAG_USE_CLOCK: u64 = 1 << 25;
const CLOCK_MONOTONIC: u32 = 1;

/// One event.
#[derive(Clone, Debug)]
pub(super) struct Attribute {
    kind: u32,
    config: u64,
    flags: u64,
    frequency_or_period: u64,
    clock: u32,
    layout: RecordParseInfo,
    /// The ids under which its records come.
    pub(super) ids: Vec<u64>,
}

/// The fields that end a record which is no sample, from the time on.
const FIELDS_FROM_TIME: SampleFormat = SampleFormat::TIME
    .union(SampleFormat::ID)
    .union(SampleFormat::STREAM_ID)
    .union(SampleFormat::CPU)
    .union(SampleFormat::IDENTIFIER);

/// The bytes that the fields in `fields` take, if there is a time at all.
fn bytes_of(format: SampleFormat, fields: SampleFormat) -> Option<u8> {
    format
        .contains(SampleFormat::TIME)
        .then(|| 8 * format.intersection(fields).bits().count_ones() as u8)
}

impl Attribute {
    pub(super) fn parse(attribute: &[u8], ids: Vec<u64>) -> Result<Self, Problem> {
        let mut bytes = Bytes::new(attribute);
        let kind = bytes.u32()?;
        let _size = bytes.u32()?;
        let config = bytes.u64()?;
        let frequency_or_period = bytes.u64()?;
        let format = SampleFormat::from_bits_truncate(bytes.u64()?);
        let read_format = ReadFormat::from_bits_truncate(bytes.u64()?);
        let flags = bytes.u64()?;
        // Older versions of the structure end in between; what they lack is zero.
        let later = |at: usize| {
            let value = attribute.get(at..).and_then(<[u8]>::first_chunk);
            value.map_or(0, |value| u64::from_le_bytes(*value))
        };
        let branch_format = BranchSampleFormat::from_bits_truncate(later(72));
        let user_registers = later(80);
        let stack_and_clock = later(88);
        let interrupt_registers = later(96);
        Ok(Self {
            kind,
            config,
            flags,
            frequency_or_period,
            clock: (stack_and_clock >> 32) as u32,
            layout: RecordParseInfo {
                endian: Endianness::LittleEndian,
                sample_format: format,
                branch_sample_format: branch_format,
                read_format,
                common_data_offset_from_end: None,
                sample_regs_user: user_registers,
                user_regs_count: user_registers.count_ones() as u8,
                sample_regs_intr: interrupt_registers,
                intr_regs_count: interrupt_registers.count_ones() as u8,
                id_parse_info: RecordIdParseInfo {
                    nonsample_record_id_offset_from_end: None,
                    sample_record_id_offset_from_start: None,
                },
                nonsample_record_time_offset_from_end: (flags & FLAG_TIMES_EVERYWHERE != 0)
                    .then(|| bytes_of(format, FIELDS_FROM_TIME))
                    .flatten(),
                sample_record_time_offset_from_start: bytes_of(
                    format,
                    SampleFormat::IDENTIFIER | SampleFormat::IP | SampleFormat::TID,
                ),
            },
            ids,
        })
    }

    pub(super) fn layout(&self) -> RecordParseInfo {
        self.layout
    }

    pub(super) fn format(&self) -> SampleFormat {
        self.layout.sample_format
    }

    pub(super) fn is_dummy(&self) -> bool {
        (self.kind, self.config) == (TYPE_SOFTWARE, SOFTWARE_DUMMY)
    }

    pub(super) fn has_stacks(&self) -> bool {
        self.format().contains(SampleFormat::CALLCHAIN)
            || self
                .format()
                .contains(SampleFormat::REGS_USER | SampleFormat::STACK_USER)
    }

    /// The event in perf's notation.
    pub(super) fn name(&self) -> String {
        let name = match (self.kind, self.config) {
            // The upper half tells the kind of core where there are several.
            (TYPE_HARDWARE, config) if config & 0xffff_ffff == 0 => "cycles".to_owned(),
            (TYPE_HARDWARE, config) if config & 0xffff_ffff == 1 => "instructions".to_owned(),
            (TYPE_SOFTWARE, SOFTWARE_CPU_CLOCK) => "cpu-clock".to_owned(),
            (TYPE_SOFTWARE, SOFTWARE_TASK_CLOCK) => "task-clock".to_owned(),
            (kind, config) => format!("event {kind}:{config:#x}"),
        };
        if self.kernel_included() {
            name
        } else {
            name + ":u"
        }
    }

    pub(super) fn kernel_included(&self) -> bool {
        self.flags & FLAG_EXCLUDE_KERNEL == 0
    }

    /// Samples per CPU second that were asked for, where that was asked and not a period.
    pub(super) fn frequency_hz(&self) -> Option<f64> {
        if self.flags & FLAG_FREQUENCY != 0 {
            return Some(self.frequency_or_period as f64);
        }
        (self.counts_time() && self.frequency_or_period > 0)
            .then(|| 1e9 / self.frequency_or_period as f64)
    }

    /// Whether the event's periods are nanoseconds of CPU time.
    fn counts_time(&self) -> bool {
        self.kind == TYPE_SOFTWARE
            && matches!(self.config, SOFTWARE_CPU_CLOCK | SOFTWARE_TASK_CLOCK)
    }

    /// Whether times are on the clock that the probe's windows are on.
    pub(super) fn on_monotonic_clock(&self) -> bool {
        self.flags & FLAG_USE_CLOCK != 0 && self.clock == CLOCK_MONOTONIC
    }
}
