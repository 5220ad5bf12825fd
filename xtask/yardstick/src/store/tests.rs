use std::collections::BTreeMap;

use proptest::{collection, option, prelude::*};

use super::*;
use crate::model::{
    benchmark::{Benchmark, BenchmarkKey, Counted},
    capture::Run,
    estimate::{Estimate, Estimates},
    machine::{Circumstance, Identity, Machine},
    profile::{Iterations, Origin, OriginKind, Profile, Quality, RecordingFacts, Sampler, Work},
    revision::{Build, Executable, Features, Provenance, Revision},
    sample::{Latencies, Sample, SamplingMode},
    stack::Stacks,
    units::Unit,
};

fn finite() -> impl Strategy<Value = f64> {
    use proptest::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
    NORMAL | SUBNORMAL | ZERO | POSITIVE | NEGATIVE
}

prop_compose! {
    fn estimate()(values in [finite(), finite(), finite(), finite(), finite()]) -> Estimate {
        let [point, lower, upper, confidence_level, standard_error] = values;
        Estimate { point, lower, upper, confidence_level, standard_error }
    }
}

prop_compose! {
    fn counted()(
        numbers: [u64; 3],
        allocations: Option<(u64, u64)>,
        latencies in option::of(collection::vec(any::<(u64, u64)>(), 0..4)),
    ) -> Counted {
        let [iterations, cpu_ns, wall_ns] = numbers;
        Counted {
            iterations, cpu_ns, wall_ns,
            allocations: allocations.map(|both| both.0),
            allocated_bytes: allocations.map(|both| both.1),
            latencies: latencies.map(Latencies),
        }
    }
}

prop_compose! {
    fn benchmark()(
        id in "\\PC{1,12}",
        suite in "[a-z_-]{1,4}",
        directory in "[a-z]{1,3}(/[a-zé]{1,3}){0,2}",
        files in collection::btree_map("[a-z]{1,5}\\.json", any::<Vec<u8>>(), 0..3),
        unit in prop_oneof![Just(Unit::Nanoseconds), Just(Unit::Bytes), Just(Unit::Percent)],
        control in option::of("\\PC*"),
        measurements in collection::vec((finite(), finite()), 0..4),
        statistics in [estimate(), estimate(), estimate(), estimate()],
        slope in option::of(estimate()),
        counted in option::of(counted()),
    ) -> Benchmark {
        let (iterations, totals) = measurements.into_iter().unzip();
        let [mean, median, median_abs_dev, std_dev] = statistics;
        let mode = if slope.is_some() { SamplingMode::Linear } else { SamplingMode::Flat };
        Benchmark {
            key: BenchmarkKey { package: "p".to_owned(), suite, id },
            criterion_directory: directory,
            criterion_files: files,
            unit, control, counted,
            sample: Sample { mode, iterations, totals },
            estimates: Estimates { mean, median, median_abs_dev, std_dev, slope },
        }
    }
}

prop_compose! {
    fn provenance()(
        text in "\\PC*",
        words in collection::vec("\\PC*", 0..3),
        some: Option<bool>,
        load_1min in finite(),
        cores: u32,
    ) -> Provenance {
        let known = some.map(|_| text.clone());
        Provenance {
            measured_at: text.clone(),
            command: words.clone(),
            revision: some.map(|dirty| Revision {
                commit: text.clone(),
                branch: dirty.then(|| text.clone()),
                dirty_tree: dirty.then(|| text.clone()),
            }),
            build: Build {
                rustc: words.clone(),
                cargo_profile: text.clone(),
                features: Features { named: words.clone(), all: some.is_some(), no_default: some == Some(true) },
                rustflags: words,
                lockfile_sha256: known.clone(),
            },
            machine: Machine {
                identity: Identity { cpu_model: text.clone(), cores, architecture: text.clone(), operating_system: text.clone() },
                circumstance: Circumstance {
                    kernel: text.clone(), governor: known.clone(), turbo: some, load_1min, hypervisor: known, on_battery: some,
                },
            },
            executables: vec![Executable { package: text.clone(), suite: text.clone(), sha256: text }],
        }
    }
}

