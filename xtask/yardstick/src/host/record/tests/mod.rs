//! Records this test executable itself: its ignored tests are the programs.

mod programs;
mod refusing_kernel;

use std::cell::Cell;
use std::fs;
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use yardstick_probe::wire::environment::DIRECTORY;
use yardstick_probe::wire::measured::{Measured, SamplerFacts, Window};
use yardstick_probe::wire::recording::{
    Architecture, Clock, End, Header, Registers, Sample, Writer,
};

use super::{
    Plan, Recorded, STACK_DUMP_BYTES, SamplerChoice, Subject, Surroundings, obstacle, perf_event,
    record,
};
use crate::host::Exit;
use crate::model::profile::Sampler;
use crate::model::recording::{Chain, Recording};

use refusing_kernel::without_perf_events;

/// A folder of one test, and plans that leave their files in it.
struct Scratch(tempfile::TempDir);

impl Scratch {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder can be made"))
    }

    fn path(&self) -> &Utf8Path {
        Utf8Path::from_path(self.0.path()).expect("temporary folders have UTF-8 names")
    }

    fn plan(&self, sampler: SamplerChoice, program: &str, arguments: &[&str]) -> Plan {
        Plan {
            program: program.into(),
            arguments: arguments
                .iter()
                .map(|&argument| argument.to_owned())
                .collect(),
            environment: Vec::new(),
            surroundings: Surroundings::Ours,
            subject: Subject::Bench,
            working_directory: self.path().to_owned(),
            probe_directory: self.path().to_owned(),
            sampler,
            rate_hz: 499,
            stack_dump_bytes: STACK_DUMP_BYTES,
            raw_file: self.path().join("recording"),
        }
    }

    /// A plan that runs the ignored test `name` of this module.
    fn plan_for(&self, sampler: SamplerChoice, name: &str) -> Plan {
        let program = Utf8PathBuf::try_from(std::env::current_exe().expect("tests have a file"));
        let name = format!("host::record::tests::programs::{name}");
        let arguments = [name.as_str(), "--exact", "--ignored", "--nocapture"];
        self.plan(
            sampler,
            program.expect("its name is UTF-8").as_str(),
            &arguments,
        )
    }
}

const PERF_EVENT: SamplerChoice = SamplerChoice::Only(Sampler::PerfEvent);
const IN_PROCESS: SamplerChoice = SamplerChoice::Only(Sampler::InProcess);
const BUSY: Duration = Duration::from_millis(600);

fn go_on() -> anyhow::Result<()> {
    Ok(())
}

fn read(plan: &Plan) -> Recording {
    let bytes = fs::read(&plan.raw_file).expect("the recorder left a file");
    crate::parse::recording::read("test", &bytes, &|_| None).expect("the file is a recording")
}

fn message(result: anyhow::Result<Recorded>) -> String {
    result.expect_err("this cannot be recorded").to_string()
}

/// Whether this machine lets us open perf events; a container may not.
fn perf_events_work() -> bool {
    obstacle(Sampler::PerfEvent).is_none()
}

#[test]
fn the_recorder_sees_every_thread_at_the_rate_asked_for_and_loses_nothing() {
    if !perf_events_work() {
        return;
    }
    let scratch = Scratch::new();
    let plan = scratch.plan_for(PERF_EVENT, "busy_on_two_named_threads");
    let recorded = record(&plan, &go_on).expect("the program can be recorded");
    assert_eq!(
        (recorded.sampler, recorded.exit, recorded.fell_back),
        (Sampler::PerfEvent, Exit::Code(0), None)
    );
    assert_eq!(recorded.notices, Vec::<String>::new());
    assert!(Duration::from_nanos(recorded.wall_ns) >= BUSY);

    let recording = read(&plan);
    assert_eq!((recording.sampler, recording.lost), (Sampler::PerfEvent, 0));
    assert!(!recording.kernel_included);
    let rate_hz = recording.real_rate_hz().expect("the CPU time is known");
    assert!(
        (350.0..650.0).contains(&rate_hz),
        "{rate_hz} samples per CPU second"
    );
    assert!(
        recording.threads.values().any(|name| name == "second"),
        "{:?}",
        recording.threads
    );
    assert!(recording.samples.is_sorted_by_key(|sample| sample.time_ns));
    let executable = plan.program.as_str();
    let in_executable = |address: u64| {
        recording.modules.iter().any(|module| {
            module.path == executable && (module.start..module.end).contains(&address)
        })
    };
    let known = recording
        .samples
        .iter()
        .filter(|sample| match &sample.chain {
            Chain::Raw {
                registers, stack, ..
            } => in_executable(registers.instruction_pointer) && stack.len() > 1000,
            Chain::Addresses(_) => false,
        });
    let share = known.count() as f64 / recording.samples.len() as f64;
    assert!(
        share > 0.8,
        "only {share} of the samples lie in the program"
    );
}

#[test]
fn a_program_that_dies_is_told_with_its_last_words() {
    for (script, words) in [
        ("echo over; exit 3", ["ended with exit code 3", "over"]),
        (
            "echo gone >&2; kill -SEGV $$",
            ["was killed by SIGSEGV", "gone"],
        ),
    ] {
        let scratch = Scratch::new();
        for sampler in [PERF_EVENT, IN_PROCESS] {
            if sampler == PERF_EVENT && !perf_events_work() {
                continue;
            }
            let plan = scratch.plan(sampler, "/bin/sh", &["-c", script]);
            let text = message(record(&plan, &go_on));
            assert!(words.iter().all(|word| text.contains(word)), "{text}");
        }
    }
}

