use serde_json::{Value, json};

use super::*;
use crate::{
    Invocation,
    host::{BenchPlan, replay::Replay},
    model::{
        question::{Margin, Question, Tail},
        suite::Suite,
        units::Unit,
        verdict::Grade,
    },
};

fn question(id: &str, aspect: Aspect) -> Question {
    Question {
        key: BenchmarkKey {
            package: "p".to_owned(),
            suite: "s".to_owned(),
            id: id.to_owned(),
        },
        aspect,
    }
}

fn plan(questions: &[Question]) -> Plan {
    let planned = |question: &Question| Planned {
        question: question.clone(),
        renamed_from: None,
        unit: Unit::Nanoseconds,
        margin: Margin::of(0.02),
        tail: Tail::Unknown,
        cpu: None,
        arguments: Sides::default(),
        group: 0,
        limit_seconds: 10.0,
        process_seconds: 0.1,
    };
    Plan {
        seed: 1,
        alpha: 0.05,
        looks: vec![10],
        first_run_looks: 1,
        questions: questions.iter().map(planned).collect(),
        shares: questions.len(),
        tolerated_loss: 0.25,
    }
}

fn answer(question: &Question, verdict: Verdict) -> Answer {
    Answer {
        question: question.clone(),
        margin: Margin::of(0.02),
        verdict,
        ground: None,
        grade: Grade::Pass,
        floor: None,
        typical: None,
        tail: Vec::new(),
        levels: None,
        decisive_levels: None,
        modes: None,
        rounds: 10,
        dropped: 0,
        rounds_to_decide: None,
    }
}

fn runnable(executable: &str) -> Vec<Runnable> {
    vec![Runnable {
        suite: Suite {
            package: "p".to_owned(),
            name: "s".to_owned(),
            required_features: Vec::new(),
            label: "s".to_owned(),
        },
        ids: vec!["x".to_owned()],
        sha256: executable.to_owned(),
        plan: BenchPlan {
            executable: executable.into(),
            package_root: "/".into(),
            arguments: Vec::new(),
            environment: BTreeMap::new(),
            library_folders: Vec::new(),
            probe: None,
            criterion_home: None,
        },
        links: None,
    }]
}

/// A run of `x` that counts so many allocations in ten iterations.
fn run(executable: &str, allocations: u64) -> Value {
    let record = json!({"version": 1, "iterations": 10, "allocations": allocations, "allocated_bytes": 64 * allocations,
        "cpu_ns": 1, "wall_ns": 1, "window": {"start_ns": 0, "end_ns": 1, "cpu_ns": 1}});
    json!({"executable": executable, "arguments": Timing::SHORT.arguments(["x"]), "exit": 0,
        "probe": {"1-1.measured.json": record}})
}

/// The opinions on answers to questions about `x`, on a machine where `/a` has the instructions of before.
fn taken(
    probe: &str,
    questions: &[Question],
    verdict: &Verdict,
) -> BTreeMap<BenchmarkKey, SecondOpinion> {
    let machine = json!({"working_directory": "/", "now_utc": "", "metadata": {},
        "runs": [run("/a", 20), run("/b", 30)], "instructions": {"/a": 1_000, "/b": 1_100},
        "files": {"/a": probe, "/b": probe},
        "build": {"exit": 0, "messages": [], "diagnostics": ""}, "machine_files": {}, "rustc": "", "cfg": ""});
    let host = Replay::new(&machine.to_string()).expect("a recording");
    let context = Context {
        host: &host,
        invocation: Invocation::Xtask,
        manifest_path: None,
        store: None,
        typed: Vec::new(),
    };
    let (before, after) = (runnable("/a"), runnable("/b"));
    let sides = Sides {
        before: before.as_slice(),
        after: after.as_slice(),
    };
    let answers: Vec<Answer> = questions
        .iter()
        .map(|question| answer(question, verdict.clone()))
        .collect();
    opinions(&context, sides, &plan(questions), &answers).expect("everything starts")
}

const PROBE: &str = yardstick_probe::wire::environment::DIRECTORY;

#[test]
fn both_sides_are_counted_per_iteration() {
    let work = question("x", Aspect::Work);
    let found = taken(PROBE, std::slice::from_ref(&work), &Verdict::Regressed);
    assert_eq!(
        found[&work.key],
        SecondOpinion {
            allocations: Some(Sides::from([2.0, 3.0])),
            allocated_bytes: Some(Sides::from([128.0, 192.0])),
            instructions: Some(Sides::from([1_000.0, 1_100.0])),
        }
    );
}

#[test]
fn allocations_are_not_counted_without_the_probe_nor_instructions_of_several_threads() {
    let work = question("x", Aspect::Work);
    let found = taken("", std::slice::from_ref(&work), &Verdict::Regressed);
    assert_eq!(found[&work.key].allocations, None);
    assert!(found[&work.key].instructions.is_some());
    let both = [work.clone(), question("x", Aspect::Parallel)];
    let found = taken(PROBE, &both, &Verdict::Undecided(Reason::Noise));
    assert!(found[&work.key].allocations.is_some());
    assert_eq!(found[&work.key].instructions, None);
}

#[test]
fn what_is_unchanged_or_failed_is_not_counted() {
    let work = [question("x", Aspect::Work)];
    assert!(taken(PROBE, &work, &Verdict::Unchanged).is_empty());
    let failed = Verdict::Undecided(Reason::Failed(Sides::default()));
    assert!(taken(PROBE, &work, &failed).is_empty());
}

#[test]
fn what_processes_of_several_threads_disagree_about_is_not_told() {
    assert_eq!(agreed(&[Some(7.0)]), Some(7.0));
    assert_eq!(agreed(&[Some(100.0), Some(101.0), Some(99.5)]), Some(100.0));
    assert_eq!(agreed(&[Some(20.0), Some(137.0), Some(22.0)]), None);
    assert_eq!(agreed(&[Some(0.0), Some(0.0)]), Some(0.0));
    assert_eq!(agreed(&[Some(1.0), None]), None);
    assert_eq!(agreed(&[]), None);
}