prop_compose! {
    fn profile()(
        id in "\\PC{1,12}",
        frames in collection::btree_map(collection::vec("[a-z :<>{}#]{1,8}", 1..4), 0..1_u64 << 51, 0..4),
        numbers in [finite(), finite(), finite(), finite(), finite(), finite()],
        counts: [u64; 5],
        which in 0..4usize,
        provenance in provenance(),
    ) -> Profile {
        let kinds = [OriginKind::Workspace, OriginKind::Dependency, OriginKind::Standard, OriginKind::Bracket];
        let origins = frames.keys().flatten().map(|frame| {
            (frame.clone(), Origin { kind: kinds[which], crate_name: frame.clone(), module: id.clone() })
        });
        Profile {
            key: BenchmarkKey { package: "p".to_owned(), suite: "s".to_owned(), id: id.clone() },
            facts: RecordingFacts {
                sampler: [Sampler::PerfEvent, Sampler::InProcess, Sampler::Perf, Sampler::Samply][which],
                event: id.clone(),
                asked_rate_hz: numbers[0],
                real_rate_hz: numbers[1],
                kernel_included: which == 0,
            },
            work: Work {
                iterations: [Iterations::Counted(counts[0]), Iterations::Derived(numbers[0]), Iterations::Unknown][which.min(2)],
                cpu_ns: counts[0],
                wall_ns: counts[1],
            },
            quality: Quality {
                samples: counts[2], lost: counts[3], truncated: counts[4],
                symbolised_share: numbers[2], rooted_share: numbers[3], harness_share: numbers[4], trimmed_share: numbers[5],
            },
            origins: origins.collect(),
            stacks: Stacks(frames),
            provenance,
        }
    }
}

prop_compose! {
    fn stored()(
        runs in collection::vec((provenance(), collection::vec(benchmark(), 1..3)), 0..3),
        profiles in collection::vec(profile(), 0..3),
        picture: Vec<u8>,
    ) -> Stored {
        let mut stored = Stored::new("pre");
        for (provenance, benchmarks) in runs {
            let benchmarks = benchmarks.into_iter().map(|one| (one.key.clone(), one)).collect();
            stored.capture.add(Run { provenance, benchmarks });
        }
        for profile in profiles {
            let path = format!("{}/flamegraph.svg", profile_folder(&profile.key));
            stored.pictures.insert(path, picture.clone());
            stored.capture.profiles.insert(profile.key.clone(), profile);
        }
        stored
    }
}

fn one_of_everything() -> BTreeMap<String, Vec<u8>> {
    use proptest::{strategy::ValueTree, test_runner::TestRunner};
    let mut runner = TestRunner::deterministic();
    let is_full = |stored: &Stored| {
        let has_files = stored
            .capture
            .benchmarks()
            .any(|one| one.criterion_files.values().any(|file| file.len() > 2));
        let has_stacks = stored
            .capture
            .profiles
            .values()
            .any(|profile| !profile.stacks.0.is_empty());
        has_files && has_stacks && stored.pictures.values().any(|picture| picture.len() > 2)
    };
    let strategy = stored().prop_filter("one of everything", is_full);
    let stored = strategy
        .new_tree(&mut runner)
        .expect("one of many is full")
        .current();
    encode(&stored)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_capture_is_read_back_as_it_was_written(stored in stored()) {
        let files = encode(&stored);
        for path in files.keys() {
            prop_assert!(layout::is_safe(path), "{}", path);
        }
        prop_assert_eq!(decode("pre", &files).expect("whole"), stored);
    }
}

