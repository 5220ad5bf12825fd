//! The instructions of one iteration, as callgrind counts them: exact, whatever else the machine does.
//!
//! Criterion's test mode runs one iteration, and callgrind counts while the thread is inside of `Bencher::iter…`. So a count
//! holds what a bench sets up in there and the two readings of the clock, and not what other threads do.

use std::{
    env, fs,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::Result;

use super::{
    TemporaryFolder, TrialPlan, process,
    real::TEMPORARY_PREFIX,
    trial::{Folders, Output},
};
use crate::parse;

/// The functions that are counted, with all that they call. One pattern only: callgrind 3.19 forgets one of two that begin
/// alike.
const COUNTED: &str = "--toggle-collect=*Bencher*::iter*";

/// Fewer instructions than two readings of the clock take: then the routine ran elsewhere.
const FEWEST_INSTRUCTIONS: u64 = 64;

/// Counts the instructions of one iteration; `None` where valgrind is missing, fails, takes too long, or found nothing to
/// count.
///
/// # Errors
/// If a signal asked us to end, or there is no room for files.
pub(super) fn instructions(plan: &TrialPlan) -> Result<Option<u64>> {
    if !super::checks::is_installed("valgrind") {
        return Ok(None);
    }
    let scratch = TemporaryFolder::new(&env::temp_dir(), TEMPORARY_PREFIX)?;
    let folders = Folders::new(scratch.path())?;
    let profile = scratch.path().join("callgrind.out");
    let output = Output::new()?;
    let mut command = Command::new("valgrind");
    command
        .args(["--quiet", "--tool=callgrind", COUNTED])
        .arg(format!("--callgrind-out-file={}", profile.display()))
        .arg(&plan.bench.executable)
        .args(["--bench", "--noplot", "--test"])
        .args(&plan.bench.arguments)
        .current_dir(&plan.bench.package_root);
    folders.surround(&mut command, plan);
    output.take_over(&mut command)?;
    let begun = Instant::now();
    let ended = process::start(&mut command)?.wait_watched(process::Watch {
        deadline: begun + Duration::from_secs_f64(plan.limit()),
        look: None,
        at_end: &mut || (),
    })?;
    if ended.timed_out || !ended.exit.is_success() {
        return Ok(None);
    }
    let written = fs::read_to_string(&profile).unwrap_or_default();
    let counted = parse::callgrind::instructions(&written);
    Ok(counted.filter(|counted| *counted >= FEWEST_INSTRUCTIONS))
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, path::Path};

    use super::*;
    use crate::host::{BenchPlan, checks, utf8};

    /// A program that looks like a bench to callgrind, and does so many steps in an iteration.
    const BENCH: &str = "
        pub struct Bencher;
        impl Bencher {
            #[inline(never)]
            pub fn iter(&self) -> u64 {
                (0..STEPS).fold(1, |sum, step| std::hint::black_box(sum ^ step))
            }
        }
        fn main() {
            // What is set up outside is not counted.
            std::hint::black_box((0..100_000u64).fold(1, |sum, step| std::hint::black_box(sum ^ step)));
            std::hint::black_box(Bencher.iter());
        }";

    fn compiled(folder: &Path, steps: u64) -> TrialPlan {
        let source = folder.join("bench.rs");
        fs::write(&source, format!("const STEPS: u64 = {steps};{BENCH}")).expect("writable");
        let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let mut command = Command::new(rustc);
        command.current_dir(folder).arg("-O").arg(&source);
        process::text_of(&mut command).expect("it compiles");
        let folder = utf8(folder).expect("UTF-8");
        TrialPlan {
            bench: BenchPlan {
                executable: folder.join("bench"),
                package_root: folder,
                arguments: Vec::new(),
                environment: BTreeMap::new(),
                library_folders: Vec::new(),
                probe: None,
                criterion_home: None,
            },
            cpu: None,
            padding_bytes: 0,
            limit_seconds: 60.0,
            watch_threads: false,
        }
    }

    #[test]
    fn where_valgrind_is_there_the_iteration_alone_is_counted() {
        let folder = tempfile::tempdir().expect("a folder");
        let counted = |steps| {
            let plan = compiled(folder.path(), steps);
            instructions(&plan).expect("no signal came")
        };
        let (few, more) = (counted(1_000), counted(2_000));
        let is_there = checks::is_installed("valgrind");
        assert_eq!((few.is_some(), more.is_some()), (is_there, is_there));
        if let (Some(few), Some(more)) = (few, more) {
            let ratio = more as f64 / few as f64;
            assert!((1.9..2.1).contains(&ratio), "{few} and {more} instructions");
        }
    }

    #[test]
    fn what_never_iterates_has_no_instructions() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut plan = compiled(folder.path(), 1);
        plan.bench.executable = "/bin/true".into();
        assert_eq!(instructions(&plan).expect("no signal came"), None);
    }
}
