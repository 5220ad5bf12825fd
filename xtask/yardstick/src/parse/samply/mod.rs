//! samply's profile: the processed format of the Firefox Profiler, as JSON, often gzipped.
//!
//! samply leaves symbols to the viewer, so a frame is an address relative to a file. Each file is
//! put at a place of its own in an address space that never existed, with the mappings its
//! headers ask for; from there on the recording is like any other.

mod placement;
mod schema;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Read as _;

use flate2::read::MultiGzDecoder;

use super::recording::FindBinary;
use crate::model::profile::Sampler;
use crate::model::recording::{Chain, Recording, StackSample};
use crate::problem::Problem;
use placement::Placement;
use schema::{Profile, Tables, Thread};

/// What a profile may hold once unpacked. A damaged or hostile file can claim any size.
pub(super) const LARGEST_TEXT_BYTES: u64 = 2 << 30;

/// How many frames all different stacks may have together: 1 GiB of addresses. A table of stacks shares what they have in
/// common, so that a short text can hold any number.
const MOST_FRAMES: u64 = 1 << 27;

/// Whether the bytes begin like a gzipped file.
pub fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// Reads a profile; `find_binary` finds the files that its frames lie in.
///
/// # Errors
/// If the file is damaged, too large, or no profile in the processed format.
pub fn read(bytes: &[u8], find_binary: FindBinary<'_>) -> Result<Recording, Problem> {
    let unpacked;
    let text = if is_gzip(bytes) {
        unpacked = unpack(bytes)?;
        &unpacked
    } else {
        bytes
    };
    let profile: Profile = serde_json::from_slice(text).map_err(|error| {
        Problem::failure("it is not a profile of samply, or is damaged").fact(error.to_string())
    })?;
    if let Some(library) = profile.libs.iter().find(|library| library.arch.is_some()) {
        let architecture = library.arch.as_deref().unwrap_or_default();
        super::recording::require_this_architecture(match architecture {
            "arm64" => "aarch64",
            other => other,
        })?;
    }
    let placement = Placement::of(&profile.libs, find_binary);
    let mut samples = Vec::new();
    let mut names = BTreeMap::new();
    let mut frames_left = MOST_FRAMES;
    for thread in &profile.threads {
        let key = thread.key();
        names.insert(key, thread.name.clone());
        let tables = thread.tables(&profile);
        let mut stacks = StackReader {
            tables: &tables,
            placement: &placement,
            frames_left: &mut frames_left,
        };
        read_samples(thread, key, &mut stacks, &mut samples)?;
    }
    samples.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let seen = samples.iter().flat_map(|(_, sample)| match &sample.chain {
        Chain::Addresses(addresses)
        | Chain::Raw {
            frame_pointer_chain: addresses,
            ..
        } => addresses.iter().map(|address| (sample.pid, *address)),
    });
    let modules = placement.modules(seen);
    Ok(Recording {
        sampler: Sampler::Samply,
        started: BTreeSet::new(),
        event: "samply".to_owned(),
        asked_rate_hz: (profile.meta.interval > 0.0).then(|| 1e3 / profile.meta.interval),
        kernel_included: placement.has_kernel(),
        threads: names,
        modules,
        samples: samples.into_iter().map(|(_, sample)| sample).collect(),
        lost: 0,
        cpu_ns: cpu_ns(&profile),
    })
}

fn unpack(bytes: &[u8]) -> Result<Vec<u8>, Problem> {
    let mut text = Vec::new();
    MultiGzDecoder::new(bytes)
        .take(LARGEST_TEXT_BYTES + 1)
        .read_to_end(&mut text)
        .map_err(|error| Problem::failure("its compression is damaged").fact(error.to_string()))?;
    if text.len() as u64 > LARGEST_TEXT_BYTES {
        return Err(super::recording::too_large(LARGEST_TEXT_BYTES));
    }
    Ok(text)
}