#[test]
fn a_single_changed_byte_anywhere_is_noticed_and_the_file_named() {
    let whole = one_of_everything();
    assert!(decode("pre", &whole).is_ok());
    for (path, bytes) in &whole {
        for index in 0..bytes.len() {
            let mut files = whole.clone();
            files.get_mut(path).expect("it is there")[index] ^= 1;
            let problem = decode("pre", &files)
                .expect_err("a byte is wrong")
                .to_string();
            let says_format = path == layout::MANIFEST && problem.contains("has a format");
            assert!(
                problem.contains(&format!("is damaged: `{path}`")) || says_format,
                "byte {index} of {path}: {problem}"
            );
        }
    }
}

#[test]
fn a_file_that_is_cut_or_missing_is_named() {
    let whole = one_of_everything();
    for (path, bytes) in &whole {
        let mut missing = whole.clone();
        missing.remove(path);
        let problem = decode("pre", &missing)
            .expect_err("a file is missing")
            .to_string();
        assert!(
            problem.contains(&format!("is damaged: `{path}`")) && problem.contains("it is missing"),
            "{problem}"
        );
        for length in 0..bytes.len() {
            let mut cut = whole.clone();
            cut.get_mut(path).expect("it is there").truncate(length);
            let problem = decode("pre", &cut).expect_err("a file is cut").to_string();
            assert!(
                problem.contains(&format!("is damaged: `{path}`")),
                "{path} cut to {length}: {problem}"
            );
        }
    }
}

/// A manifest with a changed text and the checksum that fits it again.
fn manifest_with(change: impl FnOnce(&str) -> String) -> BTreeMap<String, Vec<u8>> {
    let mut files = encode(&Stored::new("pre"));
    let text = String::from_utf8(files[layout::MANIFEST].clone()).expect("JSON is UTF-8");
    let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let old = value["checksum"].as_str().expect("a checksum");
    let zeros = "0".repeat(64);
    let changed = change(&text.replacen(old, &zeros, 1));
    let new = crate::model::digest::sha256(changed.as_bytes());
    files.insert(
        layout::MANIFEST.to_owned(),
        changed.replacen(&zeros, &new, 1).into_bytes(),
    );
    files
}

#[test]
fn a_capture_of_another_format_says_who_reads_it() {
    let files = manifest_with(|text| {
        text.replace("\"format\": 1", "\"format\": 9")
            .replace("yardstick 0.", "yardstick 7.")
    });
    let problem = decode("pre", &files)
        .expect_err("format 9 does not exist")
        .to_string();
    assert!(
        problem.contains("found:  format 9, written by yardstick 7."),
        "{problem}"
    );
    assert!(problem.contains("wanted: format 1"), "{problem}");
    assert!(problem.contains("read it with yardstick 7."), "{problem}");
}

#[test]
fn a_manifest_cannot_name_files_outside_of_its_folder() {
    for path in ["../other/manifest.json", "/etc/passwd", "a/../../b"] {
        let files =
            manifest_with(|text| text.replace("\"benchmarks.json\"", &format!("\"{path}\"")));
        let problem = decode("pre", &files)
            .expect_err("the path leaves the folder")
            .to_string();
        assert!(problem.contains(&format!("it names `{path}`")), "{problem}");
    }
}

#[test]
fn a_benchmark_that_is_measured_again_moves_to_the_newer_run() {
    use proptest::{strategy::ValueTree, test_runner::TestRunner};
    let mut runner = TestRunner::deterministic();
    let mut sample = || {
        (
            benchmark().new_tree(&mut runner).expect("one").current(),
            provenance().new_tree(&mut runner).expect("one").current(),
        )
    };
    let (first, old) = sample();
    let (mut again, new) = sample();
    again.key = first.key.clone();
    let run = |provenance: &Provenance, benchmark: &Benchmark| Run {
        provenance: provenance.clone(),
        benchmarks: BTreeMap::from([(benchmark.key.clone(), benchmark.clone())]),
    };
    let mut capture = Stored::new("pre").capture;
    capture.add(run(&old, &first));
    capture.add(run(&new, &again));
    assert_eq!(capture.runs, [run(&new, &again)]);
}
