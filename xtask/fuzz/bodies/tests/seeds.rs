//! Puts the seeds of the fuzz targets, and damaged copies of them, through the targets: what fuzzing found once stays
//! found, and no target rots where nobody fuzzes.

#![allow(clippy::disallowed_methods, reason = "the seeds are files")]

use std::{
    collections::BTreeSet,
    env, fs,
    panic::catch_unwind,
    path::{Path, PathBuf},
};

use fuzz_bodies::{Outcome, TARGETS, Target};

/// Damaged copies of each seed; the variable `DAMAGED_COPIES` asks for more.
const COPIES: u64 = 40;

/// What one seed may have, so that a target starts quickly and the repository stays small.
const LARGEST_SEED_BYTES: usize = 32 * 1024;

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn names_in(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(fuzz().join(folder)).expect("the folder exists");
    entries
        .map(|entry| entry.expect("it can be read").path())
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect()
}

fn seeds(target: &Target) -> Vec<(String, Vec<u8>)> {
    let folder = fuzz().join("seeds").join(target.name);
    let entries = fs::read_dir(&folder).expect("every target has seeds");
    let mut seeds: Vec<(String, Vec<u8>)> = entries
        .map(|entry| entry.expect("it can be read").path())
        .map(|path| {
            let bytes = fs::read(&path).expect("it can be read");
            (path.display().to_string(), bytes)
        })
        .collect();
    seeds.sort();
    assert!(!seeds.is_empty(), "{} has no seeds", target.name);
    seeds
}

/// A copy with a few bytes changed, and sometimes cut or with a part repeated, in a way that only depends on `number`.
fn damaged(seed: &[u8], number: u64) -> Vec<u8> {
    let mut state = number;
    let mut next = || {
        // SplitMix64.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    };
    let mut copy = seed.to_vec();
    if next() % 4 == 0 {
        copy.truncate(next() as usize % (seed.len() + 1));
    }
    if next() % 4 == 0 && !copy.is_empty() {
        let from = next() as usize % copy.len();
        let to = from + next() as usize % (copy.len() - from).min(64);
        let at = next() as usize % copy.len();
        let part = copy[from..to].to_vec();
        copy.splice(at..at, part);
    }
    for _ in 0..=next() % 4 {
        let at = next() as usize % copy.len().max(1);
        if let Some(byte) = copy.get_mut(at) {
            *byte = [0, 0xff, *byte ^ 1, *byte ^ 0x80, b'9', b'"'][next() as usize % 6];
        }
    }
    copy
}

#[test]
fn every_target_reads_its_seeds_and_survives_damaged_copies_of_them() {
    let asked = env::var("DAMAGED_COPIES").ok();
    let copies = asked.map_or(COPIES, |asked| asked.parse().expect("a number"));
    let mut complaints = Vec::new();
    for target in TARGETS {
        for (path, seed) in seeds(target) {
            match catch_unwind(|| (target.run)(&seed)) {
                Ok(Outcome::Read) => {}
                Ok(Outcome::Refused) => complaints.push(format!("{path} is refused")),
                Err(_) => complaints.push(path.clone()),
            }
            let fails = |number: &u64| {
                let copy = damaged(&seed, *number);
                catch_unwind(|| (target.run)(&copy)).is_err()
            };
            if let Some(number) = (0..copies).find(fails) {
                complaints.push(format!("{path}, damaged copy {number}"));
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn every_target_has_a_program_and_small_seeds() {
    let targets: BTreeSet<String> = TARGETS.iter().map(|one| one.name.to_owned()).collect();
    assert_eq!(names_in("fuzz_targets"), targets);
    assert_eq!(names_in("seeds"), targets);
    assert!(names_in("dictionaries").is_subset(&targets));
    for (path, seed) in TARGETS.iter().flat_map(seeds) {
        assert!(seed.len() <= LARGEST_SEED_BYTES, "{path} is too large");
    }
}

#[test]
fn damaged_copies_differ_from_one_another() {
    let seed = b"a seed of some length";
    let copies: BTreeSet<Vec<u8>> = (0..COPIES).map(|number| damaged(seed, number)).collect();
    assert!(copies.len() as u64 > COPIES / 2, "{}", copies.len());
}
