//! The parts of the processed profile format that hold samples.
//!
//! Until version 55 of the format each thread has its own tables; later ones share them.

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

#[derive(Debug, Deserialize)]
pub(super) struct Profile {
    pub(super) meta: Meta,
    pub(super) libs: Vec<Library>,
    pub(super) threads: Vec<Thread>,
    #[serde(default)]
    shared: SharedTables,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Meta {
    /// Between samples, in ms.
    pub(super) interval: f64,
    pub(super) sample_units: Option<SampleUnits>,
}

#[derive(Debug, Deserialize)]
pub(super) struct SampleUnits {
    #[serde(rename = "threadCPUDelta")]
    pub(super) thread_cpu_delta: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Library {
    pub(super) name: String,
    pub(super) path: String,
    /// The build id in hexadecimal, for files in ELF.
    pub(super) code_id: Option<String>,
    pub(super) arch: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Thread {
    pub(super) name: String,
    #[serde(deserialize_with = "leading_number")]
    pid: u32,
    #[serde(deserialize_with = "leading_number")]
    tid: u32,
    pub(super) samples: Samples,
    frame_table: Option<FrameTable>,
    func_table: Option<FunctionTable>,
    resource_table: Option<ResourceTable>,
    stack_table: Option<StackTable>,
    string_array: Option<Vec<String>>,
}

/// The tables of all threads, in later versions of the format.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SharedTables {
    frame_table: Option<FrameTable>,
    func_table: Option<FunctionTable>,
    resource_table: Option<ResourceTable>,
    stack_table: Option<StackTable>,
    string_array: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Samples {
    pub(super) stack: Vec<Option<usize>>,
    /// In ms.
    time: Option<Vec<f64>>,
    /// In ms, each since the one before.
    time_deltas: Option<Vec<f64>>,
    weight: Option<Vec<f64>>,
    #[serde(rename = "threadCPUDelta")]
    pub(super) thread_cpu_delta: Option<Vec<Option<f64>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FrameTable {
    /// Relative to the file, -1 for a frame that is no code.
    pub(super) address: Vec<i64>,
    #[serde(default)]
    pub(super) inline_depth: Vec<u32>,
    pub(super) func: Vec<usize>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct FunctionTable {
    name: Vec<usize>,
    /// -1 for none.
    pub(super) resource: Vec<i64>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct ResourceTable {
    pub(super) lib: Vec<Option<i64>>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct StackTable {
    pub(super) frame: Vec<usize>,
    pub(super) prefix: Vec<Option<usize>>,
}

/// The tables that a thread's samples point into.
pub(super) struct Tables<'profile> {
    pub(super) frames: &'profile FrameTable,
    pub(super) functions: &'profile FunctionTable,
    pub(super) resources: &'profile ResourceTable,
    pub(super) stacks: &'profile StackTable,
    strings: &'profile [String],
}

static NO_FRAMES: FrameTable = FrameTable {
    address: Vec::new(),
    inline_depth: Vec::new(),
    func: Vec::new(),
};
static NO_FUNCTIONS: FunctionTable = FunctionTable {
    name: Vec::new(),
    resource: Vec::new(),
};
static NO_RESOURCES: ResourceTable = ResourceTable { lib: Vec::new() };
static NO_STACKS: StackTable = StackTable {
    frame: Vec::new(),
    prefix: Vec::new(),
};

impl Thread {
    /// Process id and thread id.
    pub(super) fn key(&self) -> (u32, u32) {
        (self.pid, self.tid)
    }

    /// The thread's own tables or the shared ones.
    pub(super) fn tables<'profile>(&'profile self, profile: &'profile Profile) -> Tables<'profile> {
        let (own, shared) = (self, &profile.shared);
        Tables {
            frames: either(&own.frame_table, &shared.frame_table).unwrap_or(&NO_FRAMES),
            functions: either(&own.func_table, &shared.func_table).unwrap_or(&NO_FUNCTIONS),
            resources: either(&own.resource_table, &shared.resource_table).unwrap_or(&NO_RESOURCES),
            stacks: either(&own.stack_table, &shared.stack_table).unwrap_or(&NO_STACKS),
            strings: either(&own.string_array, &shared.string_array)
                .map(Vec::as_slice)
                .unwrap_or_default(),
        }
    }
}

impl Tables<'_> {
    pub(super) fn function_name(&self, function: usize) -> Option<&str> {
        let name = *self.functions.name.get(function)?;
        self.strings.get(name).map(String::as_str)
    }
}

impl Samples {
    /// The time of each sample, in ms.
    pub(super) fn times(&self) -> Vec<f64> {
        match (&self.time, &self.time_deltas) {
            (Some(times), _) => times.clone(),
            (None, Some(deltas)) => deltas
                .iter()
                .scan(0.0, |time, delta| {
                    *time += delta;
                    Some(*time)
                })
                .collect(),
            (None, None) => Vec::new(),
        }
    }

    /// How many samples an entry stands for: profiles of differences hold negative ones, which
    /// count for nothing here.
    pub(super) fn weight_of(&self, index: usize) -> u64 {
        let weight = self.weight.as_ref().and_then(|weights| weights.get(index));
        weight.map_or(1, |&weight| weight as u64)
    }
}

fn either<'a, T>(own: &'a Option<T>, shared: &'a Option<T>) -> Option<&'a T> {
    own.as_ref().or(shared.as_ref())
}

/// A process or thread id: a number, or text such as `4242.1` where an id was used again.
fn leading_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum NumberOrText {
        Number(f64),
        Text(String),
    }
    let text = match NumberOrText::deserialize(deserializer)? {
        NumberOrText::Number(number) => return Ok(number as u32),
        NumberOrText::Text(text) => text,
    };
    let digits = text.split('.').next().unwrap_or_default();
    digits
        .parse()
        .map_err(|_| D::Error::custom(format!("`{text}` is no process or thread id")))
}