/// Adds the samples of one thread, each with its time in ms; those with the same stack as one, at the time of the first.
fn read_samples(
    thread: &Thread,
    (pid, tid): (u32, u32),
    stacks: &mut StackReader<'_>,
    samples: &mut Vec<(f64, StackSample)>,
) -> Result<(), Problem> {
    let times = thread.samples.times();
    // Where the sample of a stack is; nowhere if the stack has no address.
    let mut known: HashMap<usize, Option<usize>> = HashMap::new();
    for (index, stack) in thread.samples.stack.iter().enumerate() {
        let Some(stack) = stack else {
            continue;
        };
        let weight = thread.samples.weight_of(index);
        if weight == 0 {
            continue;
        }
        if let Some(position) = known.get(stack) {
            if let Some((_, sample)) = position.and_then(|position| samples.get_mut(position)) {
                sample.weight = sample.weight.saturating_add(weight);
            }
            continue;
        }
        let addresses = stacks.addresses(*stack)?;
        known.insert(*stack, (!addresses.is_empty()).then_some(samples.len()));
        if addresses.is_empty() {
            continue;
        }
        let sample = StackSample {
            pid,
            tid,
            // The profile's clock begins with the recording and is not the monotonic one.
            time_ns: 0,
            weight,
            chain: Chain::Addresses(addresses),
        };
        samples.push((times.get(index).copied().unwrap_or(0.0), sample));
    }
    Ok(())
}

/// Turns stacks of one thread's tables into addresses.
struct StackReader<'profile> {
    tables: &'profile Tables<'profile>,
    placement: &'profile Placement,
    /// How many frames may still be read, in all threads.
    frames_left: &'profile mut u64,
}

impl StackReader<'_> {
    /// The addresses of a stack, leaf first.
    fn addresses(&mut self, stack: usize) -> Result<Vec<u64>, Problem> {
        let mut addresses = Vec::new();
        let mut next = Some(stack);
        while let Some(index) = next {
            *self.frames_left = self
                .frames_left
                .checked_sub(1)
                .ok_or_else(too_many_frames)?;
            let frame = self.tables.stacks.frame.get(index).ok_or_else(damaged)?;
            if let Some(address) = self.address(*frame)? {
                // The profile holds the call's last byte. Here a caller is known by the address
                // it returns to, which is the byte after that.
                let behind_call = u64::from(!addresses.is_empty());
                addresses.push(address.saturating_add(behind_call));
            }
            next = *self.tables.stacks.prefix.get(index).ok_or_else(damaged)?;
            // A parent stands before its children; anything else could go round in circles.
            if next.is_some_and(|parent| parent >= index) {
                return Err(damaged());
            }
        }
        Ok(addresses)
    }

    /// Where a frame lies; `None` for what is no place in a program: inlined functions, which share
    /// the address of the frame they are in, labels, and the kernel.
    fn address(&self, frame: usize) -> Result<Option<u64>, Problem> {
        let frames = self.tables.frames;
        if frames
            .inline_depth
            .get(frame)
            .is_some_and(|&depth| depth > 0)
        {
            return Ok(None);
        }
        let function = *frames.func.get(frame).ok_or_else(damaged)?;
        let resource = self.tables.functions.resource.get(function);
        let library = resource
            .and_then(|&resource| usize::try_from(resource).ok())
            .and_then(|resource| self.tables.resources.lib.get(resource).copied().flatten())
            .and_then(|library| usize::try_from(library).ok());
        let relative = frames.address.get(frame).copied();
        let relative = relative.and_then(|address| u64::try_from(address).ok());
        match (library, relative) {
            (Some(library), Some(relative)) => Ok(self.placement.address(library, relative)),
            // Outside all files the name is the absolute address.
            _ => Ok(self.tables.function_name(function).and_then(absolute)),
        }
    }
}

fn absolute(name: &str) -> Option<u64> {
    u64::from_str_radix(name.strip_prefix("0x")?, 16).ok()
}

/// The CPU time of all threads, where the profile tells it in units of time.
fn cpu_ns(profile: &Profile) -> Option<u64> {
    let unit_ns = match profile
        .meta
        .sample_units
        .as_ref()?
        .thread_cpu_delta
        .as_str()
    {
        "ns" => 1.0,
        "µs" => 1e3,
        "ms" => 1e6,
        _ => return None,
    };
    let deltas = profile
        .threads
        .iter()
        .filter_map(|thread| thread.samples.thread_cpu_delta.as_ref())
        .flatten()
        .flatten();
    let total_ns: f64 = deltas.map(|delta| delta * unit_ns).sum();
    (total_ns > 0.0).then_some(total_ns as u64)
}

fn too_many_frames() -> Problem {
    Problem::failure("it is too large")
        .fact(format!("its stacks have more than {MOST_FRAMES} frames"))
        .hint("record for a shorter time, or at a lower rate")
}

fn damaged() -> Problem {
    Problem::failure("the profile is damaged: its tables do not fit together")
}
