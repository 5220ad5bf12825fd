use std::io::Read as _;

use flate2::read::GzDecoder;
use proptest::prelude::*;
use prost::Message as _;
use serde_json::Value;

use super::*;
use crate::{
    model::{profile::Iterations, stack::Stacks},
    render::hot_paths::sample::profile,
};

fn json(profile: &Profile, form: Form) -> Value {
    serde_json::from_slice(&export(profile, form)).expect("valid JSON")
}

fn pprof(profile: &Profile) -> pprof::File {
    let mut bytes = Vec::new();
    GzDecoder::new(export(profile, Form::Pprof).as_slice())
        .read_to_end(&mut bytes)
        .expect("gzip");
    pprof::File::decode(bytes.as_slice()).expect("a profile of pprof")
}

/// The stacks of a file of pprof, as its readers put them together, with the values of one type.
fn stacks_of_pprof(file: &pprof::File, value: usize) -> Stacks {
    let mut stacks = Stacks::default();
    for sample in &file.sample {
        let frames = sample.location_id.iter().rev().map(|id| {
            let mut locations = file.location.iter();
            let location = locations.find(|location| location.id == *id);
            let line = location.expect("a location").line[0];
            let mut functions = file.function.iter();
            let function = functions.find(|function| function.id == line.function_id);
            file.string_table[function.expect("a function").name as usize].clone()
        });
        stacks.add(frames.collect(), sample.value[value] as u64);
    }
    stacks
}

/// The stacks of the first thread, as the Firefox Profiler puts them together.
fn stacks_of_firefox(file: &Value) -> Stacks {
    let thread = &file["threads"][0];
    let strings = match thread.get("stringArray") {
        Some(strings) => strings,
        None => &file["shared"]["stringArray"],
    };
    let number = |table: &str, column: &str, row: usize| thread[table][column][row].as_u64();
    let mut stacks = Stacks::default();
    let samples = &thread["samples"];
    for row in 0..samples["length"].as_u64().expect("a length") as usize {
        let mut frames = Vec::new();
        let mut next = samples["stack"][row].as_u64();
        while let Some(stack) = next {
            let stack = stack as usize;
            let frame = number("stackTable", "frame", stack).expect("a frame");
            let function = number("frameTable", "func", frame as usize).expect("a function");
            let name = number("funcTable", "name", function as usize).expect("a name");
            frames.insert(
                0,
                strings[name as usize]
                    .as_str()
                    .expect("a string")
                    .to_owned(),
            );
            next = number("stackTable", "prefix", stack);
        }
        stacks.add(frames, samples["weight"][row].as_u64().expect("a weight"));
    }
    stacks
}

fn stacks_of_speedscope(file: &Value) -> BTreeMap<Stack, f64> {
    let profile = &file["profiles"][0];
    let samples = profile["samples"].as_array().expect("samples");
    let weights = profile["weights"].as_array().expect("weights");
    let stacks = samples.iter().map(|sample| {
        let frames = sample.as_array().expect("frames").iter();
        let names = frames.map(|frame| {
            let number = frame.as_u64().expect("a number") as usize;
            file["shared"]["frames"][number]["name"]
                .as_str()
                .expect("a name")
                .to_owned()
        });
        names.collect()
    });
    stacks
        .zip(weights.iter().filter_map(Value::as_f64))
        .collect()
}

#[test]
fn pprof_holds_samples_and_the_cpu_time_of_the_routine() {
    let profile = profile();
    let file = pprof(&profile);
    assert_eq!(stacks_of_pprof(&file, 0), profile.stacks);
    let text = |number: i64| file.string_table[number as usize].as_str();
    let types: Vec<(&str, &str)> = file
        .sample_type
        .iter()
        .map(|value| (text(value.kind), text(value.unit)))
        .collect();
    assert_eq!(types, [("samples", "count"), ("cpu", "nanoseconds")]);
    assert_eq!(text(file.default_sample_type), "cpu");
    // 1 ms without the 3.8 % that were trimmed.
    assert_eq!(stacks_of_pprof(&file, 1).total(), 962_000);
    assert_eq!(file.string_table[0], "");
    assert_eq!(file.time_nanos, 1_795_176_000_000_000_000);
    assert_eq!(file.period, 1_035_196);
    assert_eq!(
        file.comment
            .iter()
            .map(|comment| text(*comment))
            .collect::<Vec<_>>(),
        [
            "e2e/linear (benches/e2e)",
            "962000 ns of CPU time in the routine, 1000 iterations"
        ]
    );
}