#[test]
fn a_program_that_does_not_exist_is_named() {
    let scratch = Scratch::new();
    for sampler in [SamplerChoice::Auto, PERF_EVENT, IN_PROCESS] {
        let text = message(record(
            &scratch.plan(sampler, "/no/such/bench", &[]),
            &go_on,
        ));
        assert!(
            text.contains("cannot start `/no/such/bench`") || !perf_events_work(),
            "{text}"
        );
    }
}

#[test]
fn an_unwritable_recording_is_told_before_the_program_runs() {
    if !perf_events_work() {
        return;
    }
    let scratch = Scratch::new();
    let trace = scratch.path().join("it-ran");
    let mut plan = scratch.plan(PERF_EVENT, "/bin/touch", &[trace.as_str()]);
    plan.raw_file = scratch.path().join("no/such/folder");
    let text = message(record(&plan, &go_on));
    assert!(text.contains("cannot write the recording"), "{text}");
    assert!(!trace.exists());
}

#[test]
fn an_interrupted_recording_leaves_no_process_behind() {
    for sampler in [PERF_EVENT, IN_PROCESS] {
        if sampler == PERF_EVENT && !perf_events_work() {
            continue;
        }
        let scratch = Scratch::new();
        let pids = scratch.path().join("pids");
        let script = "sleep 1000 & echo $$ $! > started; mv started pids; wait";
        let plan = scratch.plan(sampler, "/bin/sh", &["-c", script]);
        let looks = Cell::new(0);
        let interrupt = || {
            looks.set(looks.get() + 1);
            anyhow::ensure!(!pids.exists() && looks.get() < 200, "interrupted");
            Ok(())
        };
        assert_eq!(message(record(&plan, &interrupt)), "interrupted");
        let started = fs::read_to_string(&pids).expect("both processes ran");
        let running = started
            .split_whitespace()
            .filter(|pid| is_running(pid))
            .count();
        assert_eq!(running, 0, "of {started}");
    }
}

/// Whether a process exists and is no zombie that waits for its adoptive parent.
fn is_running(pid: &str) -> bool {
    let deadline = Instant::now() + Duration::from_secs(2);
    while let Ok(status) = fs::read_to_string(format!("/proc/{pid}/stat")) {
        if status.contains(") Z ") {
            return false;
        }
        if Instant::now() > deadline {
            return true;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    false
}

#[test]
fn where_the_kernel_refuses_perf_events_the_probe_records_and_the_real_rate_is_told() {
    for errno in [libc::EPERM, libc::EACCES, libc::ENOSYS] {
        let scratch = Scratch::new();
        let plan = scratch.plan_for(SamplerChoice::Auto, "a_bench_with_the_probe");
        let recorded = without_perf_events(errno, || record(&plan, &go_on));
        let recorded = recorded.expect("the probe records");
        assert_eq!(recorded.sampler, Sampler::InProcess);
        let reason = recorded.fell_back.expect("the fall-back is told");
        assert!(
            reason.contains("the kernel refused to open a perf event"),
            "{reason}"
        );
        assert!(
            reason.contains("250 samples per CPU second (499 asked)"),
            "{reason}"
        );
        let recording = read(&plan);
        assert_eq!(
            (recording.sampler, recording.samples.len()),
            (Sampler::InProcess, 1)
        );
        assert!(recording.kernel_included);
    }
}

#[test]
fn where_neither_recorder_nor_probe_can_record_both_are_told() {
    let scratch = Scratch::new();
    let plan = scratch.plan(SamplerChoice::Auto, "/bin/true", &[]);
    let text = without_perf_events(libc::EPERM, || message(record(&plan, &go_on)));
    for words in [
        "no sampler can",
        "permission denied",
        "yardstick-probe",
        "hint: ",
    ] {
        assert!(text.contains(words), "{words} is not in: {text}");
    }
    let asked_for = scratch.plan(IN_PROCESS, "/bin/true", &[]);
    let text = message(record(&asked_for, &go_on));
    assert!(text.contains("with the in-process sampler"), "{text}");
}

#[test]
fn a_refusal_names_the_remedy() {
    let refusal = without_perf_events(libc::EPERM, perf_event::obstacle);
    let text = refusal
        .expect("it was refused")
        .into_problem(Subject::Bench)
        .to_string();
    assert!(
        text.starts_with("cannot record: the kernel refused to open a perf event"),
        "{text}"
    );
    assert!(text.contains("perf_event_paranoid"), "{text}");
    assert!(text.contains("hint: "), "{text}");
}

#[test]
fn a_tool_records_the_program_or_says_why_it_cannot() {
    for (sampler, name) in [(Sampler::Perf, "perf"), (Sampler::Samply, "samply")] {
        let scratch = Scratch::new();
        let plan = scratch.plan_for(SamplerChoice::Only(sampler), "busy_on_two_named_threads");
        if let Some(obstacle) = obstacle(sampler) {
            assert!(
                obstacle.starts_with(&format!("cannot record with {name}: ")),
                "{obstacle}"
            );
            assert_eq!(message(record(&plan, &go_on)), obstacle);
            continue;
        }
        record(&plan, &go_on).expect("its trial run went well");
        let recording = read(&plan);
        assert_eq!(recording.sampler, sampler);
        assert!(
            recording
                .modules
                .iter()
                .any(|module| module.path == plan.program)
        );
        assert!(recording.threads.values().any(|name| name == "second"));

        let dying = scratch.plan(
            SamplerChoice::Only(sampler),
            "/bin/sh",
            &["-c", "echo over; exit 3"],
        );
        let text = message(record(&dying, &go_on));
        assert!(
            text.contains("exit code") && text.contains("over"),
            "{text}"
        );
    }
}
