//! pprof's form: the messages of `profile.proto` that a profile of stacks needs, gzipped.
//!
//! The format: <https://github.com/google/pprof/blob/main/proto/profile.proto>.

use std::{collections::BTreeMap, io::Read as _};

use flate2::{Compression, read::GzEncoder};
use prost::Message;

use crate::model::profile::{Iterations, Profile};

use super::{Functions, crate_of, routine_ns, stack_ns, title};

#[derive(Clone, PartialEq, Message)]
pub(super) struct File {
    #[prost(message, repeated, tag = "1")]
    pub(super) sample_type: Vec<ValueType>,
    #[prost(message, repeated, tag = "2")]
    pub(super) sample: Vec<Sample>,
    #[prost(message, repeated, tag = "3")]
    pub(super) mapping: Vec<Mapping>,
    #[prost(message, repeated, tag = "4")]
    pub(super) location: Vec<Location>,
    #[prost(message, repeated, tag = "5")]
    pub(super) function: Vec<Function>,
    /// The first one is empty; numbers elsewhere are places in here.
    #[prost(string, repeated, tag = "6")]
    pub(super) string_table: Vec<String>,
    #[prost(int64, tag = "9")]
    pub(super) time_nanos: i64,
    #[prost(int64, tag = "10")]
    pub(super) duration_nanos: i64,
    #[prost(message, optional, tag = "11")]
    pub(super) period_type: Option<ValueType>,
    #[prost(int64, tag = "12")]
    pub(super) period: i64,
    #[prost(int64, repeated, tag = "13")]
    pub(super) comment: Vec<i64>,
    #[prost(int64, tag = "14")]
    pub(super) default_sample_type: i64,
}

#[derive(Clone, Copy, PartialEq, Message)]
pub(super) struct ValueType {
    #[prost(int64, tag = "1")]
    pub(super) kind: i64,
    #[prost(int64, tag = "2")]
    pub(super) unit: i64,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Sample {
    /// The leaf first.
    #[prost(uint64, repeated, tag = "1")]
    pub(super) location_id: Vec<u64>,
    #[prost(int64, repeated, tag = "2")]
    pub(super) value: Vec<i64>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Mapping {
    #[prost(uint64, tag = "1")]
    pub(super) id: u64,
    #[prost(int64, tag = "5")]
    pub(super) filename: i64,
    /// Nothing is left to look up.
    #[prost(bool, tag = "7")]
    pub(super) has_functions: bool,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Location {
    #[prost(uint64, tag = "1")]
    pub(super) id: u64,
    #[prost(uint64, tag = "2")]
    pub(super) mapping_id: u64,
    #[prost(message, repeated, tag = "4")]
    pub(super) line: Vec<Line>,
}

#[derive(Clone, Copy, PartialEq, Message)]
pub(super) struct Line {
    #[prost(uint64, tag = "1")]
    pub(super) function_id: u64,
}

#[derive(Clone, Copy, PartialEq, Message)]
pub(super) struct Function {
    #[prost(uint64, tag = "1")]
    pub(super) id: u64,
    #[prost(int64, tag = "2")]
    pub(super) name: i64,
    #[prost(int64, tag = "3")]
    pub(super) system_name: i64,
    /// The crate, because source files are not stored.
    #[prost(int64, tag = "4")]
    pub(super) filename: i64,
}

/// Values are stack samples and, where it is known, CPU time in ns over all iterations.
pub(super) fn bytes(profile: &Profile) -> Vec<u8> {
    gzipped(&file(profile).encode_to_vec())
}

fn file(profile: &Profile) -> File {
    let mut strings = Strings::default();
    let functions = Functions::of(profile);
    let stack_ns = stack_ns(profile);
    let samples = ValueType {
        kind: strings.number("samples"),
        unit: strings.number("count"),
    };
    let cpu = ValueType {
        kind: strings.number("cpu"),
        unit: strings.number("nanoseconds"),
    };
    let mut sample_type = vec![samples];
    sample_type.extend(stack_ns.as_ref().map(|_| cpu));
    let numbered = functions.names().zip(1..);
    let function: Vec<Function> = numbered
        .map(|(name, id)| {
            let named = strings.number(name);
            Function {
                id,
                name: named,
                system_name: named,
                filename: strings.number(crate_of(profile, name)),
            }
        })
        .collect();
    let location = function
        .iter()
        .map(|Function { id, .. }| Location {
            id: *id,
            mapping_id: 1,
            line: vec![Line { function_id: *id }],
        })
        .collect();
    let sample = profile
        .stacks
        .0
        .iter()
        .enumerate()
        .map(|(position, (stack, weight))| {
            let mut value = vec![signed(*weight)];
            value.extend(stack_ns.as_ref().map(|ns| signed(ns[position])));
            let numbers = functions.numbers(stack).rev();
            Sample {
                location_id: numbers.map(|number| number as u64 + 1).collect(),
                value,
            }
        })
        .collect();
    let default_sample_type = match stack_ns {
        Some(_) => cpu.kind,
        None => samples.kind,
    };
    let rate_hz = profile.facts.real_rate_hz;
    let measured_at = profile.provenance.measured_at.parse::<jiff::Timestamp>();
    let comments = [title(profile), iterations(profile)];
    File {
        sample_type,
        sample,
        mapping: vec![Mapping {
            id: 1,
            filename: strings.number(&profile.key.suite),
            has_functions: true,
        }],
        location,
        function,
        time_nanos: measured_at
            .ok()
            .and_then(|time| i64::try_from(time.as_nanosecond()).ok())
            .unwrap_or_default(),
        duration_nanos: signed(profile.work.wall_ns),
        period_type: Some(cpu),
        period: if rate_hz > 0.0 {
            (1e9 / rate_hz) as i64
        } else {
            0
        },
        comment: comments
            .iter()
            .map(|comment| strings.number(comment))
            .collect(),
        default_sample_type,
        string_table: strings.table,
    }
}

/// What the CPU time has to be divided by to be compared with that of another profile.
fn iterations(profile: &Profile) -> String {
    let cpu = match routine_ns(profile) {
        Some(ns) => format!("{ns} ns of CPU time in the routine"),
        None => "CPU time unknown".to_owned(),
    };
    match profile.work.iterations {
        Iterations::Counted(count) => format!("{cpu}, {count} iterations"),
        Iterations::Runs(count) => format!("{cpu}, {count} runs"),
        Iterations::Derived(count) => format!("{cpu}, {count:.0} iterations (derived)"),
        Iterations::Unknown => format!("{cpu}, iterations unknown"),
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

struct Strings {
    table: Vec<String>,
    numbers: BTreeMap<String, i64>,
}

impl Default for Strings {
    fn default() -> Self {
        Self {
            table: vec![String::new()],
            numbers: [(String::new(), 0)].into(),
        }
    }
}

impl Strings {
    fn number(&mut self, text: &str) -> i64 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = self.table.len() as i64;
        self.table.push(text.to_owned());
        self.numbers.insert(text.to_owned(), number);
        number
    }
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    // Reading from memory does not fail.
    let _ = GzEncoder::new(bytes, Compression::default()).read_to_end(&mut packed);
    packed
}
