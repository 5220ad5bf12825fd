//! What the fuzz targets do with their bytes: every parser of the toolkit, and what must hold for whatever it accepts.
//!
//! The bodies are a library so that the tests of the workspace, which need no nightly compiler, put the seeds through them, too.

mod cargo;
mod criterion;
mod folder;
mod images;
mod kernel;
mod link;
mod names;
mod recordings;
mod settings;
mod stored;

/// What became of the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// They were read, and what must hold of what was read does.
    Read,
    /// No parser took them.
    Refused,
}

impl Outcome {
    fn of<T, E>(read: &Result<T, E>) -> Self {
        match read {
            Ok(_) => Self::Read,
            Err(_) => Self::Refused,
        }
    }
}

/// A fuzz target.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// What it is called: of its program, its folder of seeds, and its dictionary.
    pub name: &'static str,
    /// Takes any bytes, and panics where something does not hold.
    pub run: fn(&[u8]) -> Outcome,
}

/// All targets, in order of their names.
pub const TARGETS: &[Target] = &[
    target("cargo_messages", cargo::messages),
    target("cargo_metadata", cargo::metadata),
    target("criterion_files", criterion::files),
    target("criterion_output", criterion::output),
    target("folded", recordings::folded),
    target("function_names", names::normalise),
    target("images", images::symbolise),
    target("kernel_files", kernel::files),
    target("links", link::links),
    target("own_recording", recordings::own),
    target("perf_data", recordings::perf_data),
    target("probe_record", recordings::probe_record),
    target("replayed_machine", cargo::replayed_machine),
    target("rustc_flags", link::flags),
    target("samply", recordings::samply),
    target("settings", settings::settings),
    target("stored_capture", stored::capture),
    target("stored_recordings", stored::recordings),
    target("stored_selftest", stored::selftest),
    target("stored_settlement", stored::settlement),
];

const fn target(name: &'static str, run: fn(&[u8]) -> Outcome) -> Target {
    Target { name, run }
}

/// Runs the target of this name.
///
/// # Panics
/// If there is none, or something does not hold.
pub fn run(name: &str, bytes: &[u8]) -> Outcome {
    let found = TARGETS.iter().find(|target| target.name == name);
    let target = found.expect("every program is in the list of targets");
    (target.run)(bytes)
}

/// What stands for a value where two are compared: NaN, which is not equal to itself, is written out.
fn written_out(value: &impl std::fmt::Debug) -> String {
    format!("{value:?}")
}