#[test]
fn without_a_cpu_time_pprof_gets_samples_alone() {
    let mut profile = profile();
    profile.work.cpu_ns = 0;
    let file = pprof(&profile);
    assert_eq!(file.sample_type.len(), 1);
    assert!(file.sample.iter().all(|sample| sample.value.len() == 1));
    assert_eq!(file.default_sample_type, file.sample_type[0].kind);
}

#[test]
fn speedscope_shows_the_time_of_one_iteration() {
    let profile = profile();
    let file = json(&profile, Form::Speedscope);
    assert_eq!(
        file["$schema"],
        "https://www.speedscope.app/file-format-schema.json"
    );
    assert_eq!(file["profiles"][0]["type"], "sampled");
    assert_eq!(file["profiles"][0]["unit"], "nanoseconds");
    let stacks = stacks_of_speedscope(&file);
    let names: Vec<&Stack> = stacks.keys().collect();
    assert_eq!(names, profile.stacks.0.keys().collect::<Vec<_>>());
    let sum: f64 = stacks.values().sum();
    assert!((sum - 962.0).abs() < 1e-9, "{sum}");
}

#[test]
fn speedscope_shows_samples_where_the_iterations_are_not_known() {
    let mut profile = profile();
    profile.work.iterations = Iterations::Unknown;
    let file = json(&profile, Form::Speedscope);
    assert_eq!(file["profiles"][0]["unit"], "none");
    assert_eq!(file["profiles"][0]["endValue"], 100.0);
}

#[test]
fn firefox_gets_one_thread_whose_samples_follow_each_other() {
    let profile = profile();
    let file = json(&profile, Form::Firefox);
    assert_eq!(stacks_of_firefox(&file), profile.stacks);
    let thread = &file["threads"][0];
    assert_eq!(thread["name"], "e2e/linear");
    assert_eq!(thread["samples"]["weightType"], "samples");
    let deltas = thread["samples"]["timeDeltas"].as_array().expect("times");
    let ms: f64 = deltas.iter().filter_map(Value::as_f64).sum();
    assert!((ms - 0.962).abs() < 1e-9, "{ms}");
    let categories = file["meta"]["categories"].as_array().expect("categories");
    let names: Vec<&str> = categories
        .iter()
        .filter_map(|one| one["name"].as_str())
        .collect();
    for name in ["workspace", "dependencies", "native code"] {
        assert!(names.contains(&name), "{names:?}");
    }
}

#[test]
fn collapsed_stacks_are_those_of_the_capture() {
    let profile = profile();
    let text = String::from_utf8(export(&profile, Form::Folded)).expect("text");
    assert_eq!(text, profile.stacks.to_string());
}

proptest! {
    #[test]
    fn no_form_loses_a_stack_or_a_sample(
        stacks in prop::collection::btree_map(
            prop::collection::vec("[abc]::[fgh]|\\[task\\]|é \"<\\\\", 1..6), 1..1_000_u64, 1..20,
        ),
        cpu_ns in 0..10_000_000_u64,
    ) {
        let mut profile = profile();
        profile.stacks = Stacks(stacks);
        profile.work.cpu_ns = cpu_ns;
        let packed = pprof(&profile);
        prop_assert_eq!(&stacks_of_pprof(&packed, 0), &profile.stacks);
        if packed.sample_type.len() > 1 {
            let sum = stacks_of_pprof(&packed, 1).total();
            prop_assert_eq!(Some(sum), routine_ns(&profile));
        }
        let firefox = stacks_of_firefox(&json(&profile, Form::Firefox));
        prop_assert_eq!(&firefox, &profile.stacks);
        let speedscope = stacks_of_speedscope(&json(&profile, Form::Speedscope));
        prop_assert!(speedscope.keys().eq(profile.stacks.0.keys()));
    }
}
