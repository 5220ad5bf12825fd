//! Addresses to names: unwind, resolve, normalise, trim, attribute.
//!
//! [`profile`] makes folded stacks of a raw recording, says how good they are, and refuses
//! those that would mislead.

mod attribute;
mod fold;
mod images;
pub mod names;
mod places;
mod quality;
mod resolve;
mod trim;
mod unwind;

use std::{collections::BTreeMap, num::NonZeroUsize, ops::Range};

pub use attribute::Member;

use crate::model::{
    profile::{Origin, Quality, Refusal},
    recording::{FileBytes, Recording, StackSample},
    stack::Stacks,
};
use images::{AddressSpaces, Image, ImageBytes};

/// Finds the bytes of a file by its path; `[vdso]` is asked for by that name.
pub type Files<'a> = &'a dyn Fn(&str) -> Option<FileBytes>;

/// What calls the code that is measured, and is left out of the profile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Harness {
    /// Criterion, in a bench: only the routine, tasks and threads of the program count.
    #[default]
    Criterion,
    /// The harness of `#[test]`: every test is a root.
    Libtest,
    /// Nothing: `main` is the root, and all that the program does counts.
    None,
}

/// What a recording alone does not tell.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Where the bytes of modules and of their debug information are.
    pub files: Files<'a>,
    /// The members of the measured workspace.
    pub members: &'a [Member],
    /// When the benchmark ran, in ns on the recording's clock; samples outside are left out.
    pub window_ns: Option<&'a Range<u64>>,
    /// How many threads may work.
    pub threads: NonZeroUsize,
    /// What calls the code that is measured.
    pub harness: Harness,
}

/// What a recording became.
#[derive(Clone, Debug, PartialEq)]
pub struct Symbolized {
    /// The folded stacks; a weight is a number of samples.
    pub stacks: Stacks,
    /// The origin of every function in `stacks`, by normalised name.
    pub origins: BTreeMap<String, Origin>,
    /// How far they can be trusted.
    pub quality: Quality,
}

/// Makes folded stacks of a recording.
///
/// # Errors
/// The [`Refusal`] says which condition of a trustworthy profile the recording does not meet.
pub fn profile(recording: &Recording, context: &Context<'_>) -> Result<Symbolized, Refusal> {
    let samples = samples_in(recording, context.window_ns);
    if samples.is_empty() {
        return Err(Refusal::NoSamples);
    }
    let bytes = ImageBytes::of(recording, context.files);
    let images: Vec<Image<'_>> = bytes.iter().map(Image::parse).collect();
    let spaces = AddressSpaces::new(&recording.modules, &images);
    let unwound = unwind::unwind_all(&samples, &spaces, &images, context.threads);
    let chains = fold::chains(recording, &samples, &unwound, &spaces);
    let resolved = resolve::resolve(&chains.sites, &images, context.threads);
    let origins = attribute::origins(&resolved.frames, &images, context.members);
    let folded = fold::fold(&chains, &resolved, &origins, context.harness);
    quality::judge(folded, recording.lost, &resolved, &images, context.harness)
}

fn samples_in<'a>(
    recording: &'a Recording,
    window_ns: Option<&Range<u64>>,
) -> Vec<&'a StackSample> {
    recording
        .samples
        .iter()
        .filter(|sample| sample.is_within(window_ns))
        .collect()
}
