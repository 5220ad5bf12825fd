use proptest::{collection, option, prelude::*};

use super::*;
use crate::model::{
    comparison::Sides,
    machine::{Circumstance, Identity, Machine},
    profile::{Iterations, Origin, OriginKind, Profile, Quality, RecordingFacts, Sampler, Work},
    question::Aspect,
    revision::{Build, Features, Provenance, Revision},
    settlement::Layouts,
    stack::Stacks,
};

fn key() -> impl Strategy<Value = BenchmarkKey> {
    ("[a-z]{1,3}", "[a-z]{1,3}", "\\PC{1,8}").prop_map(|(package, suite, id)| BenchmarkKey {
        package,
        suite,
        id,
    })
}

fn origin() -> impl Strategy<Value = Origin> {
    let kinds = [
        OriginKind::Workspace,
        OriginKind::Dependency,
        OriginKind::Standard,
        OriginKind::Native,
        OriginKind::Bracket,
    ];
    (0..kinds.len(), "[a-z]{0,3}", "[a-z:]{0,3}").prop_map(move |(kind, crate_name, module)| {
        Origin {
            kind: kinds[kind],
            crate_name,
            module,
        }
    })
}

prop_compose! {
    fn provenance()(
        measured_at in "[0-9]{1,2}",
        command in collection::vec("\\PC{0,4}", 0..3),
        revision in option::of(("[0-9a-f]{4}", option::of("[a-z/]{1,4}"))),
        load_1min in 0.0..1e3,
    ) -> Provenance {
        Provenance {
            measured_at,
            command,
            revision: revision.map(|(commit, branch)| Revision { commit, branch, dirty_tree: None }),
            build: Build {
                rustc: vec!["rustc 1.95.0".to_owned()],
                cargo_profile: "profiling".to_owned(),
                features: Features::default(),
                rustflags: Vec::new(),
                lockfile_sha256: None,
            },
            machine: Machine {
                identity: Identity {
                    cpu_model: "cpu".to_owned(),
                    cores: 2,
                    architecture: "x86_64".to_owned(),
                    operating_system: "linux".to_owned(),
                },
                circumstance: Circumstance {
                    kernel: "6.1".to_owned(),
                    governor: None,
                    turbo: None,
                    load_1min,
                    hypervisor: None,
                    on_battery: None,
                },
            },
            executables: Vec::new(),
        }
    }
}

prop_compose! {
    /// Origins of what its stacks hold, as symbolising gives them.
    fn profile()(
        key in key(),
        sampler in prop_oneof![Just(Sampler::PerfEvent), Just(Sampler::InProcess)],
        event in "[a-z-]{1,6}",
        numbers in [0.0..1e6f64, 0.0..1e6, 0.0..1.0, 0.0..1.0, 0.0..1.0, 0.0..1.0],
        kernel_included: bool,
        iterations in prop_oneof![
            any::<u64>().prop_map(Iterations::Counted),
            (0.0..1e12).prop_map(Iterations::Derived),
            Just(Iterations::Unknown),
        ],
        counts: [u32; 5],
        stacks in collection::btree_map(collection::vec("[a-d\n \"]{1,2}", 0..4), 0..1_000_000u64, 0..8),
        known in collection::btree_map("[a-d\n \"]{1,2}", origin(), 0..16),
        provenance in provenance(),
    ) -> Profile {
        let counts = counts.map(u64::from);
        let names: std::collections::BTreeSet<&String> = stacks.keys().flatten().collect();
        let origins = known.iter().filter(|(name, _)| names.contains(name));
        Profile {
            key,
            facts: RecordingFacts {
                sampler, event, asked_rate_hz: numbers[0], real_rate_hz: numbers[1], kernel_included,
            },
            work: Work { iterations, cpu_ns: counts[0], wall_ns: counts[1] },
            quality: Quality {
                samples: counts[2], lost: counts[3], truncated: counts[4],
                symbolised_share: numbers[2], rooted_share: numbers[3],
                harness_share: numbers[4], trimmed_share: numbers[5],
            },
            origins: origins.map(|(name, origin)| (name.clone(), origin.clone())).collect(),
            stacks: Stacks(stacks),
            provenance,
        }
    }
}

prop_compose! {
    fn whereabouts()(
        key in key(),
        pinned: bool,
        as_linked in option::of("\\PC{0,8}"),
        before in collection::vec(profile(), 0..4),
        after in collection::vec(profile(), 0..4),
        obstacles in collection::vec("\\PC{0,8}", 0..3),
    ) -> Whereabouts {
        Whereabouts {
            key,
            aspect: if pinned { Aspect::Work } else { Aspect::Parallel },
            layouts: as_linked.map_or(Layouts::FreshEachRound, Layouts::AsLinked),
            profiles: Sides { before, after },
            obstacles,
        }
    }
}

