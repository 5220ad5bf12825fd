//! The Firefox Profiler's form: its processed profile, as samply writes it.
//!
//! The format: <https://github.com/firefox-devtools/profiler/blob/main/docs-developer/processed-profile-format.md>. The
//! viewer upgrades files of older versions, so that what is written today opens in later ones.

use std::collections::BTreeMap;

use fxprof_processed_profile::{
    CategoryColor, CategoryHandle, CategoryPairHandle, CpuDelta, Frame, FrameFlags, FrameInfo,
    Profile as File, ReferenceTimestamp, SamplingInterval, Timestamp,
};

use crate::model::profile::{OriginKind, Profile};

use super::{stack_ns, title};

/// One thread with every stack as one sample; its weight is a number of stack samples.
pub(super) fn bytes(profile: &Profile) -> Vec<u8> {
    let measured_at = profile.provenance.measured_at.parse::<jiff::Timestamp>();
    let began_ms = measured_at.map_or(0, jiff::Timestamp::as_millisecond);
    let period_ns = period_ns(profile);
    let mut file = File::new(
        &title(profile),
        ReferenceTimestamp::from_millis_since_unix_epoch(began_ms as f64),
        SamplingInterval::from_nanos(period_ns),
    );
    file.set_os_name(&profile.provenance.machine.identity.operating_system);
    file.set_symbolicated(true);
    let begin = Timestamp::from_nanos_since_reference(0);
    // The viewer calls the first thread of a process by the name of the process.
    let process = file.add_process(&profile.key.id, 1, begin);
    let thread = file.add_thread(process, 1, begin, true);

    let mut categories = Categories::default();
    let stack_ns = stack_ns(profile);
    let mut elapsed_ns: u64 = 0;
    for (position, (stack, weight)) in profile.stacks.0.iter().enumerate() {
        let frames: Vec<FrameInfo> = stack
            .iter()
            .map(|name| FrameInfo {
                frame: Frame::Label(file.intern_string(name)),
                category_pair: categories.of(&mut file, profile, name),
                flags: FrameFlags::empty(),
            })
            .collect();
        let stack = file.intern_stack_frames(thread, frames.into_iter());
        let ns = match &stack_ns {
            Some(ns) => ns[position],
            None => period_ns.saturating_mul(*weight),
        };
        // A sample stands at the end of the time that it covers.
        elapsed_ns = elapsed_ns.saturating_add(ns);
        let time = Timestamp::from_nanos_since_reference(elapsed_ns);
        let weight = i32::try_from(*weight).unwrap_or(i32::MAX);
        file.add_sample(thread, time, stack, CpuDelta::from_nanos(ns), weight);
    }
    file.set_thread_end_time(thread, Timestamp::from_nanos_since_reference(elapsed_ns));
    // Tables of numbers and text: nothing here can fail to serialise.
    serde_json::to_vec(&file).unwrap_or_default()
}

/// CPU time between two samples; 1 ms where the rate is not known.
fn period_ns(profile: &Profile) -> u64 {
    let rate_hz = profile.facts.real_rate_hz;
    match rate_hz > 0.0 && rate_hz.is_finite() {
        true => ((1e9 / rate_hz) as u64).max(1),
        false => 1_000_000,
    }
}

/// Whose code a function is decides its colour, and its crate the part of that.
#[derive(Default)]
struct Categories {
    kinds: BTreeMap<OriginKind, CategoryHandle>,
    crates: BTreeMap<(OriginKind, String), CategoryPairHandle>,
}

impl Categories {
    fn of(&mut self, file: &mut File, profile: &Profile, function: &str) -> CategoryPairHandle {
        let Some(origin) = profile.origins.get(function) else {
            return CategoryHandle::OTHER.into();
        };
        let (name, color) = match origin.kind {
            OriginKind::Workspace => ("workspace", CategoryColor::Blue),
            OriginKind::Dependency => ("dependencies", CategoryColor::Orange),
            OriginKind::Standard => ("Rust's own libraries", CategoryColor::Green),
            OriginKind::Native => ("native code", CategoryColor::Brown),
            OriginKind::Bracket => return CategoryHandle::OTHER.into(),
        };
        let category = *self
            .kinds
            .entry(origin.kind)
            .or_insert_with(|| file.add_category(name, color));
        *self
            .crates
            .entry((origin.kind, origin.crate_name.clone()))
            .or_insert_with(|| file.add_subcategory(category, &origin.crate_name))
    }
}