fn shown(whereabouts: &Whereabouts) -> String {
    format!("profiles/1/where/{}", folder(&whereabouts.key))
}

/// One recording of each side.
fn sample() -> Whereabouts {
    let mut stacks = Stacks::default();
    stacks.add(vec!["app::run".to_owned(), "app::work".to_owned()], 70);
    stacks.add(vec!["app::run".to_owned()], 30);
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let drawn = profile()
        .new_tree(&mut runner)
        .expect("a profile can be drawn");
    let profile = Profile {
        stacks,
        ..proptest::strategy::ValueTree::current(&drawn)
    };
    let key = profile.key.clone();
    let mut whereabouts = Whereabouts::new(key, Aspect::Work, Layouts::FreshEachRound);
    whereabouts.profiles.before.push(profile.clone());
    whereabouts.profiles.after.push(profile);
    whereabouts
}

proptest! {
    #[test]
    fn what_is_stored_is_read_again(whereabouts in whereabouts()) {
        let files = encode(&whereabouts);
        prop_assert_eq!(decode(&shown(&whereabouts), &files), Ok(whereabouts));
    }

    #[test]
    fn whatever_is_changed_in_a_file_is_noticed_and_the_file_is_named(
        whereabouts in whereabouts(),
        file: prop::sample::Index,
        position: prop::sample::Index,
        bit in 0..8u32,
    ) {
        let mut files = encode(&whereabouts);
        let count = files.len();
        let (path, bytes) = files.iter_mut().nth(file.index(count)).expect("it is one of them");
        prop_assume!(!bytes.is_empty());
        let at = position.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let path = path.clone();
        let problem = decode(&shown(&whereabouts), &files).expect_err("it was changed").to_string();
        prop_assert!(problem.contains(&shown(&whereabouts)), "{}", problem);
        prop_assert!(problem.contains(&path) || problem.contains(RECORDINGS) || problem.contains("format"), "{}", problem);
    }

    #[test]
    fn other_benchmarks_have_other_folders(keys in collection::btree_set(("[ab-]{1,2}", "[ab-]{1,2}", "[ab./-]{1,3}"), 2..12)) {
        let key = |(package, suite, id): &(String, String, String)| BenchmarkKey {
            package: package.clone(), suite: suite.clone(), id: id.clone(),
        };
        let folders: std::collections::BTreeSet<String> = keys.iter().map(|parts| folder(&key(parts))).collect();
        prop_assert_eq!(folders.len(), keys.len(), "{:?}", keys);
    }
}

#[test]
fn a_missing_file_and_a_cut_one_are_named() {
    let whereabouts = sample();
    let shown = shown(&whereabouts);
    for path in encode(&whereabouts).into_keys() {
        let mut files = encode(&whereabouts);
        files.remove(&path);
        let problem = decode(&shown, &files)
            .expect_err("a file is missing")
            .to_string();
        let wanted = format!("the recordings `{shown}` are damaged: `{path}`");
        assert!(problem.starts_with(&wanted), "{problem}");
        assert!(problem.contains("it is missing"), "{problem}");
        let mut files = encode(&whereabouts);
        if let Some(bytes) = files.get_mut(&path) {
            bytes.pop();
        }
        let problem = decode(&shown, &files)
            .expect_err("a file is cut")
            .to_string();
        assert!(problem.starts_with(&wanted), "{problem}");
    }
}

#[test]
fn another_format_is_refused_with_who_reads_it() {
    let whereabouts = sample();
    let mut files = encode(&whereabouts);
    let text = String::from_utf8(files[RECORDINGS].clone()).expect("UTF-8");
    let other = text.replacen("\"format\": 1", "\"format\": 7", 1);
    files.insert(RECORDINGS.to_owned(), other.into_bytes());
    let problem = decode(&shown(&whereabouts), &files)
        .expect_err("another format")
        .to_string();
    assert!(
        problem.contains("found:  format 7, written by yardstick"),
        "{problem}"
    );
}

#[test]
fn recordings_in_the_folder_of_another_benchmark_are_refused() {
    let whereabouts = sample();
    let problem = decode("profiles/1/where/other", &encode(&whereabouts));
    let problem = problem.expect_err("another folder").to_string();
    assert!(problem.contains("it is of another benchmark"), "{problem}");
}

#[test]
fn functions_are_stored_once_however_often_they_were_recorded() {
    let mut whereabouts = sample();
    let once = encode(&whereabouts)[FUNCTIONS].len();
    let again = whereabouts.profiles.after[0].clone();
    whereabouts.profiles.after.push(again);
    assert_eq!(encode(&whereabouts)[FUNCTIONS].len(), once);
}
